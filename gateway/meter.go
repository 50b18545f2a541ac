package gateway

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tetherd/gateway/rolling"
)

// Expedited is the priority from which on a message skips work hours, and the interval
// and the limit of the settings if it is higher than that of the one before.
const Expedited = 100

// none is the priority of no message: lower than any.
const none = math.MinInt8 - 1

// meter counts what is sent and says what may be. What it counts is stored with the
// messages, and found again after a restart. It is safe for concurrent use.
type meter struct {
	protect Protection

	mu      sync.Mutex
	next    uint64 // Charge.Num of the next
	gauges  []*gauge
	periods map[LimitPeriod]*gauge
	paces   map[string]*pace // by Modem.ID
	last    int              // priority of the latest message sent in this run
	storms  storms
	closing []Charge // found open at the start, as they are to be stored
	starved bool     // somebody waits for what is being sent to end

	epoch atomic.Uint64 // grows when what was refused may be granted
}

// pace is how a modem goes on after the latest message.
type pace struct {
	at       Tick          // when that was sent
	rest     time.Duration // pause after it
	message  uint64        // its Seq
	priority int           // in this run; none before
}

// reservation is a charge that was granted.
type reservation struct {
	Charge
	gauges  []*gauge
	notices []Payload
	undo    []func() // of what was told
}

// refusal is why a message is not sent now.
type refusal struct {
	reason string
	until  Tick // when to ask again at the latest
	modem  bool // other modems may send it
	own    bool // other messages may be sent
	storm  bool // it is to be held back
	notice Payload
}

// loadMeter counts what was sent before the start.
func (g *Gateway) loadMeter() error {
	p, err := g.Protection.normalised()
	if err != nil {
		return fmt.Errorf("limits: %w", err)
	}
	m := &g.meter
	m.protect, m.periods, m.paces, m.last, m.next = p, periodGauges(), make(map[string]*pace), none, 1
	m.storms = storms{protect: &m.protect, same: make(map[uint64][]Tick), talks: make(map[uint64]*volley)}
	m.gauges = p.Total.gauges("", p.Currency)
	for modem, caps := range p.Modems {
		m.gauges = append(m.gauges, caps.gauges(modem, p.Currency)...)
	}
	charges, err := g.store.Charges()
	if err != nil {
		return fmt.Errorf("read what was sent: %w", err)
	}
	now := g.point()
	settings := g.Settings()
	for i := range charges {
		c := &charges[i]
		m.next = max(m.next, c.Num+1)
		if c.Open {
			c.Open, c.At, c.Month = false, Tick(now.Tick), now.Month
			c.Rest = settings.Messages.rest()
			m.closing = append(m.closing, *c)
		}
	}
	slices.SortStableFunc(charges, func(a, b Charge) int { return cmp.Compare(a.At, b.At) })
	for i := range charges {
		c := &charges[i]
		at := rolling.Point{Tick: int64(c.At), Month: c.Month}
		for _, gauge := range m.all(c) {
			n, key := gauge.count(c)
			gauge.window.Begin(n, key)
			gauge.window.End(at, n, n, key)
		}
		m.storms.count(c, c.At)
		m.paces[c.Modem] = &pace{at: c.At, rest: c.Rest, message: c.Message, priority: none}
	}
	return nil
}

// closeCharges stores that what a crash interrupted has ended.
func (g *Gateway) closeCharges(ctx context.Context) error {
	if len(g.meter.closing) == 0 {
		return nil
	}
	if err := g.commit(ctx, Change{Charges: g.meter.closing}); err != nil {
		return fmt.Errorf("store what was sent: %w", err)
	}
	g.meter.closing = nil
	return nil
}

// point returns the present. The month is that of a time that has certainly come, so
// that a clock that jumps ahead does not begin a new one.
func (g *Gateway) point() rolling.Point {
	t := g.clock.Reached().In(g.meter.protect.Zone)
	return rolling.Point{Tick: int64(g.clock.Now()), Month: 12*t.Year() + int(t.Month())}
}

// all returns the gauges that a charge counts towards.
func (m *meter) all(c *Charge) []*gauge {
	var out []*gauge
	for _, g := range m.gauges {
		if g.covers(c) {
			out = append(out, g)
		}
	}
	for _, g := range m.periods {
		out = append(out, g)
	}
	return out
}

// outranks reports whether a message passes what a soft limit refuses.
func outranks(priority int8, before int) bool { return priority >= Expedited && int(priority) > before }

// reserve grants a charge, or says why not.
func (m *meter) reserve(c Charge, s *MessageSettings, now rolling.Point, cleared bool) (*reservation, *refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !cleared {
		if r := m.storms.refuse(&c, Tick(now.Tick)); r != nil {
			return nil, r
		}
	}
	res := &reservation{Charge: c, gauges: m.all(&c)}
	period := m.periods[s.LimitPeriod]
	if period != nil {
		period.limit = int64(s.LimitValue)
	}
	var refused *refusal
	for _, g := range res.gauges {
		if g.soft && (g != period || g.limit == 0 || outranks(c.Priority, m.last)) {
			continue
		}
		if r := m.ask(g, &c, now); r != nil && (refused == nil || r.until > refused.until) {
			refused = r
		}
	}
	if refused != nil {
		return nil, refused
	}
	res.Num, res.At, res.Month, res.Open = m.next, Tick(now.Tick), now.Month, true
	m.next++
	for _, g := range res.gauges {
		n, key := g.count(&c)
		before := g.window.Used(now)
		g.window.Begin(n, key)
		if g == period || !g.soft {
			res.tell(g, before, g.window.Used(now), now)
		}
	}
	m.storms.count(&res.Charge, res.At)
	return res, nil
}

// ask returns why a gauge has no room for a charge; nil if it has.
func (m *meter) ask(g *gauge, c *Charge, now rolling.Point) *refusal {
	n, key := g.count(c)
	adds, used, room := g.window.Adds(n, key), g.window.Used(now), g.room(c.Priority, &m.protect)
	if adds == 0 || used+adds <= room {
		return nil
	}
	r := &refusal{reason: g.reason(used, adds, room), modem: g.modem != "", own: g.own}
	until, known := g.window.Until(now, room-adds)
	r.until = Tick(until)
	if !known {
		m.starved = true
		r.until = Tick(now.Tick).Add(time.Minute)
	}
	return r
}

// finish says that the attempt of a reservation ended and so many parts may have left,
// and returns what is to be stored, and whether somebody waited for that.
func (m *meter) finish(res *reservation, left int, s *MessageSettings, now rolling.Point) (c Charge, wake bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c = res.Charge
	c.Open, c.At, c.Month, c.Parts = false, Tick(now.Tick), now.Month, left
	c.Cost = c.Cost * Money(left) / Money(max(res.Parts, 1))
	for _, g := range res.gauges {
		begun, key := g.count(&res.Charge)
		n, _ := g.count(&c)
		if left == 0 {
			n = 0
		}
		g.window.End(now, begun, n, key)
	}
	if left == 0 {
		m.storms.discount(&res.Charge)
	} else {
		c.Rest = m.step(&c, s)
	}
	wake = m.starved || left < res.Parts
	if m.starved = false; wake {
		m.epoch.Add(1)
	}
	return c, wake
}

// step notes what was sent last, and returns how long to rest after it.
func (m *meter) step(c *Charge, s *MessageSettings) (rest time.Duration) {
	p := m.paces[c.Modem]
	if p == nil {
		p = &pace{priority: none}
		m.paces[c.Modem] = p
	}
	if !outranks(c.Priority, p.priority) {
		rest = s.rest()
	}
	*p = pace{at: c.At, rest: rest, message: c.Message, priority: int(c.Priority)}
	m.last = int(c.Priority)
	return rest
}

// cancel takes a reservation back of which nothing was stored or sent.
func (m *meter) cancel(res *reservation, now rolling.Point) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range res.gauges {
		n, key := g.count(&res.Charge)
		g.window.End(now, n, 0, key)
	}
	m.storms.discount(&res.Charge)
	for _, undo := range res.undo {
		undo()
	}
	m.epoch.Add(1)
}

// paced returns until when a modem rests, 0 if it does not, and the latest message.
func (m *meter) paced(modem string, s *MessageSettings, now Tick) (till Tick, latest pace) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.paces[modem]
	if p == nil || s.SendIntervalMax == 0 || s.SendIntervalMax < s.SendIntervalMin {
		return 0, pace{}
	}
	if till = p.at.Add(min(p.rest, s.SendIntervalMax)); till <= now {
		return 0, *p
	}
	return till, *p
}

// rest draws the pause after a message.
func (s *MessageSettings) rest() time.Duration {
	if s.SendIntervalMax == 0 || s.SendIntervalMax < s.SendIntervalMin {
		return 0
	}
	return s.SendIntervalMin + rand.N(s.SendIntervalMax-s.SendIntervalMin+1)
}

// tell adds the events that a limit is nearly, or quite, used up.
func (res *reservation) tell(g *gauge, before, after int64, now rolling.Point) {
	for level, percent := range []int64{warnAt, 100} {
		threshold := (g.limit*percent + 99) / 100
		if g.limit == 0 || before >= threshold || after < threshold {
			continue
		}
		gap := max(tellAgain, g.window.Length())
		if last := g.told[level]; last != 0 && last.Add(gap) > Tick(now.Tick) {
			continue
		}
		was := g.told[level]
		g.told[level] = Tick(now.Tick)
		res.undo = append(res.undo, func() { g.told[level] = was })
		n := LimitNotice{
			Limit: g.name, Modem: g.modem, Used: g.value(after), Most: g.value(g.limit), Unit: g.unit,
			Reason: g.notice(after),
		}
		if level == 0 {
			res.notices = append(res.notices, LimitWarning{n})
		} else {
			res.notices = append(res.notices, LimitReached{n})
		}
	}
}

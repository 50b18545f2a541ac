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

	month int // latest that was seen

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
	gauges []*gauge
	news   limitNews
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
	for _, gauge := range m.gauges {
		if err := g.loadTold(gauge); err != nil {
			return err
		}
	}
	for _, gauge := range m.periods {
		if err := g.loadTold(gauge); err != nil {
			return err
		}
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
			c.end(g.mayHaveLeft(c), now)
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

// mayHaveLeft returns how many parts of an attempt may have left that a crash
// interrupted: those that were accepted, and the one behind them.
func (g *Gateway) mayHaveLeft(c *Charge) int {
	m, err := g.store.MessageBySeq(c.Message)
	if err != nil {
		return c.Parts // it is not known
	}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if r.Phase == Active && r.Modem == c.Modem && hashOf(r.Address) == c.To {
			owed := len(r.Parts) - r.owed()
			return min(c.Parts-owed+1, c.Parts)
		}
	}
	return c.Parts
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

// turnMonth sees to it that limits are asked again when a new month begins.
func (m *meter) turnMonth(now rolling.Point) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Month != m.month {
		m.month = now.Month
		m.epoch.Add(1)
	}
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
	if r := m.refuse(&c, s, now); r != nil {
		r.news.refused(r, now)
		return nil, r
	}
	res, period := &reservation{Charge: c, gauges: m.all(&c)}, m.periods[s.LimitPeriod]
	res.Num, res.At, res.Month, res.Open = m.next, Tick(now.Tick), now.Month, true
	m.next++
	for _, g := range res.gauges {
		n, key := g.count(&c)
		before := g.window.Used(now)
		if g.distinct && before+g.window.Adds(now, n, key) > max(before, g.room(none+1, &m.protect)) {
			m.epoch.Add(1) // a number that took from the reserve is open to all now
		}
		g.window.Begin(n, key)
		if g == period || !g.soft {
			res.news.grown(g, &m.protect, before, g.window.Used(now), now)
		}
	}
	m.storms.count(&res.Charge, res.At)
	m.disclaim(&c)
	return res, nil
}

// again returns why a charge that was refused before is refused now; nil if it is not.
func (m *meter) again(c *Charge, s *MessageSettings, now rolling.Point) *refusal {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refuse(c, s, now)
}

// refuse returns why limits do not allow a charge, as the one says that will for
// longest; nil if they do. The caller holds m.mu.
func (m *meter) refuse(c *Charge, s *MessageSettings, now rolling.Point) (refused *refusal) {
	ask := func(g *gauge) {
		if r := m.ask(g, c, now); r != nil && (refused == nil || r.until > refused.until) {
			refused = r
		}
	}
	for _, g := range m.gauges {
		if g.covers(c) {
			ask(g)
		}
	}
	if g := m.periods[s.LimitPeriod]; g != nil {
		if g.limit = int64(s.LimitValue); g.limit > 0 && !outranks(c.Priority, m.last) {
			ask(g)
		}
	}
	return refused
}

// ask returns why a gauge has no room for a charge; nil if it has.
func (m *meter) ask(g *gauge, c *Charge, now rolling.Point) *refusal {
	n, key := g.count(c)
	adds, used, room := g.window.Adds(now, n, key), g.window.Used(now), g.room(c.Priority, &m.protect)
	claimed := g.claimed(c, Tick(now.Tick))
	if adds == 0 || used+adds <= room-claimed {
		return nil
	}
	r := &refusal{
		gauge: g, used: used, adds: adds, room: room, claimed: claimed,
		modem: g.modem != "", own: g.own || adds > room, // what never fits must not keep others waiting
	}
	until, known := g.window.Until(now, room-claimed-adds)
	r.until, r.known = Tick(until), known
	switch {
	case known:
	case g.window.Length() == 0:
		r.until = never // the month ends by the wall clock
	default:
		m.starved = true
		r.until = Tick(now.Tick).Add(lookAgain)
	}
	return r
}

// finish says that the attempt of a reservation ended and so many parts may have left,
// and returns what is to be stored, and whether somebody waited for that.
func (m *meter) finish(res *reservation, left int, s *MessageSettings, now rolling.Point) (c Charge, wake bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c = res.Charge
	c.end(left, now)
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

// unsaid takes back that it was told of a refusal, which was not stored.
func (m *meter) unsaid(r *refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r.news.takeBack()
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
	res.news.takeBack()
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

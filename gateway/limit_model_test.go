package gateway_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
)

// account is an independent record of what left, kept by the modems, and of the limits
// that held then.
type account struct {
	w       *world
	crashes int

	mu       sync.Mutex // guards what modems use, each in its goroutine
	rnd      *rand.Rand
	left     []departure
	priority map[string]int8
	expires  map[string]time.Duration // uptime, by message
	zone     *time.Location
}

// departure is an SMS that left, or of which it is unknown.
type departure struct {
	up      time.Duration // of the machine: the timeline
	month   time.Month
	modem   string
	to      string
	message string
	cost    gateway.Money
}

func (a *account) month() time.Month { return time.Now().In(a.zone).Month() }

// cost is what an SMS to a number costs by the longest prefix.
func (a *account) cost(to string) gateway.Money {
	best, cost := -1, gateway.Money(0)
	for _, p := range a.w.opts.Protection.Prices {
		if strings.HasPrefix(to, p.Prefix) && len(p.Prefix) > best {
			best, cost = len(p.Prefix), p.PerPart
		}
	}
	return cost
}

// used returns what counts towards a limit of a modem, or of all, and what left so long
// before the window.
func (a *account) used(limit, modem string, before time.Duration) float64 {
	lengths := map[string]time.Duration{"per_minute": time.Minute, "per_30_minutes": 30 * time.Minute, "per_hour": time.Hour, "per_day": 24 * time.Hour, "cost_per_day": 24 * time.Hour}
	now, sum := a.w.sinceBoot(), 0.0
	numbers := make(map[string]bool)
	for _, d := range a.left {
		length, rolling := lengths[limit]
		if modem != "" && d.modem != modem || rolling && d.up <= now-length-before || !rolling && d.month != a.month() {
			continue
		}
		switch {
		case limit == "recipients_per_month":
			numbers[d.to] = true
		case strings.HasPrefix(limit, "cost"):
			sum += float64(d.cost) / 1e6
		default:
			sum++
		}
	}
	return max(sum, float64(len(numbers)))
}

// most returns the limits that are set.
func most(c gateway.Caps) map[string]float64 {
	all := map[string]float64{
		"per_minute": float64(c.PerMinute), "per_30_minutes": float64(c.Per30Minutes), "per_hour": float64(c.PerHour),
		"per_day": float64(c.PerDay), "per_month": float64(c.PerMonth), "recipients_per_month": float64(c.Recipients),
		"cost_per_day": float64(c.CostPerDay) / 1e6, "cost_per_month": float64(c.CostPerMonth) / 1e6,
	}
	for name, n := range all {
		if n == 0 {
			delete(all, name)
		}
	}
	return all
}

// script decides by chance what becomes of an SMS, and checks that it may leave.
func (a *account) script(modem string) func(*gateway.Outgoing, int, int) answer {
	return func(o *gateway.Outgoing, seg, _ int) answer {
		a.mu.Lock()
		defer a.mu.Unlock()
		w, p := a.w, a.w.opts.Protection
		var ans answer
		switch a.rnd.IntN(14) {
		case 0:
			ans = answer{fault: rejected(gateway.Retry)}
		case 1:
			ans = answer{fault: notSent()}
		case 2:
			ans = answer{fault: unknown(), lost: a.rnd.IntN(2) == 0}
		}
		if at, ok := a.expires[o.MessageID]; ok && seg == o.From && w.sinceBoot() > at {
			w.t.Errorf("%s was sent %s after its deadline", o.MessageID, w.sinceBoot()-at)
		}
		if ans.fault != nil && ans.fault.Fate != gateway.Unknown {
			return ans
		}
		a.left = append(a.left, departure{w.sinceBoot(), a.month(), modem, o.To, o.MessageID, a.cost(o.To)})
		for _, of := range []string{"", modem} {
			caps := p.Total
			if of != "" {
				caps = p.Modems[of]
			}
			for name, limit := range most(caps) {
				room := limit
				if a.priority[o.MessageID] < gateway.Expedited && len(w.modems) == 1 {
					reserve := limit * float64(p.Reserve) / 100
					if !strings.HasPrefix(name, "cost") {
						reserve = min(math.Ceil(reserve), limit-1)
					}
					room -= reserve
				}
				// Those that were sent to before may be sent to again, whoever used up the rest.
				again := name == "recipients_per_month" && slices.ContainsFunc(a.left[:len(a.left)-1], func(d departure) bool {
					return d.to == o.To && d.month == a.month() && (of == "" || d.modem == of)
				})
				if used := a.used(name, of, 0); used > room+1e-9 && !again && !(name != "recipients_per_month" && strings.HasPrefix(name, "cost") && a.cost(o.To) == 0) {
					w.t.Errorf("%s of %q: %g of %g used when %s left (priority %d)", name, of, used, room, o.MessageID, a.priority[o.MessageID])
				}
			}
		}
		return ans
	}
}

// compare checks what the gateway says is used against the record. Of an attempt that a
// crash interrupted it cannot know whether the next SMS left.
func (a *account) compare() {
	for _, m := range a.w.modems {
		m.set(gateway.ModemAbsent)
	}
	a.w.pass(10 * time.Second)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range a.w.gw.Limits() {
		if strings.HasPrefix(l.Limit, "messages.") {
			continue
		}
		// What the modem had in hand for so long counts from its end on.
		least, most := a.used(l.Limit, l.Modem, 0), a.used(l.Limit, l.Modem, 10*time.Second)+float64(a.crashes)
		if l.Used < least-1e-9 || l.Used > most+1e-9 {
			a.w.t.Errorf("%s of %q: the gateway says %g is used, it is %g to %g (%d crashes)", l.Limit, l.Modem, l.Used, least, most, a.crashes)
		}
	}
	for _, m := range a.w.modems {
		m.set(gateway.ModemReady)
	}
}

func randomCaps(rnd *rand.Rand) (c gateway.Caps) {
	one := func(n *int, least, span int) {
		if rnd.IntN(3) == 0 {
			*n = least + rnd.IntN(span)
		}
	}
	one(&c.PerMinute, 2, 6)
	one(&c.Per30Minutes, 5, 20)
	one(&c.PerHour, 8, 30)
	one(&c.PerDay, 20, 60)
	one(&c.PerMonth, 30, 100)
	one(&c.Recipients, 3, 5)
	if rnd.IntN(3) == 0 {
		c.CostPerDay = gateway.Money(1+rnd.IntN(4)) * 1e6
	}
	if rnd.IntN(3) == 0 {
		c.CostPerMonth = gateway.Money(2+rnd.IntN(8)) * 1e6
	}
	return c
}

// Whatever is asked for, fails, is interrupted, set or jumps: what leaves stays within
// every limit in force, ordinary messages leave the reserve alone, what is said to be
// used is what was, nobody is warned twice, and nothing is left for ever.
func TestLimitsHold(t *testing.T) {
	seeds := uint64(3)
	if os.Getenv("TETHERD_SCALE") != "" {
		seeds = 200
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, 1+int(seed%2), func(w *world) { limitModel(w, seed) })
		})
	}
}

func limitModel(w *world, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		w.t.Fatal(err)
	}
	a := &account{w: w, rnd: rand.New(rand.NewPCG(seed, 8)), priority: make(map[string]int8), expires: make(map[string]time.Duration), zone: berlin}
	p := &w.opts.Protection
	p.Zone, p.Currency = berlin, "EUR"
	p.Prices = []gateway.Price{{Prefix: "+49", PerPart: 90_000}, {Prefix: "+49151", PerPart: 70_001}, {Prefix: "+33", PerPart: 250_000}}
	protect := func() {
		p.Total, p.Modems = randomCaps(rnd), map[string]gateway.Caps{"modem1": randomCaps(rnd)}
		p.Reserve = rnd.IntN(3) * 20
	}
	protect()
	w.opts.UnknownGrace = 5 * time.Second
	for i, m := range w.modems {
		m.radio = time.Duration(rnd.IntN(2500)) * time.Millisecond
		m.script = a.script(fmt.Sprintf("modem%d", i+1))
	}
	w.start()
	w.subscribe()
	w.pass(29*24*time.Hour + 20*time.Hour) // near the end of January
	texts := []string{"short", strings.Repeat("long ", 50), strings.Repeat("longer ", 60)}
	pool := append(numbers("+49151", 3), "+4917012345678", "+33612345678", "+33612345679", "+15551234567")
	for i := range 120 {
		s := gateway.Submission{
			ID: fmt.Sprint(i), Text: texts[rnd.IntN(3)], Numbers: []string{pool[rnd.IntN(len(pool))]},
			Priority: []int8{0, 0, 0, 50, 100, 110}[rnd.IntN(6)],
		}
		if rnd.IntN(4) == 0 {
			s.TTL = time.Duration(5+rnd.IntN(120)) * time.Second
			a.mu.Lock()
			a.expires[s.ID] = w.sinceBoot() + s.TTL
			a.mu.Unlock()
		}
		a.mu.Lock()
		a.priority[s.ID] = s.Priority
		a.mu.Unlock()
		w.submit(s)
		w.pass(time.Duration(rnd.IntN(40_000)) * time.Millisecond)
		switch rnd.IntN(24) {
		case 0:
			a.crashes++
			w.crash()
			w.start()
		case 1:
			w.stop()
			protect()
			w.start()
		case 2:
			a.crashes++
			w.kill()
			w.start()
		case 3:
			w.jump(time.Duration(rnd.IntN(4000)) * time.Second)
		case 4:
			w.pass(time.Duration(rnd.IntN(10)) * time.Hour)
		case 5:
			doc := fmt.Sprintf(`{"messages":{"limit_period":"PerHour","limit_value":%d,"send_interval_min":1,"send_interval_max":%d}}`, rnd.IntN(20), rnd.IntN(4))
			if err := w.change(doc, rnd.IntN(2) == 0); err != nil {
				w.t.Fatal(err)
			}
		case 6, 7:
			a.compare()
		}
	}
	a.compare()
	a.warnedOnce()
	for id, at := range a.expires {
		if m := w.message(id); w.sinceBoot() > at && m.State() == gateway.Pending {
			w.t.Errorf("%s is past its deadline and waits: %s", id, w.gw.Waits().Message(&m))
		}
	}
	w.stop()
	p.Total, p.Modems = gateway.Caps{PerMinute: 30}, nil
	w.start()
	if err := w.change(`{"messages":{"limit_period":"Disabled","send_interval_max":null}}`, false); err != nil {
		w.t.Fatal(err)
	}
	w.pass(48 * time.Hour)
	if ms, total, err := w.gw.Messages(gateway.MessageQuery{State: gateway.Pending, Limit: 3}); err != nil || total != 0 {
		w.t.Errorf("%d messages are left: %v, %v", total, ms, err)
	}
}

// warnedOnce checks that no limit was warned of twice in a month, or within its window.
func (a *account) warnedOnce() {
	last := make(map[string]gateway.LimitNotice)
	for _, e := range a.w.events() {
		n, ok := e.Payload.(gateway.LimitWarning)
		if !ok {
			continue
		}
		key := n.Limit + n.Modem
		before, again := last[key]
		last[key] = n.LimitNotice
		switch was := before.At; {
		case !again || before.Most != n.Most: // the limit was changed
		case strings.HasSuffix(n.Limit, "month") && was.In(a.zone).Month() == n.At.In(a.zone).Month(),
			strings.HasSuffix(n.Limit, "day") && n.At.Sub(was) < 24*time.Hour, n.At.Sub(was) < time.Hour:
			a.w.t.Errorf("warned of %s of %q at %s and %s", n.Limit, n.Modem, was, n.At)
		}
	}
}

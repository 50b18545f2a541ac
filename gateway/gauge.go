package gateway

import (
	"fmt"
	"time"

	"tetherd/gateway/rolling"
)

// tellAgain is the least time between two events of one kind about one limit.
const tellAgain = time.Hour

// gauge is one limit, with what counts towards it.
type gauge struct {
	name     string // in events: "per_day"
	unit     string // "SMS"
	span     string // "a day"
	money    bool
	modem    string // Modem.ID; empty: all together
	limit    int64
	soft     bool // an expedited message that outranks the one before passes
	own      bool // others may fit while one does not
	distinct bool // numbers are counted, each once
	window   *rolling.Window
	count    func(*Charge) (n int64, key uint64)

	told  [levels]telling
	claim *claim // nil: there is none
}

func countParts(c *Charge) (int64, uint64)    { return int64(c.Parts), 0 }
func countCost(c *Charge) (int64, uint64)     { return int64(c.Cost), 0 }
func countNumber(c *Charge) (int64, uint64)   { return 1, c.To }
func countMessages(c *Charge) (int64, uint64) { return 1, c.Message }

// gauges returns those of the limits that are set.
func (caps Caps) gauges(modem, currency string) (out []*gauge) {
	add := func(limit int64, g gauge, length time.Duration, distinct bool) {
		if limit > 0 {
			g.modem, g.limit, g.distinct, g.window = modem, limit, distinct, rolling.New(length, distinct)
			out = append(out, &g)
		}
	}
	sms := func(limit int, name, span string, length time.Duration) {
		add(int64(limit), gauge{name: name, unit: "SMS", span: span, count: countParts}, length, false)
	}
	sms(caps.PerMinute, "per_minute", "a minute", time.Minute)
	sms(caps.Per30Minutes, "per_30_minutes", "in 30 minutes", 30*time.Minute)
	sms(caps.PerHour, "per_hour", "an hour", time.Hour)
	sms(caps.PerDay, "per_day", "a day", day)
	sms(caps.PerMonth, "per_month", "a month", 0)
	add(int64(caps.Recipients), gauge{name: "recipients_per_month", unit: "numbers", span: "a month", own: true, count: countNumber}, 0, true)
	add(int64(caps.CostPerDay), gauge{name: "cost_per_day", unit: currency, span: "a day", money: true, own: true, count: countCost}, day, false)
	add(int64(caps.CostPerMonth), gauge{name: "cost_per_month", unit: currency, span: "a month", money: true, own: true, count: countCost}, 0, false)
	return out
}

// periodGauges returns what counts messages in each of the periods of the settings.
func periodGauges() map[LimitPeriod]*gauge {
	out := make(map[LimitPeriod]*gauge)
	for p, span := range map[LimitPeriod]string{PerMinute: "a minute", Per30Minutes: "in 30 minutes", PerHour: "an hour", PerDay: "a day"} {
		out[p] = &gauge{
			name: "messages." + string(p), unit: "messages", span: span, soft: true,
			window: rolling.New(p.Window(), true), count: countMessages,
		}
	}
	return out
}

// covers reports whether a charge counts towards g.
func (g *gauge) covers(c *Charge) bool { return g.modem == "" || g.modem == c.Modem }

// room returns how much of the limit messages of a priority may use. What is kept for
// others is rounded up, as long as something is left.
func (g *gauge) room(priority int8, p *Protection) int64 {
	if g.soft || priority >= p.ReservePriority {
		return g.limit
	}
	reserve := (g.limit*int64(p.Reserve) + 99) / 100
	return g.limit - min(reserve, g.limit-1)
}

// amount writes how much n is.
func (g *gauge) amount(n int64) string {
	if g.money {
		if g.unit == "" {
			return Money(n).String()
		}
		return Money(n).String() + " " + g.unit
	}
	return fmt.Sprintf("%d %s", n, g.unit)
}

// value returns n in the unit of g.
func (g *gauge) value(n int64) float64 {
	if g.money {
		return float64(n) / 1e6
	}
	return float64(n)
}

// verb says what is limited: that it may be done, and was.
func (g *gauge) verb() (may, was string) {
	switch {
	case g.money:
		return "spend", "spent"
	case g.distinct:
		return "send to", "sent to"
	}
	return "send", "sent"
}

// who is the modem that is limited, or all.
func (g *gauge) who() string {
	if g.modem != "" {
		return "modem " + g.modem
	}
	return "the gateway"
}

// state says how much of g is used.
func (g *gauge) state(used int64) string {
	may, was := g.verb()
	return fmt.Sprintf("%s may %s %s %s and has %s %s", g.who(), may, g.amount(g.limit), g.span, was, g.amount(used))
}

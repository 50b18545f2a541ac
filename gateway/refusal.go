package gateway

import (
	"fmt"
	"math"
	"time"
)

// never is the end of what only a growing epoch ends.
const never Tick = math.MaxInt64

// refusal is why a message is not sent now.
type refusal struct {
	gauge            *gauge // that has no room; nil for a storm
	used, adds, room int64  // of the gauge
	claimed          int64  // of the room

	loop   string // what looks like one, if there is no gauge
	until  Tick   // when to ask again at the latest
	known  bool   // until is when the gauge has room
	modem  bool   // other modems may send it
	own    bool   // other messages may be sent
	storm  bool   // it is to be held back
	notice Payload
	news   limitNews
}

// reason says it for people.
func (r *refusal) reason() string {
	g := r.gauge
	if g == nil {
		return r.loop
	}
	s := g.state(r.used)
	switch {
	case r.adds > g.limit:
		s += fmt.Sprintf("; the message alone needs %s: raise the limit, or cancel it", g.amount(r.adds))
	case r.adds > r.room:
		s += fmt.Sprintf("; the message alone needs %s, and %s of them are kept for messages of a higher priority: "+
			"give it one, raise the limit, or cancel it", g.amount(r.adds), g.amount(g.limit-r.room))
	case r.used+r.adds <= r.room:
		s += "; what is left is kept for a message that has waited for longer"
	case r.used+r.adds <= g.limit:
		s += "; the rest is reserved for messages of a higher priority"
	case r.used < r.room:
		s += fmt.Sprintf("; the message needs %s", g.amount(r.adds))
	}
	return s
}

// eased says when a limit that refuses allows more; empty if that is not known.
func (g *Gateway) eased(r *refusal, now Tick) string {
	switch {
	case r.gauge == nil || r.adds > r.room:
	case r.gauge.window.Length() == 0:
		t := g.now().In(g.meter.protect.Zone)
		return "; more may be sent from " + time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, t.Location()).Format("2006-01-02") + " on"
	case r.known:
		return "; more may be sent in " + span(now.Until(r.until))
	}
	return ""
}

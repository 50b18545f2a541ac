package gateway

import (
	"math"
	"time"
)

// never is the end of what only a growing epoch ends.
const never Tick = math.MaxInt64

// refusal is why a message is not sent now.
type refusal struct {
	gauge            *gauge // that has no room; nil for a storm
	used, adds, room int64  // of the gauge

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
	if r.gauge == nil {
		return r.loop
	}
	return r.gauge.reason(r.used, r.adds, r.room)
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

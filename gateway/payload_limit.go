package gateway

import (
	"fmt"
	"time"
)

// LimitWarning is the payload of [EventLimitWarning]: most of a limit is used up.
type LimitWarning struct{ LimitNotice }

// LimitReached is the payload of [EventLimitReached]: a limit is used up, or a message has
// to wait for it before that, for its length or for what is reserved; or a message
// is held back because it repeats itself.
type LimitReached struct{ LimitNotice }

// LimitNotice is what the events about limits have in common.
type LimitNotice struct {
	Limit     string    `json:"limit"`           // "per_day", "messages.PerHour", "storm" …
	Modem     string    `json:"modem,omitempty"` // whose limit it is; empty: all together
	SIM       int       `json:"sim,omitempty"`
	Used      float64   `json:"used"`
	Most      float64   `json:"most"`
	Unit      string    `json:"unit,omitempty"`      // "SMS", "messages", "numbers" or a currency
	MessageID string    `json:"messageId,omitempty"` // that is held back
	Reason    string    `json:"reason"`              // for people; no number, no text
	At        time.Time `json:"at"`
}

// EventType implements [Payload].
func (LimitWarning) EventType() EventType { return EventLimitWarning }

// EventType implements [Payload].
func (LimitReached) EventType() EventType { return EventLimitReached }

// notice says how much of a limit is used.
func (g *gauge) notice(used int64) string {
	may, was := g.verb()
	return fmt.Sprintf("%s has %s %s of the %s %s that it may %s", g.who(), was, g.amount(used), g.amount(g.limit), g.span, may)
}

// stamped returns a notice with what the meter does not know.
func (g *Gateway) stamped(p Payload, message string, at time.Time) Payload {
	fill := func(n *LimitNotice) {
		n.At, n.MessageID = at, message
		if l := g.byModem[n.Modem]; l != nil {
			n.SIM = l.slot
		}
	}
	switch p := p.(type) {
	case LimitWarning:
		fill(&p.LimitNotice)
		return p
	case LimitReached:
		fill(&p.LimitNotice)
		return p
	}
	return p
}

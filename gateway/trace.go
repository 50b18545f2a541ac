package gateway

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// HopKind says what a [Hop] tells.
type HopKind string

// The kinds of hops.
const (
	HopReleased  HopKind = "released"  // it may be sent from now on: its ScheduleAt came, or it is held back no more
	HopHeldBack  HopKind = "held-back" // not sent for a while, because it repeats what was sent
	HopAttempt   HopKind = "attempt"   // the intent to hand over the parts still owed was stored
	HopResend    HopKind = "resend"    // as HopAttempt, and the first of these parts may have left before
	HopAccepted  HopKind = "accepted"  // the SMSC took the part
	HopProven    HopKind = "proven"    // evidence came that a part whose outcome was unknown had left
	HopRefused   HopKind = "refused"   // the modem or the network refused the part
	HopNotSent   HopKind = "not-sent"  // the part did not leave the modem
	HopUnknown   HopKind = "unknown"   // it is unknown whether the part left; evidence is awaited
	HopUnproven  HopKind = "unproven"  // no evidence came in time
	HopReport    HopKind = "report"    // a delivery report on the part
	HopFailed    HopKind = "failed"    // given up
	HopCancelled HopKind = "cancelled" // withdrawn
)

// Hop is one step on the way of a message to a recipient. It holds no number and
// no text of the message.
type Hop struct {
	At       int64   `json:"t"` // Unix time in milliseconds
	Kind     HopKind `json:"k"`
	Attempt  int     `json:"n,omitempty"` // of HopAttempt and HopResend, from 1
	Modem    string  `json:"m,omitempty"` // ID; of HopAttempt and HopResend
	SIM      int     `json:"s,omitempty"` // its slot, from 1
	Part     int     `json:"p,omitempty"` // from 1; 0 if the hop is about no part
	MR       *int    `json:"r,omitempty"` // TP-MR the part got, if the modem or a report says
	Status   *int    `json:"d,omitempty"` // TP-ST of a report
	Code     string  `json:"c,omitempty"` // machine-readable cause
	Text     string  `json:"x,omitempty"` // a sentence for people
	Evidence string  `json:"e,omitempty"` // the modem's own words
	// Wait is for how many milliseconds nothing is to be done: until the next attempt,
	// or for evidence.
	Wait  int64  `json:"w,omitempty"`
	State State  `json:"z,omitempty"` // the recipient's state from here on, if it changed
	Event string `json:"v,omitempty"` // ID of the event that was stored with it
}

// Time returns when the hop was made.
func (h *Hop) Time() time.Time { return time.UnixMilli(h.At) }

// Bounds of a trace: of the hops of a recipient the first and the latest are
// kept, of what a modem said the beginning.
const (
	maxHops   = 64
	firstHops = 16
	maxWords  = 200 // bytes
)

// hop adds a step to the trace of r, dropping one from its middle if there are
// too many.
func (r *Recipient) hop(at time.Time, h Hop) {
	h.At, h.Text, h.Evidence = at.UnixMilli(), clip(h.Text), clip(h.Evidence)
	if len(r.Trace) >= maxHops {
		r.Trace = append(r.Trace[:firstHops], r.Trace[firstHops+1:]...)
		r.Dropped++
	}
	r.Trace = append(r.Trace, h)
}

// turned notes in the latest hop that it changed r's state.
func (r *Recipient) turned(s State) {
	if n := len(r.Trace); n > 0 {
		r.Trace[n-1].State = s
	}
}

// told notes in the latest hop that an event was stored with it.
func (r *Recipient) told(event string) {
	if n := len(r.Trace); n > 0 {
		r.Trace[n-1].Event = event
	}
}

// waits notes in the latest hop for how long nothing is to be done.
func (r *Recipient) waits(d time.Duration) {
	if n := len(r.Trace); n > 0 {
		r.Trace[n-1].Wait = d.Milliseconds()
	}
}

// clip cuts s to the length of a hop's words, at the border of a character.
func clip(s string) string {
	const more = "…"
	if len(s) <= maxWords {
		return s
	}
	n := maxWords - len(more)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}

// String returns the hop as a sentence without its evidence, such as "attempt 1
// begun on modem office (SIM 1), from part 1".
func (h *Hop) String() string {
	var b strings.Builder
	switch part := "part " + strconv.Itoa(h.Part); h.Kind {
	case HopReleased:
		if h.Text == "" {
			b.WriteString("its time came")
		} else {
			b.WriteString("released")
		}
	case HopHeldBack:
		b.WriteString("held back")
	case HopAttempt, HopResend:
		fmt.Fprintf(&b, "attempt %d begun on modem %s (SIM %d), from %s", h.Attempt, h.Modem, h.SIM, part)
		if h.Kind == HopResend {
			b.WriteString(", whose first copy may have left")
		}
	case HopAccepted:
		b.WriteString(part + " accepted by the service centre")
	case HopProven:
		b.WriteString(part + " proved to have left")
	case HopRefused:
		b.WriteString(part + " refused")
	case HopNotSent:
		b.WriteString(part + " did not leave the modem")
	case HopUnknown:
		b.WriteString("unknown whether " + part + " left")
	case HopUnproven:
		b.WriteString("no evidence came whether " + part + " left")
	case HopReport:
		b.WriteString("delivery report on " + part)
	default:
		b.WriteString(string(h.Kind))
	}
	if h.MR != nil && *h.MR >= 0 {
		fmt.Fprintf(&b, ", reference %d", *h.MR)
	}
	if h.Text != "" {
		b.WriteString(": " + strings.TrimSuffix(h.Text, "."))
	}
	if h.Code != "" {
		b.WriteString(" (" + h.Code + ")")
	}
	switch wait := time.Duration(h.Wait) * time.Millisecond; {
	case wait <= 0:
	case h.Kind == HopUnknown:
		fmt.Fprintf(&b, "; waiting %v for evidence", wait)
	default:
		fmt.Fprintf(&b, "; next attempt in %v", wait)
	}
	return b.String()
}

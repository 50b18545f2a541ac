package gateway

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Waits says what messages wait for at the moment it was made. It is not safe for
// concurrent use.
type Waits struct {
	g     *Gateway
	now   Tick
	lanes map[Lane]string // what was found out of a lane
	turns map[turnOf]string
}

// turnOf is what waits alike for its turn.
type turnOf struct {
	lane     Lane
	priority int8
}

// Waits looks at what messages wait for now.
func (g *Gateway) Waits() *Waits {
	return &Waits{g: g, now: g.clock.Now(), lanes: make(map[Lane]string), turns: make(map[turnOf]string)}
}

// Recipient says in one sentence why nothing is sent to recipient i of m and what
// would change that. It is empty if its turn will come as soon as those before it
// had theirs, if a modem has it in hand, and if nothing is left to be sent. It
// names no phone number.
func (w *Waits) Recipient(m *Message, i int) string {
	r := &m.Recipients[i]
	switch r.Phase {
	case Held:
		return w.g.waitsForSchedule(m)
	case Grace:
		return fmt.Sprintf("it is unknown whether the message left: evidence is awaited for %s", span(w.now.Until(r.Due)))
	case Queued:
	default:
		return ""
	}
	if w.g.broken.Load() {
		return ErrStoreFailed.Message
	}
	if why := w.lane(m.Lane(i)); why != "" {
		return why
	}
	if r.Due > w.now && r.Hold != "" {
		return fmt.Sprintf("%s; it is sent in %s, or when it is released", r.Hold, span(w.now.Until(r.Due)))
	}
	if r.Due > w.now {
		why := "the latest attempt failed"
		if r.Fault != "" {
			why += ": " + r.Fault
		}
		return fmt.Sprintf("%s; the next is in %s", why, span(w.now.Until(r.Due)))
	}
	all, own := w.g.passings(RecipientRef{Seq: m.Seq, Idx: i})
	if why := w.g.whyPassed(all); why != "" {
		return why
	}
	turn := turnOf{m.Lane(i), m.Priority}
	if own != nil {
		return w.g.waitsForTurn(turn, own, w.now)
	}
	why, ok := w.turns[turn]
	if !ok {
		why = w.g.waitsForTurn(turn, nil, w.now)
		w.turns[turn] = why
	}
	return why
}

// Message returns what [Waits.Recipient] says of the first recipient of m that
// waits for something; empty if none does.
func (w *Waits) Message(m *Message) string {
	for i := range m.Recipients {
		if why := w.Recipient(m, i); why != "" {
			return why
		}
	}
	return ""
}

// lane says what all that waits in a lane waits for.
func (w *Waits) lane(waits Lane) string {
	why, ok := w.lanes[waits]
	if !ok {
		why = w.g.waitsForModem(waits)
		w.lanes[waits] = why
	}
	return why
}

func (g *Gateway) waitsForSchedule(m *Message) string {
	if _, plausible := g.clock.Wall(); !plausible {
		return clockReason
	}
	return "it is scheduled for " + m.ScheduleAt.Local().Format("2006-01-02 15:04:05 -07:00")
}

const clockReason = "the clock of this machine is not set, and scheduled messages wait until it is (is NTP reachable?)"

// waitsForModem says why none of the modems that may send what waits in a lane
// can do so now; empty if one can.
func (g *Gateway) waitsForModem(waits Lane) string {
	if len(g.lanes) == 0 {
		return "no modem is configured: name one under modems: in the configuration"
	}
	var can []*lane
	for _, l := range g.lanes {
		if !g.serves(l, waits) {
			continue
		}
		if l.trouble() == "" {
			return ""
		}
		can = append(can, l)
	}
	switch {
	case len(can) > 0:
		return troubles(can)
	case waits.Pin != "":
		return fmt.Sprintf("modem %s sent the first parts, and only it can send the others, but it is no longer configured: add it again, or cancel the message", waits.Pin)
	case waits.SIM != 0:
		return fmt.Sprintf("SIM %d was asked for, but its modem is no longer configured: add it again, or cancel the message", waits.SIM)
	}
	// Only a strict rule leaves nobody, and only if its modems are all gone.
	return fmt.Sprintf("none of the modems of the rule for %s is configured: mend it under routing.rules", waits.Rule)
}

// mostTroubles bounds how many modems one sentence names.
const mostTroubles = 3

// troubles says of each of the modems why it cannot send.
func troubles(ls []*lane) string {
	var out []string
	for _, l := range ls {
		if len(out) == mostTroubles {
			out = append(out, fmt.Sprintf("and %d more", len(ls)-mostTroubles))
			break
		}
		out = append(out, l.trouble())
	}
	return strings.Join(out, "; ")
}

// trouble says why the modem cannot send now; empty if it can.
func (l *lane) trouble() string {
	st := l.modem.Status()
	st.Modem, st.Slot = l.modem.ID(), l.slot
	now := l.g.uptime()
	switch {
	case st.State != ModemReady && st.Reason != "":
		return fmt.Sprintf("modem %s is %s: %s", st.Modem, st.State, strings.TrimSuffix(st.Reason, "."))
	case st.State != ModemReady:
		return fmt.Sprintf("modem %s is %s", st.Modem, st.State)
	}
	if h, held := l.g.held(st); held {
		return h.Reason
	}
	handover := l.g.Routing.Handover
	if at := time.Duration(l.progressAt.Load()); at != 0 && now-at >= handover {
		return fmt.Sprintf("modem %s has not answered for %s", st.Modem, span(now-at))
	}
	if at := time.Duration(l.restingSince.Load()); at != 0 {
		why := ""
		if fault := l.restingFor.Load(); fault != nil {
			why = ": " + *fault
		}
		return fmt.Sprintf("modem %s is ready but has not been able to send for %s%s", st.Modem, span(now-at), why)
	}
	return ""
}

// span writes how long something takes, to the second.
func span(d time.Duration) string {
	return max(d, 0).Truncate(time.Second).String()
}

// checkWaiting says how many recipients wait for something other than their turn,
// and for what.
func (g *Gateway) checkWaiting(checks map[string]Check) {
	c := Check{Status: Pass, ObservedUnit: "recipients", Description: "No message waits for anything but its turn"}
	defer func() { checks["messages:waiting"] = c }()
	lanes, held, err := g.store.QueueLengths()
	if err != nil {
		c = Check{Status: Down, ObservedUnit: "recipients", Description: "The store cannot be read; see the log"}
		return
	}
	reasons := make(map[string]int)
	for waits, n := range lanes {
		if why := g.waitsForModem(waits); why != "" {
			reasons[why] += n
		}
	}
	if _, plausible := g.clock.Wall(); !plausible && held > 0 {
		reasons[clockReason] += held
	}
	if len(reasons) == 0 {
		return
	}
	c.Status = Warn
	var out []string
	for why, n := range reasons {
		c.ObservedValue += n
		out = append(out, fmt.Sprintf("%d: %s", n, why))
	}
	slices.Sort(out)
	if len(out) > mostTroubles {
		out = append(out[:mostTroubles], "and more")
	}
	c.Description = strings.Join(out, ". ")
}

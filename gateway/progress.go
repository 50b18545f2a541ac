package gateway

import (
	"slices"
	"time"
)

// This file holds the only code that moves a recipient from one state to
// another. All of it is pure: message in, message and payload out.

// setState moves recipient i to state next and notes when the message as a whole
// first reached its state. A move that is not allowed is a bug of the caller.
func (m *Message) setState(i int, next State, at time.Time) {
	r := &m.Recipients[i]
	if r.State != next {
		if !r.State.mayBecome(next) {
			panic("gateway: recipient may not go from " + string(r.State) + " to " + string(next))
		}
		r.State = next
		r.turned(next)
	}
	m.note(at)
}

// note records when the message reached the state it is in, unless it had been
// there before.
func (m *Message) note(at time.Time) {
	if m.FirstReached == nil {
		m.FirstReached = make(map[State]time.Time)
	}
	if s := m.State(); m.FirstReached[s].IsZero() {
		m.FirstReached[s] = at
	}
}

// begin records the intent to hand recipient i's owed PDUs to a modem. It marks
// a possible duplicate when the first of them may have left before.
func (m *Message) begin(i int, by ModemStatus, parts int, ref uint16, at time.Time) {
	r := &m.Recipients[i]
	if r.Parts == nil {
		r.Parts = make([]Part, parts)
		for p := range r.Parts {
			r.Parts[p].MR = -1
		}
		r.Ref = ref
	}
	hop := Hop{Kind: HopAttempt, Modem: by.Modem, SIM: by.Slot, Part: r.owed() + 1}
	if p := &r.Parts[r.owed()]; p.Fate == Unknown {
		hop.Kind = HopResend
		r.Lost = &LostCopy{Part: r.owed(), SIMID: p.SIMID, At: p.At}
		r.PossibleDuplicate = true
		r.Resends++
		*p = Part{MR: -1}
	}
	r.Phase, r.Due, r.Hold = Active, 0, ""
	r.Attempts++
	r.Modem, r.SIM, r.SIMID, r.Began = by.Modem, by.Slot, by.SIMID, at
	hop.Attempt = r.Attempts
	r.hop(at, hop)
	m.setState(i, Processed, at)
}

// accept records that the SMSC took part p of recipient i. When it was the last
// one the recipient is Sent, and accept reports true.
func (m *Message) accept(i int, p SentPart, at time.Time) (sent bool) {
	r := &m.Recipients[i]
	simID, kind := r.SIMID, HopAccepted
	if r.Parts[p.Index].Fate == Unknown {
		simID, kind = r.Parts[p.Index].SIMID, HopProven
	}
	r.Parts[p.Index] = Part{Fate: Accepted, MR: p.MR, SIMID: simID, At: at}
	r.hop(at, Hop{Kind: kind, Part: p.Index + 1, MR: &p.MR, Evidence: p.Evidence})
	if len(r.Parts) > 1 {
		r.Pin = r.Modem
	}
	if r.owed() < len(r.Parts) {
		return false
	}
	r.Phase, r.Due, r.Pin, r.Waits, r.Fault = Finished, 0, "", 0, ""
	r.Error, r.Code = "", ""
	m.setState(i, Sent, at)
	return true
}

// unsure records that it is unknown whether the owed part of recipient i left,
// and why. Evidence is awaited for the time of grace from now on.
func (m *Message) unsure(i int, now Tick, grace time.Duration, why *SendError, at time.Time) {
	r := &m.Recipients[i]
	r.hop(at, Hop{Kind: HopUnknown, Part: r.owed() + 1, Code: why.Code, Text: why.Text, Evidence: why.Evidence})
	r.waits(grace)
	r.Parts[r.owed()] = Part{Fate: Unknown, MR: -1, SIMID: r.SIMID, At: at}
	if len(r.Parts) > 1 {
		r.Pin = r.Modem
	}
	r.Phase, r.Due = Grace, now.Add(grace)
	r.Error, r.Code = why.Text, why.Code
}

// refuse records that the owed part of recipient i was not sent, and why. What
// follows is another step.
func (m *Message) refuse(i int, why *SendError, at time.Time) {
	r := &m.Recipients[i]
	kind := HopNotSent
	if why.Fate == Rejected {
		kind = HopRefused
	}
	r.hop(at, Hop{Kind: kind, Part: r.owed() + 1, Code: why.Code, Text: why.Text, Evidence: why.Evidence})
}

// requeue offers recipient i to the modems again after a delay from now on; fault
// is why. If every owed PDU is known not to have left, the recipient is Pending
// again; if a copy before may have, it stays Processed.
func (m *Message) requeue(i int, now Tick, delay time.Duration, fault string, at time.Time) {
	r := &m.Recipients[i]
	r.Phase, r.Due, r.Fault = Queued, now.Add(delay), fault
	r.waits(delay)
	if r.Lost == nil || r.Lost.Part != r.owed() {
		m.setState(i, Pending, at)
	}
}

// giveUpProof records that no evidence came whether the owed part of recipient i
// left. What follows is another step.
func (m *Message) giveUpProof(i int, at time.Time) {
	r := &m.Recipients[i]
	r.hop(at, Hop{Kind: HopUnproven, Part: r.owed() + 1})
}

// confirm records what a delivery report says of part p of recipient i.
func (m *Message) confirm(i, p int, says Report, at time.Time) {
	r, status := &m.Recipients[i], int(says.Status)
	r.hop(at, Hop{Kind: HopReport, Part: p + 1, MR: &says.MR, Status: &status, Text: says.Text})
	switch says.Outcome {
	case StillTrying:
	case WasDelivered:
		r.Parts[p].Report = Confirmed
	default:
		r.Parts[p].Report = Refused
	}
}

// resend offers recipient i to the modems again although its owed PDU may have
// left; it therefore stays Processed.
func (m *Message) resend(i int, due Tick) {
	r := &m.Recipients[i]
	r.Phase, r.Due = Queued, due
}

// fail ends recipient i.
func (m *Message) fail(i int, reason, code string, at time.Time) {
	r := &m.Recipients[i]
	r.Phase, r.Due, r.Fault, r.Hold = Finished, 0, "", ""
	r.Error, r.Code = reason, code
	r.hop(at, Hop{Kind: HopFailed, Code: code, Text: reason})
	m.setState(i, Failed, at)
}

// cancel ends recipient i before anything of it left.
func (m *Message) cancel(i int, at time.Time) {
	r := &m.Recipients[i]
	r.Phase, r.Due, r.Fault, r.Hold = Finished, 0, "", ""
	r.hop(at, Hop{Kind: HopCancelled})
	m.setState(i, Cancelled, at)
}

// held reports whether any recipient waits for the message's ScheduleAt.
func (m *Message) held() bool {
	return slices.ContainsFunc(m.Recipients, func(r Recipient) bool { return r.Phase == Held })
}

// release makes the Held recipients of the message Queued.
func (m *Message) release(at time.Time) {
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Phase == Held {
			r.Phase, r.Due = Queued, 0
			r.hop(at, Hop{Kind: HopReleased})
		}
	}
}

// progress returns what the events of recipient i have in common.
func (m *Message) progress(i int, own string, at time.Time) MessageProgress {
	r := &m.Recipients[i]
	return MessageProgress{
		MessageID: m.ID, Recipient: r.Number, Sender: own,
		SIM: r.SIM, Modem: r.Modem, At: at, PossibleDuplicate: r.PossibleDuplicate,
	}
}

// refused reports whether a delivery report said that a part was not delivered.
func (r *Recipient) refused() bool {
	for i := range r.Parts {
		if r.Parts[i].Report == Refused {
			return true
		}
	}
	return false
}

// delivered reports whether every part of r was confirmed.
func (r *Recipient) delivered() bool {
	for i := range r.Parts {
		if r.Parts[i].Report != Confirmed {
			return false
		}
	}
	return len(r.Parts) > 0
}

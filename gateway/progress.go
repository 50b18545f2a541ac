package gateway

import "time"

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
	if p := &r.Parts[r.owed()]; p.Fate == Unknown {
		r.Lost = &LostCopy{Part: r.owed(), SIMID: p.SIMID, At: p.At}
		r.PossibleDuplicate = true
		r.Resends++
		*p = Part{MR: -1}
	}
	r.Phase, r.Due = Active, 0
	r.Attempts++
	r.Modem, r.SIM, r.SIMID, r.Began = by.Modem, by.Slot, by.SIMID, at
	m.setState(i, Processed, at)
}

// accept records that the SMSC took part p of recipient i. When it was the last
// one the recipient is Sent, and accept reports true.
func (m *Message) accept(i, p, mr int, at time.Time) (sent bool) {
	r := &m.Recipients[i]
	simID := r.SIMID
	if r.Parts[p].Fate == Unknown {
		simID = r.Parts[p].SIMID
	}
	r.Parts[p] = Part{Fate: Accepted, MR: mr, SIMID: simID, At: at}
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
// and awaits evidence until due.
func (m *Message) unsure(i int, due Tick, at time.Time) {
	r := &m.Recipients[i]
	r.Parts[r.owed()] = Part{Fate: Unknown, MR: -1, SIMID: r.SIMID, At: at}
	if len(r.Parts) > 1 {
		r.Pin = r.Modem
	}
	r.Phase, r.Due = Grace, due
}

// requeue offers recipient i to the modems again from due on; fault is why.
// Every owed PDU is known not to have left, so the recipient is Pending again.
func (m *Message) requeue(i int, due Tick, fault string, at time.Time) {
	r := &m.Recipients[i]
	r.Phase, r.Due, r.Fault = Queued, due, fault
	m.setState(i, Pending, at)
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
	r.Phase, r.Due, r.Fault = Finished, 0, ""
	r.Error, r.Code = reason, code
	m.setState(i, Failed, at)
}

// cancel ends recipient i before anything of it left.
func (m *Message) cancel(i int, at time.Time) {
	r := &m.Recipients[i]
	r.Phase, r.Due, r.Fault = Finished, 0, ""
	m.setState(i, Cancelled, at)
}

// release makes the Held recipients of the message Queued.
func (m *Message) release() {
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Phase == Held {
			r.Phase, r.Due = Queued, 0
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

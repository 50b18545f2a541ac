package gateway

// State is where a message, or one recipient of it, stands.
type State string

// The states, in the spelling of the API.
const (
	Pending   State = "Pending"   // queued, scheduled, or waiting for a modem
	Cancelled State = "Cancelled" // withdrawn before any PDU left
	Processed State = "Processed" // handed to a modem; the outcome is open
	Sent      State = "Sent"      // every part was accepted by the SMSC
	Delivered State = "Delivered" // every part was confirmed by a delivery report
	Failed    State = "Failed"    // given up; the recipient's error says why
)

// States lists every state, in the order of the API's documentation.
var States = []State{Pending, Cancelled, Processed, Sent, Delivered, Failed}

// Final reports whether a recipient in state s never changes again.
func (s State) Final() bool {
	return s == Cancelled || s == Delivered || s == Failed
}

// Valid reports whether s is one of the states.
func (s State) Valid() bool {
	switch s {
	case Pending, Cancelled, Processed, Sent, Delivered, Failed:
		return true
	}
	return false
}

// mayBecome reports whether a recipient in state s may go to state next. The one
// step back, Processed to Pending, is the caller's to justify: every PDU still
// owed must be known not to have left.
func (s State) mayBecome(next State) bool {
	switch s {
	case Pending:
		return next == Processed || next == Cancelled || next == Failed
	case Processed:
		return next == Pending || next == Sent || next == Failed
	case Sent:
		return next == Delivered || next == Failed
	}
	return false
}

// aggregate returns the state of a message from those of its recipients: the
// first of Pending, Cancelled, Processed that any recipient is in; Failed or
// Delivered if all are; else Sent.
func aggregate(rs []Recipient) State {
	var n [4]int
	for i := range rs {
		switch rs[i].State {
		case Pending:
			return Pending
		case Cancelled:
			n[0]++
		case Processed:
			n[1]++
		case Failed:
			n[2]++
		case Delivered:
			n[3]++
		}
	}
	switch {
	case n[0] > 0:
		return Cancelled
	case n[1] > 0:
		return Processed
	case n[2] == len(rs):
		return Failed
	case n[3] == len(rs):
		return Delivered
	}
	return Sent
}

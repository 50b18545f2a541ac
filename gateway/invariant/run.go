package invariant

import (
	"time"

	"tetherd/gateway"
)

// PDU names one part of one recipient's message.
type PDU struct {
	Message   string // ID
	Recipient string // number as given by the caller
	Part      int    // from 1
}

// Handed is a PDU that the network accepted.
type Handed struct {
	PDU
	At    time.Time
	Modem string // that sent it; empty leaves it open, and MR too
	MR    int    // TP-MR
	Ref   uint16 // concatenation reference, if Total is above 1
	Total int    // parts according to the PDU; 0 and 1 stand alone
}

// Reopening is what the store held when it was opened after a crash.
type Reopening struct {
	At       time.Time
	Accepted map[PDU]bool // PDUs the store knew to be accepted
}

// Post is a webhook delivery that the receiver answered with success.
type Post struct {
	DeliveryID string
	Type       gateway.EventType
	MessageID  string
	Recipient  string // of an outgoing message
	Text       string // of an incoming one
	Marked     bool   // possibleDuplicate
}

// NewPost returns the delivery of an event, and reports whether that tells of a
// message that came in or of how one went out. Only then more than the type of the
// event is in it.
func NewPost(deliveryID string, e *gateway.Event) (p Post, ok bool) {
	p = Post{DeliveryID: deliveryID, Type: e.Type()}
	switch v := e.Payload.(type) {
	case gateway.MessageReceived:
		p.MessageID, p.Text = v.MessageID, v.Text
	case gateway.MessageSent:
		p.MessageID, p.Recipient, p.Marked = v.MessageID, v.Recipient, v.PossibleDuplicate
	case gateway.MessageDelivered:
		p.MessageID, p.Recipient, p.Marked = v.MessageID, v.Recipient, v.PossibleDuplicate
	case gateway.MessageFailed:
		p.MessageID, p.Recipient, p.Marked = v.MessageID, v.Recipient, v.PossibleDuplicate
	default:
		return p, false
	}
	return p, true
}

// Observation is a message as the API or the store showed it at some time.
type Observation struct {
	Message string
	States  map[string]gateway.State // by recipient
	First   map[gateway.State]time.Time
	Marked  map[string]bool // possibleDuplicate, by recipient
	Codes   map[string]string
	MRs     map[PDU]int // TP-MR of the accepted parts, where the modem said it
}

// Observe makes an Observation of a stored message.
func Observe(m *gateway.Message) Observation {
	o := Observation{
		Message: m.ID, First: m.FirstReached,
		States: make(map[string]gateway.State), Marked: make(map[string]bool), Codes: make(map[string]string),
		MRs: make(map[PDU]int),
	}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		o.States[r.Number], o.Marked[r.Number], o.Codes[r.Number] = r.State, r.PossibleDuplicate, r.Code
		for p := range r.Parts {
			if part := &r.Parts[p]; part.Fate == gateway.Accepted && part.MR >= 0 {
				o.MRs[PDU{m.ID, r.Number, p + 1}] = part.MR
			}
		}
	}
	return o
}

// Promise is a message that was answered with success.
type Promise struct {
	Message    string
	Recipients []string
	Parts      int
	Report     bool // asked for a delivery report, which the network sends and the modem can pass on
	Sent       bool // nothing stood in its way: it must have been sent
}

// Arrival is a text the network delivered to a SIM, all of its parts.
type Arrival struct {
	Text   string // unique in the run
	Copies int    // how often it was sent as a message of its own
	AtRisk bool   // it may be missing: the modem did not keep it, and the line lost some
}

// Run is everything that was seen of a gateway from outside. The zero value is a
// run in which nothing happened.
type Run struct {
	Promises     []Promise
	Ledger       []Handed // in order
	Reopenings   []Reopening
	Arrivals     []Arrival
	Inbox        []string // texts
	Posts        []Post
	Owed         []Owed
	Hits         []Hit // in the order of their arrival
	Settled      []Settled
	InOrder      []string      // webhooks that asked for strict order: IDs
	Observations []Observation // in order; the last one of each message is its end
	Held         []Held
	Transcripts  []Transcript
	Shown        []Shown
	Recoveries   []Recovery
	Usage        []Usage // in order
	Timed        []Timed
	PUKs         int // tries of a PUK that SIMs counted
	// Subscribed lists the events a receiver was registered for during all of the run.
	Subscribed []gateway.EventType
	// Open says that messages may be unfinished, because the run was cut short.
	Open bool
	// Resends says that the policy for unknown outcomes is to send again.
	Resends bool
}

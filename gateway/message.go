package gateway

import (
	"time"

	"tetherd/gateway/sms"
)

// Message is an outgoing text, or data for an application, to one or more
// recipients.
type Message struct {
	ID  string `json:"id"`
	Seq uint64 `json:"seq"` // order of arrival, given by the store; 0 until stored
	Rev uint64 `json:"rev"` // revision of the stored row, counted by the store; 0 until stored

	User           string              `json:"user,omitempty"` // who asked for it
	Text           string              `json:"text,omitempty"`
	Sealed         string              `json:"sealed,omitempty"`   // encrypted content as given, in place of Text or Data; numbers are encrypted then, too
	Data           []byte              `json:"data,omitempty"`     // content of a data message, which has no Text and always Ports
	Ports          *Ports              `json:"ports,omitempty"`    // application addressed; nil for none
	Encoding       sms.Encoding        `json:"encoding,omitempty"` // of a text
	Flash          bool                `json:"flash,omitempty"`    // class 0: shown at once and usually not kept
	SMSC           string              `json:"smsc,omitempty"`     // number of the service centre; empty is the modem's
	Recipients     []Recipient         `json:"to"`
	SIM            int                 `json:"sim,omitempty"`  // slot asked for, from 1; 0 is any
	Priority       int8                `json:"prio,omitempty"` // higher goes first
	DeliveryReport bool                `json:"srr,omitempty"`
	Alert          string              `json:"alert,omitempty"`   // Forward.ID of which it tells the admins; empty: it is none
	Canary         string              `json:"canary,omitempty"`  // ID of the modem that it is a canary of; empty: it is none
	RetryOf        string              `json:"retry,omitempty"`   // Message.ID of the one that this one sends again
	RetriedBy      string              `json:"retried,omitempty"` // Message.ID of the latest one that sends this one again
	CreatedAt      time.Time           `json:"created"`
	ScheduleAt     time.Time           `json:"schedule,omitzero"` // not before; zero is at once
	ValidUntil     time.Time           `json:"until,omitzero"`    // not after, by the wall clock; zero is for ever
	Expires        Tick                `json:"expires,omitempty"` // not after, by the timeline; 0 is never
	FirstReached   map[State]time.Time `json:"states"`            // by the message's own state
}

// State returns the message's state, from those of its recipients.
func (m *Message) State() State { return aggregate(m.Recipients) }

// Phase is what the engine does with a recipient next. It is finer than [State]
// and decides in which index of the outbox the recipient stands.
type Phase uint8

// The phases.
const (
	Held     Phase = iota // waits for the message's ScheduleAt
	Queued                // offered to modems from Due on
	Active                // intent stored: a modem has, or had before a crash, a PDU of it
	Grace                 // the outcome of a PDU is unknown; evidence is awaited until Due
	Finished              // nothing is left to send
)

// Recipient is one addressee of a message and how far sending to it has come.
type Recipient struct {
	Number   string    `json:"number"` // as given by the caller: encrypted, if the message is
	Address  string    `json:"addr"`   // as dialled: "+" and digits, or digits, * and # alone
	State    State     `json:"state"`
	Error    string    `json:"error,omitempty"` // why it failed, or what was said of its delivery
	Code     string    `json:"code,omitempty"`  // machine-readable cause of Error
	Phase    Phase     `json:"phase,omitempty"`
	Due      Tick      `json:"due,omitempty"`      // see Phase
	Attempts int       `json:"attempts,omitempty"` // attempts that count towards the allowed number
	Resends  int       `json:"resends,omitempty"`  // attempts made although the outcome of one before is unknown
	Modem    string    `json:"modem,omitempty"`    // ID of the modem of the latest attempt
	SIM      int       `json:"sim,omitempty"`      // its slot, from 1
	SIMID    string    `json:"simid,omitempty"`    // identity of the SIM in it
	Waits    int       `json:"waits,omitempty"`    // attempts in a row that ended in a Wait
	Hold     string    `json:"hold,omitempty"`     // why it is held back until Due, until it is released
	Cleared  bool      `json:"cleared,omitempty"`  // it was held back, and is not again
	Fault    string    `json:"fault,omitempty"`    // why the latest attempt failed, while another is to come
	Pin      string    `json:"pinned,omitempty"`   // ID of the modem that alone may send the rest; empty is any
	Rule     string    `json:"rule,omitempty"`     // prefix of the routing rule that applies
	Prefer   string    `json:"prefer,omitempty"`   // ID of the modem that was chosen; empty is any
	Ref      uint16    `json:"ref,omitempty"`      // concatenation reference, the same in every attempt
	Began    time.Time `json:"began,omitzero"`     // of the latest attempt
	Parts    []Part    `json:"parts,omitempty"`    // from the first attempt on; one per PDU
	// Lost is the copy that may have left before a PDU was sent again; nil if there
	// was none.
	Lost *LostCopy `json:"lost,omitempty"`
	// PossibleDuplicate is set when a PDU was sent again although its first copy
	// may have left, or when the whole message is and may have.
	PossibleDuplicate bool `json:"dup,omitempty"`
	// RetriedBy is the Message.ID of the one that sends it again to the recipient.
	RetriedBy string `json:"retried,omitempty"`
	// Trace is what happened on the way to the recipient, oldest first: at most 64
	// hops, from whose middle Dropped were left out.
	Trace   []Hop `json:"trace,omitempty"`
	Dropped int   `json:"dropped,omitempty"`
}

// LostCopy is a PDU that was sent again, and whose own delivery report may
// therefore still come, with a TP-MR nobody knows.
type LostCopy struct {
	Part  int       `json:"part"`  // index in Recipient.Parts
	SIMID string    `json:"simid"` // identity of the SIM that may have sent it
	At    time.Time `json:"at"`    // when its outcome became unknown
}

// Part is one PDU of a recipient's message.
type Part struct {
	Fate   Fate         `json:"fate,omitempty"`
	MR     int          `json:"mr"`              // TP-MR the modem gave it, 0–255; -1 while unknown
	SIMID  string       `json:"simid,omitempty"` // identity of the SIM that sent it
	At     time.Time    `json:"at,omitzero"`     // when Fate was learnt
	Report Confirmation `json:"report,omitempty"`
}

// Confirmation is what delivery reports said of a part so far.
type Confirmation uint8

// The confirmations.
const (
	Unconfirmed Confirmation = iota
	Confirmed                // delivered to the recipient's device, or as far as the network can tell
	Refused                  // permanently failed, or given up by the SMSC
)

// owed returns the index of the first part that has not been accepted, or
// len(Parts).
func (r *Recipient) owed() int {
	for i := range r.Parts {
		if r.Parts[i].Fate != Accepted {
			return i
		}
	}
	return len(r.Parts)
}

// Outgoing is what a modem is asked to send: the parts of one recipient's
// message, of which the first From are on their way already.
type Outgoing struct {
	MessageID      string
	To             string // "+" and digits, or digits, * and # alone
	Segments       []sms.Segment
	From           int           // index of the first segment to send
	Ref            uint16        // concatenation reference
	DeliveryReport bool          // set TP-SRR
	Validity       time.Duration // TP-VP; 0 leaves it to the SMSC
	Data           []byte        // content if the alphabet of the one segment is sms.Data8
	Ports          *Ports        // application addressed; nil for none
	Flash          bool          // class 0: shown at once and usually not kept
	SMSC           string        // number of the service centre; empty is the modem's
}

// Ports address an application (3GPP 23.040 §9.2.3.24.4).
type Ports struct {
	Dst uint16 `json:"dst"`
	Src uint16 `json:"src"`
}

// SentPart is the answer to one PDU.
type SentPart struct {
	Index    int    // of the segment
	MR       int    // TP-MR, 0–255; -1 if the modem did not say
	Evidence string // the modem's own words, such as "+CMGS: 12"; no number, no text
}

package api

import "encoding/json"

// State is where a message, or one recipient of it, stands.
type State string

// The states.
const (
	Pending    State = "Pending"    // queued, scheduled, or waiting for a modem
	Cancelling State = "Cancelling" // known to the API; this gateway cancels at once
	Cancelled  State = "Cancelled"  // withdrawn before anything was sent
	Processed  State = "Processed"  // handed to a modem; the outcome is open
	Sent       State = "Sent"       // taken by the network
	Delivered  State = "Delivered"  // confirmed by a delivery report
	Failed     State = "Failed"     // given up; the recipient's error says why
)

// Message is an outgoing message as the API shows it.
type Message struct {
	ID          string `json:"id"`
	DeviceID    string `json:"deviceId"` // identity of the gateway
	State       State  `json:"state"`    // summed up from the recipients
	IsHashed    bool   `json:"isHashed"` // always false
	IsEncrypted bool   `json:"isEncrypted"`

	ScheduleAt  Time         `json:"scheduleAt,omitzero"`   // not before; zero: at once
	TextMessage *TextMessage `json:"textMessage,omitempty"` // nil where content was not asked for
	DataMessage *DataMessage `json:"dataMessage,omitempty"` // instead of TextMessage
	SIMNumber   int          `json:"simNumber,omitempty"`   // slot asked for, from 1; 0: any
	Priority    int8         `json:"priority,omitempty"`    // higher goes first
	Encoding    string       `json:"encoding,omitempty"`    // smart, gsm7 or ucs2; empty: auto
	Flash       bool         `json:"flash,omitempty"`       // shown at once and usually not kept
	SMSC        string       `json:"smsc,omitempty"`        // service centre asked for

	RetryOf   string `json:"retryOf,omitempty"`   // id of the message that this one sends again
	RetriedBy string `json:"retriedBy,omitempty"` // id of the latest message that sends this one again

	User string `json:"user,omitempty"` // who asked for it, if several can

	Canary string `json:"canary,omitempty"` // modem that sends it as a canary

	// Waiting says why nothing is sent to the first recipient that waits for
	// anything but its turn, and what would change that; empty if none does.
	Waiting string `json:"waiting,omitempty"`

	Recipients []Recipient    `json:"recipients"`
	States     map[State]Time `json:"states"` // when each state was first reached
	CreatedAt  Time           `json:"createdAt,omitzero"`
}

// TextMessage is the content of a text message.
type TextMessage struct {
	Text string `json:"text"`
}

// DataMessage is the content of a binary message.
type DataMessage struct {
	Data string `json:"data"` // base64, at most 133 bytes in clear
	Port int    `json:"port"` // destination port, 0–65535
}

// Recipient is one addressee of a [Message].
type Recipient struct {
	PhoneNumber string `json:"phoneNumber"` // as given by the sender
	State       State  `json:"state"`
	Error       string `json:"error,omitempty"`     // one sentence
	ErrorCode   string `json:"errorCode,omitempty"` // machine-readable cause, such as "CMS 38"
	ErrorHelp   string `json:"errorHelp,omitempty"` // what can be done about it
	// Waiting says why nothing is sent to the recipient at this moment; empty if it
	// waits for its turn only, or not at all.
	Waiting string `json:"waiting,omitempty"`
	// PossibleDuplicate is set when the message was sent again although its first
	// copy may have left.
	PossibleDuplicate bool `json:"possibleDuplicate,omitempty"`
	// RetriedBy is the id of the message that sends it again to this recipient.
	RetriedBy string `json:"retriedBy,omitempty"`
}

// SendRequest asks for a message to be sent. Exactly one of TextMessage,
// DataMessage, MMSMessage and Message is required, and at least one number.
type SendRequest struct {
	ID          string          `json:"id,omitempty"` // empty: the gateway makes one
	TextMessage *TextMessage    `json:"textMessage,omitempty"`
	DataMessage *DataMessage    `json:"dataMessage,omitempty"`
	MMSMessage  json.RawMessage `json:"mmsMessage,omitempty"` // refused by this gateway
	Message     *string         `json:"message,omitempty"`    // older spelling of TextMessage

	PhoneNumbers       []string `json:"phoneNumbers"`
	SIMNumber          *int     `json:"simNumber,omitempty"`          // slot, from 1; nil: any
	WithDeliveryReport *bool    `json:"withDeliveryReport,omitempty"` // nil: true
	IsEncrypted        bool     `json:"isEncrypted,omitempty"`        // text or data and each number are encrypted with the gateway's passphrase
	Priority           int8     `json:"priority,omitempty"`           // higher goes first
	Encoding           string   `json:"encoding,omitempty"`           // auto, smart, gsm7 or ucs2; empty: as configured
	Flash              bool     `json:"flash,omitempty"`              // text shown at once and usually not kept
	SMSC               string   `json:"smsc,omitempty"`               // number of the service centre; empty: the modem's
	TTL                *int32   `json:"ttl,omitempty"`                // seconds, from 1; nil: for ever
	ValidUntil         *Time    `json:"validUntil,omitempty"`         // nil: for ever; not together with TTL
	ScheduleAt         *Time    `json:"scheduleAt,omitempty"`         // nil: at once
	DeviceID           *string  `json:"deviceId,omitempty"`           // nil, or the identity of the gateway

	// SkipPhoneValidation dials the digits as they are. It travels in the query.
	SkipPhoneValidation bool `json:"-"`
}

package gateway

import "time"

// Payload is what an event says: one of the types below.
type Payload interface {
	// EventType returns the type of the events that carry the payload.
	EventType() EventType
}

// MessageReceived is the payload of [EventReceived].
type MessageReceived struct {
	MessageID  string    `json:"messageId"`
	Sender     string    `json:"sender"`
	Recipient  string    `json:"recipient,omitempty"` // number of the SIM, if known
	SIM        int       `json:"sim"`
	Modem      string    `json:"modem"`
	Text       string    `json:"text"`
	ReceivedAt time.Time `json:"receivedAt"`
	Marks
}

// Marks are what is special about an incoming message. See [Inbound].
type Marks struct {
	Missing           int    `json:"missing,omitempty"` // parts that never came
	Flash             bool   `json:"flash,omitempty"`
	Replaces          string `json:"replaces,omitempty"`          // MessageID of the one whose place it takes
	Completes         bool   `json:"completes,omitempty"`         // with Replaces: it is the same message with more of its parts
	ProbableDuplicate bool   `json:"probableDuplicate,omitempty"` // the service centre probably sent it twice
}

// DataReceived is the payload of [EventDataReceived]: content addressed to an
// application, or that is no text.
type DataReceived struct {
	MessageID  string    `json:"messageId"`
	Sender     string    `json:"sender"`
	Recipient  string    `json:"recipient,omitempty"` // number of the SIM, if known
	SIM        int       `json:"sim"`
	Modem      string    `json:"modem"`
	Data       []byte    `json:"data"`
	Ports      *Ports    `json:"ports,omitempty"`     // nil if it was addressed to no application
	Undecoded  bool      `json:"undecoded,omitempty"` // Data is a PDU that could not be read
	ReceivedAt time.Time `json:"receivedAt"`
	Marks
}

// MMSReceived is the payload of [EventMMSReceived]: the notification that a
// multimedia message waits at the operator, who alone can hand it over.
type MMSReceived struct {
	MessageID     string    `json:"messageId"`
	Sender        string    `json:"sender"`              // of the multimedia message; empty if it is withheld
	Recipient     string    `json:"recipient,omitempty"` // number of the SIM, if known
	SIM           int       `json:"sim"`
	Modem         string    `json:"modem"`
	TransactionID string    `json:"transactionId"`
	Subject       string    `json:"subject,omitempty"`
	Size          int64     `json:"size"` // octets
	ContentClass  string    `json:"contentClass,omitempty"`
	ReceivedAt    time.Time `json:"receivedAt"`
	Marks
}

// CallReceived is the payload of [EventCallReceived]: somebody called the SIM.
type CallReceived struct {
	Caller string    `json:"caller"` // empty if withheld
	SIM    int       `json:"sim"`
	Modem  string    `json:"modem"`
	HungUp bool      `json:"hungUp,omitempty"` // the gateway ended the call
	At     time.Time `json:"at"`
}

// DeviceOnline is the payload of [EventDeviceOnline]: a modem can be used again.
type DeviceOnline struct {
	SIM   int           `json:"sim"`
	Modem string        `json:"modem"`
	Down  time.Duration `json:"down"` // how long it could not be used; 0 if that is not known
	At    time.Time     `json:"at"`
}

// DeviceOffline is the payload of [EventDeviceOffline]: a modem cannot be used,
// and has not been for a while.
type DeviceOffline struct {
	SIM    int        `json:"sim"`
	Modem  string     `json:"modem"`
	State  ModemState `json:"state"`
	Reason string     `json:"reason"` // and what to do
	At     time.Time  `json:"at"`     // since when
}

// BalanceLow is the payload of [EventBalanceLow]: the credit of a prepaid SIM
// fell below the configured limit.
type BalanceLow struct {
	SIM     int       `json:"sim"`
	Modem   string    `json:"modem"`
	Balance float64   `json:"balance"` // in the operator's currency
	Limit   float64   `json:"limit"`
	Text    string    `json:"text"` // the operator's answer
	At      time.Time `json:"at"`
}

// MessageProgress is what the events of an outgoing message have in common.
type MessageProgress struct {
	MessageID string    `json:"messageId"`
	Recipient string    `json:"recipient"`        // as given by the caller
	Sender    string    `json:"sender,omitempty"` // number of the SIM, if known
	SIM       int       `json:"sim,omitempty"`    // 0 if no modem had it
	Modem     string    `json:"modem,omitempty"`
	At        time.Time `json:"at"`
	// PossibleDuplicate: see [Recipient].
	PossibleDuplicate bool `json:"dup,omitempty"`
}

// MessageSent is the payload of [EventSent].
type MessageSent struct {
	MessageProgress
	Parts int `json:"parts"`
}

// MessageDelivered is the payload of [EventDelivered].
type MessageDelivered struct {
	MessageProgress
	// Part, from 1, of Parts is the one that was confirmed; 0 is the whole message.
	Part  int `json:"part,omitempty"`
	Parts int `json:"parts,omitempty"`
}

// MessageFailed is the payload of [EventFailed].
type MessageFailed struct {
	MessageProgress
	Reason string `json:"reason"`
	Code   string `json:"code,omitempty"`
}

// MessageCancelled is the payload of [EventCancelled].
type MessageCancelled struct{ MessageProgress }

// Ping is the payload of [EventPing].
type Ping struct {
	Health Health `json:"health"`
}

// Identified returns p with the MessageID of the incoming message it is about;
// as it is if it is of another kind.
func Identified(p Payload, id string) Payload {
	switch m := p.(type) {
	case MessageReceived:
		m.MessageID = id
		return m
	case MessageMatched:
		m.MessageID = id
		return m
	case OptedOut:
		m.MessageID = id
		return m
	case OptedIn:
		m.MessageID = id
		return m
	case DataReceived:
		m.MessageID = id
		return m
	case MMSReceived:
		m.MessageID = id
		return m
	}
	return p
}

// EventType implements [Payload].
func (MessageReceived) EventType() EventType { return EventReceived }

// EventType implements [Payload].
func (DataReceived) EventType() EventType { return EventDataReceived }

// EventType implements [Payload].
func (MMSReceived) EventType() EventType { return EventMMSReceived }

// EventType implements [Payload].
func (CallReceived) EventType() EventType { return EventCallReceived }

// EventType implements [Payload].
func (DeviceOnline) EventType() EventType { return EventDeviceOnline }

// EventType implements [Payload].
func (DeviceOffline) EventType() EventType { return EventDeviceOffline }

// EventType implements [Payload].
func (BalanceLow) EventType() EventType { return EventBalanceLow }

// EventType implements [Payload].
func (MessageSent) EventType() EventType { return EventSent }

// EventType implements [Payload].
func (MessageDelivered) EventType() EventType { return EventDelivered }

// EventType implements [Payload].
func (MessageFailed) EventType() EventType { return EventFailed }

// EventType implements [Payload].
func (MessageCancelled) EventType() EventType { return EventCancelled }

// EventType implements [Payload].
func (Ping) EventType() EventType { return EventPing }

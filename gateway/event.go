package gateway

import (
	"encoding/json"
	"fmt"
	"time"
)

// EventType names a kind of event, in the spelling of the API.
type EventType string

// The types that can be registered for.
const (
	EventReceived  EventType = "sms:received"
	EventSent      EventType = "sms:sent"
	EventDelivered EventType = "sms:delivered"
	EventFailed    EventType = "sms:failed"
	EventCancelled EventType = "sms:cancelled"
	EventPing      EventType = "system:ping"
)

// EventTypes lists every type, in the order of the documentation.
var EventTypes = []EventType{EventReceived, EventSent, EventDelivered, EventFailed, EventCancelled, EventPing}

// Valid reports whether t is one of the event types.
func (t EventType) Valid() bool {
	for _, v := range EventTypes {
		if t == v {
			return true
		}
	}
	return false
}

// Event is something that happened and that webhooks can be told of. It is
// stored together with the change that caused it.
type Event struct {
	ID  string    // random, the same for every webhook
	Seq uint64    // order, given by the store; 0 until stored
	At  time.Time // wall clock, with the zone it is to be shown in
	// Subject is what the event is about, such as a message's ID. Two events of
	// one subject are not in flight to one webhook at the same time. May be empty.
	Subject string
	Payload Payload
}

// Type returns the type of e's payload.
func (e *Event) Type() EventType { return e.Payload.EventType() }

// Payload is what an event says: one of the types of this file.
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
type MessageDelivered struct{ MessageProgress }

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

// EventType implements [Payload].
func (MessageReceived) EventType() EventType { return EventReceived }

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

type eventJSON struct {
	ID      string          `json:"id"`
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Subject string          `json:"subject,omitempty"`
	Type    EventType       `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// MarshalJSON writes e for the store, with the type beside the payload.
func (e Event) MarshalJSON() ([]byte, error) {
	p, err := json.Marshal(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("marshal %s payload: %w", e.Type(), err)
	}
	return json.Marshal(eventJSON{ID: e.ID, Seq: e.Seq, At: e.At, Subject: e.Subject, Type: e.Type(), Payload: p})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Event) UnmarshalJSON(b []byte) error {
	var raw eventJSON
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	p, err := decodePayload(raw.Type, raw.Payload)
	if err != nil {
		return fmt.Errorf("unmarshal %s payload: %w", raw.Type, err)
	}
	*e = Event{ID: raw.ID, Seq: raw.Seq, At: raw.At, Subject: raw.Subject, Payload: p}
	return nil
}

func decodePayload(t EventType, b []byte) (Payload, error) {
	switch t {
	case EventReceived:
		return decodeAs[MessageReceived](b)
	case EventSent:
		return decodeAs[MessageSent](b)
	case EventDelivered:
		return decodeAs[MessageDelivered](b)
	case EventFailed:
		return decodeAs[MessageFailed](b)
	case EventCancelled:
		return decodeAs[MessageCancelled](b)
	case EventPing:
		return decodeAs[Ping](b)
	}
	return nil, fmt.Errorf("unknown event type %q", t)
}

func decodeAs[P Payload](b []byte) (Payload, error) {
	var p P
	err := json.Unmarshal(b, &p)
	return p, err
}

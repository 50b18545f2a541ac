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
	EventReceived        EventType = "sms:received"
	EventDataReceived    EventType = "sms:data-received"
	EventSent            EventType = "sms:sent"
	EventDelivered       EventType = "sms:delivered"
	EventFailed          EventType = "sms:failed"
	EventCancelled       EventType = "sms:cancelled"
	EventMMSReceived     EventType = "mms:received"
	EventCallReceived    EventType = "call:received"
	EventDeviceOnline    EventType = "device:online"
	EventDeviceOffline   EventType = "device:offline"
	EventBalanceLow      EventType = "balance:low"
	EventLimitWarning    EventType = "limit:warning"
	EventLimitReached    EventType = "limit:reached"
	EventCanaryFailed    EventType = "canary:failed"
	EventCanaryRecovered EventType = "canary:recovered"
	EventMatched         EventType = "sms:matched"
	EventOptedOut        EventType = "sms:opted-out"
	EventOptedIn         EventType = "sms:opted-in"
	// What was received before, several messages at a time.
	EventBatchReceived     EventType = "sms:batch:received"
	EventBatchDataReceived EventType = "sms:batch:data-received"
	EventBatchMMSReceived  EventType = "mms:batch:received"

	EventCampaign      EventType = "campaign:completed"
	EventPing          EventType = "system:ping"
	EventStarted       EventType = "app:started"
	EventHookFailing   EventType = "webhook:failing"
	EventHookRecovered EventType = "webhook:recovered"
	EventHookExhausted EventType = "webhook:exhausted"
	EventHookDisabled  EventType = "webhook:disabled"
)

// The types that webhooks can be registered for and that never happen, because a modem
// does not fetch the content of an MMS. Programs register for all that they know of.
const (
	EventMMSDownloaded      EventType = "mms:downloaded"
	EventBatchMMSDownloaded EventType = "mms:batch:downloaded"
)

// EventTypes lists every type that can happen, in the order of the documentation.
var EventTypes = []EventType{
	EventReceived, EventDataReceived, EventSent, EventDelivered, EventFailed, EventCancelled, EventMMSReceived,
	EventBatchReceived, EventBatchDataReceived, EventBatchMMSReceived,
	EventMatched, EventOptedOut, EventOptedIn, EventCallReceived, EventDeviceOnline, EventDeviceOffline, EventBalanceLow,
	EventLimitWarning, EventLimitReached,
	EventCanaryFailed, EventCanaryRecovered,
	EventCampaign, EventPing, EventStarted, EventHookFailing, EventHookRecovered, EventHookExhausted, EventHookDisabled,
}

// Valid reports whether t is one of [EventTypes].
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
	// Conversation is the one that a message is part of, as it stood then; nil if the
	// event is about no message, or has none.
	Conversation *Conversation
}

// Type returns the type of e's payload.
func (e *Event) Type() EventType { return e.Payload.EventType() }

type eventJSON struct {
	ID      string          `json:"id"`
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	Subject string          `json:"subject,omitempty"`
	Type    EventType       `json:"type"`
	Payload json.RawMessage `json:"payload"`

	Conversation *Conversation `json:"conversation,omitempty"`
}

// MarshalJSON writes e for the store, with the type beside the payload.
func (e Event) MarshalJSON() ([]byte, error) {
	p, err := json.Marshal(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("marshal %s payload: %w", e.Type(), err)
	}
	return json.Marshal(eventJSON{
		ID: e.ID, Seq: e.Seq, At: e.At, Subject: e.Subject, Type: e.Type(), Payload: p, Conversation: e.Conversation,
	})
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
	*e = Event{ID: raw.ID, Seq: raw.Seq, At: raw.At, Subject: raw.Subject, Payload: p, Conversation: raw.Conversation}
	return nil
}

func decodePayload(t EventType, b []byte) (Payload, error) {
	switch t {
	case EventReceived:
		return decodeAs[MessageReceived](b)
	case EventDataReceived:
		return decodeAs[DataReceived](b)
	case EventMMSReceived:
		return decodeAs[MMSReceived](b)
	case EventCallReceived:
		return decodeAs[CallReceived](b)
	case EventDeviceOnline:
		return decodeAs[DeviceOnline](b)
	case EventDeviceOffline:
		return decodeAs[DeviceOffline](b)
	case EventBalanceLow:
		return decodeAs[BalanceLow](b)
	case EventLimitWarning:
		return decodeAs[LimitWarning](b)
	case EventLimitReached:
		return decodeAs[LimitReached](b)
	case EventCanaryFailed:
		return decodeAs[CanaryFailed](b)
	case EventCanaryRecovered:
		return decodeAs[CanaryRecovered](b)
	case EventSent:
		return decodeAs[MessageSent](b)
	case EventDelivered:
		return decodeAs[MessageDelivered](b)
	case EventFailed:
		return decodeAs[MessageFailed](b)
	case EventCancelled:
		return decodeAs[MessageCancelled](b)
	case EventMatched:
		return decodeAs[MessageMatched](b)
	case EventOptedOut:
		return decodeAs[OptedOut](b)
	case EventOptedIn:
		return decodeAs[OptedIn](b)
	case EventBatchReceived:
		return decodeAs[ReceivedBatch](b)
	case EventBatchDataReceived:
		return decodeAs[DataBatch](b)
	case EventBatchMMSReceived:
		return decodeAs[MMSBatch](b)
	case EventCampaign:
		return decodeAs[CampaignCompleted](b)
	case EventPing:
		return decodeAs[Ping](b)
	case EventStarted:
		return decodeAs[Started](b)
	case EventHookFailing:
		return decodeAs[HookFailing](b)
	case EventHookRecovered:
		return decodeAs[HookRecovered](b)
	case EventHookExhausted:
		return decodeAs[HookExhausted](b)
	case EventHookDisabled:
		return decodeAs[HookDisabled](b)
	}
	return nil, fmt.Errorf("unknown event type %q", t)
}

func decodeAs[P Payload](b []byte) (Payload, error) {
	var p P
	err := json.Unmarshal(b, &p)
	return p, err
}

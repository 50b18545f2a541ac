package api

import "encoding/json"

// Event is something that happened, as webhooks of format smsgate are told it.
type Event struct {
	Cursor   string          `json:"cursor"` // for "after"
	ID       string          `json:"id"`     // the same that webhooks get in Webhook-Event-Id
	Event    string          `json:"event"`  // type
	DeviceID string          `json:"deviceId"`
	At       Time            `json:"at"`
	Payload  json.RawMessage `json:"payload"`
}

// EventPage is some events, oldest first.
type EventPage struct {
	Events []Event `json:"events"`
	// Next is the cursor to ask for the events behind these.
	Next string `json:"next"`
	// Gap is set if events may have been missed, because those behind the cursor were
	// not kept long enough.
	Gap bool `json:"gap,omitempty"`
}

// GapEvent is the name of what a stream sends, with a [Gap], in place of events that
// are not kept any more.
const GapEvent = "gap"

// Gap says that events behind After may have been missed.
type Gap struct {
	After string `json:"after"`
}

package gateway

import "time"

// Endpoint is a registered webhook.
type Endpoint struct {
	ID        string    `json:"id"`
	Num       uint32    `json:"num"` // short internal name, given by the store, never reused; 0 until stored
	URL       string    `json:"url"`
	Event     EventType `json:"event"`
	Secret    string    `json:"secret,omitempty"` // signs instead of the global key; empty: none of its own
	CreatedAt time.Time `json:"created"`
}

// DeliveryState is where the delivery of one event to one endpoint stands.
type DeliveryState uint8

// The states.
const (
	Undelivered DeliveryState = iota // due at Delivery.Due
	Succeeded
	Exhausted // every retry failed
	Blocked   // the address may not be contacted
)

// Delivery is the way of one event to one endpoint.
type Delivery struct {
	ID       string // random; the same in every attempt, unique to event and endpoint
	Endpoint uint32 // Endpoint.Num
	Event    uint64 // Event.Seq, set by the store for deliveries of an [Emission]
	Subject  string // Event.Subject, copied so that a scheduler need not read the event
	State    DeliveryState
	Attempts int       // attempts made
	Due      Tick      // of the next attempt, while Undelivered
	LastCode int       // HTTP status of the latest attempt; 0 if there was no answer
	LastErr  string    // what went wrong in the latest attempt; empty after a success
	LastAt   time.Time // when it ended
}

// Emission is a new event with its fan-out.
type Emission struct {
	Event      Event
	Deliveries []Delivery
	// Inbound is one more than the index, in the same [Change], of the incoming
	// message that the event is about; 0 if it is about none. Its identifier, which
	// only the store knows, becomes the MessageID and an empty Subject of the event.
	Inbound int
}

// EndpointLoad sums up what is waiting for an endpoint.
type EndpointLoad struct {
	Pending int  // Undelivered rows
	NextDue Tick // the earliest Due among them; meaningless if there are none
}

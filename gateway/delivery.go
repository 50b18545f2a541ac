package gateway

import "time"

// DeliveryState is where the delivery of one event to one endpoint stands. The
// values are stored.
type DeliveryState uint8

// The states.
const (
	Undelivered DeliveryState = iota // due at Delivery.Due
	Succeeded
	Exhausted // every retry failed
	Blocked   // the address may not be contacted
	Dropped   // too many were waiting, and this was the oldest
	Withdrawn // cancelled by its owner
)

// DeliveryStates names every state, in the spelling of the API.
var DeliveryStates = [...]string{"pending", "succeeded", "exhausted", "blocked", "dropped", "cancelled"}

// String returns the name of s in the API.
func (s DeliveryState) String() string {
	if int(s) >= len(DeliveryStates) {
		return "unknown"
	}
	return DeliveryStates[s]
}

// Dead reports whether a delivery ended in s without having reached its receiver,
// and not by the wish of its owner.
func (s DeliveryState) Dead() bool { return s == Exhausted || s == Blocked || s == Dropped }

// Delivery is the way of one event to one endpoint.
type Delivery struct {
	ID       string // random; the same in every attempt, unique to event and endpoint
	Endpoint uint32 // Endpoint.Num
	Event    uint64 // Event.Seq, set by the store for deliveries of an [Emission]
	Subject  string // Event.Subject, copied so that a scheduler need not read the event
	Rev      uint32 // Rendering.Rev that was in use when the event happened
	State    DeliveryState
	Attempts int       // attempts made, in all
	Base     int       // of these, the ones made before the latest replay: they are no part of the schedule
	Replays  int       // how often it was started again after it had ended
	Due      Tick      // of the next attempt, while Undelivered
	Ended    Tick      // when it came to its end; 0 while Undelivered
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
	// Talk is the conversation that the event belongs to, which becomes its
	// Conversation; nil if there is none.
	Talk *Talk
}

// EndpointLoad sums up what is waiting for an endpoint.
type EndpointLoad struct {
	Pending int  // Undelivered rows
	Dead    int  // rows whose state is Dead
	NextDue Tick // the earliest Due among the Undelivered; meaningless if there are none
}

// DeliveryQuery selects deliveries to one endpoint, newest event first.
type DeliveryQuery struct {
	Endpoint uint32          // Endpoint.Num
	States   []DeliveryState // empty: any
	Since    Tick            // dead ones only: those that ended then or later; 0: any
	Before   uint64          // Event.Seq: only older ones; 0: any
	Limit    int             // at most; 0 or less returns none
}

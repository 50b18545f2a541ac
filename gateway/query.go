package gateway

import "time"

// MessageQuery selects outgoing messages by CreatedAt, newest first unless Oldest is
// set.
type MessageQuery struct {
	State    State     // empty: any
	From, To time.Time // by CreatedAt, inclusive; zero: open
	Oldest   bool      // the oldest first
	Limit    int       // at most; 0 or less returns none
	Offset   int       // matching rows to pass over
}

// InboundQuery selects incoming messages, newest first by ArrivedAt.
type InboundQuery struct {
	Type     InboundType // empty: any
	From, To time.Time   // by ArrivedAt, inclusive; zero: open
	Limit    int         // at most; 0 or less returns none
	Offset   int         // matching rows to pass over
}

// RecipientRef names one recipient of a stored message.
type RecipientRef struct {
	Seq uint64 // Message.Seq
	Idx int    // in Message.Recipients
}

// PartRef names one part of one recipient of a stored message.
type PartRef struct {
	RecipientRef
	Part int
}

// TimerKind is what a [Timer] is for.
type TimerKind uint8

// The kinds, and which clock they run on.
const (
	TimerSchedule   TimerKind = iota + 1 // wall: Held recipients of the message may be queued
	TimerValidUntil                      // wall: the message ends
	TimerExpires                         // timeline: the message ends
	TimerGrace                           // timeline: evidence for one recipient is no longer awaited
)

// Timer is something that falls due for a stored message. Which timers a message
// has follows from its fields: Held recipients and ScheduleAt; ValidUntil or
// Expires while any recipient is Held or Queued; a recipient's Due while it is in
// Grace. An end that comes while a recipient is Active or in Grace waits until
// the outcome is known.
type Timer struct {
	Kind         TimerKind
	RecipientRef // Idx is meaningful for TimerGrace only
}

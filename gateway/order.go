package gateway

// Order is which of the messages of one priority is sent first.
type Order string

// The orders, in the spelling of the API.
const (
	FIFO Order = "FIFO" // the oldest; those to be tried again behind those not tried yet
	LIFO Order = "LIFO" // the newest
)

// QueueQuery says what of the outbox is looked at, and in which order.
type QueueQuery struct {
	// Serves selects lanes. Required.
	Serves func(Lane) bool
	Now    Tick // rows with a later Due are not sent yet
	// Least is the lowest priority that is looked at; -128 is all of them.
	Least int8
	// Skip selects rows that are passed over; nil is none. It may be called while the
	// store reads: like Serves it must be quick and must not use the store.
	Skip func(RecipientRef) bool
	// Newest puts, within a priority, the greatest Seq and then the smallest Idx first.
	// Otherwise it is the smallest Due, then the smallest Seq and Idx.
	Newest bool
}

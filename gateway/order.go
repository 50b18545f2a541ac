package gateway

import "cmp"

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
	Skip func(QueueRow) Passing
	// Passed is told of rows next to each other that were passed over for one reason, so
	// that Skip can say of each of them the next time where they end. Nil is nobody.
	Passed func(reason int, run QueueRun)
	// Newest puts, within a priority, the greatest Seq and then the smallest Idx first.
	// Otherwise it is the smallest Due, then the smallest Seq and Idx.
	Newest bool
}

// QueueRow is where a Queued recipient stands in the outbox.
type QueueRow struct {
	Lane     Lane
	Priority int8
	QueuePlace
}

// QueuePlace is the place of a row among those of one lane and priority: they stand by
// Due, then Seq and Idx.
type QueuePlace struct {
	Due Tick
	RecipientRef
}

// Before reports whether p comes before o.
func (p QueuePlace) Before(o QueuePlace) bool {
	return cmp.Or(cmp.Compare(p.Due, o.Due), cmp.Compare(p.Seq, o.Seq), cmp.Compare(p.Idx, o.Idx)) < 0
}

// QueueRun is from where to where, both included, rows of one lane and priority stand.
type QueueRun struct {
	Lane        Lane
	Priority    int8
	First, Last QueuePlace
}

// Passing says whether a row is passed over. The zero value is that it is not.
type Passing struct {
	Over bool
	// Reason is not 0 if QueueQuery.Passed is to be told of the row.
	Reason int
	// Run is, unless it is zero, where rows stand that are all passed over for this
	// Reason, and this one among them.
	Run QueueRun
}

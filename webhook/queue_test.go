package webhook

import (
	"context"
	"sync/atomic"

	"tetherd/gateway"
)

// countingQueue counts the reads of rows.
type countingQueue struct {
	Queue
	reads atomic.Int64
	most  atomic.Int64 // rows looked at by one
}

func (q *countingQueue) DueDeliveries(ep uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error) {
	q.reads.Add(1)
	rows := int64(0)
	ds, es, next, err := q.Queue.DueDeliveries(ep, now, max, func(event uint64) bool {
		rows++
		return held(event)
	}, skip)
	if rows > q.most.Load() {
		q.most.Store(rows)
	}
	return ds, es, next, err
}

func (q *countingQueue) FirstDelivery(ep uint32, from uint64) (gateway.Delivery, gateway.Event, error) {
	q.reads.Add(1)
	return q.Queue.FirstDelivery(ep, from)
}

// brokenQueue refuses to store outcomes, or stores them and says it did not,
// while broken.
type brokenQueue struct {
	Queue
	broken atomic.Bool
	after  bool // store before failing
	tried  atomic.Int64
}

func (q *brokenQueue) Commit(ctx context.Context, c gateway.Change) error {
	if !q.broken.Load() {
		return q.Queue.Commit(ctx, c)
	}
	q.tried.Add(1)
	if q.after {
		if err := q.Queue.Commit(ctx, c); err != nil {
			return err
		}
	}
	return gateway.ErrStoreFailed
}

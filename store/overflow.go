package store

import (
	"bytes"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	// maxDrop is how many deliveries one Change can cause to be dropped; if more are
	// too many, the next ones drop them.
	maxDrop = 1000
	// maxSearch is how many rows are looked at in search of the oldest that waits.
	maxSearch = 20_000
)

// overflowed is what is stored as the error of a delivery that was dropped.
const overflowed = "overflow"

// queues says how long the queues of the endpoints may become. Only the goroutine
// that writes uses it.
type queues struct {
	mostPending int            // deliveries that may wait for an endpoint; 0: any number
	mostWaiting int64          // bytes of events that may wait; 0: any number
	endpoints   int            // how many there are
	own         map[uint32]int // mostPending of the endpoints that have their own
	// oldest is the number of an event before which nothing waits for an endpoint. It
	// spares a search through what was delivered long ago.
	oldest map[uint32]uint64
}

// lowered takes note of a delivery that waits.
func (q *queues) lowered(d *gateway.Delivery) {
	if at, ok := q.oldest[d.Endpoint]; ok && d.Event < at {
		q.oldest[d.Endpoint] = d.Event
	}
}

// limit takes note of how long the queue of an endpoint may become.
func (q *queues) limit(e *gateway.Endpoint) {
	if delete(q.own, e.Num); e.MaxPending > 0 {
		q.own[e.Num] = e.MaxPending
	}
}

// leave removes what is known of an endpoint that is gone.
func (q *queues) leave(num uint32) {
	delete(q.own, num)
	delete(q.oldest, num)
	q.endpoints--
}

// mostAttempts returns how many attempts are kept of each endpoint.
func (q *queues) mostAttempts() int {
	return min(max(maxAllAttempts/max(q.endpoints, 1), minAttempts), maxAttempts)
}

// most returns how many deliveries may wait for an endpoint.
func (q *queues) most(num uint32) int {
	if n, ok := q.own[num]; ok {
		return n
	}
	if q.mostPending > 0 {
		return q.mostPending
	}
	return math.MaxInt
}

// applyLimits drops the oldest deliveries where p made queues too long.
func (p *prepared) applyLimits(t *txn) error {
	p.Dropped = nil
	for _, num := range p.grown() {
		for n := t.total(deliveryCounter(num)) - t.most(num); n > 0; n-- {
			if ok, err := p.dropOldest(t, num); err != nil {
				return err
			} else if !ok {
				break
			}
		}
	}
	if k, _ := t.Bucket([]byte(bktReap)).Cursor().First(); t.mostWaiting == 0 || k != nil {
		return nil // what waited for a deleted endpoint goes first
	}
	for int64(t.total(waitingBytes)) > t.mostWaiting {
		if ok, err := p.dropOldest(t, t.longest()); err != nil || !ok {
			return err
		}
	}
	return nil
}

// grown returns the endpoints for which something waits that p wrote.
func (p *prepared) grown() (nums []uint32) {
	add := func(ds []gateway.Delivery) {
		for i := range ds {
			if d := &ds[i]; d.State == gateway.Undelivered && !slices.Contains(nums, d.Endpoint) {
				nums = append(nums, d.Endpoint)
			}
		}
	}
	for i := range p.Emissions {
		add(p.Emissions[i].Deliveries)
	}
	add(p.Deliveries)
	add(p.Missed)
	return nums
}

// longest returns the endpoint for which most deliveries wait; 0 if there is none.
func (t *txn) longest() (num uint32) {
	most := 0
	prefix := []byte{countDeliveries}
	look := func(key []byte) {
		if n := t.total(key); n > most {
			r := reader{b: key[1:]}
			most, num = n, r.u32()
		}
	}
	c := t.Bucket([]byte(bktCounters)).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		look(k)
	}
	for k := range t.counts {
		if k[0] == countDeliveries {
			look([]byte(k))
		}
	}
	return num
}

// dropOldest drops what waits longest for an endpoint, and reports whether it found
// something and may be called again.
func (p *prepared) dropOldest(t *txn, num uint32) (bool, error) {
	if len(p.Dropped) >= maxDrop {
		return false, nil
	}
	key, value := t.oldestOf(num)
	if key == nil {
		return false, nil
	}
	old, err := decodeDelivery(key, value)
	if err != nil {
		return true, t.deleteDelivery(key, value) // it would never be delivered
	}
	d := old
	d.State, d.LastErr, d.Ended = gateway.Dropped, overflowed, t.now
	if err := t.countWaiting(&old, &d); err != nil {
		return false, err
	}
	p.Dropped = append(p.Dropped, d)
	return true, t.putDelivery(&old, &d)
}

// oldestOf returns the row that waits longest for an endpoint; nil if there is none
// among those it looks at.
func (t *txn) oldestOf(num uint32) (key, value []byte) {
	prefix := u32Key(num)
	c := t.Bucket([]byte(bktDelivery)).Cursor()
	k, v := c.Seek(appendU64(bytes.Clone(prefix), t.oldest[num]))
	for n := 0; bytes.HasPrefix(k, prefix); k, v = c.Next() {
		d, err := skimDelivery(k, v)
		if err == nil {
			t.oldest[num] = d.Event
		}
		if err == nil && d.State == gateway.Undelivered {
			return bytes.Clone(k), bytes.Clone(v)
		}
		if n++; n >= maxSearch {
			break // the next search goes on here
		}
	}
	return nil, nil
}

// load reads what the writer has to know of the endpoints.
func (q *queues) load(tx *bolt.Tx) error {
	q.own, q.oldest = make(map[uint32]int), make(map[uint32]uint64)
	return tx.Bucket([]byte(bktWebhook)).ForEach(func(id, _ []byte) error {
		q.endpoints++
		if e, err := readEndpoint(tx, id); err == nil { // one that is damaged has no limit of its own
			q.limit(&e)
		}
		return nil
	})
}

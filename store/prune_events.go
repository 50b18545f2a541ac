package store

import (
	"bytes"
	"errors"
	"math"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

var errFuture = errors.New("it was stored in the future")

// findEvents finds events that wait for no endpoint and are older than l allows, or
// the oldest of too many, with their deliveries. It goes on where it stopped the
// last time, so that those that wait are not looked at over and over.
func (p *pruner) findEvents(l PruneLimits, now gateway.Tick) error {
	by := gateway.Tick(math.MinInt64)
	if l.Deliveries > 0 {
		by = now.Add(-l.Deliveries)
	}
	excess := 0
	if l.History > 0 {
		excess = counter(p.tx, eventBytes) - counter(p.tx, waitingBytes) - int(min(l.History, math.MaxInt))
	}
	all := endpointNums(p.tx)
	c := p.tx.Bucket([]byte(bktEvent)).Cursor()
	for k, v := c.Seek(u64Key(p.from + 1)); k != nil; k, v = c.Next() {
		key := reader{b: k}
		seq := key.u64()
		e, err := decodeEventRow(v)
		if err == nil && e.stored > now {
			err = errFuture
		}
		if err != nil {
			p.db.passOver(damaged(bktEvent, k, err)) // nothing can be delivered of it
			e.stored, e.all = by, true
		}
		old := l.Deliveries > 0 && e.stored <= by
		if !old && excess <= 0 {
			break
		}
		if p.look--; p.look < 0 || p.left <= 0 {
			p.more = true
			return nil
		}
		nums := e.endpoints
		if e.all {
			nums = all
		}
		if ended, waits := p.deliveriesOf(nums, seq); old || !waits {
			p.left -= len(ended)
			p.deliveries = append(p.deliveries, ended...)
			if !waits {
				p.left--
				p.events = append(p.events, seq)
				excess -= len(e.json)
			}
		}
		p.from = seq
	}
	p.from = 0
	return nil
}

// deliveriesOf returns the keys of the deliveries of an event that came to an end,
// or that are damaged, and whether there are others.
func (p *pruner) deliveriesOf(nums []uint32, event uint64) (ended [][]byte, waits bool) {
	rows := p.tx.Bucket([]byte(bktDelivery))
	for _, num := range nums {
		k := deliveryKey(num, event)
		v := rows.Get(k)
		if v == nil {
			continue
		}
		d, err := decodeDelivery(k, v)
		if err != nil {
			p.db.passOver(damaged(bktDelivery, k, err))
		}
		if err == nil && d.State == gateway.Undelivered {
			waits = true
			continue
		}
		ended = append(ended, k)
	}
	return ended, waits
}

// endpointNums returns the numbers under which there may be deliveries.
func endpointNums(tx *bolt.Tx) (nums []uint32) {
	for _, name := range []string{bktEPNum, bktReap} {
		c := tx.Bucket([]byte(name)).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			r := reader{b: k}
			nums = append(nums, r.u32())
		}
	}
	return nums
}

// findAttempts finds attempts that ended by a time, and those that are damaged.
func (p *pruner) findAttempts(by, now gateway.Tick) {
	c := p.tx.Bucket([]byte(bktAttempt)).Cursor()
	for _, num := range endpointNums(p.tx) {
		prefix := u32Key(num)
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			r := reader{b: v}
			if at := r.tick(); at > by && at <= now || !p.take(1) {
				break
			}
			p.attempts = append(p.attempts, bytes.Clone(k))
		}
	}
}

func (p *pruner) applyEvents(t *txn) error {
	for _, k := range p.deliveries {
		v := t.get(bktDelivery, k)
		if v == nil {
			continue
		}
		if d, err := decodeDelivery(k, v); err == nil && d.State == gateway.Undelivered {
			continue
		}
		if err := t.deleteDelivery(k, v); err != nil {
			return err
		}
		p.deleted++
	}
	var all []uint32
	for _, seq := range p.events {
		v := t.get(bktEvent, u64Key(seq))
		if v == nil {
			continue
		}
		e, err := decodeEventRow(v)
		nums := e.endpoints
		if e.all || err != nil {
			if all == nil {
				all = endpointNums(t.Tx)
			}
			nums = all
		}
		if t.hasDelivery(nums, seq) {
			continue
		}
		if err == nil {
			t.count(eventBytes, -int64(len(e.json)))
		}
		if err := t.delete(bktEvent, u64Key(seq)); err != nil {
			return err
		}
		p.deleted++
	}
	return nil
}

// hasDelivery reports whether there is a delivery of an event to one of the endpoints.
func (t *txn) hasDelivery(nums []uint32, event uint64) bool {
	for _, num := range nums {
		if t.get(bktDelivery, deliveryKey(num, event)) != nil {
			return true
		}
	}
	return false
}

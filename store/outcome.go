package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func (p *prepared) prepareDeliveries() error {
	for _, ds := range [][]gateway.Delivery{p.Deliveries, p.Missed} {
		for i := range ds {
			if err := checkDelivery(&ds[i]); err != nil {
				return fmt.Errorf("prepare delivery: %w", err)
			}
		}
	}
	return nil
}

func (p *prepared) applyDeliveries(t *txn) error {
	for i := range p.Deliveries {
		if err := t.replaceDelivery(p.Deliveries[i]); err != nil {
			return err
		}
	}
	stored := p.Missed[:0]
	for _, d := range p.Missed {
		added, err := t.addDelivery(&d)
		if err != nil {
			return err
		}
		if p.missed = append(p.missed, added); added {
			stored = append(stored, d)
		}
	}
	p.Missed = stored
	return nil
}

// replaceDelivery stores what became of a delivery, unless that is out of date.
func (t *txn) replaceDelivery(d gateway.Delivery) error {
	key := deliveryKey(d.Endpoint, d.Event)
	v := t.get(bktDelivery, key)
	if v == nil || t.get(bktEPNum, u32Key(d.Endpoint)) == nil {
		return nil
	}
	old, err := decodeDelivery(key, v)
	if err != nil || !follows(&old, &d) {
		return nil // a row that is damaged was passed over when it was due
	}
	t.date(&d)
	if err := t.countWaiting(&old, &d); err != nil {
		return err
	}
	return t.putDelivery(&old, &d)
}

// follows reports whether d may take the place of old: whatever was begun before a
// replay is of no interest after it, and what ended stays ended without one. But a
// receiver that took what was given up meanwhile has it. A delivery with another ID
// took the place of one that was deleted.
func follows(old, d *gateway.Delivery) bool {
	switch {
	case d.Replays != old.Replays:
		return d.Replays > old.Replays
	case d.ID != old.ID:
		return false
	case old.State == gateway.Dropped || old.State == gateway.Withdrawn:
		return d.State == gateway.Succeeded
	}
	return old.State == gateway.Undelivered
}

// addDelivery stores a delivery of an event that is stored, and reports whether it
// did: not if the event or the endpoint is gone, or there is such a delivery.
func (t *txn) addDelivery(d *gateway.Delivery) (bool, error) {
	if t.get(bktEPNum, u32Key(d.Endpoint)) == nil || t.get(bktDelivery, deliveryKey(d.Endpoint, d.Event)) != nil {
		return false, nil
	}
	e, err := readEventRow(t.Tx, d.Event)
	if err != nil {
		return false, nil
	}
	t.date(d)
	if !e.all {
		e.endpoints = append(e.endpoints, d.Endpoint)
		if err := t.put(bktEvent, u64Key(d.Event), e.encode()); err != nil {
			return false, err
		}
	}
	if err := t.countWaiting(nil, d); err != nil {
		return false, err
	}
	return true, t.putDelivery(nil, d)
}

// date sees to it that d has an end if and only if it came to one.
func (t *txn) date(d *gateway.Delivery) {
	switch {
	case d.State == gateway.Undelivered:
		d.Ended = 0
	case d.Ended == 0:
		d.Ended = t.now
	}
}

// putDelivery stores d in the place of old, which is nil if d is new.
func (t *txn) putDelivery(old, d *gateway.Delivery) error {
	was, is := old != nil && old.State == gateway.Undelivered, d.State == gateway.Undelivered
	if was && (!is || old.Due != d.Due) {
		if err := t.delete(bktDue, dueKey(old)); err != nil {
			return err
		}
	}
	if is && (!was || old.Due != d.Due) {
		if err := t.put(bktDue, dueKey(d), nil); err != nil {
			return err
		}
	}
	switch {
	case was && !is:
		t.count(deliveryCounter(d.Endpoint), -1)
	case is && !was:
		t.count(deliveryCounter(d.Endpoint), 1)
		t.lowered(d)
	}
	if err := t.putDead(old, d); err != nil {
		return err
	}
	return t.put(bktDelivery, deliveryKey(d.Endpoint, d.Event), encodeDelivery(d))
}

// putDead keeps the index of deliveries that ended without having arrived.
func (t *txn) putDead(old, d *gateway.Delivery) error {
	was, is := old != nil && old.State.Dead(), d.State.Dead()
	key := deliveryKey(d.Endpoint, d.Event)
	switch {
	case is:
		if !was {
			t.count(deadCounter(d.Endpoint), 1)
		}
		return t.put(bktDead, key, appendTick(nil, d.Ended))
	case was:
		t.count(deadCounter(d.Endpoint), -1)
		return t.delete(bktDead, key)
	}
	return nil
}

// countWaiting keeps the sum of the sizes of the events that wait, when one delivery
// changes from old to d; either may be nil.
func (t *txn) countWaiting(old, d *gateway.Delivery) error {
	was, is := old != nil && old.State == gateway.Undelivered, d != nil && d.State == gateway.Undelivered
	if was == is {
		return nil
	}
	if d == nil {
		d = old
	}
	e, err := readEventRow(t.Tx, d.Event)
	if err != nil || waitsElsewhere(t.Tx, &e, d.Endpoint, d.Event) {
		return nil // without its row it has no size
	}
	n := int64(len(e.json))
	if was {
		n = -n
	}
	t.count(waitingBytes, n)
	return nil
}

// waitsElsewhere reports whether an event waits for another endpoint than one. It
// looks at the last ones first: the first ones are served first.
func waitsElsewhere(tx *bolt.Tx, e *eventRow, besides uint32, event uint64) bool {
	nums := e.endpoints
	if e.all {
		nums = endpointNums(tx)
	}
	rows := tx.Bucket([]byte(bktDelivery))
	for i := len(nums) - 1; i >= 0; i-- {
		if nums[i] == besides {
			continue
		}
		key := deliveryKey(nums[i], event)
		if d, err := skimDelivery(key, rows.Get(key)); err == nil && d.State == gateway.Undelivered {
			return true
		}
	}
	return false
}

package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// migrate brings the rows of an older layout up to date, all in one transaction.
//
// Layout 1 had neither an index of dead deliveries nor sums of the sizes of events.
// Its rows of events and deliveries are read as they are.
func (t *txn) migrate() error {
	if err := t.indexDead(); err != nil {
		return fmt.Errorf("index deliveries: %w", err)
	}
	waits := make(map[uint64]bool)
	c := t.Bucket([]byte(bktDue)).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r := reader{b: k}
		r.u32()
		r.tick()
		waits[r.u64()] = true
	}
	events := t.Bucket([]byte(bktEvent)).Cursor()
	for k, v := events.First(); k != nil; k, v = events.Next() {
		e, err := decodeEventRow(v)
		if err != nil {
			continue // as when it is deleted
		}
		t.count(eventBytes, int64(len(e.json)))
		if r := (reader{b: k}); waits[r.u64()] {
			t.count(waitingBytes, int64(len(e.json)))
		}
	}
	return t.saveCounts()
}

func (t *txn) indexDead() error {
	var dead []gateway.Delivery
	c := t.Bucket([]byte(bktDelivery)).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if d, err := skimDelivery(k, v); err == nil && d.State.Dead() {
			d.Ended = t.now // it was not noted
			dead = append(dead, d)
		}
	}
	for i := range dead {
		d := &dead[i]
		if t.get(bktEPNum, u32Key(d.Endpoint)) != nil {
			t.count(deadCounter(d.Endpoint), 1)
		}
		if err := t.put(bktDead, deliveryKey(d.Endpoint, d.Event), appendTick(nil, d.Ended)); err != nil {
			return err
		}
	}
	return nil
}

// upgrade makes the buckets, marks the store as open, and migrates it if its header
// says that it is older.
func (db *DB) upgrade(btx *bolt.Tx, h header) error {
	if err := begin(btx, db.clock); err != nil {
		return err
	}
	t := newTxn(btx, db.clock.Now(), &db.queues)
	if !h.fresh && h.layout < schema {
		db.log.Info().Msg("bringing the store up to date")
		if err := t.migrate(); err != nil {
			return fmt.Errorf("bring the store up to date: %w", err)
		}
	}
	return db.queues.load(btx)
}

package store

import (
	"bytes"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// Deliveries implements [gateway.Reader]. Deliveries that are dead have an index of
// their own, and so have those that wait; for the other states it passes over the
// rows of the endpoint that are in other ones.
func (db *DB) Deliveries(q gateway.DeliveryQuery) (ds []gateway.Delivery, es []gateway.Event, err error) {
	if q.Before == 0 {
		q.Before = math.MaxUint64
	}
	prefix := u32Key(q.Endpoint)
	err = db.view("deliveries", func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bktEPNum)).Get(prefix) == nil {
			return nil
		}
		rows := tx.Bucket([]byte(bktDelivery))
		return db.history(tx, &q, func(key []byte) (bool, error) {
			d, err := decodeDelivery(key, rows.Get(key))
			if err != nil {
				db.passOver(damaged(bktDelivery, key, err))
				return true, nil
			}
			e, err := db.eventOf(tx, d.Event, d.Subject)
			if err != nil {
				return false, err
			}
			ds, es = append(ds, d), append(es, e)
			return len(ds) < q.Limit, nil
		})
	})
	return ds, es, err
}

// history calls take with the keys of the rows that q selects, newest event first,
// until it returns false.
func (db *DB) history(tx *bolt.Tx, q *gateway.DeliveryQuery, take func(key []byte) (bool, error)) error {
	if q.Limit <= 0 {
		return nil
	}
	prefix := u32Key(q.Endpoint)
	index := bktDelivery
	if len(q.States) > 0 && !slices.ContainsFunc(q.States, func(s gateway.DeliveryState) bool { return !s.Dead() }) {
		index = bktDead
	}
	rows := tx.Bucket([]byte(bktDelivery))
	c := tx.Bucket([]byte(index)).Cursor()
	for k, v := before(c, deliveryKey(q.Endpoint, q.Before)); bytes.HasPrefix(k, prefix); k, v = c.Prev() {
		if index == bktDead {
			if r := (reader{b: v}); r.tick() < q.Since {
				continue
			}
			v = rows.Get(k)
		}
		if len(q.States) > 0 {
			d, err := skimDelivery(k, v)
			if err != nil || !slices.Contains(q.States, d.State) {
				continue
			}
		}
		if more, err := take(k); err != nil || !more {
			return err
		}
	}
	return nil
}

// Delivery implements [gateway.Reader]. There is no index by ID: it would cost every
// delivery a row, and nobody asks for one but people, about a recent one. The rows
// of the endpoint are looked at, newest first, without taking them apart.
func (db *DB) Delivery(endpoint uint32, id string) (d gateway.Delivery, e gateway.Event, err error) {
	prefix := u32Key(endpoint)
	err = db.view("delivery", func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bktEPNum)).Get(prefix) == nil {
			return gateway.ErrNotFound
		}
		c := tx.Bucket([]byte(bktDelivery)).Cursor()
		for k, v := before(c, deliveryKey(endpoint, math.MaxUint64)); bytes.HasPrefix(k, prefix); k, v = c.Prev() {
			if !hasDeliveryID(v, id) {
				continue
			}
			var err error
			if d, err = decodeDelivery(k, v); err != nil {
				db.passOver(damaged(bktDelivery, k, err))
				continue
			}
			if d.ID == id {
				e, err = db.eventOf(tx, d.Event, d.Subject)
				return err
			}
		}
		return gateway.ErrNotFound
	})
	return d, e, err
}

package store

import (
	"bytes"
	"errors"
	"math"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// DueDeliveries implements [gateway.Reader]. Held and skip are called while a read
// transaction is open: they must be quick and must not use the store. LastAt is
// in UTC.
func (db *DB) DueDeliveries(endpoint uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error) {
	s := dueSearch{db: db, endpoint: endpoint, now: now, max: max, held: held, skip: skip}
	err := s.read(func(c *bolt.Cursor) {
		k, _ := c.Seek(s.prefix)
		for s.wants(k) {
			k, _ = c.Next()
		}
	})
	return s.ds, s.es, s.next, err
}

// NewestDue is [DB.DueDeliveries] with the greatest Due first.
func (db *DB) NewestDue(endpoint uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error) {
	s := dueSearch{db: db, endpoint: endpoint, now: now, max: max, held: held, skip: skip}
	err := s.read(func(c *bolt.Cursor) {
		k := seekLast(c, s.prefix)
		if now < math.MaxInt64 {
			if k, _ = c.Seek(appendTick(s.prefix, now+1)); k == nil {
				k, _ = c.Last()
			} else {
				k, _ = c.Prev()
			}
		}
		for s.wants(k) {
			k, _ = c.Prev()
		}
	})
	return s.ds, s.es, s.next, err
}

// A dueSearch collects rows of one endpoint that are due.
type dueSearch struct {
	db       *DB
	endpoint uint32
	now      gateway.Tick
	max      int
	held     func(event uint64) bool
	skip     func(gateway.Delivery) bool

	prefix []byte // of the keys of the endpoint
	tx     *bolt.Tx
	rows   *bolt.Bucket
	err    error
	ds     []gateway.Delivery
	es     []gateway.Event
	steps  int          // rows of the index looked at
	next   gateway.Tick // the smallest Due behind now; 0 if there is none
}

// read runs walk over the index of due rows.
func (s *dueSearch) read(walk func(*bolt.Cursor)) error {
	s.prefix = u32Key(s.endpoint)
	return s.db.view("deliveries", func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bktEPNum)).Get(s.prefix) == nil {
			return nil // its rows may not all be deleted yet
		}
		s.tx, s.rows = tx, tx.Bucket([]byte(bktDelivery))
		c := tx.Bucket([]byte(bktDue)).Cursor()
		walk(c)
		s.db.steps.Add(int64(s.steps))
		if s.now < math.MaxInt64 {
			s.next, _ = firstDue(c, s.endpoint, s.now+1)
		}
		return s.err
	})
}

// wants takes in the row behind a key of the index, and reports whether to go on to
// the next.
func (s *dueSearch) wants(k []byte) bool {
	s.steps++
	if !bytes.HasPrefix(k, s.prefix) || len(s.ds) >= s.max {
		return false
	}
	r := reader{b: k[len(s.prefix):]}
	due, event := r.tick(), r.u64()
	if err := r.end(); err != nil {
		s.db.passOver(damaged(bktDue, k, err))
		return true
	}
	if due > s.now {
		return false
	}
	if s.held != nil && s.held(event) {
		return true
	}
	key := deliveryKey(s.endpoint, event)
	d, err := decodeDelivery(key, s.rows.Get(key))
	if err != nil {
		s.db.passOver(damaged(bktDelivery, key, err))
		return true
	}
	if s.skip != nil && s.skip(d) {
		return true
	}
	e, err := s.db.eventOf(s.tx, d.Event, d.Subject)
	if err != nil {
		s.err = err
		return false
	}
	s.ds, s.es = append(s.ds, d), append(s.es, e)
	return true
}

// firstDue returns the smallest Due of an endpoint that is not before from.
func firstDue(c *bolt.Cursor, endpoint uint32, from gateway.Tick) (due gateway.Tick, ok bool) {
	prefix := u32Key(endpoint)
	k, _ := c.Seek(appendTick(prefix, from))
	if !bytes.HasPrefix(k, prefix) {
		return 0, false
	}
	r := reader{b: k[len(prefix):]}
	due = r.tick()
	return due, r.err == nil
}

// FirstDelivery returns the Undelivered row of an endpoint with the smallest Event
// that is not before from, and its event, which has a nil Payload if it cannot be
// read, or ErrNotFound. It passes over the rows that ended: whoever asks again
// should ask from where the last answer was.
func (db *DB) FirstDelivery(endpoint uint32, from uint64) (d gateway.Delivery, e gateway.Event, err error) {
	prefix := u32Key(endpoint)
	err = db.view("deliveries", func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bktEPNum)).Get(prefix) == nil {
			return gateway.ErrNotFound
		}
		c := tx.Bucket([]byte(bktDelivery)).Cursor()
		for k, v := c.Seek(deliveryKey(endpoint, from)); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if ended(v) {
				continue
			}
			if d, err = decodeDelivery(k, v); err != nil {
				db.passOver(damaged(bktDelivery, k, err))
				continue
			}
			e, err = db.eventOf(tx, d.Event, d.Subject)
			return err
		}
		return gateway.ErrNotFound
	})
	if errors.Is(err, gateway.ErrNotFound) {
		d = gateway.Delivery{}
	}
	return d, e, err
}

// ended reports whether the row of a delivery, of any form, is not Undelivered.
func ended(row []byte) bool {
	return len(row) > 1 && gateway.DeliveryState(row[1]) != gateway.Undelivered
}

package store

import (
	"bytes"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// A queued row is a key of the bucket out.
type queued struct {
	priority int8
	due      gateway.Tick
	ref      gateway.RecipientRef
}

// parseQueued takes apart a key of the bucket out behind its lane.
func parseQueued(k []byte) (q queued, err error) {
	r := reader{b: k}
	q = queued{priority: r.priority(), due: r.tick(), ref: r.ref()}
	return q, r.end()
}

// before reports whether q is sent before o.
func (q *queued) before(o *queued) bool {
	switch {
	case q.priority != o.priority:
		return q.priority > o.priority
	case q.due != o.due:
		return q.due < o.due
	case q.ref.Seq != o.ref.Seq:
		return q.ref.Seq < o.ref.Seq
	}
	return q.ref.Idx < o.ref.Idx
}

// NextQueued implements [gateway.Reader]. It costs one seek for each lane that has
// rows, one for each priority that occurs in those that are served, and a step
// for each row passed over. Serves and skip are called while a read transaction is
// open: they must be quick and must not use the store.
func (db *DB) NextQueued(serves func(gateway.Lane) bool, now gateway.Tick, skip func(gateway.RecipientRef) bool) (ref gateway.RecipientRef, ok bool, next gateway.Tick, err error) {
	s := laneSearch{db: db, now: now, skip: skip}
	err = db.view("outbox", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktOut)).Cursor()
		for k, _ := c.First(); k != nil; {
			r := reader{b: k}
			lane := r.lane()
			if r.err != nil {
				db.passOver(damaged(bktOut, k, r.err))
				k, _ = c.Next()
				continue
			}
			prefix := k[:len(k)-len(r.b)]
			if serves(lane) {
				s.lane(c, prefix)
			}
			end := after(prefix)
			if end == nil {
				return nil
			}
			k, _ = c.Seek(end)
		}
		return nil
	})
	if err != nil || s.found {
		return s.best.ref, s.found, 0, err
	}
	return ref, false, s.next, nil
}

// QueueLengths implements [gateway.Reader].
func (db *DB) QueueLengths() (lanes map[gateway.Lane]int, held int, err error) {
	lanes = make(map[gateway.Lane]int)
	err = db.view("counters", func(tx *bolt.Tx) error {
		held = counter(tx, []byte{countHeld})
		prefix := laneCounter(nil)
		c := tx.Bucket([]byte(bktCounters)).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			r := reader{b: k[len(prefix):]}
			lane := r.lane()
			if err := r.end(); err != nil {
				db.passOver(damaged(bktCounters, k, err))
				continue
			}
			lanes[lane] = counter(tx, k)
		}
		return nil
	})
	return lanes, held, err
}

// A laneSearch finds what to send first, lane by lane.
type laneSearch struct {
	db   *DB
	now  gateway.Tick
	skip func(gateway.RecipientRef) bool

	best  queued
	found bool
	next  gateway.Tick // the smallest Due behind now; 0 if there is none
}

func (s *laneSearch) lane(c *bolt.Cursor, prefix []byte) {
	k, _ := c.Seek(prefix)
	for bytes.HasPrefix(k, prefix) {
		q, err := parseQueued(k[len(prefix):])
		switch {
		case err != nil:
			s.db.passOver(damaged(bktOut, k, err))
			k, _ = c.Next()
		case s.found && q.priority < s.best.priority:
			return
		case q.due > s.now:
			if s.next == 0 || q.due < s.next {
				s.next = q.due
			}
			// Rows are in the order of Due within a priority: on to the next one.
			end := after(k[:len(prefix)+1])
			if end == nil {
				return
			}
			k, _ = c.Seek(end)
		case s.skip != nil && s.skip(q.ref):
			k, _ = c.Next()
		default:
			if !s.found || q.before(&s.best) {
				s.best, s.found = q, true
			}
			return
		}
	}
}

// ActiveRecipients implements [gateway.Reader].
func (db *DB) ActiveRecipients() (refs []gateway.RecipientRef, err error) {
	err = db.view("active recipients", func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktActive)).ForEach(func(k, _ []byte) error {
			r := reader{b: k}
			ref := r.ref()
			if err := r.end(); err != nil {
				db.passOver(damaged(bktActive, k, err))
				return nil
			}
			refs = append(refs, ref)
			return nil
		})
	})
	return refs, err
}

// SentParts implements [gateway.Reader].
func (db *DB) SentParts(simID string, mr int) (parts []gateway.PartRef, err error) {
	if mr < 0 || mr > 255 {
		return nil, nil
	}
	return db.parts(bktMR, mrPrefix(simID, mr))
}

// UnknownParts implements [gateway.Reader].
func (db *DB) UnknownParts(simID string) ([]gateway.PartRef, error) {
	return db.parts(bktUnknown, appendStr(nil, simID))
}

// parts returns what stands behind prefix in an index of parts, last row first.
func (db *DB) parts(bucket string, prefix []byte) (parts []gateway.PartRef, err error) {
	err = db.view("sent parts", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bucket)).Cursor()
		for k := seekLast(c, prefix); bytes.HasPrefix(k, prefix); k, _ = c.Prev() {
			r := reader{b: k[len(prefix):]}
			part := gateway.PartRef{RecipientRef: r.ref(), Part: r.idx()}
			if err := r.end(); err != nil {
				db.passOver(damaged(bucket, k, err))
				continue
			}
			parts = append(parts, part)
		}
		return nil
	})
	return parts, err
}

// seekLast moves c to the last key that begins with prefix, if there is one.
func seekLast(c *bolt.Cursor, prefix []byte) []byte {
	var k []byte
	if end := after(prefix); end != nil {
		k, _ = c.Seek(end)
	}
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	return k
}

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

func (q *queued) place() gateway.QueuePlace {
	return gateway.QueuePlace{Due: q.due, RecipientRef: q.ref}
}

// parseQueued takes apart a key of the bucket out behind its lane.
func parseQueued(k []byte) (q queued, err error) {
	r := reader{b: k}
	q = queued{priority: r.priority(), due: r.tick(), ref: r.ref()}
	return q, r.end()
}

// before reports whether q is sent before o; newest is that of the QueueQuery.
func (q *queued) before(o *queued, newest bool) bool {
	switch {
	case q.priority != o.priority:
		return q.priority > o.priority
	case newest && q.ref.Seq != o.ref.Seq:
		return q.ref.Seq > o.ref.Seq
	case !newest && q.due != o.due:
		return q.due < o.due
	case q.ref.Seq != o.ref.Seq:
		return q.ref.Seq < o.ref.Seq
	}
	return q.ref.Idx < o.ref.Idx
}

// NextQueued implements [gateway.Reader]. It costs one seek for each lane that has
// rows, one for each priority that occurs in those that are served, one for each run
// of rows that Skip knows to be passed over, and a step for each other row passed
// over; with Newest, besides, a step for each row that was tried before and is due
// again. Serves, Skip and Passed are called while a read transaction is open.
func (db *DB) NextQueued(q gateway.QueueQuery) (ref gateway.RecipientRef, ok bool, next gateway.Tick, err error) {
	s := laneSearch{QueueQuery: q, db: db}
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
			if q.Serves(lane) {
				s.lane(c, lane, prefix)
			}
			end := after(prefix)
			if end == nil {
				return nil
			}
			k, _ = c.Seek(end)
		}
		return nil
	})
	db.steps.Add(int64(s.steps))
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

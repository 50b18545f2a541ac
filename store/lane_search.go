package store

import (
	"bytes"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// A laneSearch finds what to send first, lane by lane.
type laneSearch struct {
	gateway.QueueQuery
	db *DB

	best  queued
	found bool
	next  gateway.Tick // the smallest Due behind Now; 0 if there is none
}

// lane looks at the lane with the given prefix, one priority after the other.
func (s *laneSearch) lane(c *bolt.Cursor, prefix []byte) {
	k, _ := c.Seek(prefix)
	for bytes.HasPrefix(k, prefix) {
		q, err := parseQueued(k[len(prefix):])
		switch {
		case err != nil:
			s.db.passOver(damaged(bktOut, k, err))
			k, _ = c.Next()
			continue
		case q.priority < s.Least || s.found && q.priority < s.best.priority:
			return
		}
		class := bytes.Clone(k[:len(prefix)+1]) // rows of this lane and priority
		if s.Newest {
			s.newest(c, class)
		} else {
			s.oldest(c, class)
		}
		end := after(class)
		if end == nil {
			return
		}
		k, _ = c.Seek(end)
	}
}

// oldest looks at rows in their order until it finds one.
func (s *laneSearch) oldest(c *bolt.Cursor, class []byte) {
	for k, _ := c.Seek(class); bytes.HasPrefix(k, class); k, _ = c.Next() {
		q, ok := s.parse(class, k)
		switch {
		case !ok:
		case q.due > s.Now:
			s.later(q.due)
			return
		case s.takes(q):
			return
		}
	}
}

// newest looks at the rows that were not tried yet from their end, and at all of the
// others that are due, which are not in the order of their arrival.
func (s *laneSearch) newest(c *bolt.Cursor, class []byte) {
	tried := appendTick(bytes.Clone(class), 1)
	for k, _ := c.Seek(tried); bytes.HasPrefix(k, class); k, _ = c.Next() {
		q, ok := s.parse(class, k)
		if ok && q.due > s.Now {
			s.later(q.due)
			break
		}
		if ok {
			s.takes(q)
		}
	}
	for k, _ := before(c, tried); bytes.HasPrefix(k, class); k, _ = c.Prev() {
		q, ok := s.parse(class, k)
		if !ok || q.due > s.Now || s.Skip != nil && s.Skip(q.ref) {
			continue
		}
		// Of the message the first recipient, unless that is passed over.
		first := appendU64(appendTick(bytes.Clone(class), q.due), q.ref.Seq)
		for k, _ := c.Seek(first); bytes.HasPrefix(k, first); k, _ = c.Next() {
			if q, ok := s.parse(class, k); ok && s.takes(q) {
				return
			}
		}
		return
	}
}

// parse takes apart a row whose key begins with the class.
func (s *laneSearch) parse(class, k []byte) (q queued, ok bool) {
	q, err := parseQueued(k[len(class)-1:])
	if err != nil {
		s.db.passOver(damaged(bktOut, k, err))
		return q, false
	}
	return q, true
}

// takes notes a row that is due, and reports false if it is passed over.
func (s *laneSearch) takes(q queued) bool {
	if s.Skip != nil && s.Skip(q.ref) {
		return false
	}
	if !s.found || q.before(&s.best, s.Newest) {
		s.best, s.found = q, true
	}
	return true
}

// later notes when a row is due.
func (s *laneSearch) later(due gateway.Tick) {
	if s.next == 0 || due < s.next {
		s.next = due
	}
}

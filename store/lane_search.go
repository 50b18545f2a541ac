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

	now   gateway.Lane // that is looked at
	best  queued
	found bool
	steps int          // rows looked at
	next  gateway.Tick // the smallest Due behind Now; 0 if there is none
}

// lane looks at a lane, whose rows have the given prefix, one priority after the other.
func (s *laneSearch) lane(c *bolt.Cursor, lane gateway.Lane, prefix []byte) {
	s.now = lane
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
	run := passedRun{s: s, lane: s.now, forward: true}
	defer run.end()
	k, _ := c.Seek(class)
	for bytes.HasPrefix(k, class) {
		q, ok := s.parse(class, k)
		if ok && q.due > s.Now {
			s.later(q.due)
			return
		}
		if ok {
			p := s.skip(q)
			if !p.Over {
				s.take(q)
				return
			}
			if last, far := run.add(q, p); far {
				k, _ = c.Seek(placeKey(class, last))
				if k == nil || !bytes.Equal(k, placeKey(class, last)) {
					continue
				}
			}
		}
		k, _ = c.Next()
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
		if ok && !s.skip(q).Over {
			s.take(q)
		}
	}
	run := passedRun{s: s, lane: s.now}
	defer run.end()
	k, _ := before(c, tried)
	for bytes.HasPrefix(k, class) {
		q, ok := s.parse(class, k)
		if !ok || q.due > s.Now {
			k, _ = c.Prev()
			continue
		}
		p := s.skip(q)
		if !p.Over {
			s.firstOf(c, class, q)
			return
		}
		if first, far := run.add(q, p); far {
			k, _ = before(c, placeKey(class, first))
		} else {
			k, _ = c.Prev()
		}
	}
}

// firstOf takes the first recipient of the message of q that is not passed over.
func (s *laneSearch) firstOf(c *bolt.Cursor, class []byte, q queued) {
	first := appendU64(appendTick(bytes.Clone(class), q.due), q.ref.Seq)
	for k, _ := c.Seek(first); bytes.HasPrefix(k, first); k, _ = c.Next() {
		if q, ok := s.parse(class, k); ok && !s.skip(q).Over {
			s.take(q)
			return
		}
	}
}

// placeKey returns the key of a place in a class.
func placeKey(class []byte, p gateway.QueuePlace) []byte {
	return appendRef(appendTick(bytes.Clone(class), p.Due), p.RecipientRef)
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

// skip asks whether a row is passed over.
func (s *laneSearch) skip(q queued) gateway.Passing {
	s.steps++
	if s.Skip == nil {
		return gateway.Passing{}
	}
	return s.Skip(gateway.QueueRow{Lane: s.now, Priority: q.priority, QueuePlace: q.place()})
}

// take notes a row that is due.
func (s *laneSearch) take(q queued) {
	if !s.found || q.before(&s.best, s.Newest) {
		s.best, s.found = q, true
	}
}

// later notes when a row is due.
func (s *laneSearch) later(due gateway.Tick) {
	if s.next == 0 || due < s.next {
		s.next = due
	}
}

// A passedRun collects rows next to each other that are passed over for one reason.
type passedRun struct {
	s       *laneSearch
	lane    gateway.Lane
	forward bool // they come in their order

	reason int // 0: there is none
	known  bool
	run    gateway.QueueRun
}

// add adds a row that is passed over. If it belongs to a run, far is set and end is
// where that ends in the direction of the search.
func (r *passedRun) add(q queued, p gateway.Passing) (end gateway.QueuePlace, far bool) {
	if r.reason != p.Reason {
		r.end()
	}
	if p.Reason == 0 {
		return end, false
	}
	of := gateway.QueueRun{Lane: r.lane, Priority: q.priority, First: q.place(), Last: q.place()}
	far = p.Run != gateway.QueueRun{}
	if far {
		of = p.Run
	}
	switch {
	case r.reason == 0:
		r.reason, r.run, r.known = p.Reason, of, far
	case r.forward:
		r.run.Last, r.known = of.Last, false
	default:
		r.run.First, r.known = of.First, false
	}
	if r.forward {
		return of.Last, far
	}
	return of.First, far
}

// end tells of what was collected, unless it was known.
func (r *passedRun) end() {
	if r.reason != 0 && !r.known && r.s.Passed != nil {
		r.s.Passed(r.reason, r.run)
	}
	r.reason = 0
}

package webhook

import (
	"cmp"
	"errors"
	"slices"

	"tetherd/gateway"
)

const (
	// lookAhead is how many due rows are looked at for an earlier event of the
	// same subject, where retries may have changed the order.
	lookAhead = 32
	// maxPassed is how many rows in hand, or with a subject in hand, are passed
	// over in search of others. Each end of an attempt starts the search again.
	maxPassed = 256
)

// open reports whether anything may be started at all.
func (s *scheduler) open() bool {
	return !s.stopping && s.storeAt == 0 && s.busy < s.o.GlobalSlots && len(s.unstored)+len(s.storing) < maxUnstored
}

// dispatch starts what is due, in turn over the webhooks, until nothing is left
// that can be started.
func (s *scheduler) dispatch() {
	for s.open() {
		ready, spare := s.ready()
		if len(ready) == 0 {
			return
		}
		share := max((s.o.GlobalSlots-s.busy)/len(ready), 1)
		for _, i := range ready {
			if !s.open() {
				return
			}
			e := s.endpoints[i]
			n := min(share, e.slots(s.o.Slots)-e.busy, s.o.GlobalSlots-s.busy)
			if e.failing() {
				n = min(n, spare)
			}
			before := e.busy
			s.fill(e, n)
			if e.failing() {
				spare -= e.busy - before
			}
			s.turn = i + 1
		}
	}
}

// ready returns the indexes of the endpoints for which something may be started,
// the one whose turn it is first, and how many slots are left to those of them
// that are failing.
func (s *scheduler) ready() (indexes []int, spare int) {
	s.lookedAt = s.clock.Now()
	spare = max(s.o.GlobalSlots/2, 1)
	for _, e := range s.endpoints {
		if e.failing() {
			spare -= e.busy
		}
	}
	n := len(s.endpoints)
	for i := range n {
		i = (s.turn + i) % n
		e := s.endpoints[i]
		if e.ready(s.lookedAt, s.o.Slots) && (spare > 0 || !e.failing()) {
			indexes = append(indexes, i)
		}
	}
	return indexes, spare
}

// row is a due delivery with its event.
type row struct {
	delivery gateway.Delivery
	event    gateway.Event
}

// fill starts up to n attempts for e. If it starts less, e is not ready any more.
func (s *scheduler) fill(e *endpoint, n int) {
	n = min(n, e.left(s.clock.Now()))
	if e.ping != nil && n > 0 {
		s.startPing(e)
		n--
	}
	if e.blocked != 0 && e.blocked <= s.clock.Now() {
		e.blocked, e.look = 0, true
	}
	for n > 0 && (e.look || e.next != 0 && e.next <= s.clock.Now()) {
		rows, ok := s.rows(e, n)
		if !ok {
			return
		}
		if e.recovering && len(rows) == 0 && !e.look && e.busy == 0 {
			e.recovering = false // nothing is overdue any more
		}
		for _, r := range rows {
			if n > 0 && !e.taken(&r.delivery, s.clock.Now()) {
				s.start(&attempt{webhook: e, delivery: r.delivery, event: r.event})
				n--
			}
		}
	}
	e.newest = !e.newest
}

// rows reads what can be started for e.
func (s *scheduler) rows(e *endpoint, n int) (rows []row, ok bool) {
	if e.Ordered {
		return s.head(e)
	}
	return s.due(e, n)
}

// due reads the due rows of e that can be started, in the order in which to start
// them, more than n if order demands it. It sets what e knows of its rows: look
// stays set if there may be more rows than these.
func (s *scheduler) due(e *endpoint, n int) (rows []row, ok bool) {
	want := n
	newest := e.newestFirst()
	if e.retrying || newest {
		want = max(n, lookAhead)
	}
	now := s.clock.Now()
	passed, waiting := 0, 0
	read := s.queue.DueDeliveries
	if newest {
		read = s.queue.NewestDue
	}
	ds, es, next, err := read(e.Num, now, want, func(event uint64) bool {
		if _, ok := e.inHand[event]; !ok {
			return false
		}
		passed++
		return passed <= maxPassed
	}, func(d gateway.Delivery) bool {
		if !e.taken(&d, now) {
			return false
		}
		if _, ok := e.inHand[d.Event]; !ok {
			waiting++
		}
		passed++
		return passed <= maxPassed
	})
	if !s.read(e, err) {
		return nil, false
	}
	for i, d := range ds {
		if !e.taken(&d, now) { // one that is ended the search
			rows = append(rows, row{d, es[i]})
		}
	}
	if newest { // a retry may be due after what happened since
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.delivery.Event, a.delivery.Event) })
	}
	if e.retrying {
		orderSubjects(rows)
		e.retrying = len(ds) > 0 || next != 0 || waiting > 0
	}
	e.look = len(ds) == want && len(rows) > 0 || len(rows) > n
	e.next = next
	return rows, true
}

// head reads the row of e, which wants them in strict order, that has to be
// delivered before any other can be.
func (s *scheduler) head(e *endpoint) (rows []row, ok bool) {
	d, event, err := s.queue.FirstDelivery(e.Num, e.first)
	e.look, e.next = false, 0
	if errors.Is(err, gateway.ErrNotFound) {
		return nil, true
	}
	if !s.read(e, err) {
		e.look = true
		return nil, false
	}
	now := s.clock.Now()
	e.first = d.Event
	switch {
	case d.Due > now:
		e.next = d.Due
	case !e.taken(&d, now):
		rows = append(rows, row{d, event})
	}
	return rows, true
}

// read reports whether rows could be read, and puts off reading them again if not.
func (s *scheduler) read(e *endpoint, err error) bool {
	if err == nil {
		e.unread = false
		return true
	}
	e.hold = s.clock.Now().Add(again)
	if !e.unread {
		s.log.Error().Err(err).Str("webhook", e.ID).Msg("deliveries not read, they wait until they can be")
	}
	e.unread = true
	return false
}

// orderSubjects puts the rows of each subject in the order of their events, in
// the places they have together.
func orderSubjects(rows []row) {
	places := make(map[string][]int)
	for i, r := range rows {
		if r.delivery.Subject != "" {
			places[r.delivery.Subject] = append(places[r.delivery.Subject], i)
		}
	}
	for _, at := range places {
		if len(at) < 2 {
			continue
		}
		same := make([]row, len(at))
		for i, p := range at {
			same[i] = rows[p]
		}
		slices.SortFunc(same, func(a, b row) int { return cmp.Compare(a.delivery.Event, b.delivery.Event) })
		for i, p := range at {
			rows[p] = same[i]
		}
	}
}

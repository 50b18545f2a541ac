package webhook

import "tetherd/gateway"

// hints are where the scheduler should look after a commit. They say nothing of
// what is there.
type hints struct {
	endpoints bool                // the list of webhooks changed
	nums      map[uint32]struct{} // webhooks for which rows may be due; bounded by their number
	earliest  map[uint32]uint64   // of rows that were altered and wait, by webhook: the smallest Event
	fresh     []fresh             // new deliveries of events with a subject; at most maxPlaces
	dropped   map[uint32]int      // how many were dropped because too many waited, by webhook
}

// waits notes that d, which need not be new, waits.
func (h *hints) waits(d *gateway.Delivery) {
	h.nums[d.Endpoint] = struct{}{}
	if first, ok := h.earliest[d.Endpoint]; !ok || d.Event < first {
		h.earliest[d.Endpoint] = d.Event
	}
}

func newHints() hints {
	return hints{nums: make(map[uint32]struct{}), earliest: make(map[uint32]uint64), dropped: make(map[uint32]int)}
}

// fresh is a new delivery, in the order of storing.
type fresh struct {
	num     uint32 // Endpoint.Num
	event   uint64 // Event.Seq
	subject string
}

// Observe takes note of a stored Change. It is for [gateway.Store.OnCommit] and
// never blocks.
func (w *Worker) Observe(c gateway.Change) {
	w.mu.Lock()
	looked := false
	if len(c.Endpoints) > 0 || len(c.DropEndpoints) > 0 {
		w.seen.endpoints, looked = true, true
	}
	for i := range c.Emissions {
		for j := range c.Emissions[i].Deliveries {
			d := &c.Emissions[i].Deliveries[j]
			w.seen.nums[d.Endpoint] = struct{}{}
			looked = true
			if d.Subject != "" && d.Attempts == 0 && len(w.seen.fresh) < maxPlaces {
				w.seen.fresh = append(w.seen.fresh, fresh{d.Endpoint, d.Event, d.Subject})
			}
		}
	}
	for i := range c.Deliveries {
		if c.Deliveries[i].State == gateway.Undelivered {
			w.seen.waits(&c.Deliveries[i])
			looked = true
		}
	}
	for i := range c.Missed {
		if c.Missed[i].Event != 0 {
			w.seen.waits(&c.Missed[i])
			looked = true
		}
	}
	for i := range c.Dropped {
		w.seen.dropped[c.Dropped[i].Endpoint]++
		looked = true
	}
	w.mu.Unlock()
	if looked {
		w.wake()
	}
}

// takeHints returns what was observed since the last call.
func (w *Worker) takeHints() hints {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.seen.endpoints && len(w.seen.nums) == 0 && len(w.seen.dropped) == 0 {
		return hints{}
	}
	h := w.seen
	w.seen = newHints()
	return h
}

package webhook

import (
	"time"

	"tetherd/gateway"
)

// EndpointStatus is how a webhook fares, for health and for people. All but
// Pending and NextDue is of this run.
type EndpointStatus struct {
	ID       string
	Events   []gateway.EventType
	Pending  int          // deliveries that wait; -1 if the store cannot be read
	NextDue  gateway.Tick // when the next of them is attempted; 0 if none waits
	Failures int          // attempts that failed in a row, those not counted included
	LastCode int          // HTTP status of the latest attempt; 0 if there was none, or no answer
	LastErr  string       // what went wrong in it; empty after a success. It may quote the receiver.
	LastAt   time.Time    // when it ended; zero if there was none
}

// record is what Status takes from the scheduler.
type record struct {
	failures int
	hold     gateway.Tick
	last     outcome
}

// mark keeps the outcome of an attempt for Status.
func (s *scheduler) mark(e *endpoint, o *outcome) {
	if o.verdict == cancelled || s.byNum[e.Num] != e {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := *o
	last.Body = nil // it may be large
	s.marks[e.Num] = record{failures: e.state.Failures + e.faults, hold: e.held(), last: last}
}

// forget drops what is kept of a webhook that is gone.
func (s *scheduler) forget(num uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.marks, num)
}

// Status returns how every registered webhook fares, oldest first; nil if the
// store cannot be read.
func (w *Worker) Status() []EndpointStatus {
	list, err := w.queue.Endpoints()
	if err != nil {
		return nil
	}
	loads, loadErr := w.queue.EndpointLoads()
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]EndpointStatus, len(list))
	for i, e := range list {
		m := w.marks[e.Num]
		out[i] = EndpointStatus{
			ID: e.ID, Events: e.Events, Failures: m.failures,
			LastCode: m.last.Code, LastErr: m.last.Error, LastAt: m.last.at,
		}
		switch load := loads[e.Num]; {
		case loadErr != nil:
			out[i].Pending = -1
		case load.Pending > 0:
			out[i].Pending, out[i].NextDue = load.Pending, max(load.NextDue, m.hold)
		}
	}
	return out
}

package webhook

import (
	"time"

	"tetherd/gateway"
)

// streak is how a webhook fares: what is kept over restarts, and what is of this
// run.
type streak struct {
	state   gateway.EndpointState
	dirty   bool // state is not stored as it is
	storing bool // state is in the commit under way

	faults     int          // local ones in a row
	faultSince gateway.Tick // the first of them

	watched time.Time    // first failure in a row that was seen in this run
	told    gateway.Tick // when webhook:failing was raised last, for whichever failures
}

// well reports whether the latest attempt was neither a failure nor a local fault.
func (s *streak) well() bool { return s.state.Failures == 0 && s.faults == 0 }

// forgive ends the failures in a row, without a success.
func (s *streak) forgive() {
	s.faults = 0
	s.watched = time.Time{}
	if s.state.Failures > 0 {
		s.state.Failures, s.state.FailingSince, s.dirty = 0, 0, true
	}
}

// succeed notes a success.
func (s *streak) succeed(o *outcome) {
	s.forgive()
	s.state.Succeeded++
	s.state.LastSuccess, s.dirty = o.at, true
}

// fail notes a counted failure.
func (s *streak) fail(o *outcome) {
	s.dirty = true
	s.state.Failed++
	if o.internal { // the event's fault, not the webhook's
		return
	}
	s.state.Failures++
	if s.state.FailingSince == 0 {
		s.state.FailingSince = o.ended
	}
	if s.watched.IsZero() {
		s.watched = time.Now()
	}
	s.state.LastFailure = o.at
}

// fault notes a local one.
func (s *streak) fault(o *outcome) {
	if s.faults == 0 {
		s.faultSince = o.ended
	}
	s.faults++
}

// note keeps count of what an outcome says of the webhook. It reports whether a
// failure ended that was long enough for deliveries to pile up.
func (e *endpoint) note(o *outcome) (recovered bool) {
	if o.after > 0 {
		e.asked = max(e.asked, o.ended.Add(o.after))
	}
	switch o.verdict {
	case local:
		if e.faults == 0 || o.ended >= e.hold { // not for those that ran beside the first
			e.fault(o)
			limit := maxPause
			if o.clock {
				limit = maxClockPause
			}
			e.hold = o.ended.Add(growingDelay(minPause, limit, e.faults))
		}
	case delivered:
		recovered = e.state.Failures >= limitFailures || e.limited || e.faults > 0
		e.hold = 0
		e.succeed(o)
		if e.recovering {
			e.grow()
		}
	case failed:
		if e.faults > 0 && !o.internal {
			e.faults, e.hold = 0, 0
		}
		e.fail(o)
		e.retrying = true
		if e.recovering {
			e.window = 1
		}
	case blocked:
		if e.faults > 0 {
			e.faults, e.hold = 0, 0
		}
	}
	return recovered
}

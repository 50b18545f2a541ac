package webhook

import (
	"time"

	"tetherd/gateway"
)

// collect takes in a and all other attempts that are over.
func (s *scheduler) collect(a *attempt) {
	for {
		s.busy--
		a.webhook.busy--
		s.finish(a)
		select {
		case a = <-s.over:
		default:
			return
		}
	}
}

// finish decides what an attempt that is over leads to.
func (s *scheduler) finish(a *attempt) {
	e, o := a.webhook, &a.outcome
	if !a.ping && e.line.leave(&a.delivery) {
		s.callUp(e.line)
	}
	wasWell := e.well()
	if a.to.URL == e.URL { // else it says nothing of where the webhook points now
		s.noteOutcome(e, o)
	}
	if o.verdict == local && e.faults > 0 && e.faultSince.Until(o.ended) >= maxLocal {
		o.verdict, e.retrying = failed, true
	}
	s.logOutcome(a, wasWell)
	a.keep = o.verdict == delivered || o.verdict == failed || o.verdict == blocked
	if a.ping {
		a.keep = s.keepPing(a)
	}
	if a.keep {
		a.settle(s.retries(&a.to), s.o.RetryBase)
		e.countEnd(a)
	}
	s.react(e, a)
	if !a.keep && (a.ping || o.verdict == cancelled || !s.logged(a)) {
		e.release(a)
		return
	}
	s.unstored = append(s.unstored, a)
}

// noteOutcome notes what an outcome says of the webhook.
func (s *scheduler) noteOutcome(e *endpoint, o *outcome) {
	if e.note(o) {
		e.recover(s.o.RecoveryRate)
	}
	if o.verdict == failed {
		s.limit(e)
	}
}

// countEnd counts a delivery that was given up.
func (e *endpoint) countEnd(a *attempt) {
	if a.settled.State == gateway.Exhausted {
		e.state.Exhausted++
		e.dirty = true
	}
}

// react does what an outcome asks for besides another attempt.
func (s *scheduler) react(e *endpoint, a *attempt) {
	o := &a.outcome
	if a.to.URL != e.URL {
		return
	}
	s.tellOutcome(e, a)
	switch {
	case o.pause != "":
		s.pause(e, o.pause, pauseNote(o.pause), o)
	case o.verdict == failed && !aboutWebhooks(a.eventType()) && e.hopeless(o.ended):
		s.pause(e, gateway.PausedFailing, pauseNote(gateway.PausedFailing), o)
	}
}

// limit decides whether e is to be attempted at a bounded rate only.
func (s *scheduler) limit(e *endpoint) {
	st := &e.state
	fails := !e.Ordered && st.Failures >= limitFailures && s.pending(e.Num) > limitPending
	e.bound(fails, st.FailingSince.Until(s.clock.Now()) >= limitAfter)
}

// pending returns how many deliveries wait for a webhook, or waited a moment ago.
func (s *scheduler) pending(num uint32) int {
	if now := s.clock.Now(); s.loads == nil || s.loadsAt.Until(now) >= time.Second {
		loads, err := s.queue.EndpointLoads()
		if err != nil {
			s.log.Error().Err(err).Msg("webhook loads not read, old ones stay in use")
			loads = s.loads
		}
		s.loads, s.loadsAt = loads, now
	}
	return s.loads[num].Pending
}

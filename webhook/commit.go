package webhook

import "tetherd/gateway"

// AttemptLog says which attempts are kept for the log of their webhook.
type AttemptLog string

// The choices.
const (
	LogAll      AttemptLog = "all"      // every one, but pings that were answered
	LogFailures AttemptLog = "failures" // those that were not successful
	LogOff      AttemptLog = "off"
)

// logged reports whether a is to be kept for the log.
func (s *scheduler) logged(a *attempt) bool {
	switch s.o.Attempts {
	case LogOff:
		return false
	case LogFailures:
		return a.outcome.verdict != delivered
	}
	return true
}

// store begins to store the outcomes that wait, unless a commit is under way
// already: those that come in meanwhile share the next.
func (s *scheduler) store() {
	if s.storing != nil || s.clock.Now() < s.storeAt || s.stopping && s.storeAt != 0 {
		return
	}
	if len(s.unstored) == 0 && !s.lastWords() {
		return
	}
	s.storing, s.unstored = s.unstored, nil
	c := s.change(s.storing)
	s.running.Go(func() { s.stored <- s.queue.Commit(s.hard, c) })
}

// lastWords reports whether states are left to be stored before the end. While
// there is more to come they go with what else is stored.
func (s *scheduler) lastWords() bool {
	if !s.stopping || s.busy > 0 {
		return false
	}
	for _, e := range s.endpoints {
		if e.dirty {
			return true
		}
	}
	return false
}

// change returns what there is to store of a batch of attempts, and how all
// webhooks fare of which that is not stored.
func (s *scheduler) change(batch []*attempt) (c gateway.Change) {
	for _, a := range batch {
		switch {
		case !a.keep:
		case a.ping:
			c.Emissions = append(c.Emissions, gateway.Emission{Event: a.event, Deliveries: []gateway.Delivery{a.settled}})
		default:
			c.Deliveries = append(c.Deliveries, a.settled)
		}
		if s.logged(a) {
			c.Attempts = append(c.Attempts, a.entry())
		}
	}
	for _, e := range s.endpoints {
		if e.dirty {
			e.dirty, e.storing = false, true
			c.EndpointStates = append(c.EndpointStates, e.state)
		}
	}
	return c
}

// noteStored ends what store began. Outcomes that could not be stored are kept,
// and nothing new is started until they are.
func (s *scheduler) noteStored(err error) {
	batch := s.storing
	s.storing = nil
	for _, e := range s.endpoints {
		e.dirty = e.dirty || e.storing && err != nil
		e.storing = false
	}
	if err != nil {
		s.unstored = append(batch, s.unstored...)
		if s.storeAt == 0 && s.hard.Err() == nil {
			s.log.Error().Err(err).Msg("webhook outcomes not stored, delivery is suspended")
		}
		s.storeAt = s.clock.Now().Add(again)
		return
	}
	if s.storeAt != 0 {
		s.storeAt = 0
		s.log.Info().Msg("webhook outcomes stored, delivery goes on")
	}
	for _, a := range batch {
		a.webhook.release(a)
		if a.keep && a.settled.State.Dead() {
			s.logEnd(a)
			if !aboutWebhooks(a.eventType()) {
				s.tellDead(a.webhook, reasonOf(&a.outcome), a.outcome.Code)
			}
		}
	}
}

package webhook

import (
	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// store begins to store the outcomes that wait, unless a commit is under way
// already: those that come in meanwhile share the next.
func (s *scheduler) store() {
	if s.storing != nil || len(s.unstored) == 0 || s.clock.Now() < s.storeAt || s.stopping && s.storeAt != 0 {
		return
	}
	s.storing, s.unstored = s.unstored, nil
	var c gateway.Change
	for _, a := range s.storing {
		if a.ping {
			c.Emissions = append(c.Emissions, gateway.Emission{Event: a.event, Deliveries: []gateway.Delivery{a.settled}})
		} else {
			c.Deliveries = append(c.Deliveries, a.settled)
		}
	}
	s.running.Go(func() { s.stored <- s.queue.Commit(s.hard, c) })
}

// noteStored ends what store began. Outcomes that could not be stored are kept,
// and nothing new is started until they are.
func (s *scheduler) noteStored(err error) {
	batch := s.storing
	s.storing = nil
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
		s.logEnd(a)
	}
}

// logOutcome tells of the first failure of a webhook, and of its first success
// after failures. What a receiver answered can repeat the message and is for
// debugging only.
func (s *scheduler) logOutcome(a *attempt, wasWell bool) {
	o := &a.outcome
	level, msg, text := zerolog.DebugLevel, "webhook attempt made", o.text
	switch {
	case o.verdict == delivered && !wasWell:
		level, msg = zerolog.InfoLevel, "webhook answers again"
	case o.verdict == local && wasWell:
		level, msg = zerolog.WarnLevel, "webhook cannot be reached from here, attempts are not counted"
	case o.verdict == failed && wasWell:
		level, msg = zerolog.WarnLevel, "webhook attempt failed, it will be retried"
		if o.code != 0 {
			text = ""
		}
	}
	ev := s.log.WithLevel(level).Str("webhook", a.to.ID).Str("delivery", a.delivery.ID).
		Int("attempt", a.delivery.Attempts+1).Int("status", o.code)
	if text != "" {
		ev = ev.Str("error", text)
	}
	ev.Msg(msg)
}

// logEnd tells of deliveries that will not be attempted again.
func (s *scheduler) logEnd(a *attempt) {
	var msg string
	switch a.settled.State {
	case gateway.Exhausted:
		msg = "webhook delivery given up, no retries are left"
	case gateway.Blocked:
		msg = "webhook delivery blocked, its address may not be contacted"
	default:
		return
	}
	ev := s.log.Warn().Str("webhook", a.to.ID).Str("delivery", a.delivery.ID).
		Int("attempts", a.settled.Attempts).Int("status", a.outcome.code)
	if a.outcome.code == 0 {
		ev = ev.Str("error", a.outcome.text)
	}
	ev.Msg(msg)
}

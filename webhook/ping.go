package webhook

import "tetherd/gateway"

// raisePings makes a ping for every webhook registered for them, when it is time.
// A webhook that has not been sent its last one yet gets no other, and one that is
// paused or limited none.
func (s *scheduler) raisePings() {
	now := s.clock.Now()
	if every := s.tuning.Load().PingInterval; every != s.pingEvery {
		s.pingEvery, s.pingAt = every, now
		if every == 0 {
			s.pingAt = 0
		}
	}
	if s.pingAt == 0 || now < s.pingAt {
		return
	}
	s.pingAt = now.Add(s.pingEvery)
	var event *gateway.Event
	for _, e := range s.endpoints {
		if !e.HasEvent(gateway.EventPing) || e.ping != nil || e.pinging || e.stopped() || e.limited {
			continue
		}
		if event == nil {
			event = s.newPing()
		}
		e.ping = &attempt{
			webhook: e, ping: true, event: *event,
			delivery: gateway.Delivery{ID: gateway.NewID(), Endpoint: e.Num},
		}
	}
}

func (s *scheduler) newPing() *gateway.Event {
	var p gateway.Ping
	if s.o.Health != nil {
		p.Health = s.o.Health()
	}
	now, _ := s.clock.Wall()
	return &gateway.Event{ID: gateway.NewID(), At: now.Round(0), Payload: p}
}

func (s *scheduler) startPing(e *endpoint) {
	a := e.ping
	e.ping = nil
	s.start(a)
}

// keepPing reports whether a ping must be stored to be tried again: a dead
// webhook has at most one waiting.
func (s *scheduler) keepPing(a *attempt) bool {
	if a.outcome.verdict != failed && a.outcome.verdict != local {
		return false
	}
	loads, err := s.queue.EndpointLoads()
	if err != nil {
		s.log.Error().Err(err).Str("webhook", a.to.ID).Msg("webhook loads not read, ping dropped")
		return false
	}
	return loads[a.to.Num].Pending == 0
}

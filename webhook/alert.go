package webhook

import (
	"strconv"
	"strings"
	"time"

	"tetherd/gateway"
)

const (
	// Failures are told of when there were this many in a row, for this long: a
	// receiver that is restarted is no news.
	tellFailures = 4
	tellAfter    = time.Minute
	// tellEvery is the least time between two events of a kind about one webhook.
	tellEvery = time.Hour
)

// aboutWebhooks reports whether events of type t are about webhooks. That they
// cannot be delivered must not lead to more of them.
func aboutWebhooks(t gateway.EventType) bool { return strings.HasPrefix(string(t), "webhook:") }

// tellOutcome raises what an outcome makes worth telling about e. toldFailing is
// whether the owner thinks that it fails.
func (s *scheduler) tellOutcome(e *endpoint, a *attempt) {
	o, st, now := &a.outcome, &e.state, a.outcome.ended
	switch {
	case o.verdict == delivered && st.Told != 0:
		st.Told, e.dirty = 0, true
		s.tell(e, func(n gateway.HookNotice) gateway.Payload { return gateway.HookRecovered{HookNotice: n} }, "it answers again", o.Code)
	case o.verdict == failed && !o.internal && !aboutWebhooks(a.eventType()) &&
		st.Told == 0 && st.Failures >= tellFailures && st.FailingSince.Until(now) >= tellAfter &&
		(e.told == 0 || e.told.Until(now) >= tellEvery):
		st.Told, e.told, e.dirty = now, now, true
		s.tell(e, func(n gateway.HookNotice) gateway.Payload { return gateway.HookFailing{HookNotice: n} }, reasonOf(o), o.Code)
	}
}

// tellDead raises that deliveries to e were given up.
func (s *scheduler) tellDead(e *endpoint, reason string, code int) {
	st, now := &e.state, s.clock.Now()
	if st.ToldDead != 0 && st.ToldDead.Until(now) < tellEvery {
		return
	}
	st.ToldDead, e.dirty = now, true
	s.tell(e, func(n gateway.HookNotice) gateway.Payload { return gateway.HookExhausted{HookNotice: n} }, reason, code)
}

// tell raises an event about e, for the other webhooks.
func (s *scheduler) tell(e *endpoint, payload func(gateway.HookNotice) gateway.Payload, reason string, code int) {
	if s.o.Raise == nil || s.byNum[e.Num] != e {
		return
	}
	now, _ := s.clock.Wall()
	n := gateway.HookNotice{
		Webhook: e.ID, Name: e.Name, URL: gateway.RedactedURL(e.URL), Reason: reason,
		Failures: e.state.Failures, Code: code, At: now.Round(0),
	}
	if loads, err := s.queue.EndpointLoads(); err == nil {
		n.Pending, n.Dead = loads[e.Num].Pending, loads[e.Num].Dead
	}
	id, p := e.ID, payload(n)
	s.later(func() func() {
		err := s.o.Raise(s.hard, "webhook/"+id, p, id)
		return func() {
			if err != nil && s.hard.Err() == nil {
				s.log.Error().Err(err).Str("webhook", id).Str("event", string(p.EventType())).Msg("event about a webhook not stored")
			}
		}
	})
}

// reasonOf returns what went wrong without what the receiver said, which may repeat
// a message.
func reasonOf(o *outcome) string {
	if o.Code != 0 {
		return "HTTP " + strconv.Itoa(o.Code)
	}
	return o.Error
}

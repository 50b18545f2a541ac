package webhook

import (
	"time"

	"tetherd/gateway"
)

// A webhook is paused when nothing but failures came from it for this long, that
// many of them, and this run saw them for so long: they must not all be from before
// the machine was switched off.
const (
	disableAfter    = 5 * 24 * time.Hour
	disableFailures = 20
	disableSpread   = 12 * time.Hour
)

// hopeless reports whether e failed for so long that it is to be paused.
func (e *endpoint) hopeless(now gateway.Tick) bool {
	st := &e.state
	return st.Failures >= disableFailures && st.FailingSince.Until(now) >= disableAfter &&
		!e.watched.IsZero() && time.Since(e.watched) >= disableSpread
}

// pause stops e, and has its registration say so.
func (s *scheduler) pause(e *endpoint, reason, note string, o *outcome) {
	if e.stopped() || s.byNum[e.Num] != e {
		return
	}
	e.cool = s.clock.Now().Add(coolDown)
	if s.o.Pause == nil {
		return
	}
	e.pausing, e.ping = true, nil
	now, _ := s.clock.Wall()
	p := gateway.Pause{Reason: reason, Note: note, Since: now.Round(0)}
	id, code := e.ID, o.Code
	s.later(func() func() {
		err := s.o.Pause(s.hard, id, p)
		return func() {
			e.pausing = false
			if err != nil {
				if s.hard.Err() == nil {
					s.log.Error().Err(err).Str("webhook", id).Msg("webhook not paused, it will be attempted again")
				}
				return
			}
			s.log.Warn().Str("webhook", id).Str("reason", note).Msg("webhook paused, what waits for it is kept")
			s.tell(e, func(n gateway.HookNotice) gateway.Payload { return gateway.HookDisabled{HookNotice: n} }, note, code)
		}
	})
}

// pauseNote says for people why a webhook is paused.
func pauseNote(reason string) string {
	switch reason {
	case gateway.PausedGone:
		return "the receiver answered 410 Gone: it does not want to be sent anything any more"
	case gateway.PausedByReceiver:
		return "the receiver asked for it with the header Webhook-Delivery: disable"
	case gateway.PausedFailing:
		return "nothing but failures for 5 days"
	}
	return reason
}

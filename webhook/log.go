package webhook

import (
	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// logOutcome tells of the first failure of a webhook, and of its first success
// after failures. What a receiver answered can repeat the message and is for
// debugging only.
func (s *scheduler) logOutcome(a *attempt, wasWell bool) {
	o := &a.outcome
	level, msg, text := zerolog.DebugLevel, "webhook attempt made", o.Error
	switch {
	case o.verdict == delivered && !wasWell:
		level, msg = zerolog.InfoLevel, "webhook answers again"
	case o.verdict == local && wasWell:
		level, msg = zerolog.WarnLevel, "webhook cannot be reached from here, attempts are not counted"
	case o.verdict == failed && wasWell:
		level, msg = zerolog.WarnLevel, "webhook attempt failed, it will be retried"
		if o.Code != 0 {
			text = ""
		}
	}
	ev := s.log.WithLevel(level).Str("webhook", a.to.ID).Str("delivery", a.delivery.ID).
		Int("attempt", a.delivery.Attempts+1).Int("status", o.Code)
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
		msg = "webhook delivery given up"
	case gateway.Blocked:
		msg = "webhook delivery blocked, its address may not be contacted"
	default:
		return
	}
	ev := s.log.Warn().Str("webhook", a.to.ID).Str("delivery", a.delivery.ID).
		Int("attempts", a.settled.Attempts).Int("status", a.outcome.Code)
	if a.outcome.Code == 0 {
		ev = ev.Str("error", a.outcome.Error)
	}
	ev.Msg(msg)
}

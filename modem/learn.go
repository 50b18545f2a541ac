package modem

import (
	"errors"
	"time"

	"tetherd/gateway"
)

// learn draws conclusions for the modem from what became of a part.
func (s *session) learn(p *part, fault *gateway.SendError) {
	m, now := s.m, time.Now()
	if fault == nil {
		s.mended = false
		m.rests.proven()
		m.brake.passed(now)
		return
	}
	r, isRefusal := refused(fault.Err)
	switch {
	case !isRefusal && !errors.Is(fault.Err, errTimeout):
		return // the session is over, or nobody waited
	case r.badValidity():
		m.mu.Lock()
		m.noVP = s.simID
		m.mu.Unlock()
		return
	case isRefusal && r.incapable():
		kick(s.check)
		s.suspect = true
		m.rests.incapable(now, r.cause().text)
	case isRefusal && r.cause().verdict == pause:
		kick(s.check)
		s.suspect = true
		m.rests.begin(now, r.cause().wait, "Sending rests after an error: "+r.cause().text)
	case isRefusal && r.cause().verdict == never:
		return // the message's fault
	default:
		if !isRefusal { // no answer: it may have restarted without a word
			s.suspect = true
			kick(s.check)
		}
		if r.congested() {
			m.brake.congested(now)
			s.log.Info().Dur("gap", m.brake.gap).Msg("network is congested: sending more slowly")
		}
		if m.rests.refused(p.to) {
			s.ailing, s.suspect = true, true
			kick(s.check)
			m.rests.begin(now, 0, "Sending rests after several messages failed: "+fault.Text)
		}
	}
	s.assess()
}

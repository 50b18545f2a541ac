package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settleCanary stores what became of the canary of a modem, and of those that count as
// missed and came in after all; mu is locked.
func (g *Gateway) settleCanary(ctx context.Context, l *lane) error {
	s, c := g.canaries.state.clone(), Change{Settings: make(map[string]string)}
	m := s.of(l.modem.ID())
	for i := range m.Results {
		r := &m.Results[i]
		if !r.Own || r.RoundTrip != 0 {
			continue
		}
		at, err := g.canaryArrived(r.Token)
		if err != nil {
			return err
		}
		if at != 0 {
			r.RoundTrip = max(r.Began.Until(at), time.Millisecond)
			c.Settings[settingArrival+r.Token] = ""
		}
	}
	if f := m.Flight; f != nil {
		r, done, err := g.canaryResult(f)
		if err != nil {
			return err
		}
		if done {
			m.Flight = nil
			m.add(r)
			c.Settings[settingArrival+f.Token] = ""
			g.judgeCanary(&c, l, m, &r)
		}
	}
	if len(c.Settings) == 0 {
		return nil
	}
	return g.saveCanaries(ctx, c, s)
}

// canaryResult returns what became of a canary; done is false if that is not known yet.
func (g *Gateway) canaryResult(f *CanaryFlight) (r CanaryResult, done bool, err error) {
	r = CanaryResult{Token: f.Token, At: f.At, Began: f.Began, Own: f.Own}
	now := g.clock.Now()
	at := Tick(0)
	if f.Own {
		if at, err = g.canaryArrived(f.Token); err != nil {
			return r, false, err
		}
	}
	m, err := g.store.Message(f.Message)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrDamaged) {
		return r, false, err
	}
	state, fault := Failed, "its message is not kept any more"
	if err == nil {
		state, fault = m.State(), m.Recipients[0].Error
	}
	if !f.Own && state == Delivered {
		at = now
	}
	switch {
	case at != 0:
		r.RoundTrip = max(f.Began.Until(at), time.Millisecond)
	case state == Failed:
		r.Error = "it could not be sent: " + fault
	case state == Cancelled:
		r.Error = "it was cancelled"
	case now < f.Deadline:
		return r, false, nil
	case state == Pending || state == Processed:
		r.Error = fmt.Sprintf("it was not sent within %s", g.Canary.Timeout)
	case f.Own:
		r.Error = fmt.Sprintf("it was sent, and did not come in within %s", g.Canary.Timeout)
	default:
		r.Error = fmt.Sprintf("it was sent, and no delivery report came within %s", g.Canary.Timeout)
	}
	return r, true, nil
}

// judgeCanary draws the conclusions of a result, and says to webhooks when a modem
// fails, and when it works again.
func (g *Gateway) judgeCanary(c *Change, l *lane, m *CanaryStatus, r *CanaryResult) {
	at := g.now()
	note := CanaryNotice{SIM: l.slot, Modem: m.Modem, RoundTrip: r.RoundTrip, At: at}
	if r.OK() {
		note.Misses = m.Misses
		if m.Told {
			g.emit(c, m.Modem, at, CanaryRecovered{note})
		}
		m.Misses, m.Told = 0, false
		l.log.Info().Dur("round_trip", r.RoundTrip).Msg("canary came through")
		return
	}
	m.Misses++
	m.Next = min(m.Next, g.clock.Now().Add(backoff(canaryRetry, m.Misses, g.Canary.Every)))
	l.log.Warn().Int("misses", m.Misses).Str("reason", r.Error).Msg("canary did not come through")
	if m.Misses >= g.Canary.Misses && !m.Told {
		note.Misses, note.Reason = m.Misses, r.Error
		g.emit(c, m.Modem, at, CanaryFailed{note})
		m.Told = true
	}
}

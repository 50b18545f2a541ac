package modem

import (
	"context"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// While messages wait to be sent, looking for received ones has to be brief.
const (
	lookGap   = 2 * time.Second  // between looks that an unsolicited code asked for
	lookMost  = 5 * time.Second  // of one look, then a message may be sent
	afterSend = 10 * time.Second // until the next sweep, at most, after a part was sent
	deferMost = time.Minute      // of polls and sweeps

	thoroughSweep = 10 // every so many sweeps
)

// serve sends, receives and watches until the session is over. Its error is never
// nil.
func (s *session) serve(ctx context.Context) error {
	l := &link{parts: make(chan *part), errands: make(chan *errand), acks: make(chan struct{}, 256), done: make(chan struct{})}
	s.m.connect(l)
	defer close(l.done)
	defer s.m.connect(nil)

	s.m.rests.renew()
	if err := s.sweep(ctx, l, true); err != nil {
		return err
	}
	s.stir()
	s.since = time.Now()
	if s.first.IsZero() {
		s.first = s.since
	}
	s.m.dog.count(func(c *gateway.ModemCounters) { c.Sessions++ })
	s.assess()
	s.log.Info().Str("profile", s.profile.name).Str("storage", s.boxes.main).Str("cnmi", s.cnmi).Msg("modem set up")

	now := time.Now()
	sweepAt, pollAt := now.Add(s.m.o.SweepInterval), s.nextPoll(now)
	var lookedAt time.Time
	sweeps := 0
	pending := false // an unsolicited code asked for a look
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now = time.Now()
		parts := l.parts
		if now.Before(s.m.brake.until) || s.ussd.open {
			parts = nil
		}
		hurry := l.waiting.Load() > 0 && parts != nil
		due := func(t time.Time) bool { return !now.Before(t) && (!hurry || now.Sub(t) > deferMost) }
		var err error
		switch {
		case len(l.acks) > 0:
			<-l.acks
			err = s.acknowledge()
		case s.ussd.open && !now.Before(s.ussd.until):
			err = s.endService()
		case pending && (!hurry || now.Sub(lookedAt) >= lookGap):
			pending = false
			err = s.lookAtWanted(ctx, l)
			lookedAt = time.Now()
		case due(sweepAt):
			sweeps++
			err = s.sweep(ctx, l, sweeps%thoroughSweep == 0)
			lookedAt = time.Now()
			sweepAt = lookedAt.Add(s.m.o.SweepInterval)
		case due(pollAt), s.resting && !now.Before(s.m.rests.until):
			err = s.watch(ctx)
			pollAt = s.nextPoll(time.Now())
		default:
			timer.Reset(s.sleep(now, hurry, sweepAt, pollAt, lookedAt, pending))
			select {
			case p := <-parts:
				l.waiting.Add(-1)
				err = s.submit(p)
				if err == nil && s.m.dog.idle() {
					err = errIdle
				}
				sweepAt = earlier(sweepAt, time.Now().Add(afterSend))
			case e := <-l.errands:
				err = e.run(ctx, s, l)
			case <-s.calls.hangUp:
				err = s.refuseCall()
			case <-s.look:
				pending = true
			case <-l.acks:
				err = s.acknowledge()
			case <-s.check:
				pollAt = now
			case <-s.restart:
				err = errRebooted
			case <-s.m.dog.ask:
				err = errAsked
			case <-timer.C:
			case <-ctx.Done():
				err = ctx.Err()
			case <-s.conn.line.Done():
				err = s.conn.gone(nil)
			}
		}
		if err != nil {
			return err
		}
	}
}

// sleep returns how long nothing is due.
func (s *session) sleep(now time.Time, hurry bool, sweepAt, pollAt, lookedAt time.Time, pending bool) time.Duration {
	next := earlier(sweepAt, pollAt)
	if hurry {
		next = now.Add(lookGap) // a part is about to come, or its sender gave up
	}
	if pending {
		next = earlier(next, lookedAt.Add(lookGap))
	}
	if s.resting {
		next = earlier(next, s.m.rests.until)
	}
	if s.ussd.open {
		next = earlier(next, s.ussd.until)
	}
	if until := s.m.brake.until; now.Before(until) {
		next = earlier(next, until)
	}
	return max(next.Sub(now), time.Millisecond)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// watch looks at the network, at the SIM, and at the settings if they are in doubt.
func (s *session) watch(ctx context.Context) error {
	lines, err := s.conn.run("+CPIN?", line.Command{Prefix: []string{"+CPIN:"}, Timeout: storeLimit, Lone: quickLimit})
	if fatal(err) {
		return err
	}
	state, known := parseCPIN(lines)
	lost := known && state != "READY" && state != "SIM PIN2" && state != "SIM PUK2"
	if lost || isRefusal(err, cmeNoSIM, cmsNoSIM) {
		s.m.enter(gateway.ModemStarting, "The SIM was changed or lost, and the modem is being set up.")
		return errReconfigure
	}
	if s.suspect {
		if err := s.verify(); err != nil {
			return err
		}
	}
	if err := s.poll(ctx); err != nil {
		return err
	}
	if s.ailing {
		if err := s.examine(); err != nil {
			return err
		}
	}
	s.assess()
	s.m.dog.settle(s.since)
	if err := s.listen(); err != nil {
		return err
	}
	return s.seekNetwork()
}

// deafReason is why something is done about a modem that receives nothing.
const deafReason = "Nothing was received for much longer than usual."

// listen does something about a modem that nothing reaches any more.
func (s *session) listen() error {
	switch step, ok := s.m.dog.deaf(s.first); {
	case !ok:
	case step == gateway.StepInit:
		return errDeaf
	default:
		s.log.Warn().Msg("nothing was received for much longer than usual: switching the modem's radio off and on")
		return s.cycleRadio(deafReason)
	}
	return nil
}

// assess sets the state from what is known.
func (s *session) assess() {
	state, reason, ok := s.m.rests.resting(time.Now())
	if s.resting = ok; ok {
		s.m.enter(state, reason)
		return
	}
	if !gateway.Registered(s.reg.stat) {
		s.m.enter(gateway.ModemWaiting, explainStat(s.reg.stat))
		return
	}
	s.m.enter(gateway.ModemReady, "")
}

// acknowledge confirms a message that the modem handed over directly (3GPP TS
// 27.005 §3.4.4, +CNMA), without which it would stop handing over any.
func (s *session) acknowledge() error {
	err := s.conn.set("+CNMA", quickLimit)
	if err != nil && !fatal(err) {
		s.suspect = true // it may have switched direct delivery off
	}
	return unlessFatal(err)
}

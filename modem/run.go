package modem

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// How the port is looked for again.
const (
	redialMin  = 500 * time.Millisecond
	redialMax  = 30 * time.Second
	presence   = 500 * time.Millisecond // between looks for a device that is not there
	provenLife = time.Minute            // of a session, after which failures count from the start
)

// Run keeps the modem going until ctx ends, then returns nil. It must be called
// once.
func (m *Modem) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { m.intake.run(ctx) })
	wg.Go(func() { m.passOnCalls(ctx) })
	defer wg.Wait()
	defer m.enter(gateway.ModemAbsent, "The gateway is stopping.")

	wg.Go(func() { m.dog.tend(ctx) })
	delays := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(redialMin), backoff.WithMaxInterval(redialMax), backoff.WithMaxElapsedTime(0))
	step := noStep
	for ctx.Err() == nil {
		begun, before := time.Now(), m.identity()
		err := m.dial(ctx, step)
		if ctx.Err() != nil {
			break
		}
		reason := m.reasonFor(err)
		m.dog.failed(m.troubleOf(err), reason)
		if m.dog.gaveUp() && !missing(err) {
			reason += " Nothing brought it back, and all is tried again within the hour."
		}
		repeated := m.current().State == gateway.ModemAbsent && m.current().Reason == reason
		m.enter(gateway.ModemAbsent, reason)
		if missing(err) || time.Since(begun) > provenLife {
			delays.Reset()
		}
		delay := m.absence()
		switch due, planned := m.dog.next(); {
		case missing(err):
		case errors.Is(err, errAsked):
			delay = 0
		case planned && time.Until(due) <= redialMax:
			delay = max(time.Until(due), 0)
		default:
			delay = delays.NextBackOff()
		}
		if !missing(err) && !errors.Is(err, errAsked) {
			level := zerolog.WarnLevel
			if repeated {
				level = zerolog.DebugLevel
			}
			m.log.WithLevel(level).Err(err).Dur("again_in", delay).Msg("modem lost")
			if !repeated {
				m.o.Recorder.Fail("modem lost: " + err.Error())
			}
		}
		var changed bool
		if step, changed = m.await(ctx, delay, before); changed {
			delays.Reset()
		}
		m.act(ctx, step)
	}
	return nil
}

// await lets time pass until the port is to be tried again. It returns early with
// a step that is due, or true if the device came, went or was replaced since it had
// the given identity.
func (m *Modem) await(ctx context.Context, d time.Duration, before string) (step gateway.RecoveryStep, changed bool) {
	changes, stop := m.arrivals()
	defer stop()
	for end := time.Now().Add(d); ctx.Err() == nil; {
		if step := m.dog.take(ctx); step != noStep {
			return step, false
		}
		left := time.Until(end)
		if left <= 0 {
			break
		}
		if m.identity() != before {
			return noStep, true
		}
		t := time.NewTimer(min(left, presence))
		select {
		case <-t.C:
		case <-changes:
		case <-m.dog.ask:
		case <-ctx.Done():
		}
		t.Stop()
	}
	return noStep, false
}

// dial opens the port, takes what belongs to a step, and serves the modem until it
// is lost.
func (m *Modem) dial(ctx context.Context, step gateway.RecoveryStep) error {
	return m.open(ctx, step, (*session).run)
}

// open opens the port and uses it for a session, which it closes afterwards.
func (m *Modem) open(ctx context.Context, step gateway.RecoveryStep, use func(*session, context.Context) error) error {
	port, err := m.openPort(ctx)
	if err != nil {
		return err
	}
	m.update(func(s *gateway.ModemStatus) { s.Port = m.portName() })
	defer m.update(func(s *gateway.ModemStatus) {
		s.Port, s.Registration, s.Signal, s.Operator = "", regUnknown, 99, ""
	})
	if place := m.place.Load(); place != nil {
		watch, end := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { m.watchSharing(watch, place) })
		defer wg.Wait()
		defer end()
	}
	m.dog.place(m.usb.name(m.portName()))
	s := newSession(m, port, step)
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		s.conn.line.Close()
	})
	defer func() {
		s.conn.close()
		if !stop() {
			<-closed
		}
	}()
	err = use(s, ctx)
	if errors.Is(err, errGone) && !s.leaving && ctx.Err() == nil {
		m.dog.lost(signLoss)
	}
	return err
}

// troubleOf returns what kind of failure ended an attempt to use the modem. A port
// that was lost is none yet: it may be there again at the next attempt.
func (m *Modem) troubleOf(err error) trouble {
	e, isPort := errors.AsType[*portError](err)
	switch {
	case missing(err):
		return troubleGone
	case isPort:
		return e.trouble
	case errors.Is(err, errIdle):
		return troubleIdle
	case errors.Is(err, errMute), errors.Is(err, errDesync):
		if m.noteSharing(m.place.Load()) != "" {
			return untroubled // the others take its answers, and no reset ends that
		}
		return troubleMute
	}
	return untroubled
}

// reasonFor finds words for the owner of a modem that was lost or not found.
func (m *Modem) reasonFor(err error) string {
	if e, ok := errors.AsType[*portError](err); ok {
		return e.reason
	}
	switch {
	case missing(err):
		return "Port " + m.portName() + " is not there. Plug the modem in, or check the name of the port."
	case errors.Is(err, errAsked):
		return "The modem is being restarted because somebody asked for it."
	case errors.Is(err, errIdle):
		return "The modem takes messages and does not answer for them. It is being restarted."
	case errors.Is(err, errMute):
		return "The device on port " + m.portName() + " does not answer. Check that this is the modem's AT port, or unplug the modem and plug it in again." + m.doubt()
	case errors.Is(err, errDesync):
		return "The modem on port " + m.portName() + " answers out of step, or another program uses the port, too." + m.blame()
	case errors.Is(err, errGone):
		return "The modem on port " + m.portName() + " was unplugged or lost power. If that happens while sending, its power supply may be too weak."
	}
	return "The modem on port " + m.portName() + " failed: " + err.Error() + "."
}

// rest waits for d or the end of ctx.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

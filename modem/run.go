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
	defer wg.Wait()
	defer m.enter(gateway.ModemAbsent, "The gateway is stopping.")

	delays := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(redialMin), backoff.WithMaxInterval(redialMax), backoff.WithMaxElapsedTime(0))
	for ctx.Err() == nil {
		begun, before := time.Now(), m.identity()
		err := m.dial(ctx)
		if ctx.Err() != nil {
			break
		}
		reason := m.reasonFor(err)
		repeated := m.Status().State == gateway.ModemAbsent && m.Status().Reason == reason
		m.enter(gateway.ModemAbsent, reason)
		if missing(err) || time.Since(begun) > provenLife {
			delays.Reset()
		}
		delay := m.absence()
		if !missing(err) {
			delay = delays.NextBackOff()
			level := zerolog.WarnLevel
			if repeated {
				level = zerolog.DebugLevel
			}
			m.log.WithLevel(level).Err(err).Dur("again_in", delay).Msg("modem lost")
			if !repeated {
				m.o.Recorder.Fail("modem lost: " + err.Error())
			}
		}
		if m.await(ctx, delay, before) {
			delays.Reset()
		}
	}
	return nil
}

// await lets time pass until the port is to be tried again. It returns early,
// and true, if the device came, went or was replaced since it had the given
// identity.
func (m *Modem) await(ctx context.Context, d time.Duration, before string) (changed bool) {
	changes, stop := m.arrivals()
	defer stop()
	for end := time.Now().Add(d); ctx.Err() == nil; {
		left := time.Until(end)
		if left <= 0 {
			return false
		}
		if m.identity() != before {
			return true
		}
		t := time.NewTimer(min(left, presence))
		select {
		case <-t.C:
		case <-changes:
		case <-m.dog.ask:
			t.Stop()
			return true
		case <-ctx.Done():
		}
		t.Stop()
	}
	return false
}

// dial opens the port and serves the modem until it is lost.
func (m *Modem) dial(ctx context.Context) error {
	port, err := m.openPort(ctx)
	if err != nil {
		return err
	}
	m.update(func(s *gateway.ModemStatus) { s.Port = m.portName() })
	defer m.update(func(s *gateway.ModemStatus) {
		s.Port, s.Registration, s.Signal, s.Operator = "", regUnknown, 99, ""
	})
	if place := m.place; place != nil {
		watch, end := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { m.watchSharing(watch, place) })
		defer wg.Wait()
		defer end()
	}
	s := newSession(m, port)
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
	return s.run(ctx)
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

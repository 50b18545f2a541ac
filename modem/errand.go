package modem

import (
	"context"

	"tetherd/gateway"
)

// errand is something to be done in a session beside its own work.
type errand struct {
	do   func(ctx context.Context, s *session, l *link) error // an error ends the session
	done chan struct{}                                        // closed when do returned
}

// run does what was asked for, in the goroutine of the session.
func (e *errand) run(ctx context.Context, s *session, l *link) error {
	defer close(e.done)
	return e.do(ctx, s, l)
}

// errand has something done by the session between other commands, and waits for it.
// If ctx ends first it is done all the same, so do must keep what it writes from a
// caller that is gone.
func (m *Modem) errand(ctx context.Context, do func(ctx context.Context, s *session, l *link) error) error {
	m.mu.Lock()
	l, reason := m.link, m.status.Reason
	m.mu.Unlock()
	if l == nil {
		return &gateway.Error{Code: gateway.Conflict, Message: "the modem is not set up: " + reason}
	}
	e := &errand{do: do, done: make(chan struct{})}
	select {
	case l.errands <- e:
	case <-l.done:
		return &gateway.Error{Code: gateway.Conflict, Message: "the modem was lost meanwhile: try again when it is ready"}
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// PurgeStored takes in everything the modem's storages received, then deletes from
// them what others stored to be sent, and returns how many messages that were. What
// could not be taken in stays. It waits until the modem has no PDU in hand, and fails
// with code [gateway.Conflict] if it is not set up or is lost meanwhile.
func (m *Modem) PurgeStored(ctx context.Context) (int, error) {
	purged, lost := 0, error(nil)
	err := m.errand(ctx, func(ctx context.Context, s *session, _ *link) error {
		s.purging, s.purged = true, 0
		lost = s.sweepAll(ctx)
		purged, s.purging = s.purged, false
		return lost
	})
	if err != nil {
		return 0, err
	}
	if lost != nil {
		return purged, &gateway.Error{Code: gateway.Conflict, Message: "the modem was lost meanwhile: try again when it is ready", Err: lost}
	}
	return purged, nil
}

// Sweep takes in what the modem's storages hold, without waiting to be told of it. It
// waits until the modem has no PDU in hand, and fails with code [gateway.Conflict] if
// it is not set up or is lost meanwhile.
func (m *Modem) Sweep(ctx context.Context) error {
	lost := make(chan error, 1)
	err := m.errand(ctx, func(ctx context.Context, s *session, l *link) error {
		err := s.sweep(ctx, l, true)
		lost <- err
		return err
	})
	if err != nil {
		return err
	}
	if err := <-lost; err != nil {
		return &gateway.Error{Code: gateway.Conflict, Message: "the modem was lost meanwhile: it looks for messages when it is back", Err: err}
	}
	return nil
}

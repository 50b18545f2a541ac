package modem

import (
	"context"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
)

const (
	// blindLimit is how long a modem that may be past answering gets to answer.
	blindLimit = 10 * time.Second
	// radioRest is for how long the radio stays off.
	radioRest = 5 * time.Second
	// leaveTime is how long a modem may take to leave after it was told to restart.
	leaveTime = 5 * time.Second
	// patientTries is how often a modem is called, once a second, that may be starting.
	patientTries = 60
	// initTries is the same for one that was only set up again.
	initTries = 30
)

// has tells whether the modem has a step, given what is known of it.
func (m *Modem) has(r record, step gateway.RecoveryStep) bool {
	switch step {
	case gateway.StepReboot:
		b := profileFor(r.Manufacturer, r.Model).reboot
		return r.Manufacturer != "" && b.command != "" && (!b.storage || r.USB == "" || m.switches())
	case gateway.StepUSB:
		return m.usb.has(m.portName(), r.USB)
	case gateway.StepCommand:
		return len(m.o.ResetCommand) > 0
	}
	return true
}

// act does the part of a step that is done with the port closed.
func (m *Modem) act(ctx context.Context, step gateway.RecoveryStep) {
	var err error
	switch step {
	case gateway.StepUSB:
		err = m.usb.reset(ctx, m.portName(), m.dog.snapshot().USB)
	case gateway.StepCommand:
		err = m.runResetCommand(ctx)
	}
	if err != nil && ctx.Err() == nil {
		m.log.Error().Err(err).Stringer("step", step).Msg("recovery step failed")
	}
}

// force does the part of a step that is done with commands. The modem may be past
// answering, and still do as it is told.
func (s *session) force(step gateway.RecoveryStep) error {
	switch step {
	case gateway.StepRadio:
		if err := s.blind("+CFUN=4"); err != nil {
			return err
		}
		if err := s.conn.rest(radioRest); err != nil {
			return err
		}
		return s.blind("+CFUN=1")
	case gateway.StepReboot:
		s.leaving = true
		known := s.m.dog.snapshot()
		if err := s.blind(profileFor(known.Manufacturer, known.Model).reboot.command); err != nil {
			return err
		}
		if err := s.conn.rest(leaveTime); err != nil {
			return err
		}
		return s.hush()
	}
	return nil
}

// triesAfter returns how often the modem is called after a step.
func triesAfter(step gateway.RecoveryStep) int {
	switch {
	case step == gateway.StepInit:
		return initTries
	case step > gateway.StepInit && step < gateway.StepWait:
		return patientTries
	}
	return wakeTries
}

// blind runs a command whether it is answered or not. Its error ends the session.
func (s *session) blind(cmd string) error {
	c := s.conn
	c.line.Begin(line.Command{Prefix: []string{"+CFUN:"}, Timeout: blindLimit, Numeric: true})
	_, err := c.engine.Command(cmd, noTimeout)
	out := c.line.End()
	c.line.Clean()
	if _, answered := refused(err); err == nil || answered || out.TimedOut || out.Aborted {
		return nil
	}
	return c.gone(err)
}

// cycleRadio switches the radio off and on again (3GPP TS 27.007 §8.2, +CFUN; 0 in
// place of 4 would take some modems off the bus).
func (s *session) cycleRadio(reason string) error {
	s.m.dog.step(gateway.StepRadio, reason)
	for _, cmd := range []string{"+CFUN=4", "+CFUN=1"} {
		s.stir()
		if _, err := s.conn.run(cmd, line.Command{Prefix: []string{"+CFUN:"}, Timeout: cfunLimit}); fatal(err) {
			return err
		}
		if cmd == "+CFUN=4" {
			if err := s.conn.rest(radioRest); err != nil {
				return err
			}
		}
	}
	return nil
}

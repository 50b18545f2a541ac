package modem

import (
	"context"
	"errors"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// How a modem is woken.
const (
	hushBefore = 300 * time.Millisecond
	hushAfter  = 100 * time.Millisecond
	wakeTries  = 10
	wakeLimit  = time.Second
	loudTry    = 3 // every so manieth try, a modem that keeps its results to itself is told to give them
)

// How often a command is repeated while the SIM or the modem is busy.
const (
	busyTries = 15
	busyRest  = time.Second
)

// bringUp brings the modem from any state it may have been left in to the one
// serve needs. It changes nothing that would survive a power cycle.
func (s *session) bringUp(ctx context.Context) error {
	s.dialogue, s.noting = dialogue{}, true
	defer func() { s.noting = false }()
	s.begin("calling the modem")
	s.setSettled(false)
	if err := s.startRates(); err != nil {
		return err
	}
	if err := s.hush(); err != nil {
		return err
	}
	s.conn.renew()
	tries := wakeTries
	if step := s.step; step != noStep {
		s.step = noStep
		if err := s.force(step); err != nil {
			return err
		}
		tries = triesAfter(step)
	}
	if err := s.wakeUp(tries); err != nil {
		return err
	}
	s.leaving = false
	s.setSettled(true)
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"asking the modem who it is", s.identify},
		{"seeing to it that its radio is on", s.powerUp},
		{"waiting for the SIM, up to a minute", s.unlock},
		{"asking the SIM who it is", s.identifySIM},
		{"choosing PDU mode", s.pduMode},
		{"choosing a message storage", s.chooseStores},
		{"asking to be told about messages", s.subscribe},
		{"looking at the network", s.watchNetwork},
		{"asking to be told who calls", s.announceCallers},
		{"asking for the service centre", s.extras},
	} {
		s.begin(step.what)
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	setup := s.describe()
	s.m.update(func(st *gateway.ModemStatus) { st.Setup = setup })
	return nil
}

// begin tells people what comes next.
func (s *session) begin(what string) {
	if s.beginning != nil {
		s.beginning(what)
	}
}

// hush gets a modem out of a prompt that someone before left open, and lets it
// say what it still has to. An escape abandons a half-written PDU, where a
// Ctrl-Z would send it.
func (s *session) hush() error {
	if err := s.conn.rest(hushBefore); err != nil {
		return err
	}
	if err := s.conn.line.Interrupt(true); err != nil {
		return s.conn.gone(err)
	}
	return s.conn.rest(hushAfter)
}

// wakeUp waits for the modem to answer, at most as many seconds as tries at one baud
// rate, and switches its echo off. The first commands after power-up may be swallowed,
// or serve the modem to find the rate.
func (s *session) wakeUp(tries int) error {
	c := s.conn
	missed := 0
	s.rates.allow(tries)
	for {
		cmd := ""
		if missed%loudTry == loudTry-1 {
			cmd = "Q0" // V.250 §6.2.5
		}
		c.line.Begin(line.Command{Timeout: wakeLimit, Numeric: true})
		_, err := c.engine.Command(cmd, noTimeout)
		out := c.line.End()
		if _, answered := refused(err); !out.TimedOut && (err == nil || answered) {
			break
		}
		if !out.TimedOut {
			return c.gone(err)
		}
		missed++
		if err := s.nextRate(); err != nil {
			return err
		}
		c.line.Clean()
	}
	c.unheard = 0
	if s.m.current().State == gateway.ModemAbsent {
		s.m.enter(gateway.ModemStarting, "The modem is being set up.")
	}
	// Echo off, which the Nokia N900 takes only after it was told to switch it on,
	// words instead of numbers, no hanging up when the port is closed, numbers instead
	// of words in errors. Each may be refused.
	for _, cmd := range []string{"E1", "E0", "V1", "&D0", "+CMEE=1"} {
		if _, err := c.run(cmd, line.Command{Timeout: quickLimit, Numeric: true}); fatal(err) {
			return err
		}
	}
	s.m.baud = s.foundBaud()
	s.m.update(func(st *gateway.ModemStatus) { st.Baud = s.m.baud })
	if missed > 0 {
		// Answers to the commands that were missed may still come. A modem that cannot
		// be brought in step has no way to tell, and gets the benefit of the doubt.
		if err := c.resync(); fatal(err) && !errors.Is(err, errDesync) {
			return err
		}
		c.line.Clean()
		return nil
	}
	// The answer to the escape may be among those read.
	for _, q := range syncQueries {
		if done, err := c.sync(q); err != nil || done {
			return err
		}
	}
	c.line.Clean()
	return nil
}

// try runs a command that may be refused. Its error ends the session.
func (s *session) try(cmd string, limit time.Duration) error {
	if err := s.conn.set(cmd, limit); fatal(err) {
		return err
	}
	return nil
}

// patiently repeats f while the modem or the SIM is busy.
func (s *session) patiently(f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if err == nil || fatal(err) || try == busyTries || !busy(err) {
			return err
		}
		if err := s.conn.rest(busyRest); err != nil {
			return err
		}
	}
}

// powerUp switches the radio on if it is off.
func (s *session) powerUp(context.Context) error {
	lines, err := s.conn.query("+CFUN?", "+CFUN:", storeLimit)
	if fatal(err) {
		return err
	}
	rest, _ := value(lines, "+CFUN:")
	if n, ok := nth(fields(rest), 0).number(); err != nil || !ok || n == 1 {
		return nil // on, or nothing can be known
	}
	// Some announce the new state like a boot line.
	err = s.patiently(func() error {
		_, err := s.conn.run("+CFUN=1", line.Command{Prefix: []string{"+CFUN:"}, Timeout: cfunLimit})
		return err
	})
	if fatal(err) {
		return err
	}
	if err != nil {
		s.log.Warn().Err(err).Msg("cannot switch the modem's radio on")
	}
	return nil
}

// pduMode selects a predictable character set and the mode in which PDUs are
// exchanged as hexadecimal digits (3GPP TS 27.005 §3.2.3).
func (s *session) pduMode(context.Context) error {
	if err := s.conn.set(`+CSCS="GSM"`, quickLimit); fatal(err) {
		return err
	} else if err != nil {
		if err := s.try(`+CSCS="IRA"`, quickLimit); err != nil {
			return err
		}
	}
	err := s.patiently(func() error { return s.conn.set("+CMGF=0", storeLimit) })
	if err != nil && !fatal(err) && !errors.Is(err, errTimeout) {
		return &hold{
			gateway.ModemBlocked, "The modem refuses PDU mode, so it cannot be used for SMS. Use another modem.", time.Minute, err,
		}
	}
	return err
}

// smsDomains are the values of +CGSMS (3GPP TS 27.007 §10.1.21).
var smsDomains = map[string]int{"ps": 0, "cs": 1, "ps-preferred": 2, "cs-preferred": 3}

// extras are settings and answers that nothing depends on.
func (s *session) extras(context.Context) error {
	if n, ok := smsDomains[s.m.o.Domain]; ok {
		if err := s.conn.set("+CGSMS="+strconv.Itoa(n), storeLimit); fatal(err) {
			return err
		} else if err != nil {
			s.log.Warn().Err(err).Msg("the modem does not let sms_domain be chosen")
		}
	}
	for _, cmd := range s.profile.warn {
		if err := s.try(cmd, storeLimit); err != nil {
			return err
		}
	}
	var smsc string
	err := s.patiently(func() error {
		lines, err := s.conn.query("+CSCA?", "+CSCA:", storeLimit)
		smsc = parseCSCA(lines)
		return err
	})
	if fatal(err) {
		return err
	}
	if s.m.o.SMSC != "" {
		smsc = s.m.o.SMSC
	}
	if smsc == "" {
		s.log.Warn().Msg("the SIM has no service centre number: set smsc in the configuration if sending fails")
	}
	s.own = s.m.o.Number
	if s.own == "" {
		lines, err := s.conn.query("+CNUM", "+CNUM:", storeLimit)
		if fatal(err) {
			return err
		}
		s.own = parseCNUM(lines)
	}
	s.m.intake.setOwn(s.own)
	s.m.update(func(st *gateway.ModemStatus) { st.SMSC, st.Number = smsc, s.own })
	return nil
}

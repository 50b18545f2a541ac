package modem

import (
	"context"
	"fmt"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// How long the SIM may be busy, or take to become ready after its PIN.
const (
	simPatience = 60 * time.Second
	simPoll     = time.Second
)

// When a SIM that cannot be used is looked at again.
const (
	againNoSIM  = 10 * time.Second
	againLocked = 30 * time.Second
)

// unlock gets the SIM ready, with the PIN if that is needed and was never tried
// on this SIM in vain. It never sends a PUK.
func (s *session) unlock(ctx context.Context) error {
	entered := false // the modem took the PIN in this call
	for begun := time.Now(); ; {
		// Some send no OK behind the answer (Wavecom).
		lines, err := s.conn.run("+CPIN?", line.Command{Prefix: []string{"+CPIN:"}, Timeout: storeLimit, Lone: quickLimit})
		if fatal(err) {
			return err
		}
		state, known := parseCPIN(lines)
		patient := time.Since(begun) < simPatience
		switch {
		case err != nil && isRefusal(err, cmeNoSIM, cmsNoSIM):
			return &hold{
				gateway.ModemBlocked, "There is no SIM in the modem, or it is not in contact. Insert a SIM.", againNoSIM, err,
			}
		case err != nil && isRefusal(err, cmeSIMFailure, cmsSIMFailure, cmeSIMWrong, cmsSIMWrong, cmeBlocked) && !patient:
			return &hold{gateway.ModemBlocked, "The SIM does not work. Try it in a phone, or use another SIM.", againLocked, err}
		case (err != nil || !known) && patient:
		case err != nil || !known:
			return &hold{gateway.ModemWaiting, "The SIM is not ready.", againNoSIM, err}
		case state == "READY", state == "SIM PIN2", state == "SIM PUK2":
			return s.unlocked(ctx)
		case state == "SIM PUK":
			return &hold{
				gateway.ModemBlocked,
				"The SIM asks for its PUK: a wrong PIN was entered too often. Put the SIM into a phone and unblock it there.",
				againLocked, nil,
			}
		case state != "SIM PIN":
			return &hold{
				gateway.ModemBlocked,
				fmt.Sprintf("The modem is locked (%s). Remove that lock with the tool or phone it was set with.", state),
				againLocked, nil,
			}
		case entered && patient: // ready only some time after the PIN was accepted
		default:
			if err := s.enterPIN(ctx); err != nil {
				return err
			}
			entered = true
			if err := s.conn.rest(s.profile.settle); err != nil {
				return err
			}
			continue
		}
		if err := s.conn.rest(simPoll); err != nil {
			return err
		}
	}
}

// enterPIN makes the one attempt there is, or returns why there is none. The
// attempt counts from the moment it is recorded, whatever becomes of it.
func (s *session) enterPIN(ctx context.Context) error {
	m := s.m
	blocked := func(reason string, err error) error {
		return &hold{gateway.ModemBlocked, reason, againLocked, err}
	}
	if m.o.PIN == "" {
		return blocked("The SIM asks for its PIN. Set pin in the configuration of this modem, or switch the PIN off with a phone.", nil)
	}
	check, record, err := s.pinKeys()
	if err != nil {
		return err
	}
	for _, key := range check {
		tried, err := m.o.Journal.PINTried(key, m.o.PIN)
		if err != nil {
			return blocked("It cannot be known whether the PIN was tried before, so it is not entered.", err)
		}
		if tried {
			return blocked("The PIN in the configuration was entered once and not accepted. It is not entered again, as the SIM would be blocked. Correct pin in the configuration.", nil)
		}
	}
	left, known, err := s.pinLeft()
	if err != nil {
		return err
	}
	if known && left < 2 {
		return blocked("The SIM allows only one more attempt at its PIN, so it is not entered. Put the SIM into a phone and enter the PIN there.", nil)
	}
	for _, key := range record {
		if err := m.o.Journal.RecordPIN(ctx, key, m.o.PIN); err != nil {
			return blocked("The attempt to enter the PIN could not be stored, so it is not made.", err)
		}
	}
	s.log.Info().Msg("entering the PIN")
	err = s.conn.set(`+CPIN="`+m.o.PIN+`"`, pinLimit)
	if fatal(err) {
		return err
	}
	if err != nil {
		s.log.Warn().Err(err).Msg("PIN not accepted")
		if isRefusal(err, cmePassword, cmePUK, cmsPUK) {
			for _, key := range record {
				if err := m.o.Journal.RecordPIN(ctx, refusedKey(key), m.o.PIN); err != nil {
					s.log.Error().Err(err).Msg("cannot store that the SIM refused the PIN: it may be entered again once the SIM was unlocked otherwise")
				}
			}
			return blocked("The SIM refused the PIN. It is not entered again, as the SIM would be blocked. Correct pin in the configuration.", err)
		}
	}
	return nil
}

// refusedKey marks attempts that are known to have failed, beside the record that there
// was one.
func refusedKey(key string) string { return "refused:" + key }

// unlocked forgets the attempt that led to a SIM that is ready. One that the SIM is
// known to have refused did not: somebody else unlocked the SIM, or switched its PIN
// off.
func (s *session) unlocked(ctx context.Context) error {
	m := s.m
	if m.o.PIN == "" {
		return nil
	}
	check, record, err := s.pinKeys()
	if err != nil {
		return err
	}
	for _, key := range concat(check, record) {
		tried, err := m.o.Journal.PINTried(key, m.o.PIN)
		vain := false
		if err == nil && tried {
			vain, err = m.o.Journal.PINTried(refusedKey(key), m.o.PIN)
		}
		if err == nil && tried && !vain {
			err = m.o.Journal.ClearPIN(ctx, key, m.o.PIN)
		}
		if err != nil {
			s.log.Error().Err(err).Msg("cannot clear the record of the PIN attempt: the PIN will not be entered next time")
		}
	}
	return nil
}

// pinKeys returns under which identities an attempt is looked up and recorded. A
// SIM whose ICCID is sometimes readable and sometimes not must not get two, so
// attempts are recorded for the modem as well; there those with an unknown SIM
// concern every SIM, the others only SIMs that are unknown.
func (s *session) pinKeys() (check, record []string, err error) {
	iccid, err := s.readICCID()
	if err != nil {
		return nil, nil, err
	}
	modem := "modem:" + s.m.o.Name
	if imei := s.m.Status().IMEI; imei != "" {
		modem = "imei:" + imei
	}
	any, unknown := modem+":any", modem+":unknown"
	if iccid == "" {
		return []string{any}, []string{unknown, any}, nil
	}
	return []string{iccid, unknown}, []string{any, iccid}, nil
}

// pinLeft returns how many attempts are left, if the modem tells.
func (s *session) pinLeft() (left int, known bool, err error) {
	for _, c := range s.profile.pin {
		w := line.Command{Many: true, Timeout: storeLimit}
		if w.Bare = c.prefix == ""; !w.Bare {
			w.Prefix = []string{c.prefix}
		}
		lines, err := s.conn.run(c.command, w)
		if fatal(err) {
			return 0, false, err
		}
		if left, ok := parseCounter(lines, c); ok && err == nil {
			return left, true, nil
		}
	}
	return 0, false, nil
}

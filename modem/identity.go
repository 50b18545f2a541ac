package modem

import (
	"context"
	"fmt"
	"slices"

	"tetherd/gateway"
)

// identify learns what modem this is and which profile it needs.
func (s *session) identify(context.Context) error {
	var manufacturer, model, revision, imei string
	for _, q := range []struct {
		cmd  string
		take func(lines []string)
	}{
		{"+CGMI", func(l []string) { manufacturer = parseText(l, "+CGMI:") }},
		{"+CGMM", func(l []string) { model = parseText(l, "+CGMM:") }},
		{"+CGMR", func(l []string) { revision = parseText(l, "+CGMR:") }},
		{"+CGSN", func(l []string) { imei, _ = parseDigits(l, 14, 17) }},
	} {
		lines, err := s.conn.identity(q.cmd)
		if err != nil && !fatal(err) {
			// Once more: all that is known of the family hangs on it.
			lines, err = s.conn.identity(q.cmd)
		}
		if fatal(err) {
			return err
		}
		if err == nil {
			q.take(lines)
		}
		if q.cmd != "+CGMI" {
			continue
		}
		for _, cmd := range profileFor(manufacturer, "").first {
			// The answer, if there is one, is of no interest.
			if _, err := s.conn.identity(cmd); fatal(err) {
				return err
			}
		}
	}
	s.profile = profileFor(manufacturer, model)
	s.linked, s.noLink, s.noCEER, s.noStore = false, false, false, false
	s.conn.line.SetPace(s.pace())
	before := s.m.current().IMEI
	if imei != before {
		clear(s.m.unlisted) // of another modem
	}
	s.m.dog.identify(manufacturer, model)
	s.m.update(func(st *gateway.ModemStatus) {
		st.Manufacturer, st.Model, st.Revision, st.IMEI = manufacturer, model, revision, imei
	})
	for _, cmd := range s.profile.quiet {
		if err := s.try(cmd, quickLimit); err != nil {
			return err
		}
	}
	return s.checkIdentity(before, imei)
}

// identifySIM learns whose SIM this is. Known already: the ICCID, if the SIM was
// to be unlocked.
func (s *session) identifySIM(context.Context) error {
	iccid, err := s.readICCID()
	if err != nil {
		return err
	}
	read := s.readIMSI
	if iccid == "" { // else it only has to be known to whoever asks what the modem said
		read = func() (string, error) { return agree(s.m.current().SIMID, s.readIMSI) }
	}
	imsi, err := read()
	if err != nil {
		return err
	}
	switch {
	case iccid != "":
		s.simID = iccid
	case imsi != "":
		s.simID = imsi
	default:
		s.simID = "modem:" + s.m.o.Name
	}
	s.checkCard(s.m.current().SIMID, s.simID)
	s.m.intake.setSIM(s.simID)
	s.m.update(func(st *gateway.ModemStatus) {
		st.ICCID = iccid
		st.SIMID = s.simID
	})
	return nil
}

// readICCID returns the identity of the SIM card, empty if the modem does not
// tell it.
func (s *session) readICCID() (string, error) {
	return agree(s.m.current().ICCID, func() (string, error) {
		for _, cmd := range s.profile.cards {
			lines, err := s.conn.identity(cmd)
			if fatal(err) {
				return "", err
			}
			if id, ok := parseICCID(lines); ok && err == nil {
				return id, nil
			}
		}
		return "", nil
	})
}

// readIMSI returns the identity of the subscriber, empty if the modem does not tell it.
func (s *session) readIMSI() (imsi string, err error) {
	err = s.patiently(func() error {
		lines, err := s.conn.identity("+CIMI")
		if err == nil {
			imsi, _ = parseDigits(lines, 14, 15)
		}
		return err
	})
	return imsi, unlessFatal(err)
}

// agreeTries is how often an identity is read to read one twice.
const agreeTries = 8

// agree reads an identity, which may be empty, until it is the one known before or was
// read the same twice. Nothing protects its digits on the line, and under a wrong one
// the parts of a message would not be put together, and a PIN be entered once more.
func agree(known string, read func() (string, error)) (string, error) {
	var seen []string
	for range agreeTries {
		id, err := read()
		if err != nil {
			return "", err
		}
		if id != "" && id == known || slices.Contains(seen, id) {
			return id, nil
		}
		seen = append(seen, id)
	}
	return "", fmt.Errorf("read identity of the SIM: %w", errDesync)
}

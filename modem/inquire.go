package modem

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// report fills in what the set-up found. err is why it did not get to its end.
func (s *session) report(r *Report, err error) {
	st, d := s.m.Status(), s.dialogue
	r.Port, r.Baud = st.Port, st.Baud
	r.Manufacturer, r.Model, r.Revision, r.IMEI = st.Manufacturer, st.Model, st.Revision, st.IMEI
	if e, ok := d.find("+CPIN?"); ok {
		state, known := parseCPIN(e.lines)
		if r.SIM.State = state; !known {
			r.SIM.State = strings.TrimSpace(e.final() + " " + e.meaning())
		}
		r.SIM.Ready = slices.Contains([]string{"READY", "SIM PIN2", "SIM PUK2"}, state)
	}
	r.SIM.ICCID, r.SIM.Number, r.SIM.SMSC = st.ICCID, st.Number, st.SMSC
	if e, ok := d.find("+CIMI"); ok && e.err == nil {
		r.SIM.IMSI, _ = parseDigits(e.lines, 14, 15)
	}
	for _, e := range d {
		if e.err == nil {
			continue
		}
		same := func(r RefusedReport) bool { return r.Command == e.command && r.Answer == e.final() }
		if i := slices.IndexFunc(r.Refused, same); i >= 0 {
			r.Refused[i].Times += e.times
			continue
		}
		r.Refused = append(r.Refused, RefusedReport{e.command, e.final(), e.meaning(), e.times})
	}
	if r.Setup = st.Setup; err == nil && r.Setup != nil {
		r.Profile = s.profile.name
		r.Findings = slices.Clone(r.Setup.Oddities)
		return
	}
	r.Setup = nil
	if _, ok := d.find("+CGSN"); ok {
		r.Profile = s.profile.name
		r.Findings = append(s.odditiesOfIdentity(), d.unanswered()...)
	}
}

// functions are commands that not all modems know, in forms that change nothing.
var functions = []struct{ command, prefix, about string }{
	{"+CMEE?", "+CMEE:", "numbers its errors, unless the answer is 0"},
	{"+CPINR", "+CPINR:", "tells how many attempts at the PIN are left"},
	{"+CMMS=?", "+CMMS:", "keeps the radio link up between the parts of a long message"},
	{"+CMGW=?", "+CMGW:", "stores messages before they are sent, for send: store"},
	{"+CNMA=?", "+CNMA:", "acknowledges what is handed over directly"},
	{"+CGSMS=?", "+CGSMS:", "chooses the network SMS go over, for sms_domain"},
	{"+CEER", "+CEER:", "says why the network refused"},
	{"+CUSD=?", "+CUSD:", "runs service codes such as *100#"},
	{"+CLIP=?", "+CLIP:", "tells who calls"},
	{"+CFUN=?", "+CFUN:", "switches the radio, and restarts the modem"},
	{"+CCLK?", "+CCLK:", "tells the network's time"},
}

// inquire finds out what a set-up does not, as far as the modem is able to: ready tells
// that it was set up. Its error ends the session.
func (s *session) inquire(ctx context.Context, wait time.Duration, ready bool, r *Report) error {
	s.begin("asking how many attempts at the PIN are left")
	left, known, err := s.pinLeft()
	if err != nil {
		return err
	}
	if known {
		r.SIM.PINTries = &left
	}
	if r.SIM.ICCID == "" {
		if r.SIM.ICCID, err = s.readICCID(); err != nil {
			return err
		}
	}
	if ready {
		if err := s.awaitNetwork(ctx, wait); err != nil {
			return err
		}
		if err := s.askStorages(r); err != nil {
			return err
		}
	}
	if err := s.askNetwork(r); err != nil {
		return err
	}
	s.begin("asking what the modem can do")
	for _, f := range functions {
		if s.profile.noLink && f.prefix == "+CMMS:" {
			continue // it misbehaves when it is asked
		}
		lines, err := s.conn.run(f.command, line.Command{Prefix: []string{f.prefix}, Many: true, Timeout: quickLimit})
		if fatal(err) {
			return err
		}
		e := exchange{err: err}
		answer := e.final()
		if err == nil && len(lines) > 0 {
			answer = line.Mask(strings.TrimSpace(strings.TrimPrefix(lines[0], f.prefix)))
		}
		r.Functions = append(r.Functions, FunctionReport{f.command, f.about, err == nil, answer})
	}
	return nil
}

// awaitNetwork waits until the modem is registered, is refused, or the time is up.
func (s *session) awaitNetwork(ctx context.Context, wait time.Duration) error {
	told := false
	for end := time.Now().Add(wait); ; {
		if gateway.Registered(s.reg.stat) || s.reg.stat == regDenied || !time.Now().Add(pollLost).Before(end) {
			return nil
		}
		if !told {
			s.begin(fmt.Sprintf("waiting for the network, up to %v", wait))
			told = true
		}
		rest(ctx, pollLost)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.poll(ctx); err != nil {
			return err
		}
	}
}

// askStorages has a look at how full the storages are that the modem offers, and goes
// back to the one in use.
func (s *session) askStorages(r *Report) error {
	b := &s.boxes
	if b.main == "" {
		return nil
	}
	s.begin("looking at how full the storages are")
	mems := parseStores([]string{"+CPMS: " + r.Setup.StoragesOffered})[0]
	if len(mems) == 0 {
		mems = b.others
	}
	mems = slices.DeleteFunc(concat(mems, nil), func(mem string) bool { return mem == "BM" || mem == b.main })
	for _, mem := range append(mems, b.main) { // that in use last, so that it stays open
		f, known, err := s.open(mem)
		if fatal(err) {
			return err
		}
		sr := StorageReport{Name: mem, Receives: mem == b.main}
		switch {
		case err != nil:
			sr.Obstacle = exchange{err: err}.final()
		case known:
			sr.Used, sr.Capacity = f.used, f.total
		}
		r.Storages = append(r.Storages, sr)
	}
	slices.Reverse(r.Storages)
	return nil
}

// domains are what the queries of networks are about.
var domains = map[string]string{"+CREG": "CS", "+CGREG": "PS", "+CEREG": "EPS", "+C5GREG": "5GS"}

// technologies are the names of <AcT> (3GPP TS 27.007 §7.3).
var technologies = []string{
	"GSM", "GSM", "UMTS", "EDGE", "UMTS (HSDPA)", "UMTS (HSUPA)", "UMTS (HSPA)", "LTE", "EC-GSM-IoT", "NB-IoT", "LTE (5G core)", "5G", "5G (NG-RAN)", "LTE with 5G",
}

// askNetwork asks for each registration, the operator and the signal.
func (s *session) askNetwork(r *Report) error {
	s.begin("looking at the network")
	for _, n := range networks {
		lines, err := s.conn.query(n+"?", n+":", storeLimit)
		if fatal(err) {
			return err
		}
		if errors.Is(err, errNoAnswer) {
			if lines = s.heard(n + ":"); len(lines) > 0 {
				err = nil
			}
		}
		rr := RegistrationReport{Domain: domains[n], Stat: -1, Words: "not told (" + exchange{err: err}.final() + ")"}
		if err == nil {
			if stat, ok := parseCREG(lines[0]); ok {
				rr.Stat, rr.Words = stat, gateway.RegistrationName(stat)
				r.Network.Registered = r.Network.Registered || gateway.Registered(stat)
			}
		}
		r.Network.Registrations = append(r.Network.Registrations, rr)
	}
	lines, err := s.conn.query("+CSQ", "+CSQ:", storeLimit)
	if fatal(err) {
		return err
	}
	if rssi, ok := parseCSQ(lines); err == nil && ok && rssi <= 31 {
		r.Network.Signal = &rssi
	}
	lines, err = s.conn.query("+COPS?", "+COPS:", copsLimit)
	if fatal(err) {
		return err
	}
	if err == nil {
		r.Network.Operator = parseCOPS(lines)
		rest, _ := value(lines, "+COPS:")
		if act, ok := nth(fields(rest), 3).number(); ok && act < len(technologies) {
			r.Network.Technology = technologies[act]
		}
	}
	return nil
}

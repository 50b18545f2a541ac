package emulator

import (
	"slices"
	"strings"
	"time"
)

// need is what a command demands of the SIM.
type need int

const (
	needNothing need = iota
	needSIM          // refused with a CME error
	needSMS          // refused with a CMS error
)

// spec is one command of the table.
type spec struct {
	run           func(*session, command) verdict
	need          need
	free          bool // runs without the modem's lock, because it waits
	before, after Point
}

// commands is the command set, by name.
var commands = map[string]spec{
	"E": {run: (*session).cmdEcho}, "V": {run: (*session).cmdVerbose}, "Q": {run: (*session).cmdQuiet},
	"Z": {run: (*session).cmdDefaults}, "&F": {run: (*session).cmdDefaults}, "I": {run: (*session).cmdInformation},
	"&C": {run: accepted}, "&D": {run: accepted}, "&W": {run: accepted}, "H": {run: (*session).cmdHangUp}, "A": {run: (*session).cmdAnswer},
	"L": {run: accepted}, "M": {run: accepted}, "X": {run: accepted}, "S0": {run: accepted},
	"+IPR": {run: accepted}, "+IFC": {run: accepted}, "+ICF": {run: accepted},
	"D": {run: (*session).cmdDial},

	"+GMI": {run: (*session).cmdManufacturer}, "+CGMI": {run: (*session).cmdManufacturer},
	"+GMM": {run: (*session).cmdModel}, "+CGMM": {run: (*session).cmdModel},
	"+GMR": {run: (*session).cmdRevision}, "+CGMR": {run: (*session).cmdRevision},
	"+GSN": {run: (*session).cmdIMEI}, "+CGSN": {run: (*session).cmdIMEI},
	"+GCAP": {run: (*session).cmdCapabilities},
	"+CMEE": {run: (*session).cmdCMEE}, "+CSCS": {run: (*session).cmdCSCS}, "+CCLK": {run: (*session).cmdCCLK},
	"+CEER": {run: (*session).cmdCEER}, "+CLCC": {run: (*session).cmdCLCC}, "+CHUP": {run: (*session).cmdHangUp},
	"+CRC": {run: (*session).cmdCRC}, "+CLIP": {run: (*session).cmdCLIP},

	"+CFUN": {run: (*session).cmdCFUN}, "+CPIN": {run: (*session).cmdCPIN}, "+CPINR": {run: (*session).cmdCPINR},
	"+CCID": {run: (*session).cmdICCID}, "+ICCID": {run: (*session).cmdICCID}, "+QCCID": {run: (*session).cmdICCID},
	"+CIMI": {run: (*session).cmdCIMI, need: needSIM}, "+CNUM": {run: (*session).cmdCNUM, need: needSIM},
	"+CLCK": {run: (*session).cmdCLCK, need: needSIM},

	"+CREG": {run: (*session).cmdCREG}, "+CGREG": {run: (*session).cmdCREG}, "+CEREG": {run: (*session).cmdCREG},
	"+COPS": {run: (*session).cmdCOPS, need: needSIM}, "+CSQ": {run: (*session).cmdCSQ},
	"+CUSD": {run: (*session).cmdCUSD, need: needSIM}, "+CGSMS": {run: (*session).cmdCGSMS},

	"+CSMS": {run: (*session).cmdCSMS}, "+CMGF": {run: (*session).cmdCMGF}, "+CNMI": {run: (*session).cmdCNMI, need: needSMS},
	"+CPMS": {run: (*session).cmdCPMS, need: needSMS}, "+CSCA": {run: (*session).cmdCSCA, need: needSMS},
	"+CMMS": {run: (*session).cmdCMMS}, "+CSMP": {run: accepted}, "+CSDH": {run: accepted},

	"+CMGL": {run: (*session).cmdCMGL, need: needSMS, before: BeforeCMGL, after: AfterCMGL},
	"+CMGR": {run: (*session).cmdCMGR, need: needSMS, before: BeforeCMGR, after: AfterCMGR},
	"+CMGD": {run: (*session).cmdCMGD, need: needSMS, before: BeforeCMGD, after: AfterCMGD},
	"+CNMA": {run: (*session).cmdCNMA, need: needSMS, before: BeforeCNMA, free: true},
	"+CMGS": {run: (*session).cmdCMGS, need: needSMS, free: true},
	"+CMGW": {run: (*session).cmdCMGW, need: needSMS, free: true},
	"+CMSS": {run: (*session).cmdCMSS, need: needSMS, free: true},
}

// accepted answers OK to a command that has no effect here.
func accepted(*session, command) verdict { return verdict{} }

// runLine carries out a command line, without its CR.
func (s *session) runLine(line string, tooLong bool) error {
	if len(line) < 2 {
		s.transcript('>', []byte(line))
		return nil
	}
	s.transcript('>', []byte(line))
	s.m.mu.Lock()
	s.m.vol.lastLine = line
	s.verbose = s.m.vol.verbose
	idle := time.Since(s.m.vol.lastAt)
	s.m.vol.lastAt = time.Now()
	swallow := s.m.vol.swallow > 0
	if swallow {
		s.m.vol.swallow--
	}
	if d := s.m.profile.SwallowIdle; d > 0 && idle >= d {
		swallow = true
	}
	s.m.mu.Unlock()
	if swallow {
		return nil
	}
	if err := s.pause(s.m.profile.CommandDelay, nil); err != nil {
		return err
	}
	if err := s.runCommands(line, tooLong); err != nil {
		return err
	}
	if then := s.then; then != nil {
		s.then = nil
		then()
	}
	return s.unsolicited()
}

// runCommands runs the commands of a line until one fails and writes the final result.
func (s *session) runCommands(line string, tooLong bool) error {
	if tooLong {
		return s.finish(fail())
	}
	var v verdict
	var last command
	all := parseLine(line[2:])
	if len(all) == 0 {
		all = []command{{}} // AT alone does nothing, but faults strike it
	}
	for _, last = range all {
		s.running = last.text
		if v = s.execute(last); v.kind != verdictOK {
			break
		}
	}
	err := s.finish(v)
	s.running = ""
	if err != nil {
		return err
	}
	if v.kind == verdictNone {
		return nil
	}
	for _, at := range []Point{commands[last.name].after, AfterFinal} {
		if hit, struck := s.point(at, last.text); struck {
			return s.finish(hit)
		}
	}
	return nil
}

// execute runs one command.
func (s *session) execute(c command) verdict {
	if v, struck := s.point(OnCommand, c.text); struck {
		return v
	}
	if s.stuck(c) {
		return none()
	}
	for prefix, d := range s.m.profile.Delays {
		if strings.HasPrefix(c.text, prefix) {
			if err := s.pause(d, nil); err != nil {
				return over(err)
			}
		}
	}
	v := s.answer(c)
	if v.kind != verdictOK {
		return v
	}
	if hit, struck := s.point(BeforeFinal, c.text); struck {
		return hit
	}
	return v
}

// answer looks a command up and runs it.
func (s *session) answer(c command) verdict {
	m := s.m
	if c.text == "" {
		return verdict{}
	}
	m.mu.Lock()
	m.calm(c.text)
	m.mu.Unlock()
	if kind, ok := m.profile.Resets[c.text]; ok {
		s.then = m.Reset
		if kind == PowerDown {
			s.then = m.powerOff
		}
		return verdict{}
	}
	if slices.Contains(m.profile.Lacks, c.name) {
		return verdict{kind: verdictUnknown}
	}
	if lines, ok := m.profile.Replies[c.text]; ok {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, l := range lines {
			s.info("%s", m.expand(l))
		}
		return verdict{}
	}
	cmd, ok := commands[c.name]
	if !ok {
		return verdict{kind: verdictUnknown}
	}
	m.mu.Lock()
	v := m.check(cmd.need)
	m.mu.Unlock()
	if v.kind != verdictOK {
		return v
	}
	if cmd.before != 0 {
		if v, struck := s.point(cmd.before, c.text); struck {
			return v
		}
	}
	if cmd.free {
		return cmd.run(s, c)
	}
	m.mu.Lock()
	defer m.release()
	return cmd.run(s, c)
}

// check refuses a command that needs the SIM while it cannot be used.
func (m *Modem) check(n need) verdict {
	if n == needNothing || m.vol.simReady {
		return verdict{}
	}
	state, code := m.sim.state(m.vol.unlocked)
	switch {
	case code != 0:
	case state == "SIM PIN":
		code = cmePINNeeded
	case state == "SIM PUK":
		code = cmePUKNeeded
	case m.profile.BusyCode != 0:
		return cme(m.profile.BusyCode)
	default:
		code = cmeSIMBusy
	}
	if n == needSIM {
		return cme(code)
	}
	if code == cmePUKNeeded {
		return cms(cmsPUKNeeded)
	}
	return cms(code + cmsNoSIM - cmeNoSIM) // 10 to 14 and 310 to 314 mean the same
}

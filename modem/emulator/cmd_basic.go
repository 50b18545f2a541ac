package emulator

import (
	"fmt"
	"slices"
	"time"
)

// number is the value of a basic command, which is a single digit up to most.
func (c command) number(most int) (int, bool) {
	n, ok := c.int(0, 0)
	return n, ok && n <= most
}

func (s *session) cmdEcho(c command) verdict {
	n, ok := c.number(1)
	if !ok {
		return fail()
	}
	if n == 0 && s.m.profile.EchoSticks && !s.m.vol.echoOn {
		return verdict{}
	}
	s.m.vol.echo = n == 1
	s.m.vol.echoOn = n == 1
	return verdict{}
}

func (s *session) cmdVerbose(c command) verdict {
	n, ok := c.number(1)
	if !ok {
		return fail()
	}
	s.m.vol.verbose = n == 1
	s.verbose = n == 1
	return verdict{}
}

func (s *session) cmdQuiet(c command) verdict {
	n, ok := c.number(1)
	if !ok {
		return fail()
	}
	s.m.vol.quiet = n == 1
	return verdict{}
}

// cmdDefaults is ATZ and AT&F: the settings of the interface, not those of the network.
func (s *session) cmdDefaults(command) verdict {
	v := &s.m.vol
	v.echo, v.verbose, v.quiet = true, true, false
	v.cmee, v.cmgf, v.csms, v.cmms = 0, s.m.profile.Formats[0], 0, 0
	v.cnmi = [5]int{0: s.m.profile.CNMI[0][0], 4: s.m.profile.CNMI[4][0]}
	v.cscs, v.regMode, v.copsFormat = "GSM", map[string]int{}, 0
	s.verbose = true
	return verdict{}
}

func (s *session) cmdInformation(command) verdict {
	o := s.m.opt
	s.info("Manufacturer: %s\r\nModel: %s\r\nRevision: %s\r\nIMEI: %s\r\n+GCAP: %s",
		o.Manufacturer, o.Model, o.Revision, o.IMEI, s.m.profile.Capabilities)
	return verdict{}
}

// cmdDial refuses calls: only incoming ones are known.
func (s *session) cmdDial(command) verdict { return cme(cmeNotAllowed) }

// text answers an exec command with a line and its test form with OK.
func (s *session) text(c command, line string) verdict {
	switch c.op {
	case opExec:
		s.info("%s", line)
	case opTest:
	default:
		return cme(cmeBadParameter)
	}
	return verdict{}
}

func (s *session) cmdManufacturer(c command) verdict { return s.text(c, s.m.opt.Manufacturer) }
func (s *session) cmdModel(c command) verdict        { return s.text(c, s.m.opt.Model) }
func (s *session) cmdRevision(c command) verdict     { return s.text(c, s.m.opt.Revision) }
func (s *session) cmdIMEI(c command) verdict         { return s.text(c, s.m.opt.IMEI) }
func (s *session) cmdCIMI(c command) verdict         { return s.text(c, s.m.opt.IMSI) }

func (s *session) cmdCapabilities(c command) verdict {
	return s.text(c, "+GCAP: "+s.m.profile.Capabilities)
}

// setting serves a command that holds one number: read, test and set.
func (s *session) setting(c command, field *int, values []int, refused verdict) verdict {
	switch c.op {
	case opRead:
		s.info("%s: %d", c.name, *field)
	case opTest:
		s.info("%s: %s", c.name, list(values))
	case opSet:
		n, ok := c.int(0, -1)
		if !ok || !slices.Contains(values, n) {
			return refused
		}
		*field = n
	default:
		return refused
	}
	return verdict{}
}

// list prints the values of a test command.
func list[T any](values []T) string {
	out := "("
	for i, v := range values {
		if i > 0 {
			out += ","
		}
		out += fmt.Sprint(v)
	}
	return out + ")"
}

func (s *session) cmdCMEE(c command) verdict {
	return s.setting(c, &s.m.vol.cmee, s.m.profile.ErrorModes, cme(cmeBadParameter))
}

func (s *session) cmdCSCS(c command) verdict {
	sets := []string{"GSM", "IRA", "UCS2", "HEX"}
	switch c.op {
	case opRead:
		s.info(`+CSCS: "%s"`, s.m.vol.cscs)
	case opTest:
		s.info(`+CSCS: ("GSM","IRA","UCS2","HEX")`)
	case opSet:
		if !slices.Contains(sets, c.str(0)) {
			return cme(cmeBadParameter)
		}
		s.m.vol.cscs = c.str(0)
	default:
		return cme(cmeBadParameter)
	}
	return verdict{}
}

func (s *session) cmdCCLK(c command) verdict {
	switch c.op {
	case opRead:
		now := time.Now().Add(s.m.clock)
		_, offset := now.Zone()
		s.info(`+CCLK: "%s%+03d"`, now.Format("06/01/02,15:04:05"), offset/900)
	case opTest, opSet:
	default:
		return cme(cmeBadParameter)
	}
	return verdict{}
}

func (s *session) cmdCEER(c command) verdict {
	reason := s.m.vol.failure
	if reason == "" {
		reason = "No report available"
	}
	return s.text(c, "+CEER: "+reason)
}

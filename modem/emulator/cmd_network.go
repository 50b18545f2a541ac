package emulator

import "slices"

// operator is the name of the network in the three formats of +COPS.
var operator = [3]string{"Test Network", "Test", "26201"}

// cmdCREG is +CREG, +CGREG and +CEREG.
func (s *session) cmdCREG(c command) verdict {
	m := s.m
	n := m.vol.regMode[c.name]
	switch c.op {
	case opRead:
		s.info("%s: %d,%s", c.name, n, m.registration(n))
	case opTest:
		s.info("%s: (0-2)", c.name)
	default:
		n, ok := c.int(0, 0)
		if !ok || n > 2 {
			return cme(cmeBadParameter)
		}
		m.vol.regMode[c.name] = n
	}
	return verdict{}
}

func (s *session) cmdCOPS(c command) verdict {
	m := s.m
	switch c.op {
	case opRead:
		if !m.canSMS() {
			s.info("+COPS: 0")
			break
		}
		s.info(`+COPS: 0,%d,"%s",7`, m.vol.copsFormat, m.coded(operator[m.vol.copsFormat]))
	case opTest:
		s.info(`+COPS: (2,"%s","%s","%s",7),,(0,2,3),(0-2)`, operator[0], operator[1], operator[2])
	case opSet:
		mode, ok := c.int(0, 0)
		format, okFormat := c.int(1, m.vol.copsFormat)
		if !ok || !okFormat || format > 2 || !slices.Contains([]int{0, 2, 3}, mode) {
			return cme(cmeBadParameter)
		}
		switch mode {
		case 0:
			m.register()
		case 2:
			m.vol.registered = false
			m.registrationChanged()
		case 3:
			m.vol.copsFormat = format
		}
	default:
		return cme(cmeBadParameter)
	}
	return verdict{}
}

func (s *session) cmdCSQ(c command) verdict {
	switch c.op {
	case opExec:
		s.info("+CSQ: %d,99", s.m.signal)
	case opTest:
		s.info("+CSQ: (0-31,99),(0-7,99)")
	default:
		return cme(cmeBadParameter)
	}
	return verdict{}
}

// cmdCUSD answers a service code with the line the options hold for it.
func (s *session) cmdCUSD(c command) verdict {
	m := s.m
	switch c.op {
	case opRead:
		s.info("+CUSD: 1")
		return verdict{}
	case opTest:
		s.info("+CUSD: (0-2)")
		return verdict{}
	case opExec:
		return cme(cmeBadParameter)
	}
	mode, ok := c.int(0, 0)
	if !ok || mode > 2 {
		return cme(cmeBadParameter)
	}
	if len(c.args) < 2 || mode == 2 {
		return verdict{}
	}
	if !m.canSMS() {
		return cme(cmeNoService)
	}
	code, ok := m.decoded(c.str(1))
	if !ok {
		return cme(cmeBadParameter)
	}
	if text, known := m.opt.USSD[code]; known {
		m.urc(`+CUSD: 0,"` + m.coded(text) + `",15`)
	} else {
		m.urc("+CUSD: 4")
	}
	return verdict{}
}

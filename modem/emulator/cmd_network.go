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
		s.info("%s", m.registration(m.profile.Registration, c.name, n))
	case opTest:
		s.info("%s: (0-2)", c.name)
	default:
		n, ok := c.int(0, 0)
		if !ok || n > 2 {
			return cme(cmeBadParameter)
		}
		m.vol.regMode[c.name] = n
		if m.profile.LateRegistration && n > 0 {
			m.urc(m.registration(m.profile.RegistrationURC, c.name, n))
		}
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

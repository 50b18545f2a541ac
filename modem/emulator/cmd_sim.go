package emulator

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

func (s *session) cmdCFUN(c command) verdict {
	m := s.m
	switch c.op {
	case opRead:
		s.info("+CFUN: %d", m.vol.cfun)
		return verdict{}
	case opTest:
		s.info("+CFUN: (0,1,4),(0,1)")
		return verdict{}
	case opExec:
		return cme(cmeBadParameter)
	}
	fun, ok := c.int(0, 1)
	reset, okReset := c.int(1, 0)
	if !ok || !okReset || fun != 0 && fun != 1 && fun != 4 || reset > 1 {
		return cme(cmeBadParameter)
	}
	if reset == 1 {
		s.then = m.Reset
		return verdict{}
	}
	if fun == m.vol.cfun {
		return verdict{}
	}
	m.vol.cfun = fun
	m.vol.registered = false
	m.registrationChanged()
	m.register()
	return verdict{}
}

func (s *session) cmdCPIN(c command) verdict {
	m := s.m
	state, code := m.sim.state(m.vol.unlocked)
	if c.op == opTest {
		return verdict{}
	}
	if code != 0 {
		return cme(code)
	}
	if c.op == opRead {
		s.info("+CPIN: %s", state)
		if m.profile.BarePIN {
			return none()
		}
		return verdict{}
	}
	pin := c.str(0)
	if c.op != opSet || !isPIN(pin) {
		return cme(cmeBadParameter)
	}
	switch state {
	case "SIM PIN":
		code = m.sim.verify(pin, m.opt.PINTries)
	case "SIM PUK":
		if len(c.args) < 2 || !isPIN(c.str(1)) {
			return cme(cmeBadParameter)
		}
		code = m.sim.unblock(pin, m.opt.PUK, c.str(1), m.opt.PINTries)
	default:
		return cme(cmeNotAllowed)
	}
	if code != 0 {
		return cme(code)
	}
	m.vol.unlocked = true
	m.unlock()
	return verdict{}
}

// isPIN tells whether the SIM takes a code for a PIN or PUK at all: four to eight digits.
func isPIN(code string) bool {
	return len(code) >= 4 && len(code) <= 8 && leadingDigits(code) == len(code)
}

func (s *session) cmdCPINR(c command) verdict {
	if !s.m.sim.present {
		return cme(cmeNoSIM)
	}
	if c.op == opTest {
		return verdict{}
	}
	s.info("+CPINR: SIM PIN,%d,%d", s.m.sim.pinTries, s.m.opt.PINTries)
	s.info("+CPINR: SIM PUK,%d,%d", s.m.sim.pukTries, defaultPUKTries)
	return verdict{}
}

// cmdICCID is readable before the PIN is given.
func (s *session) cmdICCID(c command) verdict {
	if !s.m.sim.present {
		return cme(cmeNoSIM)
	}
	if c.op == opRead {
		c.op = opExec
	}
	return s.text(c, c.name+": "+s.m.opt.ICCID)
}

func (s *session) cmdCNUM(c command) verdict {
	if s.m.opt.Number == "" {
		return verdict{}
	}
	return s.text(c, fmt.Sprintf(`+CNUM: "","%s",%d`, s.m.coded(s.m.opt.Number), typeOf(s.m.opt.Number)))
}

// cmdCLCK answers the query for the SIM lock only.
func (s *session) cmdCLCK(c command) verdict {
	if c.op == opTest {
		s.info(`+CLCK: ("SC")`)
		return verdict{}
	}
	if mode, ok := c.int(1, -1); c.str(0) != "SC" || !ok || mode != 2 {
		return cme(cmeNotAllowed)
	}
	on := 0
	if s.m.sim.pin != "" {
		on = 1
	}
	s.info("+CLCK: %d", on)
	return verdict{}
}

// coded prints a string in the character set of +CSCS.
func (m *Modem) coded(text string) string {
	switch m.vol.cscs {
	case "UCS2":
		return upperHex(utf16Octets(utf16.Encode([]rune(text))))
	case "HEX":
		septets, ok := encodeGSM7(text)
		if !ok {
			return ""
		}
		return upperHex(septets)
	}
	return text
}

// decoded reads a string the host wrote in the character set of +CSCS.
func (m *Modem) decoded(text string) (string, bool) {
	if m.vol.cscs != "UCS2" && m.vol.cscs != "HEX" {
		return text, true
	}
	octets, ok := parseHex([]byte(text))
	if !ok {
		return "", false
	}
	if m.vol.cscs == "HEX" {
		return decodeGSM7(octets), true
	}
	var units []uint16
	for i := 0; i+1 < len(octets); i += 2 {
		units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
	}
	return string(utf16.Decode(units)), true
}

// typeOf is the type of address the modem prints with a number.
func typeOf(number string) int {
	if strings.HasPrefix(number, "+") {
		return toaInternational
	}
	return toaUnknown
}

// parseHex reads hexadecimal digits of either case.
func parseHex(text []byte) ([]byte, bool) {
	if len(text)%2 != 0 {
		return nil, false
	}
	out := make([]byte, len(text)/2)
	for i, ch := range text {
		var v byte
		switch {
		case ch >= '0' && ch <= '9':
			v = ch - '0'
		case ch >= 'A' && ch <= 'F':
			v = ch - 'A' + 10
		case ch >= 'a' && ch <= 'f':
			v = ch - 'a' + 10
		default:
			return nil, false
		}
		out[i/2] = out[i/2]<<4 | v
	}
	return out, true
}

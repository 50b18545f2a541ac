package emulator

import (
	"fmt"
	"slices"
)

// maxTPDU is more than any TPDU has octets: 164 of a SUBMIT, 176 of a record on the SIM.
const maxTPDU = 176

// maxPrompt bounds what is taken in at a prompt.
const maxPrompt = 1024

// cmdCMGS sends a message (3GPP 27.005 §4.3).
func (s *session) cmdCMGS(c command) verdict {
	if c.op == opTest {
		return verdict{}
	}
	m := s.m
	n, ok := c.int(0, 0)
	m.mu.Lock()
	text, early := m.vol.cmgf != 0, m.profile.RefuseEarly && !m.canSMS()
	m.mu.Unlock()
	switch {
	case text || c.op != opSet:
		return fail()
	case !ok || n < 1 || n > maxTPDU:
		return cms(cmsBadPDU)
	case early:
		return cms(cmsNoService)
	}
	m.mu.Lock()
	busy := m.profile.USSDBlocks && m.vol.ussd != nil
	m.mu.Unlock()
	if busy {
		return cme(cmeNetworkBusy)
	}
	if v, struck := s.point(AfterCMGS, c.text); struck {
		return v
	}
	raw, v, done := s.prompt(c, n, AfterPrompt, MidPDU)
	if !done {
		return v
	}
	smsc, tpdu, v := readPDU(raw, n)
	if v.kind != verdictOK {
		return v
	}
	return s.transmit(c, smsc, tpdu)
}

// cmdCMGW stores a message in mem2 (3GPP 27.005 §4.4).
func (s *session) cmdCMGW(c command) verdict {
	if c.op == opTest {
		return verdict{}
	}
	m := s.m
	n, ok := c.int(0, 0)
	stat, okStat := c.int(1, statUnsent)
	m.mu.Lock()
	text := m.vol.cmgf != 0
	m.mu.Unlock()
	switch {
	case text || c.op != opSet:
		return fail()
	case !ok || !okStat || n < 1 || n > maxTPDU || stat > statSent:
		return cms(cmsBadPDU)
	}
	raw, v, done := s.prompt(c, n, 0, 0)
	if !done {
		return v
	}
	smsc, tpdu, v := readPDU(raw, n)
	if v.kind != verdictOK {
		return v
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	mem := m.vol.mems[1]
	sl := m.keep(mem, StoredRecord{Stat: stat, TPDU: tpdu, SMSC: smsc}, nil)
	if sl == nil {
		return cms(cmsMemoryFull)
	}
	s.info("+CMGW: %d", m.shown(mem, sl))
	return verdict{}
}

// cmdCMSS sends a stored message (3GPP 27.005 §3.5.2).
func (s *session) cmdCMSS(c command) verdict {
	if c.op == opTest {
		return verdict{}
	}
	m := s.m
	index, ok := c.int(0, -1)
	if c.op != opSet || !ok {
		return cms(cmsBadIndex)
	}
	m.mu.Lock()
	p, found := m.locate(m.vol.mems[1], index)
	var sl *slot
	if found {
		sl = p.slot()
	}
	m.mu.Unlock()
	if sl == nil {
		return cms(cmsBadIndex)
	}
	s.sending = sl
	defer func() { s.sending = nil }()
	return s.transmit(c, sl.SMSC, slices.Clone(sl.TPDU))
}

// prompt asks for a PDU of n octets and collects its digits. done is false if there is
// nothing to do with them; v tells how the command ends then.
func (s *session) prompt(c command, n int, opened, middle Point) (raw []byte, v verdict, done bool) {
	s.m.mu.Lock()
	echo := s.m.vol.echo
	s.m.mu.Unlock()
	s.out = append(s.out, s.m.profile.Prompt...)
	if err := s.flush(); err != nil {
		return nil, over(err), false
	}
	if v, struck := s.point(opened, c.text); struck {
		return nil, v, false
	}
	for {
		b, err := s.next(false)
		if err != nil {
			return nil, over(err), false
		}
		switch b {
		case 0x1a:
			s.transcript('>', raw)
			return raw, verdict{}, true
		case 0x1b:
			s.transcript('>', append(raw, b))
			return nil, verdict{}, false
		case '\r', '\n', ' ':
			continue
		case '\b', 0x7f:
			raw = raw[:max(len(raw)-1, 0)]
			continue
		}
		if echo {
			s.out = append(s.out, b)
		}
		if len(raw) < maxPrompt {
			raw = append(raw, b)
		}
		if len(raw) == n { // two digits an octet: half of them
			if v, struck := s.point(middle, c.text); struck {
				return nil, v, false
			}
		}
	}
}

// readPDU checks what came at a prompt: hexadecimal, a service centre field, then as many
// octets of TPDU as were announced.
func readPDU(raw []byte, n int) (smsc string, tpdu []byte, v verdict) {
	octets, ok := parseHex(raw)
	if !ok {
		return "", nil, cms(cmsBadPDU)
	}
	smsc, tpdu, err := decodeSMSC(octets)
	if err != nil || len(tpdu) != n {
		return "", nil, cms(cmsBadPDU)
	}
	return smsc, tpdu, verdict{}
}

// transmit sends a TPDU over the air and writes the reference it got.
func (s *session) transmit(c command, smsc string, tpdu []byte) verdict {
	m := s.m
	msg, err := decodeSubmit(tpdu)
	if err != nil {
		return cms(cmsBadPDU)
	}
	if v, struck := s.point(AfterCtrlZ, c.text); struck {
		return v
	}
	m.mu.Lock()
	if smsc == "" {
		smsc = m.sim.smsc
	}
	registered := m.canSMS()
	m.mu.Unlock()
	switch {
	case m.profile.SubmitFinal != "":
		return verdict{kind: verdictText, text: m.profile.SubmitFinal}
	case !registered:
		return cms(cmsNoService)
	case smsc == "":
		return cms(cmsNoSMSC)
	}
	t := m.net.transmit(msg)
	err = s.pause(t.wait, func(b []byte) {
		m.mu.Lock()
		m.during = append(m.during, b...)
		m.mu.Unlock()
	})
	if err != nil {
		return over(err)
	}
	m.mu.Lock()
	if !m.canSMS() {
		m.mu.Unlock()
		return cms(cmsNoService)
	}
	mr := m.vol.mr
	m.vol.mr++
	m.mu.Unlock()
	tpdu[1] = mr
	res := m.net.submit(m, smsc, mr, tpdu, t)
	return s.conclude(c, mr, t, res)
}

// conclude answers a submit the network has decided.
func (s *session) conclude(c command, mr byte, t transmission, res outcome) verdict {
	p := s.m.profile
	if res.seq > 0 {
		if sl := s.sending; sl != nil && res.code == 0 && !p.StaleStat {
			s.m.mu.Lock()
			sl.Stat = statSent
			s.m.mu.Unlock()
		}
		if v, struck := s.point(AfterSubmit, c.text); struck {
			return v
		}
	}
	switch {
	case res.code != 0 && res.cme:
		return cme(res.code)
	case res.code != 0:
		return cms(res.code)
	}
	if res.silent {
		return none()
	}
	if t.rule.ReportFirst {
		if err := s.unsolicited(); err != nil {
			return over(err)
		}
	}
	s.answered = res.seq
	if p.OmitReference {
		return verdict{}
	}
	s.info("%s: %s", c.name, fmt.Sprintf(p.ReferenceFormat, mr))
	v, _ := s.point(AfterMR, c.text)
	return v
}

// cmdCNMA acknowledges a routed message (3GPP 27.005 §3.4.4). A negative acknowledgement
// lets the network deliver it again.
func (s *session) cmdCNMA(c command) verdict {
	m := s.m
	if c.op == opTest {
		s.info("+CNMA: (0-2)")
		return verdict{}
	}
	n, ok := c.int(0, 0)
	length, okLength := c.int(1, 0)
	if !ok || !okLength || n > 2 {
		return cms(cmsUnsupported)
	}
	m.mu.Lock()
	expected := m.vol.ack != nil
	m.mu.Unlock()
	if !expected {
		return cms(cmsNoAckExpected)
	}
	if length > 0 {
		raw, v, done := s.prompt(c, length, 0, 0)
		if !done {
			return v
		}
		if octets, ok := parseHex(raw); !ok || len(octets) != length {
			return cms(cmsBadPDU)
		}
	}
	m.mu.Lock()
	defer m.release()
	keep := m.vol.cnmi
	m.endAck(n != 2)
	m.vol.cnmi = keep
	return verdict{}
}

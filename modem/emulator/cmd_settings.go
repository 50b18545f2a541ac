package emulator

import (
	"fmt"
	"slices"
	"strings"
)

func (s *session) cmdCSMS(c command) verdict {
	m := s.m
	switch c.op {
	case opRead:
		s.info("+CSMS: %d,1,1,1", m.vol.csms)
	case opTest:
		s.info("+CSMS: %s", list(m.profile.Services))
	default:
		n, ok := c.int(0, -1)
		if !ok || !slices.Contains(m.profile.Services, n) {
			return cms(cmsUnsupported)
		}
		m.vol.csms = n
		s.info("+CSMS: 1,1,1")
	}
	return verdict{}
}

func (s *session) cmdCMGF(c command) verdict {
	return s.setting(c, &s.m.vol.cmgf, s.m.profile.Formats, cms(cmsUnsupported))
}

func (s *session) cmdCMMS(c command) verdict {
	return s.setting(c, &s.m.vol.cmms, []int{0, 1, 2}, cms(cmsUnsupported))
}

// cmdCSCA keeps the service centre on the SIM.
func (s *session) cmdCSCA(c command) verdict {
	m := s.m
	switch c.op {
	case opRead:
		s.info(`+CSCA: "%s",%d`, m.coded(m.sim.smsc), typeOf(m.sim.smsc))
	case opTest:
	case opSet:
		number, ok := m.decoded(c.str(0))
		if !ok || number != "" && isAlphanumeric(number) {
			return cms(cmsBadPDU)
		}
		if toa, ok := c.int(1, typeOf(number)); ok && toa == toaInternational && number != "" && number[0] != '+' {
			number = "+" + number
		}
		m.sim.smsc = number
	default:
		return cms(cmsNotAllowed)
	}
	return verdict{}
}

// cmdCNMI sets how messages are indicated (3GPP 27.005 §3.4.1). Values left out stay.
func (s *session) cmdCNMI(c command) verdict {
	m := s.m
	switch c.op {
	case opRead:
		v := m.vol.cnmi
		s.info("+CNMI: %d,%d,%d,%d,%d", v[0], v[1], v[2], v[3], v[4])
		return verdict{}
	case opTest:
		if m.profile.CNMITest != "" {
			s.info("%s", m.profile.CNMITest)
			return verdict{}
		}
		var ranges []string
		for _, values := range m.profile.CNMI {
			ranges = append(ranges, list(values))
		}
		s.info("+CNMI: %s", strings.Join(ranges, ","))
		return verdict{}
	case opExec:
		return cms(cmsNotAllowed)
	}
	want := m.vol.cnmi
	if len(c.args) > len(want) {
		return cms(cmsUnsupported)
	}
	for i := range c.args {
		n, ok := c.int(i, want[i])
		if !ok || !slices.Contains(m.profile.CNMI[i], n) {
			return cms(cmsUnsupported)
		}
		want[i] = n
	}
	m.vol.cnmi = want
	if want[0] != 0 {
		if want[4] == 0 { // bfr 0 sends what was buffered, 1 drops it
			for _, l := range m.vol.held {
				m.urc(l)
			}
		}
		m.vol.held = nil
	}
	return verdict{}
}

// cmdCPMS chooses the storages (3GPP 27.005 §3.2.2).
func (s *session) cmdCPMS(c command) verdict {
	m := s.m
	offered := m.profile.Stores
	if m.profile.ReportStore != "" && !slices.Contains(offered, m.profile.ReportStore) {
		offered = append(slices.Clone(offered), m.profile.ReportStore)
	}
	switch c.op {
	case opRead:
		var parts []string
		for _, mem := range m.vol.mems[:m.profile.CPMSMost] {
			used, total := m.usage(mem)
			parts = append(parts, fmt.Sprintf(`"%s",%d,%d`, mem, used, total))
		}
		s.info("+CPMS: %s", strings.Join(parts, ","))
		return verdict{}
	case opTest:
		if m.profile.CPMSTest != "" {
			s.info("%s", m.profile.CPMSTest)
			return verdict{}
		}
		quoted := make([]string, 0, len(offered))
		for _, mem := range offered {
			quoted = append(quoted, `"`+mem+`"`)
		}
		s.info("+CPMS: %[1]s,%[1]s,%[1]s", list(quoted))
		return verdict{}
	case opExec:
		return cms(cmsNotAllowed)
	}
	want := m.vol.mems
	if len(c.args) < m.profile.CPMSLeast || len(c.args) > m.profile.CPMSMost || c.str(0) == "" {
		return cms(cmsNotAllowed)
	}
	for i := range c.args {
		mem := strings.ToUpper(c.str(i))
		if mem == "" && !m.profile.CPMSFilled {
			continue
		}
		if !slices.Contains(offered, mem) {
			return cms(cmsNotAllowed)
		}
		want[i] = mem
	}
	if want[2] != m.vol.mems[2] {
		m.wakeup = true // another storage may have room
	}
	if m.profile.CPMSMost == 1 { // the one storage is all three
		want[1], want[2] = want[0], want[0]
	}
	m.vol.mems = want
	if m.profile.ShortCPMS {
		return verdict{}
	}
	var parts []string
	for _, mem := range want[:m.profile.CPMSMost] {
		used, total := m.usage(mem)
		parts = append(parts, fmt.Sprintf("%d,%d", used, total))
	}
	s.info("+CPMS: %s", strings.Join(parts, ","))
	return verdict{}
}

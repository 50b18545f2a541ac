package emulator

import (
	"fmt"
	"strings"
)

// cmdCMGL lists a storage. What it lists is read from then on.
func (s *session) cmdCMGL(c command) verdict {
	m := s.m
	if c.op == opTest {
		s.info("+CMGL: (0-4)")
		return verdict{}
	}
	stat, ok := c.int(0, 0)
	if m.vol.cmgf != 0 || c.op == opRead || !ok || stat > statAll {
		return fail()
	}
	places := m.places(m.vol.mems[0])
	if len(places) == 0 && m.profile.EmptyList != 0 {
		return cms(m.profile.EmptyList)
	}
	for _, p := range places {
		sl := p.slot()
		if stat != statAll && sl.Stat != stat {
			continue
		}
		s.info("+CMGL: %d,%s", p.shown+m.profile.ListShift, sl.lines(m.profile.Entry))
		sl.read()
	}
	return verdict{}
}

// cmdCMGR reads one message.
func (s *session) cmdCMGR(c command) verdict {
	m := s.m
	if c.op == opTest {
		return verdict{}
	}
	index, ok := c.int(0, -1)
	if m.vol.cmgf != 0 || c.op != opSet || !ok || index < 0 {
		return fail()
	}
	p, ok := m.locate(m.vol.mems[0], index)
	if !ok || p.slot() == nil {
		if m.profile.Missing != "" {
			return verdict{kind: verdictText, text: m.profile.Missing}
		}
		return cms(cmsBadIndex)
	}
	s.info("+CMGR: %s", p.slot().lines(m.profile.Entry))
	p.slot().read()
	return verdict{}
}

// lines prints a message as +CMGL and +CMGR do after the index.
func (sl *slot) lines(entry string) string {
	pdu := append(encodeSMSC(sl.SMSC), sl.TPDU...)
	head := strings.NewReplacer("{stat}", fmt.Sprint(sl.Stat), "{len}", fmt.Sprint(len(sl.TPDU))).Replace(entry)
	return head + "\r\n" + upperHex(pdu)
}

// read marks a received message as read.
func (sl *slot) read() {
	if sl.Stat == statUnread {
		sl.Stat = statRead
	}
}

// cmdCMGD deletes one message, or with a flag all of some states (3GPP 27.005 §3.5.4).
func (s *session) cmdCMGD(c command) verdict {
	m := s.m
	mem := m.vol.mems[0]
	if c.op == opTest {
		var used []int
		for _, p := range m.places(mem) {
			used = append(used, p.shown)
		}
		s.info("+CMGD: %s,(0-4)", list(used))
		return verdict{}
	}
	index, ok := c.int(0, -1)
	flag, okFlag := c.int(1, 0)
	if c.op != opSet || !ok || !okFlag || index < 0 || flag > 4 {
		return cms(cmsBadIndex)
	}
	if flag == 0 {
		p, ok := m.locate(mem, index)
		if !ok {
			return cms(cmsBadIndex)
		}
		m.remove(p)
		return verdict{}
	}
	for _, p := range m.places(mem) {
		if drops(flag, p.slot().Stat) {
			m.remove(p)
		}
	}
	return verdict{}
}

// drops tells whether a delete flag covers a state: 1 the read ones, 2 also the sent ones,
// 3 also the unsent ones, 4 everything.
func drops(flag, stat int) bool {
	switch stat {
	case statRead:
		return true
	case statSent:
		return flag >= 2
	case statUnsent:
		return flag >= 3
	}
	return flag == 4
}

// remove empties a place and lets the network know that there is room.
func (m *Modem) remove(p place) {
	sl := p.slot()
	if sl == nil {
		return
	}
	delete(p.store.slots, p.index)
	m.vol.fullTold = false
	m.wakeup = true
	if sl.rec != nil {
		m.removed = append(m.removed, sl.rec)
	}
}

package line

import (
	"strconv"
	"strings"
	"time"
)

// prompt handles a '>' from the port and reports whether it was the modem asking
// for a PDU. It can come after CR and LF, after CR alone, after blanks, or after
// an echo without a line end.
func (l *Line) prompt() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.cmd
	if c == nil || c.over || !c.written || c.Prompt == 0 || c.Prompted {
		return false
	}
	if p := l.tok.pending(); p != "" && p != c.text {
		return false
	}
	l.tok.drop()
	c.Prompted = true
	l.arm(writeTimeout + c.Prompt) // for the PDU to be written; then Timeout applies
	l.feed(">")
	l.trace('<', ">")
	return true
}

// announces tells a header that lost a letter on its way: +CMT: or +CDS: was +CMTI: or
// +CDSI:, which name a storage and an index (3GPP TS 27.005 §3.4.1), so that the PDU
// behind it is not its own. A name of the phone book may be that of a storage, but
// the length is then that of the PDU.
func announces(head, pdu string) bool {
	_, rest, _ := strings.Cut(head, ":")
	mem, number, found := strings.Cut(strings.TrimSpace(rest), ",")
	switch strings.Trim(mem, `" `) {
	case "SM", "ME", "MT", "SR", "BM", "TA":
	default:
		return false
	}
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if !found || err != nil {
		return false
	}
	smsc, err := strconv.ParseUint(pdu[:2], 16, 8)
	return err == nil && len(pdu) != 2*(1+int(smsc)+n)
}

// overdueHead gives up a header whose payload did not come in time. The header
// alone is still a sign to look at the stores.
func (l *Line) overdueHead() (u URC, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == "" || time.Since(l.headAt) <= payloadWithin {
		return URC{}, false
	}
	u = URC{Kind: l.headAs, Line: l.head}
	l.head = ""
	l.counts.Unpaired++
	return u, true
}

// classify decides what a line is. If it is an unsolicited result code, or
// completes one, ok is set; else it was part of an answer, or was dropped.
func (l *Line) classify(line string) (u URC, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.cmd
	active := c != nil && c.written && !c.over
	if l.head != "" && isPDU(line) {
		u = URC{Kind: l.headAs, Line: l.head, Payload: line}
		l.head = ""
		if !announces(u.Line, line) {
			l.stray(active)
			return u, true
		}
		u.Payload = ""
		l.counts.Unpaired++
		if !active || !l.answer(line) {
			l.stray(active)
		}
		return u, true
	}
	if u, ok = l.service(line, active); ok {
		l.stray(active)
		return u, true
	}
	if active && c.Prompt > 0 {
		// A second prompt can stand in front of the result.
		line = strings.TrimSpace(strings.TrimLeft(line, "> "))
		if line == "" {
			return URC{}, false
		}
	}
	if echo(line) || active && strings.EqualFold(line, c.text) {
		return URC{}, false
	}
	if clean, is := final(line, active && c.Numeric); is {
		l.finish(line, clean, active)
		return URC{}, false
	}
	if active && l.answer(line) {
		if !c.pdu || l.head == "" {
			return URC{}, false
		}
		// The line that comes next belongs to the header that came last.
		u = URC{Kind: l.headAs, Line: l.head}
		l.head = ""
		l.counts.Unpaired++
		return u, true
	}
	p, known := lookup(line)
	if active && !known && c.Bare && !c.Resync && !vendorMark(line) && (!isPDU(line) || isCard(line)) {
		l.inform(line)
		return URC{}, false
	}
	l.stray(active)
	if isPDU(line) {
		l.counts.Unpaired++
		return URC{}, false
	}
	if strings.HasPrefix(line, "+CMGS:") || strings.HasPrefix(line, "+CMSS:") {
		l.counts.Late++
		ok, l.lost = l.lost, false
		return URC{Kind: Late, Line: line}, ok
	}
	switch {
	case known && p.payload: // a header before it that still waits has lost its own
		if l.head != "" {
			l.counts.Unpaired++
		}
		l.head, l.headAs, l.headAt = line, p.kind, time.Now()
		return URC{}, false
	case known:
		return URC{Kind: p.kind, Line: line}, true
	default:
		l.counts.Unexpected++
		if !vendorMark(line) {
			return l.garbled(line)
		}
		return URC{Kind: Noise, Line: line}, true
	}
}

// stray counts a line that is no part of the answer to the running command. The caller
// holds mu.
func (l *Line) stray(active bool) {
	if active {
		l.cmd.Strays++
	}
}

// service takes the lines of a +CUSD, whose string may go over several, with other
// codes in between. Some modems never close it: a final result that is awaited and a
// pause end it, too. The caller holds mu.
func (l *Line) service(line string, active bool) (u URC, ok bool) {
	_, begins := cutPrefixFold(line, "+CUSD:")
	if !begins {
		if l.text.IsZero() || time.Since(l.text) > payloadWithin {
			l.text = time.Time{}
			return URC{}, false
		}
		if _, is := final(line, false); is && active {
			l.text = time.Time{}
			return URC{}, false
		}
		if _, known := lookup(line); known || active && (l.cmd.awaits(line) || l.cmd.pdu && isPDU(line)) {
			return URC{}, false
		}
	}
	l.text = time.Time{}
	if quotes := strings.Count(line, `"`); begins && quotes%2 == 1 || !begins && quotes == 0 {
		l.text = time.Now()
	}
	return URC{Kind: Service, Line: line}, true
}

// garbled handles a line that is nothing known. Where a PDU is due it may be what
// is left of that one, and of the next header with it: the PDU that comes next must
// not be taken in its place. The caller holds mu.
func (l *Line) garbled(line string) (u URC, ok bool) {
	if c := l.cmd; c != nil {
		c.pdu = false
	}
	if l.head == "" {
		return URC{Kind: Noise, Line: line}, true
	}
	u = URC{Kind: l.headAs, Line: l.head}
	l.head = ""
	l.counts.Unpaired++
	return u, true
}

// finish handles a final result. The caller holds mu.
func (l *Line) finish(line, clean string, active bool) {
	// A modem that is to ask for a PDU does not say OK instead.
	early := active && l.cmd.Prompt > 0 && !l.cmd.Prompted && clean == "OK"
	if !active || early || l.cmd.Resync && l.cmd.Answer == "" {
		l.counts.Late++
		return
	}
	l.cmd.disarm()
	l.cmd.over = true
	l.cmd.Final = line
	l.feed(clean + "\r\n")
}

// answer takes an information line of the running command. The caller holds mu.
func (l *Line) answer(line string) bool {
	c := l.cmd
	if c.Prompt > 0 && !c.Committed {
		return false // it is about a PDU before
	}
	for _, p := range c.Prefix {
		if _, found := cutPrefixFold(line, p); !found {
			continue
		}
		if c.Answer != "" && !c.Many {
			return false
		}
		c.pdu = c.PDU
		l.inform(line)
		return true
	}
	if c.pdu && isPDU(line) {
		c.pdu = false
		l.inform(line)
		return true
	}
	return false
}

// inform feeds an information line to the engine. The caller holds mu.
func (l *Line) inform(line string) {
	c := l.cmd
	if c.Answer == "" {
		c.Answer = line
		if c.Lone > 0 {
			l.arm(c.Lone)
		}
	}
	if c.fed += len(line); c.fed > maxAnswer {
		l.counts.Excess++
		return
	}
	l.feed(line + "\r\n")
}

// echo tells the echo of a command. No answer and no unsolicited code of any
// modem begins like one.
func echo(line string) bool {
	_, found := cutPrefixFold(line, "AT+")
	return found || strings.EqualFold(line, "AT") || len(line) > 2 && strings.EqualFold(line[:2], "AT") && vendorMark(line[2:])
}

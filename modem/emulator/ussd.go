package emulator

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// USSDForm is how a modem writes the string of +CUSD, and wants it written.
type USSDForm int

// The forms met in the field.
const (
	USSDPlain     USSDForm = iota // quoted, in the character set of +CSCS, coding scheme 15
	USSDPacked                    // hexadecimal of packed septets, both ways, labelled 15
	USSDHexUCS2                   // hexadecimal UCS2, labelled 15
	USSDHexUCS272                 // hexadecimal UCS2, labelled 72
	USSDUnquoted                  // without quotes
	USSDOpenQuote                 // cut, without the closing quote
	USSDJunk                      // hexadecimal UCS2 and FFFF at its end, labelled 72
	USSDEarly                     // plain, before the OK of the command
)

// Dialogue is what the network says to a service code, and what it says to the replies.
type Dialogue struct {
	Text  string
	Delay time.Duration // before the text comes
	// Replies are the next steps by what the user answers. With none the dialogue is over
	// and the session closed. An answer that is not there ends the session with <m> 2.
	Replies map[string]Dialogue
	// Open keeps the session open although no reply leads anywhere.
	Open bool
	// Status replaces the <m> of 3GPP 27.007 §7.15 that follows from the above: 2
	// terminated by the network, 3 another client answered, 4 not supported, 5 time out.
	Status int
	// Silent never answers.
	Silent bool
}

// SetUSSD says how the network answers a service code from now on.
func (m *Modem) SetUSSD(code string, d Dialogue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dialogues[code] = d
}

// PushUSSD begins a dialogue from the side of the network.
func (m *Modem) PushUSSD(d Dialogue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.say(d, m.urc)
}

// cmdCUSD runs dialogues with the network (3GPP 27.007 §7.15).
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
	if mode == 2 {
		m.vol.ussd = nil
		if m.profile.USSDStopHangs {
			return none()
		}
		return verdict{}
	}
	if len(c.args) < 2 {
		return verdict{}
	}
	if !m.canSMS() {
		return cme(cmeNoService)
	}
	text, ok := m.heardUSSD(c.str(1))
	if !ok {
		return cme(cmeBadParameter)
	}
	say := m.urc
	if m.profile.USSD == USSDEarly {
		say = func(line string) { s.info("%s", line) }
	}
	m.say(m.nextStep(text), say)
	return verdict{}
}

// nextStep is what the network says to a service code, or to a reply in an open session.
func (m *Modem) nextStep(text string) Dialogue {
	if open := m.vol.ussd; open != nil {
		if next, known := open.Replies[text]; known {
			return next
		}
		return Dialogue{Status: 2}
	}
	if d, known := m.dialogues[text]; known {
		return d
	}
	if answer, known := m.opt.USSD[text]; known {
		return Dialogue{Text: answer}
	}
	return Dialogue{Status: 4}
}

// say sends one step of a dialogue.
func (m *Modem) say(d Dialogue, line func(string)) {
	m.vol.ussd = nil
	status := d.Status
	if status == 0 && (len(d.Replies) > 0 || d.Open) {
		status = 1
	}
	if status <= 1 && (status == 1 || d.Silent) {
		m.vol.ussd = &d
	}
	if d.Silent {
		return
	}
	text := fmt.Sprintf("+CUSD: %d", status)
	if d.Text != "" {
		text += "," + m.spokenUSSD(d.Text)
	}
	if d.Delay <= 0 {
		line(text)
		return
	}
	m.later(d.Delay, func() { m.urc(text) })
}

// spokenUSSD prints the string and the coding scheme of +CUSD in the form of the profile.
func (m *Modem) spokenUSSD(text string) string {
	ucs2 := func() string { return upperHex(utf16Octets(utf16.Encode([]rune(text)))) }
	switch m.profile.USSD {
	case USSDPacked:
		if septets, ok := encodeGSM7(text); ok {
			return `"` + upperHex(packUSSD(septets)) + `",15`
		}
		return `"` + ucs2() + `",72`
	case USSDHexUCS2:
		return `"` + ucs2() + `",15`
	case USSDHexUCS272:
		return `"` + ucs2() + `",72`
	case USSDUnquoted:
		return m.coded(text) + ",15"
	case USSDOpenQuote:
		return `"` + m.coded(text)
	case USSDJunk:
		return `"` + ucs2() + `FFFF",72`
	}
	return `"` + m.coded(text) + `",15`
}

// heardUSSD reads what the host wrote.
func (m *Modem) heardUSSD(text string) (string, bool) {
	if m.profile.USSD != USSDPacked {
		return m.decoded(text)
	}
	octets, ok := parseHex([]byte(text))
	if !ok || len(octets) == 0 {
		return "", false
	}
	n := len(octets) * 8 / 7
	septets := unpackSeptets(octets, 0, n)
	if n%8 == 0 && septets[n-1] == '\r' {
		septets = septets[:n-1] // it only filled the octet
	}
	return decodeGSM7(septets), true
}

// packUSSD packs septets as 3GPP 23.038 §6.1.2.3.1 has it: a carriage return fills seven
// spare bits, which would read as a character.
func packUSSD(septets []byte) []byte {
	if len(septets)%8 == 7 {
		septets = append(septets[:len(septets):len(septets)], '\r')
	}
	return packSeptets(septets, 0)
}

// pushNotice is the indication of a stored message, by whether it is a WAP push.
func (m *Modem) pushNotice(tpdu []byte) string {
	if m.profile.PushNotice == "" {
		return ""
	}
	d, err := decodeDeliver(tpdu)
	if err != nil || !hasPort(d.Content.Header, wapPushPort) {
		return ""
	}
	return strings.NewReplacer("{mem}", "%s", "{index}", "%d").Replace(m.profile.PushNotice)
}

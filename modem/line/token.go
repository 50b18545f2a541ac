package line

import "strings"

// tokenizer cuts bytes into lines. A line ends with CR or LF; control characters
// and 0xFF, which a port emits when a modem is powered up or down, are not part
// of it. A line longer than maxLine is dropped up to its end and counted.
type tokenizer struct {
	buf      []byte
	skipping bool // inside a line that is too long
	overlong int  // lines dropped; reset by the user
}

// take adds a byte. At the end of a line ok is set and line is its text without
// blanks around it; it may be empty.
func (t *tokenizer) take(b byte) (line string, ok bool) {
	switch {
	case b == '\r' || b == '\n':
		if t.skipping {
			t.skipping = false
			t.overlong++
			return "", true
		}
		if len(t.buf) == 0 {
			return "", false
		}
		line = strings.TrimSpace(string(t.buf))
		t.buf = t.buf[:0]
		return line, true
	case b < ' ' || b == 0x7f || b == 0xff:
		return "", false
	case t.skipping:
		return "", false
	case len(t.buf) == maxLine:
		t.buf = t.buf[:0]
		t.skipping = true
		return "", false
	default:
		t.buf = append(t.buf, b)
		return "", false
	}
}

// pending returns the text of the line begun, without blanks around it.
func (t *tokenizer) pending() string { return strings.TrimSpace(string(t.buf)) }

// drop forgets the line begun.
func (t *tokenizer) drop() { t.buf = t.buf[:0] }

// isPDU tells lines that consist of hexadecimal digits and are long enough to be
// a PDU.
func isPDU(line string) bool { return len(line) >= minPDU && isHex(line) }

// minPDU is less than the digits of any PDU: the shortest, a status report
// without an address, has 30.
const minPDU = 16

// isCard tells digits that are the number of a SIM card and too few for a PDU: 18 to
// 20 of them, which begin with 89 (ITU-T E.118), and filler; some modems exchange the
// two of each octet.
func isCard(line string) bool {
	return len(line) >= 18 && len(line) <= 22 && (line[:2] == "89" || line[:2] == "98")
}

func isHex(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'F', c >= 'a' && c <= 'f':
		default:
			return false
		}
	}
	return s != ""
}

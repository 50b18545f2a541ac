package wap

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The character sets that occur, by their MIBenum (IANA).
const (
	charsetLatin1  = 4
	charsetUCS2    = 1000
	charsetUTF16BE = 1013
	charsetUTF16LE = 1014
	charsetUTF16   = 1015
)

// encodedString takes an Encoded-string-value (OMA-TS-MMS-ENC §7.3.x): a text, or
// a length, a character set and a text. short is set if fewer octets were left
// than its length says.
func (r *reader) encodedString() (s string, short bool) {
	v, short, ok := r.valueLength()
	if !ok {
		return decodeText(0, r.text()), false
	}
	return v.charsetText(), short
}

// charsetText takes a character set and the text that fills the rest.
func (r *reader) charsetText() string {
	charset := uint64(0)
	// Some leave the character set out: then the text begins at once.
	if len(r.b) > 0 && (r.b[0] < firstText || r.b[0] >= shortInt) {
		charset, _ = r.integer()
	}
	switch charset {
	case charsetUCS2, charsetUTF16BE, charsetUTF16LE, charsetUTF16:
		b := r.b
		if len(b)%2 != 0 && b[0] == quote {
			b = b[1:]
		}
		r.b = nil
		return decodeWide(b, charset == charsetUTF16LE)
	}
	return decodeText(charset, r.text())
}

// decodeText decodes a text of one octet a character, or UTF-8. ASCII is part of
// both; what claims another character set is UTF-8 if it can be.
func decodeText(charset uint64, b []byte) string {
	if charset != charsetLatin1 && utf8.Valid(b) {
		return clean(string(b))
	}
	var s strings.Builder
	for _, o := range b {
		s.WriteRune(rune(o))
	}
	return clean(s.String())
}

// decodeWide decodes UTF-16, of which UCS-2 is a part, up to a zero. A byte order
// mark decides over what was named.
func decodeWide(b []byte, little bool) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		u := uint16(b[i])<<8 | uint16(b[i+1])
		if i == 0 && u == 0xfffe {
			little = true
			continue
		}
		if little {
			u = u<<8 | u>>8
		}
		if u == 0 {
			break
		}
		if i == 0 && u == 0xfeff {
			continue
		}
		units = append(units, u)
	}
	return clean(string(utf16.Decode(units)))
}

// clean replaces control characters: what comes from the network is shown on one
// line.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s))
}

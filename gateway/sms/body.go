package sms

import (
	"strings"
	"unicode/utf16"
)

// byteOrderMark is sent by some before UCS-2 text, where it has no use.
const byteOrderMark = 0xfeff

// A Body is the decoded user data of one received part, without its header. It
// marshals to compact JSON so that parts can be stored until a message is
// complete. The zero value is an empty text.
type Body struct {
	Alphabet Alphabet `json:"a,omitempty"`
	// Text is the text of a GSM7 part, national language tables applied.
	Text string `json:"t,omitempty"`
	// UTF16 holds the units of a UCS2 part as they came: a surrogate pair can
	// straddle two parts, so one part alone cannot be decoded safely.
	UTF16 []uint16 `json:"u,omitempty"`
	// Data is the content of a Data8 part.
	Data []byte `json:"d,omitempty"`
}

// Join returns the text of a message from its parts in order. Adjacent UCS2
// parts are joined before they are decoded; a surrogate without its other half
// becomes U+FFFD and a byte order mark at the start is dropped. Parts may
// differ in alphabet. Data8 parts have no text and are passed over.
func Join(bodies []Body) string {
	var text strings.Builder
	for i := 0; i < len(bodies); i++ {
		switch b := bodies[i]; b.Alphabet {
		case GSM7:
			text.WriteString(valid(b.Text))
		case UCS2:
			units := b.UTF16
			for i+1 < len(bodies) && bodies[i+1].Alphabet == UCS2 {
				i++
				// The full slice expression keeps append off the caller's array.
				units = append(units[:len(units):len(units)], bodies[i].UTF16...)
			}
			if text.Len() == 0 && len(units) > 0 && units[0] == byteOrderMark {
				units = units[1:]
			}
			text.WriteString(string(utf16.Decode(units)))
		}
	}
	return text.String()
}

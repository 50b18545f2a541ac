package sms

import "fmt"

// An Alphabet says how the user data of a short message is encoded
// (3GPP TS 23.038 section 4). The zero value is GSM7.
type Alphabet uint8

const (
	// GSM7 is the GSM 7-bit default alphabet with its extension table.
	GSM7 Alphabet = iota
	// UCS2 is 16-bit text. The standard names UCS-2, the field sends UTF-16
	// in big-endian order, surrogate pairs included.
	UCS2
	// Data8 is 8-bit data without a defined meaning as text.
	Data8
)

// alphabetNames is indexed by Alphabet.
var alphabetNames = [...]string{GSM7: "gsm7", UCS2: "ucs2", Data8: "data"}

// String returns "gsm7", "ucs2" or "data", and "alphabet(n)" for any other
// value.
func (a Alphabet) String() string {
	if int(a) < len(alphabetNames) {
		return alphabetNames[a]
	}
	return fmt.Sprintf("alphabet(%d)", uint8(a))
}

// MarshalText returns what String does; a value that is none of the three
// constants is an error.
func (a Alphabet) MarshalText() ([]byte, error) {
	if int(a) >= len(alphabetNames) {
		return nil, fmt.Errorf("marshal alphabet: unknown value %d", uint8(a))
	}
	return []byte(alphabetNames[a]), nil
}

// UnmarshalText accepts "gsm7", "ucs2" and "data"; anything else is an error.
func (a *Alphabet) UnmarshalText(text []byte) error {
	for i, name := range alphabetNames {
		if name == string(text) {
			*a = Alphabet(i)
			return nil
		}
	}
	return fmt.Errorf("unmarshal alphabet: unknown name %q", text)
}

// SinglePart returns how many units (septets, UTF-16 units or octets) fit into
// a message of one part: 160, 70 or 140.
func (a Alphabet) SinglePart() int {
	switch a {
	case UCS2:
		return 70
	case Data8:
		return 140
	default:
		return 160
	}
}

// ConcatPart returns how many units fit into each part of a concatenated
// message with an 8-bit reference: 153, 67 or 134.
func (a Alphabet) ConcatPart() int {
	switch a {
	case UCS2:
		return 67
	case Data8:
		return 134
	default:
		return 153
	}
}

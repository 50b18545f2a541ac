package sms

import (
	"fmt"
	"strings"
)

// Encoding says how the alphabet of a text is chosen. The zero value is Auto.
type Encoding string

// The encodings.
const (
	Auto      Encoding = ""      // GSM7 if every character fits, else UCS2
	Smart     Encoding = "smart" // as Auto, of what Smarten makes of the text
	GSM7Only  Encoding = "gsm7"  // GSM7; other characters are an error
	AlwaysUCS Encoding = "ucs2"  // UCS2
)

// ParseEncoding returns the encoding that is written as name: "auto" or nothing,
// "smart", "gsm7" or "ucs2". Any other name is an error.
func ParseEncoding(name string) (Encoding, error) {
	switch e := Encoding(name); e {
	case "auto":
		return Auto, nil
	case Auto, Smart, GSM7Only, AlwaysUCS:
		return e, nil
	}
	return Auto, fmt.Errorf("encoding %q is none of auto, smart, gsm7, ucs2", name)
}

// String returns "auto", "smart", "gsm7" or "ucs2".
func (e Encoding) String() string {
	if e == Auto {
		return "auto"
	}
	return string(e)
}

// A NotGSM7Error is returned by SplitAs for a text that does not fit GSM7Only.
type NotGSM7Error struct {
	Misfits []Misfit // at least one
}

// Error names up to five of the characters.
func (e *NotGSM7Error) Error() string {
	const most = 5
	var names []string
	for _, m := range e.Misfits[:min(most, len(e.Misfits))] {
		names = append(names, fmt.Sprintf("%q", m.Char))
	}
	if n := len(e.Misfits) - most; n > 0 {
		names = append(names, fmt.Sprintf("%d more", n))
	}
	return "text has characters outside of the GSM 7-bit alphabet: " + strings.Join(names, ", ") +
		"; replace them, or choose encoding smart or auto"
}

// SplitAs is Split with a choice of encoding. An encoding that is none of the
// constants counts as Auto. For GSM7Only the error may be a *NotGSM7Error.
func SplitAs(text string, e Encoding, maxParts int) ([]Segment, error) {
	text = valid(text)
	switch e {
	case Smart:
		text = Smarten(text)
	case GSM7Only:
		if m := Misfits(text); len(m) > 0 {
			return nil, &NotGSM7Error{m}
		}
	case AlwaysUCS:
		return split(text, UCS2, utf16Units(text), maxParts)
	}
	return Split(text, maxParts)
}

// Units returns the length of a segment's text in units of its alphabet: septets,
// or UTF-16 units. It is 0 for Data8.
func (s *Segment) Units() int {
	switch s.Alphabet {
	case GSM7:
		n := 0
		for _, r := range s.Text {
			n += septetsOf(r)
		}
		return n
	case UCS2:
		return utf16Units(s.Text)
	}
	return 0
}

// Left returns how many units still fit into the segment.
func (s *Segment) Left() int {
	limit := s.Alphabet.ConcatPart()
	if s.Total == 1 {
		limit = s.Alphabet.SinglePart()
	}
	return limit - s.Units()
}

package sms

import "slices"

// maxOffending bounds Measure.Offending: a few characters are enough to find
// them in the text.
const maxOffending = 8

// A Measure says what sending a text would take.
type Measure struct {
	// Alphabet is the one the text needs; GSM7 for an empty text.
	Alphabet Alphabet
	// Units is the length of the text: septets for GSM7, UTF-16 units for
	// UCS2.
	Units int
	// Parts is the number of segments; 0 for an empty text. It may exceed
	// MaxParts, which Split refuses.
	Parts int
	// PerPart is how many units each part has room for.
	PerPart int
	// Left is how many units are free in the last part. A character of two
	// units does not fit into the last one.
	Left int
	// Offending lists the first distinct characters (at most 8, in order of
	// appearance) that force UCS2; nil for GSM7.
	Offending []rune
}

// MeasureText counts text the way Split cuts it.
func MeasureText(text string) Measure {
	text = valid(text)
	alphabet, units := survey(text)
	m := Measure{Alphabet: alphabet, Units: units, PerPart: alphabet.SinglePart()}
	if alphabet == UCS2 {
		m.Offending = offending(text)
	}
	if units <= m.PerPart {
		m.Parts = min(units, 1)
		m.Left = m.PerPart - units
		return m
	}
	m.PerPart = alphabet.ConcatPart()
	for text != "" {
		n, used := cut(text, alphabet, m.PerPart)
		text = text[n:]
		m.Parts++
		m.Left = m.PerPart - used
	}
	return m
}

// offending returns the first distinct characters of text outside GSM7.
func offending(text string) []rune {
	var found []rune
	for _, r := range text {
		if codeOf(r) != 0 || slices.Contains(found, r) {
			continue
		}
		if found = append(found, r); len(found) == maxOffending {
			break
		}
	}
	return found
}

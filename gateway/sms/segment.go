package sms

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxParts is the highest number of parts a concatenated message can have: the
// field of the header is one octet.
const MaxParts = 255

// ErrEmpty is returned by Split for a text without characters.
var ErrEmpty = errors.New("text is empty: a message needs at least one character")

// A TooLongError is returned by Split for a text that needs more parts than
// are allowed.
type TooLongError struct {
	Parts int // how many the text needs; may exceed MaxParts
	Max   int // how many were allowed
}

// Error says what the matter is and what can be done, fit for the sender's
// eyes.
func (e *TooLongError) Error() string {
	if e.Max >= MaxParts {
		return fmt.Sprintf("text needs %d message parts but a message cannot have more than %d: shorten it or send it as several messages",
			e.Parts, e.Max)
	}
	return fmt.Sprintf("text needs %d message parts but only %d are allowed: shorten it, send it as several messages or raise the limit",
		e.Parts, e.Max)
}

// A Segment is the text of one part of a message.
type Segment struct {
	// Alphabet is the same for all segments of a message.
	Alphabet Alphabet `json:"alphabet,omitempty"`
	// Text is what this part carries.
	Text string `json:"text,omitempty"`
	// Part counts from 1 to Total. A Total of 1 means a message without a
	// concatenation header.
	Part  int `json:"part"`
	Total int `json:"total"`
}

// Split cuts text into the segments of one message, in GSM7 if every character
// fits and in UCS2 otherwise. A single segment holds 160 septets or 70 UTF-16
// units, one of several 153 or 67, which leaves room for a concatenation
// header with an 8-bit reference. Runs of invalid UTF-8 become one U+FFFD.
//
// The error is ErrEmpty or a *TooLongError. A maxParts below 1 counts as 1, one
// above MaxParts as MaxParts.
func Split(text string, maxParts int) ([]Segment, error) {
	if text == "" {
		return nil, ErrEmpty
	}
	text = valid(text)
	alphabet, units := survey(text)
	return split(text, alphabet, units, maxParts)
}

// split cuts text, which is valid and has the given length in units of alphabet.
func split(text string, alphabet Alphabet, units, maxParts int) ([]Segment, error) {
	if text == "" {
		return nil, ErrEmpty
	}
	maxParts = min(max(maxParts, 1), MaxParts)
	if units <= alphabet.SinglePart() {
		return []Segment{{Alphabet: alphabet, Text: text, Part: 1, Total: 1}}, nil
	}
	per := alphabet.ConcatPart()
	// Counted before anything is allocated: the text is the sender's, its length too.
	total := countParts(text, alphabet, per)
	if total > maxParts {
		return nil, &TooLongError{Parts: total, Max: maxParts}
	}
	segments := make([]Segment, total)
	for i := range segments {
		n, _ := cut(text, alphabet, per)
		segments[i] = Segment{Alphabet: alphabet, Text: text[:n], Part: i + 1, Total: total}
		text = text[n:]
	}
	return segments, nil
}

// valid returns text with each run of invalid UTF-8 replaced by U+FFFD.
func valid(text string) string {
	return strings.ToValidUTF8(text, string(utf8.RuneError))
}

// survey returns the alphabet text needs and its length in units of it.
func survey(text string) (Alphabet, int) {
	septets := 0
	for _, r := range text {
		n := septetsOf(r)
		if n == 0 {
			return UCS2, utf16Units(text)
		}
		septets += n
	}
	return GSM7, septets
}

// utf16Units returns the length of text in UTF-16 units.
func utf16Units(text string) int {
	units := 0
	for _, r := range text {
		units += unitsOf(r)
	}
	return units
}

// unitsOf returns how many UTF-16 units r takes: 2 for a surrogate pair.
func unitsOf(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// cut returns the length in octets and in units of the longest prefix of text
// that fits into limit units. Characters are kept whole, and so are escape
// sequences and surrogate pairs.
func cut(text string, alphabet Alphabet, limit int) (octets, units int) {
	for i, r := range text {
		n := unitsOf(r)
		if alphabet == GSM7 {
			n = septetsOf(r)
		}
		if units+n > limit {
			return i, units
		}
		units += n
	}
	return len(text), units
}

// countParts returns how many segments of at most per units text is cut into.
func countParts(text string, alphabet Alphabet, per int) int {
	parts := 0
	for text != "" {
		n, _ := cut(text, alphabet, per)
		text = text[n:]
		parts++
	}
	return parts
}

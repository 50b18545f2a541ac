package sms

import (
	"slices"
	"unicode/utf8"
)

// Smarten returns text with typographic characters and letters outside of the GSM
// 7-bit alphabet replaced by what is nearest to them in it, if all of it fits that
// alphabet then and needs fewer parts; else text as it is. Characters of the alphabet
// stay as they are. What it returns is empty only if text is, and stays as it is when
// smartened again.
func Smarten(text string) string {
	if alphabet, _ := survey(text); alphabet == GSM7 {
		return text
	}
	smart := substitute(text)
	// A text that needs UCS2 all the same would lose without a gain: the joiners of an
	// emoji, those of Persian words.
	if alphabet, _ := survey(smart); smart == "" || alphabet != GSM7 || parts(smart) >= parts(text) {
		return text
	}
	return smart
}

// parts returns how many segments a text is cut into, which may exceed MaxParts.
func parts(text string) int {
	alphabet, units := survey(text)
	if units <= alphabet.SinglePart() {
		return 1
	}
	return countParts(text, alphabet, alphabet.ConcatPart())
}

// substitute replaces every character for which there is something nearest.
func substitute(text string) string {
	b := make([]byte, 0, len(text))
	var last rune  // a letter of ASCII that was written before, which an accent may follow
	small := false // the one before was a small digit, such as ²
	for _, r := range text {
		if isAccent(r) {
			if c, ok := composed[accented{last, r}]; ok {
				b = utf8.AppendRune(b[:len(b)-1], c)
			}
			last = 0 // another one is dropped
			continue
		}
		if s, ok := nearest(r); ok {
			digit := isDigit(s) && r < fullWidthFirst
			if digit && !(small && len(s) == 1) {
				b = append(b, apart(b, s)...)
			}
			b = append(b, s...)
			last, small = 0, digit && len(s) == 1
			if len(s) == 1 {
				last = rune(s[0])
			}
			continue
		}
		b = utf8.AppendRune(b, r)
		last, small = 0, false
		if r < 0x80 {
			last = r
		}
	}
	return string(b)
}

// apart returns what has to stand between a number and what was a small digit or a
// fraction: 1½ is not 11/2, and 10² not 102.
func apart(before []byte, s string) string {
	switch {
	case len(before) == 0 || !isDigit(string(before[len(before)-1:])):
		return ""
	case len(s) > 1:
		return " "
	}
	return "^"
}

// isDigit reports whether s begins with a digit.
func isDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

// A Misfit is a character that is not in the GSM 7-bit alphabet.
type Misfit struct {
	Char      rune
	Positions []int  // in characters from 0, in order
	Nearest   string // what Smarten would write in its place; may be empty
	Known     bool   // whether there is a Nearest
}

// Misfits returns the characters of text that keep it from being sent in the GSM
// 7-bit alphabet, in the order in which they appear first.
func Misfits(text string) []Misfit {
	var out []Misfit
	index := make(map[rune]int)
	position := 0
	for _, r := range text {
		if septetsOf(r) == 0 {
			i, ok := index[r]
			if !ok {
				i = len(out)
				index[r] = i
				s, known := nearest(r)
				out = append(out, Misfit{Char: r, Nearest: s, Known: known || isAccent(r)})
			}
			out[i].Positions = append(out[i].Positions, position)
		}
		position++
	}
	return out
}

// isAccent reports whether r is combined with the letter before it.
func isAccent(r rune) bool { return r >= 0x0300 && r <= 0x036f }

type accented struct{ letter, accent rune }

// composed holds letters of the alphabet that can be written as a letter and an
// accent; other accents are left out.
var composed = map[accented]rune{
	{'a', 0x300}: 'à', {'e', 0x300}: 'è', {'e', 0x301}: 'é', {'i', 0x300}: 'ì', {'o', 0x300}: 'ò', {'u', 0x300}: 'ù',
	{'a', 0x308}: 'ä', {'o', 0x308}: 'ö', {'u', 0x308}: 'ü', {'n', 0x303}: 'ñ', {'a', 0x30a}: 'å',
	{'A', 0x308}: 'Ä', {'O', 0x308}: 'Ö', {'U', 0x308}: 'Ü', {'N', 0x303}: 'Ñ', {'A', 0x30a}: 'Å',
	{'E', 0x301}: 'É', {'C', 0x327}: 'Ç',
}

// Forms of the characters of ASCII that are as wide as Chinese ones.
const (
	fullWidthFirst = '！'
	fullWidthLast  = '～'
)

// nearest returns what stands for r in the GSM 7-bit alphabet; ok is false if r is in
// it, or nothing is near.
func nearest(r rune) (s string, ok bool) {
	switch {
	case r < 0x80 && r != '`' && r != '\t' && r != '\v':
		return "", false
	case fullWidthFirst <= r && r <= fullWidthLast:
		if r -= fullWidthFirst - '!'; r == '`' {
			r = '\''
		}
		return string(r), true
	}
	i, ok := slices.BinarySearchFunc(substitutes, r, func(s substitution, r rune) int { return int(s.from - r) })
	if !ok {
		return "", false
	}
	return substitutes[i].to, true
}

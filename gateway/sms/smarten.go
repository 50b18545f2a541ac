package sms

import (
	"slices"
	"unicode/utf8"
)

// Smarten returns text with typographic characters and letters outside of the GSM
// 7-bit alphabet replaced by what is nearest to them in it, if the text needs fewer
// parts then; else text as it is. What it returns is never longer in parts than text,
// is empty only if text is, and stays as it is when smartened again.
func Smarten(text string) string {
	smart := substitute(text)
	if smart != "" && parts(smart) < parts(text) {
		return smart
	}
	return text
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
	var last rune // the one written before, which an accent may follow
	for _, r := range text {
		if isAccent(r) && last != 0 {
			if c, ok := composed[accented{last, r}]; ok {
				b = utf8.AppendRune(b[:len(b)-1], c) // behind it a letter of ASCII
			}
			last = 0
			continue
		}
		if s, ok := nearest(r); ok {
			b = append(b, s...)
			last = 0
			continue
		}
		b = utf8.AppendRune(b, r)
		last = 0
		if r < 0x80 {
			last = r
		}
	}
	return string(b)
}

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

// nearest returns what stands for r in the GSM 7-bit alphabet; ok is false if r is in
// it, or nothing is near.
func nearest(r rune) (s string, ok bool) {
	if r < 0x80 && r != '`' && r != '\t' {
		return "", false
	}
	i, ok := slices.BinarySearchFunc(substitutes, r, func(s substitution, r rune) int { return int(s.from - r) })
	if !ok {
		return "", false
	}
	return substitutes[i].to, true
}

// substitution says what is written for a character.
type substitution struct {
	from rune
	to   string
}

// substitutes are in the order of from.
var substitutes = sorted(map[string]string{
	"'":   "`´‘’‚‛′‵ʹʻʼʽˈ",
	`"`:   "“”„‟″‶«»〝〞",
	"<":   "‹",
	">":   "›",
	"-":   "‐‑‒–—―−⁃﹣－",
	"...": "…",
	".":   "․",
	"*":   "•·∙⋅",
	"/":   "⁄∕",
	":":   "∶",
	"~":   "∼˜",
	"|":   "¦",
	"!":   "！",
	"?":   "？",
	"(C)": "©", "(R)": "®", "(TM)": "™",
	" ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
	"":  "\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff",

	"1/4": "¼", "1/2": "½", "3/4": "¾", "1": "¹", "2": "²", "3": "³", "x": "×",

	"a": "áâãāăąǎª", "A": "ÀÁÂÃĀĂĄǍ", "c": "çćĉċč", "C": "ĆĈĊČ", "d": "ďđð", "D": "ĎĐÐ",
	"e": "êëēĕėęěẽ", "E": "ÈÊËĒĔĖĘĚẼ", "g": "ĝğġģ", "G": "ĜĞĠĢ", "h": "ĥħ", "H": "ĤĦ",
	"i": "íîïĩīĭįıǐ", "I": "ÌÍÎÏĨĪĬĮİǏ", "j": "ĵ", "J": "Ĵ", "k": "ķ", "K": "Ķ", "l": "ĺļľŀł", "L": "ĹĻĽĿŁ",
	"n": "ńņňŋ", "N": "ŃŅŇŊ", "o": "óôõōŏǒº", "O": "ÒÓÔÕŌŎǑ", "r": "ŕŗř", "R": "ŔŖŘ",
	"s": "śŝşšș", "S": "ŚŜŞŠȘ", "t": "ţťŧț", "T": "ŢŤŦȚ", "u": "úûũūŭůųǔ", "U": "ÙÚÛŨŪŬŮŲǓ",
	"w": "ŵẁẃẅ", "W": "ŴẀẂẄ", "y": "ýÿŷ", "Y": "ÝŸŶ", "z": "źżž", "Z": "ŹŻŽ",
	"ö": "ő", "Ö": "Ő", "ü": "ű", "Ü": "Ű", "ß": "ẞ", "oe": "œ", "OE": "Œ", "th": "þ", "TH": "Þ",
})

func sorted(table map[string]string) []substitution {
	var out []substitution
	for to, froms := range table {
		for _, from := range froms {
			out = append(out, substitution{from, to})
		}
	}
	slices.SortFunc(out, func(a, b substitution) int { return int(a.from - b.from) })
	return out
}

package sms

import (
	"strings"
	"unicode/utf8"
)

// escape introduces a character of the extension table
// (3GPP TS 23.038 section 6.2.1.1).
const escape = 0x1b

// basic is the GSM 7-bit default alphabet, indexed by septet
// (3GPP TS 23.038 section 6.2.1). A lone escape is shown as a space.
var basic = [128]rune([]rune("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ" +
	" !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"))

// extension is the extension table of the default alphabet, indexed by the
// septet after the escape; zero means no such character
// (3GPP TS 23.038 section 6.2.1.1).
var extension = [128]rune{
	0x0a: '\f',
	0x14: '^',
	0x28: '{',
	0x29: '}',
	0x2f: '\\',
	0x3c: '[',
	0x3d: '~',
	0x3e: ']',
	0x40: '|',
	0x65: '€',
}

// greekFirst is the first of the Greek capitals in the default alphabet; all
// of them lie within the 24 code points from here.
const greekFirst = 'Γ'

// A code is the encoding of one character: zero if it has none, otherwise the
// septet with bit 8 set, and bit 9 too if an escape goes before it.
type code uint16

const (
	coded   code = 1 << 8
	escaped code = 1 << 9
)

// latinCodes holds the codes of U+0000 to U+00FF and greekCodes those of the
// Greek block; the euro sign is the one character outside both.
var latinCodes, greekCodes = invert()

func invert() (latin [256]code, greek [24]code) {
	set := func(r rune, c code) {
		switch {
		case r < 256:
			latin[r] = c
		case r >= greekFirst && r < greekFirst+rune(len(greek)):
			greek[r-greekFirst] = c
		}
	}
	for septet, r := range basic {
		if septet != escape {
			set(r, coded|code(septet))
		}
	}
	for septet, r := range extension {
		if r != 0 {
			set(r, coded|escaped|code(septet))
		}
	}
	return latin, greek
}

// codeOf returns the code of r, zero if r is in neither table.
func codeOf(r rune) code {
	switch {
	case r < 256:
		return latinCodes[r]
	case r >= greekFirst && r < greekFirst+rune(len(greekCodes)):
		return greekCodes[r-greekFirst]
	case r == '€':
		return coded | escaped | 0x65
	}
	return 0
}

// septetsOf returns how many septets r takes: 1, 2, or 0 if it does not fit
// the alphabet.
func septetsOf(r rune) int {
	c := codeOf(r)
	if c == 0 {
		return 0
	}
	return 1 + int(c>>9)
}

// GSM7Septets encodes text in the GSM 7-bit default alphabet, one septet an
// octet (unpacked), escapes included. It reports false, and returns nil, if a
// character does not fit.
func GSM7Septets(text string) ([]byte, bool) {
	septets := make([]byte, 0, len(text)+8)
	for _, r := range text {
		c := codeOf(r)
		if c == 0 {
			return nil, false
		}
		if c&escaped != 0 {
			septets = append(septets, escape)
		}
		septets = append(septets, byte(c&0x7f))
	}
	return septets, true
}

// GSM7Text decodes unpacked septets of the GSM 7-bit default alphabet. An
// escape before a septet without an extension is ignored and the character of
// the default alphabet shown, an escape before another or at the end is shown
// as a space (3GPP TS 23.038 section 6.2.1.1). Bit 7 of each octet is ignored.
func GSM7Text(septets []byte) string {
	var b strings.Builder
	b.Grow(len(septets) + len(septets)/8)
	for i := 0; i < len(septets); i++ {
		s := septets[i] & 0x7f
		r := basic[s]
		if s == escape && i+1 < len(septets) {
			i++
			s = septets[i] & 0x7f
			if r = extension[s]; r == 0 {
				r = basic[s]
			}
		}
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

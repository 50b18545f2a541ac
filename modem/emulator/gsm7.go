package emulator

import "strings"

// gsm7Default is the GSM 7 bit default alphabet (3GPP 23.038 §6.2.1): the rune at
// position n is what septet n means. Position 0x1B is the escape to the extension.
const gsm7Default = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ" +
	" !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"

const gsm7Escape = 0x1b

// gsm7Tables are the two alphabets in the forms the codec needs. They are built once
// and never written again.
var (
	gsm7Runes   = []rune(gsm7Default)
	gsm7Septets = invertGSM7(gsm7Runes)

	// gsm7Extension is the default alphabet extension (3GPP 23.038 §6.2.1.1).
	gsm7Extension = map[byte]rune{
		0x0a: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2f: '\\',
		0x3c: '[', 0x3d: '~', 0x3e: ']', 0x40: '|', 0x65: '€',
	}
	gsm7Extended = invertExtension(gsm7Extension)
)

func invertGSM7(runes []rune) map[rune]byte {
	m := make(map[rune]byte, len(runes))
	for i, r := range runes {
		if i != gsm7Escape {
			m[r] = byte(i)
		}
	}
	return m
}

func invertExtension(ext map[byte]rune) map[rune]byte {
	m := make(map[rune]byte, len(ext))
	for b, r := range ext {
		m[r] = b
	}
	return m
}

// encodeGSM7 turns text into septets. ok is false if the text needs another alphabet.
func encodeGSM7(text string) (septets []byte, ok bool) {
	septets = make([]byte, 0, len(text))
	for _, r := range text {
		if b, found := gsm7Septets[r]; found {
			septets = append(septets, b)
			continue
		}
		b, found := gsm7Extended[r]
		if !found {
			return nil, false
		}
		septets = append(septets, gsm7Escape, b)
	}
	return septets, true
}

// decodeGSM7 turns septets into text. An escape before a septet the extension does not
// define shows the character of the default alphabet, and a lone escape a space, as
// 3GPP 23.038 §6.2.1 advises.
func decodeGSM7(septets []byte) string {
	var b strings.Builder
	for i := 0; i < len(septets); i++ {
		s := septets[i] & 0x7f
		if s != gsm7Escape {
			b.WriteRune(gsm7Runes[s])
			continue
		}
		i++
		if i == len(septets) {
			b.WriteByte(' ')
			break
		}
		s = septets[i] & 0x7f
		switch r, found := gsm7Extension[s]; {
		case found:
			b.WriteRune(r)
		case s == gsm7Escape:
			b.WriteByte(' ')
		default:
			b.WriteRune(gsm7Runes[s])
		}
	}
	return b.String()
}

// packSeptets packs septets into octets, least significant bit first, after skip septets
// of zero bits (the room a user data header takes; 3GPP 23.040 §9.2.3.24).
func packSeptets(septets []byte, skip int) []byte {
	total := (skip+len(septets))*7 + 7
	out := make([]byte, total/8)
	for i, s := range septets {
		bit := (skip + i) * 7
		v := uint16(s&0x7f) << (bit % 8)
		out[bit/8] |= byte(v)
		if v > 0xff {
			out[bit/8+1] |= byte(v >> 8)
		}
	}
	return out
}

// unpackSeptets reads the septets skip..n-1 of packed octets. Septets beyond the end of
// the octets are left out.
func unpackSeptets(octets []byte, skip, n int) []byte {
	if n <= skip {
		return nil
	}
	out := make([]byte, 0, n-skip)
	for i := skip; i < n; i++ {
		bit := i * 7
		if bit/8 >= len(octets) {
			break
		}
		v := uint16(octets[bit/8])
		if bit/8+1 < len(octets) {
			v |= uint16(octets[bit/8+1]) << 8
		} else if bit%8 > 1 {
			break
		}
		out = append(out, byte(v>>(bit%8))&0x7f)
	}
	return out
}

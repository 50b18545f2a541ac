package pdu

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"

	"tetherd/gateway/sms"
)

// EncodeUSSD returns a service code or a reply as the string of +CUSD (3GPP TS
// 27.007 section 7.15): as it is, or with packed as the hexadecimal digits of
// packed septets (3GPP TS 23.038 section 6.1.2.3), which some modems ask for. It
// fails for text beyond the GSM 7-bit alphabet.
func EncodeUSSD(text string, packed bool) (string, error) {
	septets, ok := sms.GSM7Septets(text)
	if !ok {
		return "", errNotGSM7
	}
	if !packed {
		return text, nil
	}
	return fmt.Sprintf("%X", gsm7.Pack7BitUSSD(septets, 0)), nil
}

// DecodeUSSD returns the text of a string of +CUSD. Modems write it as it is, as
// digits of packed septets or as digits of UCS-2, with any coding scheme beside it
// (dcs, -1 if there is none) and sometimes with padding behind it; what it looks
// like decides.
func DecodeUSSD(s string, dcs int) string {
	digits := strings.ToUpper(s)
	octets, err := hex.DecodeString(digits)
	if err != nil || len(octets) < 2 {
		return plainUSSD(s)
	}
	for len(octets) > 2 && octets[len(octets)-1] == 0xff {
		octets = octets[:len(octets)-1]
	}
	if text, ok := ucs2USSD(octets); ok {
		return text
	}
	// A text that happens to consist of hexadecimal digits alone is rather a number
	// than packed septets that make no sense.
	if text, ok := packedUSSD(octets); ok {
		return text
	}
	if dcs >= 0 && schemeOf(byte(dcs)).alphabet == sms.UCS2 && len(octets)%2 == 0 {
		return string(utf16.Decode(units(octets)))
	}
	return plainUSSD(s)
}

// plainUSSD makes a text that came as it is valid.
func plainUSSD(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd"))
}

func units(octets []byte) []uint16 {
	u := make([]uint16, len(octets)/2)
	for i := range u {
		u[i] = binary.BigEndian.Uint16(octets[2*i:])
	}
	return u
}

// ucs2USSD reads octets as UCS-2, if that makes a text: characters people write,
// of few scripts, with no other control characters than line ends.
func ucs2USSD(octets []byte) (string, bool) {
	if len(octets)%2 != 0 {
		return "", false
	}
	text := string(utf16.Decode(units(octets)))
	scripts := make(map[rune]bool)
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
		case unicode.IsControl(r) || r == unicode.ReplacementChar || !unicode.IsPrint(r) && !unicode.IsSpace(r):
			return "", false
		case r >= 0x80:
			scripts[r>>8] = true
		}
	}
	// Packed septets read as UCS-2 are a jumble of ideographs and rare scripts.
	ideographs := 0
	for s := range scripts {
		if s >= 0x34 && s < 0xd8 {
			ideographs++
		}
	}
	if len(scripts)-ideographs > 4 {
		return "", false
	}
	if ideographs > 0 && plausiblySeptets(octets) {
		return "", false
	}
	return strings.TrimSpace(text), true
}

// packedUSSD reads octets as packed septets, if that makes a text.
func packedUSSD(octets []byte) (string, bool) {
	if !plausiblySeptets(octets) {
		return "", false
	}
	return strings.TrimSpace(sms.GSM7Text(gsm7.Unpack7BitUSSD(octets, 0))), true
}

// plausiblySeptets reports whether nearly all of the packed septets are printing
// characters of ASCII or line ends.
func plausiblySeptets(octets []byte) bool {
	septets := gsm7.Unpack7BitUSSD(octets, 0)
	odd := 0
	for _, s := range septets {
		if (s < ' ' || s > 'z') && s != '\r' && s != '\n' && s != 0 && s != 0x1b {
			odd++
		}
	}
	return len(septets) > 0 && odd*8 <= len(septets)
}

package emulator

import (
	"errors"
	"strings"
)

// Types of address (3GPP 23.040 §9.1.2.5): type of number in bits 6..4, ISDN plan.
const (
	toaUnknown       = 0x81
	toaInternational = 0x91
	toaAlphanumeric  = 0xd0
)

// addressDigits are the characters of the semi-octets 0..14; 15 is the fill.
const addressDigits = "0123456789*#abc"

// maxAddressDigits is the longest address of a TPDU: ten octets (3GPP 23.040 §9.1.2.5).
const maxAddressDigits = 20

var (
	errShort      = errors.New("tpdu ends early")
	errLong       = errors.New("octets after the end of the tpdu")
	errAddress    = errors.New("address is malformed")
	errBadNumber  = errors.New("number has a character an address cannot carry")
	errLongNumber = errors.New("number is longer than an address")
	errAlphabet   = errors.New("text has a character the alphabet lacks")
)

// isAlphanumeric tells whether an originator is a name rather than a number.
func isAlphanumeric(number string) bool {
	return strings.Trim(strings.TrimPrefix(number, "+"), addressDigits) != ""
}

// encodeAddress builds the TP-OA, TP-DA or TP-RA of a number: international with a leading
// '+', unknown without, alphanumeric if it has other characters.
func encodeAddress(number string) ([]byte, error) {
	if isAlphanumeric(number) {
		septets, ok := encodeGSM7(number)
		if !ok {
			return nil, errBadNumber
		}
		semi := (len(septets)*7 + 3) / 4
		if semi > maxAddressDigits+2 || len(septets) > 11 {
			return nil, errLongNumber
		}
		return append([]byte{byte(semi), toaAlphanumeric}, packSeptets(septets, 0)[:(semi+1)/2]...), nil
	}
	toa := byte(toaUnknown)
	digits, plus := strings.CutPrefix(number, "+")
	if plus {
		toa = toaInternational
	}
	if len(digits) > maxAddressDigits {
		return nil, errLongNumber
	}
	return append([]byte{byte(len(digits)), toa}, packDigits(digits)...), nil
}

// packDigits turns digits into swapped semi-octets, filled with 0xF.
func packDigits(digits string) []byte {
	out := make([]byte, (len(digits)+1)/2)
	for i := range len(digits) {
		v := byte(strings.IndexByte(addressDigits, digits[i]))
		if i%2 == 0 {
			out[i/2] = 0xf0 | v
		} else {
			out[i/2] = v<<4 | out[i/2]&0x0f
		}
	}
	return out
}

// unpackDigits reads n swapped semi-octets.
func unpackDigits(octets []byte, n int) (string, error) {
	var b strings.Builder
	for i := range n {
		v := octets[i/2] >> (4 * (i % 2)) & 0x0f
		if v == 0x0f {
			return "", errAddress
		}
		b.WriteByte(addressDigits[v])
	}
	return b.String(), nil
}

// decodeAddress reads an address from the front of b. It returns the number as people
// write it, the octets it took and what follows them.
func decodeAddress(b []byte) (number string, raw, rest []byte, err error) {
	if len(b) < 2 {
		return "", nil, nil, errShort
	}
	n, toa := int(b[0]), b[1]
	if n > maxAddressDigits+2 {
		return "", nil, nil, errAddress
	}
	size := 2 + (n+1)/2
	if len(b) < size {
		return "", nil, nil, errShort
	}
	raw, rest = b[:size], b[size:]
	if toa&0x70 == 0x50 {
		return decodeGSM7(unpackSeptets(raw[2:], 0, n*4/7)), raw, rest, nil
	}
	if n > maxAddressDigits {
		return "", nil, nil, errAddress
	}
	number, err = unpackDigits(raw[2:], n)
	if err != nil {
		return "", nil, nil, err
	}
	if toa&0x70 == 0x10 {
		number = "+" + number
	}
	return number, raw, rest, nil
}

// encodeSMSC builds the service centre field that stands before a TPDU in the PDU mode of
// 3GPP 27.005: a length in octets, the type, the digits. An empty number is one zero octet.
func encodeSMSC(number string) []byte {
	digits, plus := strings.CutPrefix(number, "+")
	if digits == "" || strings.Trim(digits, addressDigits) != "" {
		return []byte{0}
	}
	toa := byte(toaUnknown)
	if plus {
		toa = toaInternational
	}
	packed := packDigits(digits)
	return append([]byte{byte(len(packed) + 1), toa}, packed...)
}

// decodeSMSC cuts the service centre field from the front of a PDU.
func decodeSMSC(pdu []byte) (number string, tpdu []byte, err error) {
	if len(pdu) == 0 {
		return "", nil, errShort
	}
	n := int(pdu[0])
	if n == 0 {
		return "", pdu[1:], nil
	}
	if n > 12 || len(pdu) < 1+n {
		return "", nil, errAddress
	}
	digits := pdu[2 : 1+n]
	count := 2 * len(digits)
	if count > 0 && digits[len(digits)-1]>>4 == 0x0f {
		count--
	}
	number, err = unpackDigits(digits, count)
	if err != nil {
		return "", nil, err
	}
	if pdu[1]&0x70 == 0x10 {
		number = "+" + number
	}
	return number, pdu[1+n:], nil
}

// digitsOf drops everything but the digits, '*' and '#' of a number.
func digitsOf(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, number)
}

// shortNumber is the length below which numbers are compared exactly: service codes have
// no country or trunk prefix that could differ.
const shortNumber = 7

// sameNumber tells whether two spellings (international, 00, national) mean one subscriber.
func sameNumber(a, b string) bool {
	if isAlphanumeric(a) || isAlphanumeric(b) {
		return a == b
	}
	a, b = digitsOf(a), digitsOf(b)
	if a == b {
		return a != ""
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) < len(b) {
		a, b = b, a
	}
	return len(b) >= shortNumber && strings.HasSuffix(a, b)
}

package pdu

import (
	"errors"
	"fmt"
	"strings"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/semioctet"
	"github.com/warthog618/sms/encoding/tpdu"

	"tetherd/gateway/sms"
)

// maxDigits is what the 12 octets of an address field have room for
// (3GPP TS 23.040 section 9.1.2.5).
const maxDigits = 20

// maxSMSC is the longest SMSC field taken for one, in octets after its length:
// the type of address and 20 digits (3GPP TS 24.011 section 8.2.5.2), and one
// to spare.
const maxSMSC = 12

// Types of address (3GPP TS 23.040 section 9.1.2.5).
const (
	toaUnknown       = 0x81 // unknown type, numbering plan E.164
	toaInternational = 0x91 // international, numbering plan E.164
)

// Repairs of addresses.
const (
	repairFill      = "address: fill is not F"
	repairEarlyFill = "address: ended by F before its length"
	repairFinalAt   = "address: padding at the end of the name dropped"
)

// An Address is the originator or recipient of a message.
type Address struct {
	// Number holds digits, "*", "#" and "a" to "c", after a "+" if the type is
	// international, or the name of an alphanumeric address. It may be empty.
	Number string
	// Alphanumeric tells a name, to which no reply is possible.
	Alphanumeric bool
	// TOA is the type-of-address octet as received.
	TOA byte
}

// address reads an address field: the number of useful semi-octets, the type
// of address and the semi-octets.
func (r *reader) address(field string) (Address, error) {
	head, err := r.take(2, field)
	if err != nil {
		return Address{}, err
	}
	length, toa := int(head[0]), head[1]
	// Longer than any address field, so it is none: the octets are out of step.
	if length > maxDigits {
		return Address{}, fmt.Errorf("decode %s: %d semi-octets are too many", field, length)
	}
	value, err := r.take((length+1)/2, field)
	if err != nil {
		return Address{}, err
	}
	if typeOfNumber(toa) == tpdu.TonAlphanumeric {
		return Address{Number: r.name(value, length), Alphanumeric: true, TOA: toa}, nil
	}
	return Address{Number: r.number(value, length, toa), TOA: toa}, nil
}

// name decodes an alphanumeric address of that many semi-octets.
func (r *reader) name(value []byte, length int) string {
	septets := gsm7.Unpack7Bit(value, 0)
	septets = septets[:min(len(septets), length*4/7)]
	// Seven characters leave seven bits free in the last octet; some count
	// them, which would add the character of septet 0, "@".
	if n := len(septets); n > 0 && n%8 == 0 && septets[n-1] == 0 {
		septets = septets[:n-1]
		r.repaired(repairFinalAt)
	}
	return sms.GSM7Text(septets)
}

// number decodes length semi-octets. A length that counts the fill, and a fill
// that is not F, are common.
func (r *reader) number(value []byte, length int, toa byte) string {
	digits := make([]byte, 0, length+1)
	if typeOfNumber(toa) == tpdu.TonInternational {
		digits = append(digits, '+')
	}
	bare := len(digits)
	for i := range length {
		d := semiOctet(value, i)
		if d == fill {
			r.repaired(repairEarlyFill)
			break
		}
		digits = append(digits, "0123456789*#abc"[d])
	}
	if length%2 != 0 && semiOctet(value, length) != fill {
		r.repaired(repairFill)
	}
	if len(digits) == bare {
		return ""
	}
	return string(digits)
}

// fill is the semi-octet after an odd number of digits.
const fill = 0x0f

// semiOctet returns the i-th semi-octet, low one of an octet first.
func semiOctet(octets []byte, i int) byte {
	return octets[i/2] >> (4 * (i % 2)) & 0x0f
}

// typeOfNumber returns bits 6 to 4 of a type of address.
func typeOfNumber(toa byte) tpdu.TypeOfNumber {
	return tpdu.Address{TOA: toa}.TypeOfNumber()
}

// smsc reads the service centre address a modem prints before the TPDU: its
// length in octets, the type of address and the semi-octets. Zero octets mean
// that the modem does not say.
func (r *reader) smsc() (string, error) {
	length, err := r.octet("SMSC address")
	if err != nil || length == 0 {
		return "", err
	}
	if length > maxSMSC {
		return "", fmt.Errorf("decode SMSC address: %d octets are too many", length)
	}
	value, err := r.take(int(length), "SMSC address")
	if err != nil {
		return "", err
	}
	toa, value := value[0], value[1:]
	digits := 2 * len(value)
	for digits > 0 && semiOctet(value, digits-1) == fill {
		digits--
	}
	if digits%2 == 0 {
		value = value[:digits/2]
	}
	return r.number(value, digits, toa), nil
}

// Errors of addresses to be encoded. They do not repeat the address: it is a
// person's number.
var (
	errNoDigits      = errors.New("number is empty")
	errTooManyDigits = fmt.Errorf("number has more than %d digits", maxDigits)
	errPlus          = errors.New("only digits may follow a +")
	errCharacter     = errors.New("number may hold a + at the start, digits, * # and a to c")
)

// encodeAddress returns the type of address of number, its semi-octets and how
// many of them are useful.
func encodeAddress(number string) (toa byte, value []byte, digits int, err error) {
	toa = toaUnknown
	if rest, ok := strings.CutPrefix(number, "+"); ok {
		number, toa = rest, toaInternational
		if strings.Trim(number, "0123456789") != "" {
			return 0, nil, 0, errPlus
		}
	}
	switch {
	case number == "":
		return 0, nil, 0, errNoDigits
	case strings.Trim(number, "0123456789*#abcABC") != "":
		return 0, nil, 0, errCharacter
	case len(number) > maxDigits:
		return 0, nil, 0, errTooManyDigits
	}
	value, err = semioctet.Encode([]byte(strings.ToLower(number)))
	if err != nil {
		return 0, nil, 0, err
	}
	return toa, value, len(number), nil
}

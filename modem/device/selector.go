package device

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Selector says which modem is meant. All that is given must hold; the zero value
// selects nothing.
type Selector struct {
	Port string // path of a terminal, or of a link to one
	IMEI string // 15 digits
	USB  USB
}

// Empty tells whether nothing is selected.
func (s Selector) Empty() bool { return s == Selector{} }

// String writes the selector as its owner would: "IMEI 490154203237518".
func (s Selector) String() string {
	var out []string
	if s.IMEI != "" {
		out = append(out, "IMEI "+s.IMEI)
	}
	if !s.USB.Empty() {
		out = append(out, "USB "+s.USB.String())
	}
	if s.Port != "" {
		out = append(out, "port "+s.Port)
	}
	return strings.Join(out, ", ")
}

// USB selects USB devices, and maybe one of their interfaces. The zero value
// selects nothing.
type USB struct {
	Vendor, Product uint16
	// Interface is bInterfaceNumber, if HasInterface.
	Interface    uint8
	HasInterface bool
	At           string // serial number or path of the device; empty is any
}

// Empty tells whether nothing is selected.
func (u USB) Empty() bool { return u == USB{} }

// String writes the selector in the form that ParseUSB reads.
func (u USB) String() string {
	s := fmt.Sprintf("%04x:%04x", u.Vendor, u.Product)
	if u.HasInterface {
		s += fmt.Sprintf(":%02x", u.Interface)
	}
	if u.At != "" {
		s += "@" + u.At
	}
	return s
}

// Matches tells whether the device is one that is meant.
func (u USB) Matches(d Device) bool {
	return d.USB && u.Vendor == d.Vendor && u.Product == d.Product &&
		(u.At == "" || u.At == d.Path || u.At == d.Serial)
}

var usbAt = regexp.MustCompile(`^[!-~]{1,126}$`) // a string descriptor has up to 126 characters

// ParseUSB reads VENDOR:PRODUCT, four hexadecimal digits each, with ":" and the
// number of an interface behind it, two hexadecimal digits, and "@" and a serial
// number or the path of the device, if given.
func ParseUSB(text string) (USB, error) {
	ids, at, hasAt := strings.Cut(text, "@")
	if hasAt && !usbAt.MatchString(at) {
		return USB{}, errors.New("needs a serial number or a path such as 1-1.2 behind the @")
	}
	f := strings.Split(ids, ":")
	if len(f) != 2 && len(f) != 3 {
		return USB{}, errors.New("is not of the form VENDOR:PRODUCT or VENDOR:PRODUCT:INTERFACE, such as 2c7c:0125:02")
	}
	vendor, err1 := hexDigits(f[0], 4)
	product, err2 := hexDigits(f[1], 4)
	if err1 != nil || err2 != nil {
		return USB{}, errors.New("needs four hexadecimal digits for the vendor and four for the product, as lsusb shows them, such as 2c7c:0125")
	}
	u := USB{Vendor: uint16(vendor), Product: uint16(product), At: at}
	if u.Vendor == 0 {
		return USB{}, errors.New("has vendor 0000, which no device has: lsusb shows the right one")
	}
	if len(f) == 3 {
		n, err := hexDigits(f[2], 2)
		if err != nil {
			return USB{}, errors.New("needs two hexadecimal digits for the interface, such as 02")
		}
		u.Interface, u.HasInterface = uint8(n), true
	}
	return u, nil
}

// hexDigits reads exactly n hexadecimal digits.
func hexDigits(s string, n int) (uint64, error) {
	if len(s) != n || strings.ContainsAny(s, "+-_") {
		return 0, errors.New("wrong number of digits")
	}
	return strconv.ParseUint(s, 16, 4*n)
}

// ParseIMEI reads an IMEI, freed of what people put between digits, or says what
// is wrong with it (3GPP TS 23.003 §6.2.1, annex B).
func ParseIMEI(text string) (string, error) {
	imei := strings.NewReplacer(" ", "", "-", "", "/", "", ".", "").Replace(text)
	if digits(imei) != len(imei) {
		return "", errors.New("is not an IMEI: it has 15 digits and nothing else")
	}
	switch {
	case len(imei) == 16:
		return "", errors.New("has 16 digits like an IMEISV: give the IMEI, which has 15; \"tetherd modem list --probe\" shows it")
	case len(imei) != 15:
		return "", fmt.Errorf("has %d digits, an IMEI has 15: \"tetherd modem list --probe\" shows it", len(imei))
	case checkDigit(imei[:14]) != imei[14]:
		return "", errors.New("is not an IMEI: its last digit does not fit the others, so one of them is mistyped")
	}
	return imei, nil
}

// checkDigit returns the digit that the formula of Luhn puts behind others.
func checkDigit(s string) byte {
	sum := 0
	for i := range len(s) {
		n := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return byte('0' + (10-sum%10)%10)
}

// SameIMEI compares what a modem says with what is known. Some say the IMEISV, or
// leave the check digit out: the first 14 digits are what tells equipment apart.
func SameIMEI(a, b string) bool {
	return len(a) >= 14 && len(b) >= 14 && a[:14] == b[:14]
}

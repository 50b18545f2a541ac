package gateway

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

const (
	maxNumberDigits = 20 // 3GPP 23.040 §9.1.2.5
	shortCodeDigits = 8  // numbers of up to so many digits are dialled as given
)

// dial returns how the number a caller gave is dialled: "+" and digits when its
// country is known, else the bare digits. Short codes and service numbers with *
// or # are kept as they are. region is the country that numbers without "+"
// belong to; if it is empty they are dialled as given. Only what cannot be a
// telephone number is refused, with a text that says why.
func dial(number, region string) (string, error) {
	bare, err := digitsOf(number)
	if err != nil {
		return "", err
	}
	international := strings.HasPrefix(bare, "+")
	switch {
	case strings.ContainsAny(bare, "*#"):
		return bare, nil
	case !international && len(bare) <= shortCodeDigits && !possible(bare, region):
		return bare, nil
	case !international && region == "":
		return bare, nil
	}
	n, err := phonenumbers.Parse(bare, region)
	if err != nil {
		return "", fmt.Errorf("it cannot be read as a phone number: %w", err)
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.TOO_SHORT:
		return "", fmt.Errorf("it is too short for a phone number of its country")
	case phonenumbers.TOO_LONG:
		return "", fmt.Errorf("it is too long for a phone number of its country")
	case phonenumbers.INVALID_COUNTRY_CODE:
		return "", fmt.Errorf("its country code does not exist")
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// CountryOf returns the ISO 3166-1 alpha-2 code of the country that a number with "+"
// belongs to; empty if there is none, such as for satellite phones.
func CountryOf(number string) string {
	if !strings.HasPrefix(number, "+") {
		return ""
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	region := phonenumbers.GetRegionCodeForNumber(n)
	if region == "" { // a number that is not given out, of several countries or of one
		region = phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	}
	if len(region) != 2 || region == "ZZ" {
		return ""
	}
	return region
}

// possible reports whether bare is as long as a whole number of region.
func possible(bare, region string) bool {
	if region == "" {
		return false
	}
	n, err := phonenumbers.Parse(bare, region)
	return err == nil && phonenumbers.IsValidNumberForRegion(n, region)
}

// dialUnchecked keeps only what can be dialled of number: a leading "+", digits,
// * and #.
func dialUnchecked(number string) (string, error) {
	var b strings.Builder
	for _, r := range number {
		if r = plain(r); r >= '0' && r <= '9' || r == '*' || r == '#' || r == '+' && b.Len() == 0 {
			b.WriteRune(r)
		}
	}
	s := b.String()
	if strings.Trim(s, "+") == "" {
		return "", fmt.Errorf("it has no digits")
	}
	if len(strings.TrimPrefix(s, "+")) > maxNumberDigits {
		return "", fmt.Errorf("it has more than %d digits", maxNumberDigits)
	}
	return s, nil
}

// plain returns a digit or a plus sign of another script as that of ASCII: the scripts
// are those of libphonenumber.
func plain(r rune) rune {
	for _, zero := range []rune{'\uff10', '\u0660', '\u06f0'} { // full width, Arabic-Indic, Eastern Arabic-Indic
		if r >= zero && r < zero+10 {
			return '0' + r - zero
		}
	}
	if r == '\uff0b' {
		return '+'
	}
	return r
}

// isFiller reports whether r is of the punctuation that people put into numbers, or
// one of the invisible marks that come along when they are copied.
func isFiller(r rune) bool {
	return strings.ContainsRune("./()[]~", r) || unicode.In(r, unicode.Zs, unicode.Pd, unicode.Cf)
}

// digitsOf strips the punctuation people put into numbers and refuses anything
// else.
func digitsOf(number string) (string, error) {
	var b strings.Builder
	number = strings.TrimSpace(number)
	if len(number) > 4 && strings.EqualFold(number[:4], "tel:") { // RFC 3966
		number = number[4:]
	}
	for _, r := range number {
		switch r = plain(r); {
		case r >= '0' && r <= '9', r == '*', r == '#':
			b.WriteRune(r)
		case r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case isFiller(r):
		default:
			return "", fmt.Errorf("%q does not belong in a phone number", r)
		}
	}
	return dialUnchecked(b.String())
}

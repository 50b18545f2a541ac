package line

import (
	"fmt"
	"strings"
)

// Bounds of what Mask lets through.
const (
	maskRun    = 7  // digits in a row: shorter ones are indices, codes and measurements
	maskQuoted = 4  // the same between quotes, where short codes stand
	maskHex    = 16 // hexadecimal digits in a row: text in UCS-2, packed text, identities
	maskBare   = 40 // characters of a line without a mark: models are shorter, texts need not be
	showLast   = 2  // digits that stay, so that two numbers can be told apart
)

// hidden are the commands whose parameters are secret, private those whose strings
// are numbers, texts or places.
var (
	hidden  = [...]string{"AT+CPIN=", "AT+CLCK=", "AT+CPWD=", "AT^CPIN=", "AT+EPIN="}
	private = [...]string{
		"+CNUM:", "+CUSD:", "AT+CUSD=", "+CLIP:", "+CMGL:", "+CMGR:", "+CMT:", "+CDS:", "+CPBR:", "+CBM:",
		"+CREG:", "+CGREG:", "+CEREG:", "+C5GREG:", "AT+CMGW=", "AT+CMSS=", "+CCWA:", "+COLP:",
	}
)

// Mask replaces what is secret or private in one line between the gateway and a
// modem: PINs, PDUs, numbers, identities and texts. Names of commands, codes,
// lengths, and models stay. It errs on the side of hiding.
func Mask(text string) string {
	if isPDU(text) {
		return fmt.Sprintf("<%d digits>", len(text))
	}
	for _, p := range hidden {
		if rest, found := cutPrefixFold(text, p); found && rest != "" {
			return text[:len(text)-len(rest)] + "****"
		}
	}
	if _, found := cutPrefixFold(text, "+CUSD:"); found && !strings.Contains(text, `"`) {
		if head, str, _ := strings.Cut(text, ","); str != "" { // a string without its quotes
			return maskStrings(head, true) + ",…"
		}
	}
	for _, p := range private {
		if _, found := cutPrefixFold(text, p); found {
			return maskStrings(text, true)
		}
	}
	if _, command := cutPrefixFold(text, "AT"); !command && len(text) > maskBare && !vendorMark(text) {
		return fmt.Sprintf("<%d characters>", len(text))
	}
	return maskStrings(text, false)
}

// MaskNumbers replaces telephone numbers, identities of SIMs and modems, and long
// runs of hexadecimal digits in any text, whatever stands around them.
func MaskNumbers(text string) string {
	var b strings.Builder
	maskDigits(&b, text, maskRun)
	return b.String()
}

// maskStrings masks what stands between quotes, all of it or what looks like a
// number, and long runs of digits outside. A string without an end goes on to the
// end of the line.
func maskStrings(text string, all bool) string {
	var b strings.Builder
	for i, part := range strings.Split(text, `"`) {
		if i > 0 {
			b.WriteByte('"')
		}
		switch {
		case i%2 == 0:
			maskDigits(&b, part, maskRun)
		case all && part != "":
			b.WriteString("…")
		default:
			maskDigits(&b, part, maskQuoted)
		}
	}
	return b.String()
}

// maskDigits writes s without its runs of at least least digits, and without long
// runs of hexadecimal digits.
func maskDigits(b *strings.Builder, s string, least int) {
	for i := 0; i < len(s); {
		n, decimal := hexRun(s[i:])
		switch {
		case n == 0:
			b.WriteByte(s[i])
			n = 1
		case decimal && n >= least:
			b.WriteString("…")
			b.WriteString(s[i+n-showLast : i+n])
		case n >= maskHex:
			fmt.Fprintf(b, "<%d digits>", n)
		default:
			maskDecimal(b, s[i:i+n], least)
		}
		i += n
	}
}

// maskDecimal writes a short run of hexadecimal digits without the decimal ones in
// it that are long enough to be a number.
func maskDecimal(b *strings.Builder, s string, least int) {
	for i := 0; i < len(s); {
		n := 0
		for i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '9' {
			n++
		}
		switch {
		case n >= least:
			b.WriteString("…")
			b.WriteString(s[i+n-showLast : i+n])
		case n > 0:
			b.WriteString(s[i : i+n])
		default:
			b.WriteByte(s[i])
			n = 1
		}
		i += n
	}
}

// hexRun returns how many hexadecimal digits s begins with, and whether all of
// them are decimal.
func hexRun(s string) (n int, decimal bool) {
	decimal = true
	for n < len(s) && isHex(s[n:n+1]) {
		decimal = decimal && s[n] <= '9'
		n++
	}
	return n, decimal
}

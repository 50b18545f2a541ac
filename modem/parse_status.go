package modem

import "strings"

// Registration states, <stat> of +CREG (3GPP TS 27.007 §7.2).
const (
	regIdle      = 0
	regHome      = 1
	regSearching = 2
	regDenied    = 3
	regUnknown   = 4
	regRoaming   = 5
	regEmergency = 8
)

// parseCREG returns <stat> of a +CREG, +CGREG or +CEREG line, which has the form
// `<n>,<stat>[,…]` as an answer and `<stat>[,…]` otherwise. What follows may be
// quoted or not and missing in parts.
func parseCREG(line string) (stat int, ok bool) {
	_, rest, found := strings.Cut(line, ":")
	if !found {
		return 0, false
	}
	fs := fields(rest)
	first, ok := nth(fs, 0).number()
	if !ok {
		return 0, false
	}
	// An area code of one or two digits without quotes would be taken for <stat>;
	// none is known that is written so.
	second := nth(fs, 1)
	if n, isNumber := second.number(); isNumber && !second.quoted && len(second.text) <= 3 && n <= 11 && first <= 5 {
		return n, true
	}
	return first, first <= 11
}

// parseCSQ returns <rssi> of +CSQ: 0 to 31, 99 for unknown. Values of other radio
// technologies, which begin at 100, are brought onto that scale.
func parseCSQ(lines []string) (rssi int, ok bool) {
	rest, _ := value(lines, "+CSQ:")
	n, ok := nth(fields(rest), 0).number()
	switch {
	case !ok:
		return 99, false
	case n <= 31:
		return n, true
	case n >= 100 && n <= 191: // TD-SCDMA RSCP, -116 dBm upwards
		return min((n-100)/2, 31), true
	}
	return 99, true
}

// parseCPIN returns the state the SIM is in, in upper case.
func parseCPIN(lines []string) (state string, ok bool) {
	rest, ok := value(lines, "+CPIN:")
	return strings.ToUpper(strings.Trim(rest, `" `)), ok && rest != ""
}

// parseCOPS returns the name of the operator, empty if there is none.
func parseCOPS(lines []string) string {
	rest, _ := value(lines, "+COPS:")
	return plain(nth(fields(rest), 2).text)
}

// parseCSCA returns the number of the service centre, with "+" if it is
// international; empty if none is set.
func parseCSCA(lines []string) string {
	rest, _ := value(lines, "+CSCA:")
	fs := fields(rest)
	return dialled(nth(fs, 0).text, nth(fs, 1))
}

// parseCNUM returns the first own number the SIM names; most name none.
func parseCNUM(lines []string) string {
	rest, _ := value(lines, "+CNUM:")
	fs := fields(rest)
	return dialled(nth(fs, 1).text, nth(fs, 2))
}

// dialled returns a number with its type-of-address applied, empty if it is none.
func dialled(number string, toa field) string {
	number = plain(strings.TrimSpace(number))
	bare := strings.TrimPrefix(number, "+")
	if !digits(bare) {
		return ""
	}
	if t, ok := toa.number(); ok && t == 145 {
		return "+" + bare
	}
	return number
}

// parseICCID returns the identity of the SIM card from the answer to any of the
// commands that read it: 18 to 20 digits, perhaps behind a prefix, in quotes, with
// the filler F, or with the digits of each octet swapped as on the card. Some
// operators number beyond 9 with the letters of hexadecimal digits.
func parseICCID(lines []string) (string, bool) {
	for _, line := range lines {
		if _, rest, found := strings.Cut(line, ":"); found {
			line = rest
		}
		for _, f := range fields(line) {
			id := strings.TrimRight(strings.ToUpper(strings.Trim(f.text, `" `)), "F")
			// The major industry identifier of telecommunications is 89 (ITU-T E.118).
			if strings.HasPrefix(id, "98") && len(f.text) >= 18 {
				id = strings.TrimRight(swapped(strings.ToUpper(strings.Trim(f.text, `" `))), "F")
			}
			if len(id) >= 18 && len(id) <= 20 && strings.Trim(id, "0123456789ABCDEF") == "" && (digits(id) || strings.HasPrefix(id, "89")) {
				return id, true
			}
		}
	}
	return "", false
}

// swapped exchanges the characters of each pair.
func swapped(s string) string {
	b := []byte(s)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

// parseDigits returns the first run of digits of an acceptable length that stands
// alone on a line, behind prefix or in quotes: an IMEI or IMSI.
func parseDigits(lines []string, low, high int) (string, bool) {
	for _, line := range lines {
		if _, rest, found := strings.Cut(line, ":"); found {
			line = rest
		}
		s := strings.Trim(line, `" `)
		if s, _, _ = strings.Cut(s, ","); len(s) >= low && len(s) <= high && digits(s) {
			return s, true
		}
	}
	return "", false
}

// parseText returns the first line of an identity command, without prefix, quotes
// and padding, at most 64 characters of it.
func parseText(lines []string, prefix string) string {
	for _, line := range lines {
		if rest, ok := value([]string{line}, prefix); ok {
			line = rest
		}
		text := strings.Join(strings.Fields(strings.Trim(line, `" `)), " ")
		if text != "" {
			return strings.ToValidUTF8(text[:min(len(text), 64)], "")
		}
	}
	return ""
}

// parseCounter returns how many attempts at the PIN are left.
func parseCounter(lines []string, c counter) (left int, ok bool) {
	for _, line := range lines {
		rest, found := value([]string{line}, c.prefix)
		if !found {
			continue
		}
		fs := fields(strings.NewReplacer(";", ",", "=", ",").Replace(rest))
		if c.name != "" && !strings.EqualFold(nth(fs, 0).text, c.name) {
			continue
		}
		if left, ok := nth(fs, c.field).number(); ok {
			return left, true
		}
	}
	return 0, false
}

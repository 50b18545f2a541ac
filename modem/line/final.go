package line

import "strings"

// refusals are the ways to say ERROR beside the standard one.
var refusals = [...]string{
	"ERROR",               // also "ERROR: …"
	"COMMAND NOT SUPPORT", // Huawei
	"MODEM ERROR",         // Motorola
	"TOO MANY PARAMETERS", // various
	"NOT FOND ^",          // Cross, as spelt
	"NOT CUSTOM AT",       // the same
}

// final returns the clean form of a final result code, and whether line is one.
// Numeric says that "0" and "4" (3GPP TS 27.007, V.250 ATV0) count as such.
//
// NO CARRIER, BUSY and the like end calls, which nobody here makes: they are
// about somebody else's call and no answer.
func final(line string, numeric bool) (clean string, ok bool) {
	switch line {
	case "OK":
		return "OK", true
	case "NA": // Samsung
		return "ERROR", true
	case "0":
		return "OK", numeric
	case "4":
		return "ERROR", numeric
	}
	for _, kind := range [...]string{"+CMS ERROR", "+CME ERROR", "CMS ERROR", "CME ERROR"} {
		rest, found := cutPrefixFold(line, kind)
		if !found {
			continue
		}
		rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ":"))
		if rest == "" {
			return "ERROR", true
		}
		return "+" + strings.TrimPrefix(kind, "+") + ": " + rest, true
	}
	for _, r := range refusals {
		if _, found := cutPrefixFold(line, r); found {
			return "ERROR", true
		}
	}
	return "", false
}

// cutPrefixFold is strings.CutPrefix regardless of case.
func cutPrefixFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

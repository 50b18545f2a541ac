package cause

import (
	"regexp"
	"strconv"
	"strings"
)

// prefixed is a code with its family, in any spelling: "CMS 38", "+CME ERROR: 10",
// "rp cause 38", "TP-ST 0x46".
var prefixed = regexp.MustCompile(`(?i)^\+?(cms|cme|rp|st|tp-st)(?:[ -]*(?:error|cause))?[ :=]*(\S.*)$`)

// Find explains what somebody typed or pasted: a code with or without its family,
// or words of an error. A number without family is explained in every family that
// has a row for it, in CMS and CME if none has. It returns nil if nothing fits.
func Find(query string) []Cause {
	query = strings.TrimSpace(query)
	families := []Family{CMS, CME, ST}
	if m := prefixed.FindStringSubmatch(query); m != nil {
		query = strings.TrimSpace(m[2])
		switch strings.ToLower(m[1]) {
		case "cms", "rp":
			families = []Family{CMS}
		case "cme":
			families = []Family{CME}
		default:
			families = []Family{ST}
		}
	}
	if n, err := strconv.ParseInt(query, 0, 32); err == nil {
		return findCode(families, int(n))
	}
	return findWords(families, query)
}

func findCode(families []Family, code int) []Cause {
	if code < 0 || len(families) == 1 && families[0] == ST && code > 0xFF {
		return nil
	}
	if len(families) == 1 {
		return []Cause{Lookup(families[0], code)}
	}
	var out []Cause
	for _, f := range families {
		if c := Lookup(f, code); c.Title != "" {
			out = append(out, c)
		}
	}
	if out == nil {
		out = []Cause{Lookup(CMS, code), Lookup(CME, code)}
	}
	return out
}

// findWords looks for an exact wording, then for rows that have every word.
func findWords(families []Family, query string) []Cause {
	want := plain(query)
	if want == "" {
		return nil
	}
	if want == "error" {
		return []Cause{fallback("", -1)}
	}
	exact, some := []Cause(nil), []Cause(nil)
	for _, f := range families {
		if c, ok := LookupText(f, query); ok {
			exact = append(exact, c)
		}
		for _, c := range table().rows {
			if c.Family == f && containsAll(plain(c.Title+" "+c.Text), want) {
				some = append(some, c)
			}
		}
	}
	if exact != nil {
		return exact
	}
	return some
}

// containsAll reports whether every word of want is a word of text.
func containsAll(text, want string) bool {
	text = " " + text + " "
	for w := range strings.SplitSeq(want, " ") {
		if !strings.Contains(text, " "+w+" ") {
			return false
		}
	}
	return true
}

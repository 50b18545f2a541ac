package filter

import "strings"

// phone holds if the sender or the recipient fits.
type phone struct{ condition }

func parsePhone(o *object) node {
	o.known("type", "condition", "value", "values")
	return phone{parseCondition(o, 64, true, func(_, v string) []string { return appendForms(nil, v) })}
}

func (p phone) match(f *Facts, _ bool) bool {
	for _, form := range f.compared() {
		if p.holds(form) {
			return !p.negate
		}
	}
	return p.negate
}

func (p phone) spec() any { return p.condition.spec("phone") }

// appendForms adds the forms to forms in which a number or a name is compared: a
// number without the punctuation between its digits, and both folded.
func appendForms(forms []string, s string) []string {
	s = fold(normalise(strings.TrimSpace(s)))
	if s == "" {
		return forms
	}
	if bare := strip(s); bare != "" && bare != s {
		forms = append(forms, bare)
	}
	return append(forms, s)
}

// strip returns a number without punctuation; empty if s is not a number.
func strip(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' || strings.ContainsRune("+*#", r):
			b.WriteRune(r)
		case !strings.ContainsRune(" -./()\u00a0\u2010\u2011\u2013", r):
			return ""
		}
	}
	return b.String()
}

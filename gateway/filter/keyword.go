package filter

import (
	"strings"
	"unicode/utf8"
)

// keyword holds if the text fits.
type keyword struct {
	condition
	exact bool // the case of letters counts
}

func parseKeyword(o *object) node {
	o.known("type", "condition", "value", "values", "case_sensitive")
	k := keyword{exact: o.flag("case_sensitive")}
	k.condition = parseCondition(o, 1000, !k.exact, func(name, v string) []string {
		v = normalise(v)
		if name == "equals" || name == "in" {
			v = strings.TrimSpace(v)
		}
		if !k.exact {
			v = fold(v)
		}
		if v == "" {
			return nil
		}
		return []string{v}
	})
	return k
}

func (k keyword) match(f *Facts, _ bool) bool {
	t := f.normal()
	text := t.as
	if k.name == "regex" {
		return k.holds(cut(text, maxSearched)) != k.negate
	}
	if !k.exact {
		text = t.folded
	}
	if k.name != "contains" {
		text = strings.TrimSpace(text)
	}
	return k.holds(text) != k.negate
}

func (k keyword) spec() any {
	s := k.condition.spec("keyword")
	s.CaseSensitive = k.exact
	return s
}

// maxSearched is how many bytes of a text a regular expression looks at: how long that
// takes grows with the text and with the expression.
const maxSearched = 4 << 10

// cut returns the whole characters among the first bytes of s.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// texts are the forms that a text is compared in.
type texts struct {
	as     string // normalised
	folded string // and without the case of letters
}

func newTexts(s string) *texts {
	s = normalise(s)
	return &texts{s, fold(s)}
}

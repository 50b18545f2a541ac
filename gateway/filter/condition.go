package filter

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// The bounds of what is compared with.
const (
	maxValues  = 1000
	maxPattern = 256  // bytes of a regular expression
	maxProgram = 1000 // instructions of a compiled one
)

// condition is how something is compared with values.
type condition struct {
	name   string // without not_
	negate bool
	values []string // as given
	fitted []string // in the form they are compared in; nil for regex
	res    []*regexp.Regexp
}

var conditions = []string{"equals", "starts_with", "ends_with", "contains", "in", "regex"}

// parseCondition reads condition, value and values; fit returns the forms in which
// a value is compared under a condition, longest is the most bytes of one.
func parseCondition(o *object, longest int, foldCase bool, fit func(name, value string) []string) (c condition) {
	c.name, c.negate = strings.CutPrefix(o.text("condition", true), "not_")
	if o.err == nil && !slices.Contains(conditions, c.name) {
		o.failf("condition", "is none of %s, nor one of them with not_ in front", strings.Join(conditions, ", "))
	}
	if c.name == "regex" {
		longest = maxPattern
	}
	switch {
	case o.err != nil:
		return c
	case o.has("values") && o.has("value"):
		o.failf("values", "cannot be given together with value: put it into values")
	case o.has("values"):
		c.values = o.texts("values", maxValues, longest)
	case c.name == "in":
		o.failf("values", "is missing: list what to compare with")
	default:
		s := o.text("value", true)
		o.measure("value", s, longest)
		c.values = []string{s}
	}
	for _, v := range c.values {
		if o.err != nil {
			break
		}
		if c.name == "regex" {
			c.res = append(c.res, compile(o, v, foldCase))
			continue
		}
		forms := fit(c.name, v)
		if len(forms) == 0 {
			o.failf("value", "%s has nothing to compare with", shorten(v))
		}
		c.fitted = append(c.fitted, forms...)
	}
	if len(c.fitted) > 16 && (c.name == "in" || c.name == "equals") {
		slices.Sort(c.fitted) // searched by halving
	}
	return c
}

// compile compiles a regular expression, with a bound on what it costs to match.
func compile(o *object, pattern string, foldCase bool) *regexp.Regexp {
	pattern = normalise(pattern)
	if foldCase {
		pattern = "(?i)" + pattern
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		o.failf("value", "is no regular expression (RE2): %s: %s", e.Code, shorten(e.Expr))
		return nil
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err == nil && len(prog.Inst) > maxProgram {
		o.failf("value", "repeats too much: use smaller numbers in braces")
		return nil
	}
	var re *regexp.Regexp
	if err == nil {
		re, err = regexp.Compile(pattern)
	}
	if err != nil {
		o.failf("value", "is no regular expression (RE2): %s", shorten(pattern))
	}
	return re
}

// holds reports whether s, in the form that values are compared in, fits any of
// them. It leaves negate to the caller.
func (c *condition) holds(s string) bool {
	switch c.name {
	case "equals", "in":
		if len(c.fitted) > 16 {
			_, found := slices.BinarySearch(c.fitted, s)
			return found
		}
		return slices.Contains(c.fitted, s)
	case "regex":
		return slices.ContainsFunc(c.res, func(re *regexp.Regexp) bool { return re.MatchString(s) })
	case "starts_with":
		return slices.ContainsFunc(c.fitted, func(v string) bool { return strings.HasPrefix(s, v) })
	case "ends_with":
		return slices.ContainsFunc(c.fitted, func(v string) bool { return strings.HasSuffix(s, v) })
	}
	return slices.ContainsFunc(c.fitted, func(v string) bool { return strings.Contains(s, v) })
}

// conditionSpec is the JSON of a condition with the type it belongs to.
type conditionSpec struct {
	Type          string   `json:"type"`
	Condition     string   `json:"condition"`
	Value         string   `json:"value,omitempty"`
	Values        []string `json:"values,omitempty"`
	CaseSensitive bool     `json:"case_sensitive,omitempty"`
}

func (c *condition) spec(kind string) conditionSpec {
	s := conditionSpec{Type: kind, Condition: c.name}
	if c.negate {
		s.Condition = "not_" + c.name
	}
	if len(c.values) == 1 && c.name != "in" {
		s.Value = c.values[0]
	} else {
		s.Values = c.values
	}
	return s
}

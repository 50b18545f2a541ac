package format

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	texttemplate "text/template"
)

// templateFuncs are the functions of templates. Those of text/template whose
// results can grow beyond what they are given are replaced: no result is longer
// than MaxBody.
var templateFuncs = texttemplate.FuncMap{
	"json":     templateJSON,
	"upper":    func(s string) (string, error) { return bounded(strings.ToUpper(s)) },
	"lower":    func(s string) (string, error) { return bounded(strings.ToLower(s)) },
	"trim":     strings.TrimSpace,
	"digits":   digits,
	"truncate": truncate,
	"default":  orDefault,
	"base64":   func(s string) (string, error) { return bounded(base64.StdEncoding.EncodeToString([]byte(s))) },
	"print":    func(a ...any) (string, error) { return bounded(fmt.Sprint(a...)) },
	"println":  func(a ...any) (string, error) { return bounded(fmt.Sprintln(a...)) },
	"printf":   templatePrintf,
	"html":     func(a ...any) (string, error) { return bounded(texttemplate.HTMLEscaper(a...)) },
	"js":       func(a ...any) (string, error) { return bounded(texttemplate.JSEscaper(a...)) },
	"urlquery": func(a ...any) (string, error) { return bounded(texttemplate.URLQueryEscaper(a...)) },
}

func bounded(s string) (string, error) {
	if len(s) > MaxBody {
		return "", errTooLong
	}
	return s, nil
}

// templateJSON returns v as JSON.
func templateJSON(v any) (string, error) {
	var j value
	switch v := v.(type) {
	case value:
		j = v
	case string:
		j = str(v)
	case bool:
		j = boolean(v)
	case int:
		j = integer(v)
	case int64:
		j = integer(v)
	case float64:
		j = float(v)
	case nil:
		j = null{}
	default:
		return "", fmt.Errorf("json of %T is not supported", v)
	}
	return bounded(string(j.appendJSON(nil)))
}

// wide matches widths and precisions that are given as arguments or have more
// than three digits.
var wide = regexp.MustCompile(`%[^%a-zA-Z]*(\*|\d{4})`)

func templatePrintf(layout string, a ...any) (string, error) {
	if wide.MatchString(layout) {
		return "", fmt.Errorf("printf with a width or precision of * or more than 999 is not supported")
	}
	return bounded(fmt.Sprintf(layout, a...))
}

// digits returns the digits of s: a number without plus and spaces.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// truncate returns the first n characters of s.
func truncate(n int, s string) string {
	if n < 0 {
		n = 0
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// orDefault returns s, or instead if s is empty.
func orDefault(instead, s any) any {
	switch s := s.(type) {
	case string:
		if s == "" {
			return instead
		}
	case int:
		if s == 0 {
			return instead
		}
	}
	return s
}

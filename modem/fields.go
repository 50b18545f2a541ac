package modem

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf16"
)

// value returns what follows prefix in the first line that begins with it. Case
// of the prefix does not matter, nor do blanks around the value.
func value(lines []string, prefix string) (string, bool) {
	for _, line := range lines {
		if len(line) >= len(prefix) && strings.EqualFold(line[:len(prefix)], prefix) {
			return strings.TrimSpace(line[len(prefix):]), true
		}
	}
	return "", false
}

// field is one parameter of an answer.
type field struct {
	text   string // without the quotes
	quoted bool
}

// number returns the value of a decimal field, ok false for anything else.
// Leading zeros, quotes and blanks around are tolerated.
func (f field) number() (n int, ok bool) {
	s := strings.TrimSpace(f.text)
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && s[0] != '+'
}

// fields splits parameters at commas outside quotes. An empty string has none. A
// quote that is not closed ends with the string.
func fields(s string) []field {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	var out []field
	var f field
	inside, start := false, 0
	flush := func(end int) {
		text := strings.TrimSpace(s[start:end])
		if f.quoted {
			text = strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`)
		}
		f.text = text
		out = append(out, f)
		f = field{}
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			inside = !inside
			f.quoted = true
		case c == ',' && !inside:
			flush(i)
			start = i + 1
		}
	}
	flush(len(s))
	return out
}

// nth returns field i, an empty one if there are not so many.
func nth(fs []field, i int) field {
	if i < 0 || i >= len(fs) {
		return field{}
	}
	return fs[i]
}

// groups splits the answer to a test command into its parenthesised lists, such
// as `(0-2),("SM","ME")`. Text outside of parentheses is a list of its own per
// comma-separated item, as some modems leave them out.
func groups(s string) []string {
	var out []string
	depth, start := 0, 0
	flush := func(end int) {
		item := strings.TrimSpace(s[start:end])
		item = strings.TrimSpace(strings.Trim(item, "()"))
		out = append(out, item)
	}
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth = max(depth-1, 0)
		case ',':
			if depth == 0 {
				flush(i)
				start = i + 1
			}
		}
	}
	if strings.TrimSpace(s) == "" {
		return nil
	}
	flush(len(s))
	return out
}

// maxRange bounds the numbers a range may stand for.
const maxRange = 256

// numbers expands a list such as `0,2-4`. What is no number is passed over.
func numbers(list string) []int {
	var out []int
	for item := range strings.SplitSeq(list, ",") {
		low, high, isRange := strings.Cut(strings.Trim(strings.TrimSpace(item), `()"`), "-")
		a, ok := field{text: low}.number()
		if !ok {
			continue
		}
		b := a
		if isRange {
			if b, ok = (field{text: high}).number(); !ok {
				continue
			}
		}
		for n := a; n <= b && len(out) < maxRange; n++ {
			out = append(out, n)
		}
	}
	return out
}

// names returns the quoted or bare words of a list such as `"SM","ME"`, in upper
// case and without the debris of unbalanced quotes. Blanks separate words, too.
func names(list string) []string {
	return strings.FieldsFunc(strings.ToUpper(list), func(r rune) bool {
		return !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_')
	})
}

// plain returns s, decoded if it is UCS-2 in hexadecimal digits, which strings are
// in when the character set of the terminal is UCS2 (3GPP TS 27.007 +CSCS).
func plain(s string) string {
	if len(s) < 8 || len(s)%4 != 0 {
		return s
	}
	raw, err := hex.DecodeString(s)
	if err != nil {
		return s
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		if raw[i] != 0 || raw[i+1] < ' ' || raw[i+1] > '~' {
			return s
		}
		units = append(units, uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

// digits tells strings of decimal digits only.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

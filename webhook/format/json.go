package format

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Some receivers parse the body and verify the signature over what their
// JSON.stringify makes of it, so every body is a fixed point of JavaScript's
// JSON.stringify(JSON.parse(body)). encoding/json does not see to that: it
// escapes <, >, &, U+2028 and U+2029, writes integers JavaScript would round,
// and leaves keys that look like array indexes where they are.

// value is a JSON value: str, integer, float, boolean, null, array or object.
type value interface {
	appendJSON(b []byte) []byte
}

type (
	str     string // invalid UTF-8 becomes U+FFFD
	integer int64  // a string beyond ±(2^53-1), where JavaScript rounds
	float   float64
	boolean bool
	null    struct{}
	array   []value
	// object has its members in the given order, except that keys like array
	// indexes come first, as in JavaScript. Of equal keys the last value counts.
	object []member
)

type member struct {
	key   string
	value value
}

// maxSafeInteger is JavaScript's Number.MAX_SAFE_INTEGER.
const maxSafeInteger = 1<<53 - 1

const hexDigits = "0123456789abcdef"

func (s str) appendJSON(b []byte) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(string(s[i:]))
			b = utf8.AppendRune(b, r) // U+FFFD for an invalid byte
			i += n
			continue
		case c == '"', c == '\\':
			b = append(b, '\\', c)
		case c >= ' ':
			b = append(b, c)
		case c == '\b':
			b = append(b, '\\', 'b')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\f':
			b = append(b, '\\', 'f')
		case c == '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
	}
	return append(b, '"')
}

func (n integer) appendJSON(b []byte) []byte {
	if n < -maxSafeInteger || n > maxSafeInteger {
		return str(strconv.FormatInt(int64(n), 10)).appendJSON(b)
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// appendJSON writes f as ECMAScript's Number::toString does: the shortest digits
// that read back as f, with an exponent below 1e-6 and from 1e21 on.
func (f float) appendJSON(b []byte) []byte {
	v := float64(f)
	abs := math.Abs(v)
	switch {
	case math.IsNaN(v), math.IsInf(v, 0):
		return append(b, "null"...)
	case v == 0: // also -0
		return append(b, '0')
	case abs >= 1e-6 && abs < 1e21:
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, v, 'e', -1, 64)
	if n := len(b); b[n-4] == 'e' && b[n-2] == '0' { // e-07 is e-7
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

func (v boolean) appendJSON(b []byte) []byte { return strconv.AppendBool(b, bool(v)) }

func (null) appendJSON(b []byte) []byte { return append(b, "null"...) }

func (a array) appendJSON(b []byte) []byte {
	b = append(b, '[')
	for i, v := range a {
		if i > 0 {
			b = append(b, ',')
		}
		b = v.appendJSON(b)
	}
	return append(b, ']')
}

func (o object) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, m := range o.normal() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(str(m.key).appendJSON(b), ':')
		b = m.value.appendJSON(b)
	}
	return append(b, '}')
}

// String returns o as JSON.
func (o object) String() string { return string(o.appendJSON(nil)) }

// normal returns the members as JavaScript would enumerate them.
func (o object) normal() object {
	out := make(object, 0, len(o))
	at := make(map[string]int, len(o))
	for _, m := range o {
		m.key = safeKey(m.key)
		if i, ok := at[m.key]; ok {
			out[i].value = m.value
			continue
		}
		at[m.key] = len(out)
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(x, y member) int {
		i, xIsIndex := arrayIndex(x.key)
		j, yIsIndex := arrayIndex(y.key)
		switch {
		case xIsIndex && yIsIndex:
			return cmp.Compare(i, j)
		case xIsIndex:
			return -1
		case yIsIndex:
			return 1
		}
		return 0
	})
	return out
}

// safeKey returns key as valid UTF-8, and changed if a receiver's parser may
// refuse it: fastify answers 400 to the names that can pollute prototypes.
func safeKey(key string) string {
	switch key {
	case "__proto__", "constructor", "prototype":
		return "_" + key
	}
	if utf8.ValidString(key) {
		return key
	}
	return string([]rune(key))
}

// arrayIndex returns the number that key is the canonical decimal form of, if it
// is an array index: 0 to 2^32-2.
func arrayIndex(key string) (int64, bool) {
	if key == "" || len(key) > 10 || key[0] == '0' && key != "0" {
		return 0, false
	}
	n, err := strconv.ParseInt(key, 10, 64)
	return n, err == nil && key[0] >= '0' && key[0] <= '9' && n < math.MaxUint32
}

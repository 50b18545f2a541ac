package format

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// jsonAgain returns what JavaScript's JSON.stringify(JSON.parse(b)) returns. It
// follows ECMA-262 and shares nothing with the encoder it is to judge.
func jsonAgain(t testing.TB, b []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	v := jsParse(t, d)
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("%s: more than one value", b)
	}
	var out strings.Builder
	jsStringify(&out, v)
	return out.String()
}

// jsObject is an object as JavaScript has it: property names in two orders.
type jsObject struct {
	indexes []string // array indexes, ascending (10.1.11 OrdinaryOwnPropertyKeys)
	names   []string // the others, oldest first
	values  map[string]any
}

func jsParse(t testing.TB, d *json.Decoder) any {
	t.Helper()
	tok, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch tok := tok.(type) {
	case json.Number:
		f, err := tok.Float64() // out of range is Infinity, in JavaScript, too
		if err != nil && !math.IsInf(f, 0) {
			t.Fatal(err)
		}
		return f
	case json.Delim:
		if tok == '[' {
			a := []any{}
			for d.More() {
				a = append(a, jsParse(t, d))
			}
			if _, err := d.Token(); err != nil {
				t.Fatal(err)
			}
			return a
		}
		o := &jsObject{values: map[string]any{}}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			o.set(key.(string), jsParse(t, d))
		}
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		return o
	default:
		return tok // string, bool, nil
	}
}

func (o *jsObject) set(key string, v any) {
	if _, ok := o.values[key]; !ok {
		n, err := strconv.ParseUint(key, 10, 32)
		if err == nil && n != 1<<32-1 && strconv.FormatUint(n, 10) == key {
			o.indexes = append(o.indexes, key)
			slices.SortFunc(o.indexes, func(a, b string) int {
				x, _ := new(big.Int).SetString(a, 10)
				y, _ := new(big.Int).SetString(b, 10)
				return x.Cmp(y)
			})
		} else {
			o.names = append(o.names, key)
		}
	}
	o.values[key] = v
}

func jsStringify(out *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(v))
	case float64:
		out.WriteString(jsNumber(v))
	case string:
		jsQuote(out, v)
	case []any:
		out.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			jsStringify(out, e)
		}
		out.WriteByte(']')
	case *jsObject:
		out.WriteByte('{')
		for i, key := range slices.Concat(v.indexes, v.names) {
			if i > 0 {
				out.WriteByte(',')
			}
			jsQuote(out, key)
			out.WriteByte(':')
			jsStringify(out, v.values[key])
		}
		out.WriteByte('}')
	}
}

// jsQuote is 25.5.2.3 QuoteJSONString, on UTF-16 code units.
func jsQuote(out *strings.Builder, s string) {
	short := map[uint16]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`}
	out.WriteByte('"')
	for _, r := range s {
		for _, unit := range utf16.Encode([]rune{r}) {
			if e, ok := short[unit]; ok {
				out.WriteString(e)
			} else if unit < 0x20 {
				out.WriteString(`\u` + strconv.FormatInt(0x10000+int64(unit), 16)[1:])
			} else if !utf16.IsSurrogate(rune(unit)) {
				out.WriteRune(r)
			}
		}
		if r > 0xffff {
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
}

// jsNumber is 6.1.6.1.20 Number::toString, with n, k and s as named there.
func jsNumber(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "null" // in JSON
	case x == 0:
		return "0"
	case x < 0:
		return "-" + jsNumber(-x)
	}
	digits, exp, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
	s := strings.Replace(digits, ".", "", 1)
	k := len(s)
	e, _ := strconv.Atoi(exp)
	n := e + 1
	switch {
	case k <= n && n <= 21:
		return s + strings.Repeat("0", n-k)
	case 0 < n && n <= 21:
		return s[:n] + "." + s[n:]
	case -6 < n && n <= 0:
		return "0." + strings.Repeat("0", -n) + s
	}
	sign := "+"
	if n-1 < 0 {
		sign = "-"
	}
	tail := "e" + sign + strconv.Itoa(max(n-1, 1-n))
	if k == 1 {
		return s + tail
	}
	return s[:1] + "." + s[1:] + tail
}

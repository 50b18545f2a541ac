package receivers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Reserialise returns what JavaScript's JSON.stringify(JSON.parse(body)) returns. It
// follows ECMA-262. It differs in that an escaped surrogate without its other half is
// replaced by U+FFFD.
func Reserialise(body []byte) (string, error) {
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		body = body[len("\ufeff"):] // decoding to text takes it away
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := jsParse(d)
	if err != nil {
		return "", fmt.Errorf("parse JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return "", errors.New("parse JSON: more than one value")
	}
	var out strings.Builder
	jsStringify(&out, v)
	return out.String(), nil
}

// jsObject is an object as JavaScript has it: property names in two orders.
type jsObject struct {
	indexes []uint32 // array indexes, ascending (10.1.11 OrdinaryOwnPropertyKeys)
	names   []string // the others, oldest first
	values  map[string]any
}

func (o *jsObject) set(key string, v any) {
	if _, ok := o.values[key]; !ok {
		n, err := strconv.ParseUint(key, 10, 32)
		if err == nil && n != math.MaxUint32 && strconv.FormatUint(n, 10) == key {
			at, _ := slices.BinarySearch(o.indexes, uint32(n))
			o.indexes = slices.Insert(o.indexes, at, uint32(n))
		} else {
			o.names = append(o.names, key)
		}
	}
	o.values[key] = v
}

// keys returns the property names in order.
func (o *jsObject) keys() []string {
	var keys []string
	for _, n := range o.indexes {
		keys = append(keys, strconv.FormatUint(uint64(n), 10))
	}
	return append(keys, o.names...)
}

// jsParse reads one value: nil, a bool, float64, string, []any or *jsObject.
func jsParse(d *json.Decoder) (any, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Number:
		f, err := tok.Float64()
		if err != nil && !math.IsInf(f, 0) { // out of range is Infinity, in JavaScript, too
			return nil, err
		}
		return f, nil
	case json.Delim:
		if tok == '[' {
			return jsParseArray(d)
		}
		return jsParseObject(d)
	}
	return tok, nil
}

func jsParseArray(d *json.Decoder) (any, error) {
	a := []any{}
	for d.More() {
		v, err := jsParse(d)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := d.Token()
	return a, err
}

func jsParseObject(d *json.Decoder) (any, error) {
	o := &jsObject{values: map[string]any{}}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := jsParse(d)
		if err != nil {
			return nil, err
		}
		o.set(key.(string), v)
	}
	_, err := d.Token()
	return o, err
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
		for i, element := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			jsStringify(out, element)
		}
		out.WriteByte(']')
	case *jsObject:
		out.WriteByte('{')
		for i, key := range v.keys() {
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

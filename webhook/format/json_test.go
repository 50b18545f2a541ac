package format

import (
	"encoding/json"
	"math"
	"testing"
)

func TestJSON(t *testing.T) {
	for _, c := range []struct {
		name  string
		value value
		want  string
	}{
		{"empty object", object{}, `{}`},
		{"plain", str("hi"), `"hi"`},
		{"HTML is not escaped", str(`<b>"x" & 'y'</b> \/`), `"<b>\"x\" & 'y'</b> \\/"`},
		{"short escapes", str("\b\t\n\f\r"), `"\b\t\n\f\r"`},
		{"other controls", str("\x00\x0b\x1b\x1f"), `"\u0000\u000b\u001b\u001f"`},
		{"literal beyond", str("\x7f\u0080\u2028\u2029\ufeff\ufffeé€😀"), "\"\x7f\u0080\u2028\u2029\ufeff\ufffeé€😀\""},
		{"invalid UTF-8", str("a\xffb\xc3"), "\"a\ufffdb\ufffd\""},
		{"surrogate in UTF-8", str("\xed\xa0\xbd"), "\"\ufffd\ufffd\ufffd\""},
		{"safe integers", object{{"a", integer(maxSafeInteger)}, {"b", integer(-maxSafeInteger)}}, `{"a":9007199254740991,"b":-9007199254740991}`},
		{"unsafe integers", object{{"a", integer(maxSafeInteger + 1)}, {"b", integer(math.MinInt64)}}, `{"a":"9007199254740992","b":"-9223372036854775808"}`},
		{"zero", integer(0), `0`},
		{"negative zero", float(math.Copysign(0, -1)), `0`},
		{"whole float", float(1), `1`},
		{"fraction", float(-0.1), `-0.1`},
		{"small", float(0.000001), `0.000001`},
		{"smaller", float(0.0000001), `1e-7`},
		{"smallest", float(math.SmallestNonzeroFloat64), `5e-324`},
		{"large", float(1e20), `100000000000000000000`},
		{"larger", float(1e21), `1e+21`},
		{"e-100", float(1e-100), `1e-100`},
		{"largest", float(math.MaxFloat64), `1.7976931348623157e+308`},
		{"no number", object{{"a", float(math.NaN())}, {"b", float(math.Inf(-1))}}, `{"a":null,"b":null}`},
		{"booleans", object{{"t", boolean(true)}, {"f", boolean(false)}}, `{"t":true,"f":false}`},
		{"null", object{{"n", null{}}}, `{"n":null}`},
		{"arrays", array{str("<"), array{}, integer(1), object{{"a", null{}}}}, `["<",[],1,{"a":null}]`},
		{
			"index keys first",
			object{
				{"b", integer(0)},
				{"10", integer(1)},
				{"01", integer(2)},
				{"2", integer(3)},
				{"-1", integer(4)},
				{"+1", integer(4)},
				{"4294967295", integer(5)},
				{"4294967294", integer(6)},
				{"0", integer(7)},
				{"1.5", integer(8)},
				{"", integer(9)},
			},
			`{"0":7,"2":3,"10":1,"4294967294":6,"b":0,"01":2,"-1":4,"+1":4,"4294967295":5,"1.5":8,"":9}`,
		},
		{"equal keys", object{{"a", integer(1)}, {"b", integer(2)}, {"a", integer(3)}}, `{"a":3,"b":2}`},
		{"keys equal once valid", object{{"\xff", integer(1)}, {"\xfe", integer(2)}}, "{\"\ufffd\":2}"},
		{"dangerous keys", object{{"__proto__", integer(1)}, {"constructor", integer(2)}, {"prototype", integer(3)}}, `{"___proto__":1,"_constructor":2,"_prototype":3}`},
		{"nested", object{{"o", object{{"k", str("\"")}}}}, `{"o":{"k":"\""}}`},
	} {
		got := string(c.value.appendJSON(nil))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if again := jsonAgain(t, []byte(got)); again != got {
			t.Errorf("%s: %s becomes %s", c.name, got, again)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s: %s is not valid", c.name, got)
		}
	}
}

// randomValue makes a value of the bytes of data, and returns it with its
// counterpart as encoding/json decodes it, and what is left of data.
func randomValue(data []byte, depth int) (value, any, []byte) {
	kind, data := next(data)
	if depth == 0 {
		kind = 5
	}
	switch kind % 8 {
	case 0:
		s, rest := nextString(data)
		return str(s), string([]rune(s)), rest
	case 1:
		n, rest := nextInt(data)
		return integer(n), decoded(integer(n)), rest
	case 2:
		n, rest := nextInt(data)
		f := math.Float64frombits(uint64(n))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return float(f), nil, rest
		}
		return float(f), f, rest
	case 3:
		return boolean(kind&8 != 0), kind&8 != 0, data
	case 6:
		return null{}, nil, data
	case 7:
		a, m := array{}, []any{}
		n, data := next(data)
		for range min(int(n%4), len(data)) {
			var v value
			var d any
			v, d, data = randomValue(data, depth-1)
			a, m = append(a, v), append(m, d)
		}
		return a, m, data
	}
	o, m, rest := randomObject(data, depth-1)
	return o, m, rest
}

func randomObject(data []byte, depth int) (object, map[string]any, []byte) {
	o, m := object{}, map[string]any{}
	n, data := next(data)
	for range min(int(n%8), len(data)) {
		var key string
		if depth < 1 {
			break
		}
		key, data = nextKey(data)
		var v value
		var d any
		v, d, data = randomValue(data, depth)
		o = append(o, member{key, v})
		m[safeKey(key)] = d
	}
	return o, m, data
}

func next(data []byte) (byte, []byte) {
	if len(data) == 0 {
		return 0, nil
	}
	return data[0], data[1:]
}

func nextString(data []byte) (string, []byte) {
	n, data := next(data)
	k := min(int(n%32), len(data))
	return string(data[:k]), data[k:]
}

// nextKey prefers keys that are treated specially.
func nextKey(data []byte) (string, []byte) {
	special := []string{"0", "1", "2", "10", "01", "-0", "4294967294", "4294967295", "4294967296", "__proto__", "constructor", "a", "b", "\xff"}
	n, rest := next(data)
	if int(n) < 8*len(special) {
		return special[int(n)%len(special)], rest
	}
	return nextString(data)
}

func nextInt(data []byte) (n int64, rest []byte) {
	for range 8 {
		var b byte
		b, data = next(data)
		n = n<<8 | int64(b)
	}
	return n, data
}

// decoded is what encoding/json makes of an integer.
func decoded(n integer) any {
	if n > maxSafeInteger || n < -maxSafeInteger {
		b, _ := json.Marshal(int64(n))
		return string(b)
	}
	return float64(n)
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x07\x00\x00\x05<\u2028>&\x01\x01\x00\x7f\xff\xff\xff\xff\xff\xff\xff\x02\x02\x80\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte{5, 200, 3, 'a', 0xff, 'b', 0, 31, '"', '\\', '\n', 0, 1, 8, 0xed, 0xa0, 0x80, 9, 10, 4, 3, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, data []byte) {
		o, want, _ := randomObject(data, 4)
		b := o.appendJSON(nil)
		var got map[string]any
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		diff(t, "decoded", want, got)
		if again := jsonAgain(t, b); again != string(b) {
			t.Errorf("%s\nbecomes %s", b, again)
		}
	})
}

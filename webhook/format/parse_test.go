package format

import (
	"strings"
	"testing"
)

func TestParseJSON(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	for _, c := range []struct{ name, in, want, err string }{
		{"order is kept", ` {"b": 1, "a" :[true,false,null, "\u003c\/"]}` + "\n", `{"b":1,"a":[true,false,null,"</"]}`, ""},
		{"numbers", `[1.0,1E3,-0,9007199254740993,1e-7,123456789012345678901234567890]`, `[1,1000,0,"9007199254740993",1e-7,1.2345678901234568e+29]`, ""},
		{"equal keys", `{"a":1,"a":2}`, `{"a":2}`, ""},
		{"indexes", `{"b":1,"2":2,"1":3}`, `{"1":3,"2":2,"b":1}`, ""},
		{"lone surrogate", `["\ud83d"]`, "[\"\ufffd\"]", ""},
		{"empty", ``, "", "unexpected EOF"},
		{"cut short", `{"a":`, "", "unexpected EOF"},
		{"two values", `{} {}`, "", "more after the end"},
		{"garbage after", `{}x`, "", "more after the end"},
		{"not JSON", `hello`, "", "invalid character"},
		{"quote in text", `{"a":"b"c"}`, "", "invalid character"},
		{"newline in text", "{\"a\":\"b\nc\"}", "", "invalid character"},
		{"number out of range", `[1e999]`, "", "out of range"},
		{"trailing comma", `[1,]`, "", "invalid character"},
		{"too deep", deep, "", "nested deeper than 64"},
	} {
		v, err := parseJSON([]byte(c.in))
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one with %q", c.name, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := string(v.appendJSON(nil))
		diff(t, c.name, c.want, got)
		diff(t, c.name+", again", got, jsonAgain(t, []byte(got)))
	}
}

// What was read is written as a fixed point, whatever it was.
func FuzzParseJSON(f *testing.F) {
	f.Add(`{"b":1.0,"2":[null,{"a":"\u2028"}],"1":-0}`)
	f.Add(`{"__proto__":{"a":1},"a":1,"a":9007199254740993}`)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseJSON([]byte(s))
		if err != nil {
			return
		}
		b := v.appendJSON(nil)
		if again := jsonAgain(t, b); again != string(b) {
			t.Errorf("%q is written as %s, which becomes %s", s, b, again)
		}
		w, err := parseJSON(b)
		if err != nil {
			t.Fatalf("%s cannot be read again: %v", b, err)
		}
		if again := string(w.appendJSON(nil)); again != string(b) {
			t.Errorf("%s is read as %s", b, again)
		}
	})
}

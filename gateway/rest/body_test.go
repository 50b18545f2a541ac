package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// Line ends and the like in strings are read as what they are. Where a string ends is
// not guessed.
func TestParseObjectWithControls(t *testing.T) {
	for body, want := range map[string]string{
		"{\"a\":\"one\ntwo\"}":                               "one\ntwo",
		"{\r\n\t\"a\" : \"\tone\r\ntwo\x01\"\r\n}":           "\tone\r\ntwo\x01",
		"{\"a\":\"say \\\"one\\\"\nand \\\\\",\"b\":\"\n\"}": "say \"one\"\nand \\",
		"{\"a\nb\":1,\"a\":\"\\u000a\n\"}":                   "\n\n",
	} {
		o, err := parseObject([]byte(body))
		if err != nil {
			t.Errorf("%q: %v", body, err)
		} else if got := o.text("a"); got == nil || *got != want {
			t.Errorf("%q: got %v, want %q", body, got, want)
		}
	}
	for _, body := range []string{"{\"a\":\"one\n}", "{\"a\":\"one\\\ntwo\"}", "{\"a\":\n\"\n\"\"}", "\n", "{\"a\":one\ntwo}"} {
		if o, err := parseObject([]byte(body)); err == nil {
			t.Errorf("%q: got %v, want an error", body, o.fields)
		}
	}
}

func FuzzEscapeControls(f *testing.F) {
	f.Add([]byte("{\"a\":\"one\ntwo\\\"\t\"}"))
	f.Add([]byte("\"\\\n\""))
	f.Fuzz(func(t *testing.T, b []byte) {
		got := escapeControls(b)
		if got == nil {
			return
		}
		if json.Valid(b) {
			t.Errorf("%q: valid JSON was changed to %q", b, got)
		}
		raw := func(b []byte) []byte {
			for c := range byte(' ') {
				b = bytes.ReplaceAll(b, fmt.Appendf(nil, `\u%04x`, c), []byte{c})
			}
			return b
		}
		if !bytes.Equal(raw(got), raw(b)) {
			t.Errorf("%q became %q, want nothing but control characters escaped", b, got)
		}
	})
}

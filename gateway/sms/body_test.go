package sms_test

import (
	"encoding/json"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tetherd/gateway/sms"
)

func units(text string) []uint16 { return utf16.Encode([]rune(text)) }

func ucs2(u ...uint16) sms.Body { return sms.Body{Alphabet: sms.UCS2, UTF16: u} }

func gsm7(text string) sms.Body { return sms.Body{Text: text} }

func data(octets ...byte) sms.Body { return sms.Body{Alphabet: sms.Data8, Data: octets} }

func TestJoin(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bodies []sms.Body
		want   string
	}{
		{"nothing", nil, ""},
		{"gsm7", []sms.Body{gsm7("one "), gsm7("two")}, "one two"},
		{"mixed", []sms.Body{gsm7("one "), ucs2(units("два ")...), gsm7("three")}, "one два three"},
		{"pair straddles parts", []sms.Body{ucs2('a', 0xd83d), ucs2(0xdc4d, 'b')}, "a👍b"},
		{"pair broken by another alphabet", []sms.Body{ucs2(0xd83d), gsm7("x"), ucs2(0xdc4d)}, "\ufffdx\ufffd"},
		{"lone halves", []sms.Body{ucs2(0xdc4d, 'a', 0xd83d)}, "\ufffda\ufffd"},
		{"low half keeps the next character", []sms.Body{ucs2(0xdc4d, 'a', 'b')}, "\ufffdab"},
		{"byte order mark", []sms.Body{ucs2(0xfeff, 'a', 0xfeff)}, "a\ufeff"},
		{"byte order mark alone", []sms.Body{ucs2(0xfeff), gsm7("a")}, "a"},
		{"data is not text", []sms.Body{gsm7("a"), data(0x62), gsm7("c")}, "ac"},
		{"text that is not UTF-8", []sms.Body{gsm7("a\xff")}, "a\ufffd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sms.Join(tt.bodies); got != tt.want {
				t.Errorf("Join = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestJoinKeepsBodies: parts are stored values; joining must not write to them.
func TestJoinKeepsBodies(t *testing.T) {
	backing := units("abcd")
	bodies := []sms.Body{ucs2(backing[:2]...), ucs2('x', 'y')}
	if got, want := sms.Join(bodies), "abxy"; got != want {
		t.Errorf("Join = %q, want %q", got, want)
	}
	if diff := cmp.Diff(units("abcd"), backing); diff != "" {
		t.Errorf("backing array changed (-want +got):\n%s", diff)
	}
}

func TestBodyJSON(t *testing.T) {
	for _, tt := range []struct {
		name string
		body sms.Body
		want string
	}{
		{"zero", sms.Body{}, `{}`},
		{"gsm7", gsm7("hi"), `{"t":"hi"}`},
		{"ucs2", ucs2(0xd83d, 1), `{"a":"ucs2","u":[55357,1]}`},
		{"data", data(1, 2), `{"a":"data","d":"AQI="}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := json.Marshal(tt.body)
			if err != nil {
				t.Fatalf("Marshal: %v", err)
			}
			if got := string(text); got != tt.want {
				t.Errorf("Marshal = %s, want %s", got, tt.want)
			}
			var back sms.Body
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatalf("Unmarshal: %v", err)
			}
			if diff := cmp.Diff(tt.body, back); diff != "" {
				t.Errorf("round trip (-want +got):\n%s", diff)
			}
		})
	}
}

// TestJoinAnyCut: wherever a sender cuts UTF-16 text, the parts join to it.
func TestJoinAnyCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("aя👍")), 1, 100, -1).Draw(t, "text")
		rest := units(text)
		var bodies []sms.Body
		for len(rest) > 0 {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			bodies = append(bodies, ucs2(rest[:n]...))
			rest = rest[n:]
		}
		if got := sms.Join(bodies); got != text {
			t.Fatalf("Join = %q, want %q", got, text)
		}
	})
}

package filter

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("CET", 3600)
	os.Exit(m.Run())
}

// parse parses what must be right.
func parse(t testing.TB, s string) *Filter {
	t.Helper()
	f, err := Parse([]byte(s))
	if err != nil {
		t.Fatalf("Parse(%s): %v", s, err)
	}
	return f
}

func sms(from, text string) *Facts {
	return &Facts{
		Phones: [][]string{{from}, {"+4915110000001", "015110000001"}}, Text: text,
		Devices: []string{"office", "dev_office"}, At: monday, ClockKnown: true,
	}
}

var monday = time.Date(2024, 10, 28, 12, 0, 0, 0, time.UTC)

func TestMatch(t *testing.T) {
	phone := func(condition, value string) string {
		return fmt.Sprintf(`{"type":"phone","condition":%q,"value":%q}`, condition, value)
	}
	keyword := func(condition, value string) string {
		return fmt.Sprintf(`{"type":"keyword","condition":%q,"value":%q}`, condition, value)
	}
	tests := []struct {
		name, filter string
		facts        *Facts
		want         bool
	}{
		{"prefix of the sender", phone("starts_with", "+1555"), sms("+15551234567", ""), true},
		{"prefix of another", phone("starts_with", "+1555"), sms("+16551234567", ""), false},
		{"prefix of the recipient", phone("starts_with", "+49"), sms("+15551234567", ""), true},
		{"national form of the recipient", phone("equals", "0151 1000-0001"), sms("BANK", ""), true},
		{"punctuation in the number", phone("equals", "+1555123"), sms("+1 (555) 123", ""), true},
		{"punctuation in both", phone("equals", "+1 555.123"), sms("+1 (555) 123", ""), true},
		{"a name in another case", phone("equals", "mybank"), sms("MyBank", ""), true},
		{"a name with letters beyond ASCII", phone("equals", "BÄCKER"), sms("Bäcker", ""), true},
		{"a name with spaces", phone("ends_with", "my bank"), sms("MY BANK", ""), true},
		{"end of a number", phone("ends_with", "4567"), sms("+15551234567", ""), true},
		{"middle of a number", phone("contains", "512345"), sms("+15551234567", ""), true},
		{"one of several", `{"type":"phone","condition":"in","values":["+1","BANK"]}`, sms("bank", ""), true},
		{"none of several", `{"type":"phone","condition":"in","values":["+1","BANK"]}`, sms("+15", ""), false},
		{"not in holds if neither is", `{"type":"phone","condition":"not_in","values":["+1","BANK"]}`, sms("+15", ""), true},
		{"not of one of the two fails", phone("not_starts_with", "+49"), sms("+15", ""), false},
		{"no number at all", phone("not_starts_with", "+49"), &Facts{}, true},
		{"no number to be equal", phone("equals", "+49"), &Facts{}, false},
		{"pattern of a number", phone("regex", `^\+1[0-9]{4}$`), sms("+15551", ""), true},
		{"pattern of a name", phone("regex", `^bank`), sms("BANK24", ""), true},
		{"pattern that fits neither", phone("regex", `^\+44`), sms("+15551", ""), false},

		{"word", keyword("contains", "urgent"), sms("", "This is URGENT!"), true},
		{"no such word", keyword("contains", "urgent"), sms("", "nothing"), false},
		{"word in its case", `{"type":"keyword","condition":"contains","value":"urgent","case_sensitive":true}`, sms("", "URGENT"), false},
		{"word in that case", `{"type":"keyword","condition":"contains","value":"URGENT","case_sensitive":true}`, sms("", "URGENT"), true},
		{"sharp s", keyword("contains", "STRASSE"), sms("", "Hauptstraße 1"), true},
		{"greek final sigma", keyword("contains", "ΟΔΟΣ"), sms("", "η οδος"), true},
		{"accent apart", keyword("equals", "caf\u00e9"), sms("", "CAFE\u0301"), true},
		{"accent is part of its letter", keyword("contains", "cafe"), sms("", "cafe\u0301"), false},
		{"whole text", keyword("equals", " stop "), sms("", "STOP\n"), true},
		{"more than the whole text", keyword("equals", "stop"), sms("", "STOP it"), false},
		{"beginning", keyword("starts_with", "stop "), sms("", "\tSTOP it"), true},
		{"beginning of a longer word", keyword("starts_with", "stop "), sms("", "STOPPED it"), false},
		{"end", keyword("ends_with", "it"), sms("", "STOP it "), true},
		{"one of the words", `{"type":"keyword","condition":"contains","values":["help","hours"]}`, sms("", "your hours?"), true},
		{"one of the texts", `{"type":"keyword","condition":"in","values":["stop","end"]}`, sms("", "End"), true},
		{"no word", keyword("not_contains", "urgent"), sms("", "nothing"), true},
		{"no text", keyword("not_contains", "urgent"), &Facts{}, true},
		{"pattern", keyword("regex", `code[: ]+\d{6}\b`), sms("", "Your CODE: 123456."), true},
		{"pattern in its case", `{"type":"keyword","condition":"regex","value":"^code","case_sensitive":true}`, sms("", "CODE"), false},
		{"pattern with an accent apart", keyword("regex", "^cafe\u0301$"), sms("", "caf\u00e9"), true},
		{"pattern at the end of what is looked at", keyword("regex", `b$`), sms("", strings.Repeat("ж", 2047)+"ab"+"жc"), true},
		{"pattern within a character at the end", keyword("regex", `ж$`), sms("", "a"+strings.Repeat("ж", 3000)), true},
		{"no pattern", keyword("not_regex", `\d`), sms("", "words"), true},

		{"modem", `{"type":"device","device_ids":["lab","office"]}`, sms("", ""), true},
		{"modem by its other name", `{"type":"device","device_ids":["dev_office"]}`, sms("", ""), true},
		{"another modem", `{"type":"device","device_ids":["lab"]}`, sms("", ""), false},
		{"no modem", `{"type":"device","device_ids":["lab"]}`, &Facts{}, false},

		{"both", `{"all":[` + phone("starts_with", "+1") + `,` + keyword("contains", "a") + `]}`, sms("+1", "a"), true},
		{"only one of both", `{"all":[` + phone("starts_with", "+1") + `,` + keyword("contains", "a") + `]}`, sms("+1", "b"), false},
		{"either", `{"any":[` + phone("starts_with", "+1") + `,` + keyword("contains", "a") + `]}`, sms("+1", "b"), true},
		{"neither", `{"any":[` + phone("starts_with", "+1") + `,` + keyword("contains", "a") + `]}`, sms("+2", "b"), false},
		{"not", `{"not":` + keyword("contains", "a") + `}`, sms("+2", "a"), false},
		{"not not", `{"not":{"not":` + keyword("contains", "a") + `}}`, sms("+2", "a"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.filter)
			for range 2 { // the second time with what the facts remember
				if got := f.Match(tt.facts); got != tt.want {
					t.Errorf("%s: got %v, want %v", f, got, tt.want)
				}
			}
			// A negated condition is the opposite.
			if got := parse(t, `{"not":`+tt.filter+`}`).Match(tt.facts); got == tt.want {
				t.Errorf("not %s: got %v", f, got)
			}
		})
	}
}

// A list that is long enough to be searched by halving gives the same answers.
func TestLongList(t *testing.T) {
	var values []string
	for i := range 500 {
		values = append(values, fmt.Sprintf(`"+49151%07d"`, i*7919%1000000))
	}
	f := parse(t, `{"type":"phone","condition":"in","values":[`+strings.Join(values, ",")+`]}`)
	for i := range 1000 {
		want := i < 500
		if got := f.Match(&Facts{Phones: [][]string{{fmt.Sprintf("+49151%07d", i*7919%1000000)}}}); got != want {
			t.Errorf("entry %d: got %v, want %v", i, got, want)
		}
	}
}

func TestNilFilterWantsAll(t *testing.T) {
	for _, f := range []*Filter{nil, {}} {
		if !f.Match(&Facts{}) {
			t.Errorf("%v refuses an event", f)
		}
		if got := f.String(); got != "null" {
			t.Errorf("got %s, want null", got)
		}
	}
	var f *Filter
	if !f.Equal(nil) || f.Equal(parse(t, `{"type":"device","device_ids":["a"]}`)) {
		t.Error("a nil filter equals itself alone")
	}
}

// The documented filters are taken as they are, and come out again.
func TestCanonical(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{
			"phone", `{ "type": "phone", "condition": "starts_with", "value": "+1555" }`,
			`{"type":"phone","condition":"starts_with","value":"+1555"}`,
		},
		{
			"keyword", `{"type": "keyword","condition": "contains","value": "urgent","case_sensitive": false}`,
			`{"type":"keyword","condition":"contains","value":"urgent"}`,
		},
		{
			"device", `{"type": "device","device_ids": ["dev_abc123", "dev_def456"]}`,
			`{"type":"device","device_ids":["dev_abc123","dev_def456"]}`,
		},
		{
			"time", `{"type":"time","days":["Wednesday","monday","tuesday"],"hours":{"start":"09:00","end":"17:00"},"timezone":"America/New_York","on_unknown":"match"}`,
			`{"type":"time","days":["monday","tuesday","wednesday"],"hours":{"start":"09:00","end":"17:00"},"timezone":"America/New_York"}`,
		},
		{"days only", `{"type":"time","days":["sunday"],"hours":null}`, `{"type":"time","days":["sunday"]}`},
		{
			"hours only", `{"type":"time","hours":{"start":"22:00","end":"24:00"},"on_unknown":"skip"}`,
			`{"type":"time","hours":{"start":"22:00","end":"24:00"},"on_unknown":"skip"}`,
		},
		{
			"tree", `{"any":[{"all":[{"type":"device","device_ids":["a"]}]},{"not":{"type":"phone","condition":"in","values":["1"]}}]}`,
			`{"any":[{"all":[{"type":"device","device_ids":["a"]}]},{"not":{"type":"phone","condition":"in","values":["1"]}}]}`,
		},
		{
			"values", `{"type":"keyword","condition":"not_contains","values":["<a>","&"],"case_sensitive":true}`,
			`{"type":"keyword","condition":"not_contains","values":["<a>","&"],"case_sensitive":true}`,
		},
		{"one of values", `{"type":"phone","condition":"equals","values":["1"]}`, `{"type":"phone","condition":"equals","value":"1"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(t, tt.in)
			if diff := cmp.Diff(tt.want, f.String()); diff != "" {
				t.Errorf("canonical form (-want +got)\n%s", diff)
			}
			if again := parse(t, f.String()); !again.Equal(f) {
				t.Errorf("read again it is %s", again)
			}
		})
	}
}

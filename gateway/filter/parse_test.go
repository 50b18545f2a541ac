package filter

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseErrors(t *testing.T) {
	nested := strings.Repeat(`{"not":`, 8) + `{"type":"device","device_ids":["a"]}` + strings.Repeat("}", 8)
	many := `{"any":[` + strings.TrimSuffix(strings.Repeat(`{"type":"device","device_ids":["a"]},`, 100), ",") + `]}`
	tests := []struct{ name, in, want string }{
		{"no JSON", `{`, "filter is not valid JSON"},
		{"no UTF-8", "{\"type\":\"\xff\"}", "filter is not valid UTF-8"},
		{"no object", `[]`, "filter must be an object such as {"},
		{"null inside", `{"not":null}`, "filter has none of type, all, any, not: write it like {"},
		{"empty", `{}`, "filter has none of type, all, any, not: write it like {"},
		{"two in one", `{"all":[],"any":[]}`, `filter has both all and any: wrap them in {"all": [...]}`},
		{"no such type", `{"type":"sender"}`, "filter.type is none of device, keyword, phone, time"},
		{"type is a number", `{"type":1}`, "filter.type must be a string"},
		{"nothing in any", `{"any":[]}`, "filter.any must not be empty"},
		{"any is an object", `{"any":{}}`, "filter.any must be an array"},
		{"too deep", nested, "filter.not.not.not.not.not.not.not.not is more than 8 filters deep: make it flatter"},
		{"too many", many, "filter has more than 100 conditions: split it over several routes"},
		{"something beside", `{"not":{"type":"device","device_ids":["a"]},"x":1}`, `filter."x" is not known here: there is not`},
		{"no condition", `{"type":"phone","value":"1"}`, "filter.condition is missing"},
		{
			"no such condition", `{"all":[{"type":"phone","condition":"startswith","value":"1"}]}`,
			"filter.all[0].condition is none of equals, starts_with, ends_with, contains, in, regex, nor one of them with not_ in front",
		},
		{"no value", `{"type":"phone","condition":"equals"}`, "filter.value is missing"},
		{"empty value", `{"type":"phone","condition":"equals","value":""}`, "filter.value must not be empty"},
		{"only spaces", `{"type":"phone","condition":"equals","value":" "}`, `filter.value " " has nothing to compare with`},
		{"long number", `{"type":"phone","condition":"equals","value":"` + strings.Repeat("1", 65) + `"}`, "filter.value has 65 bytes, the most is 64"},
		{"long word", `{"type":"keyword","condition":"equals","value":"` + strings.Repeat("1", 1001) + `"}`, "filter.value has 1001 bytes, the most is 1000"},
		{"in without values", `{"type":"phone","condition":"in","value":"1"}`, "filter.values is missing: list what to compare with"},
		{"value and values", `{"type":"phone","condition":"in","value":"1","values":["2"]}`, "filter.values cannot be given together with value: put it into values"},
		{"number among values", `{"type":"phone","condition":"in","values":["1",2]}`, "filter.values[1] must be a string"},
		{"null among values", `{"type":"phone","condition":"in","values":[null]}`, "filter.values[0] must be a string"},
		{"misspelt field", `{"type":"keyword","condition":"equals","value":"a","case_sensitiv":true}`, `filter."case_sensitiv" is not known here: there is type, condition, value, values, case_sensitive`},
		{"case as a text", `{"type":"keyword","condition":"equals","value":"a","case_sensitive":"no"}`, "filter.case_sensitive must be true or false"},
		{"bad pattern", `{"type":"keyword","condition":"regex","value":"("}`, "filter.value is no regular expression (RE2): missing closing ): \"(?i)(\""},
		{"back reference", `{"type":"keyword","condition":"regex","value":"(a)\\1"}`, "filter.value is no regular expression (RE2)"},
		{"costly pattern", `{"type":"keyword","condition":"regex","value":"((a{31}){31}b)*"}`, "filter.value repeats too much: use smaller numbers in braces"},
		{"long pattern", `{"type":"keyword","condition":"regex","value":"` + strings.Repeat("a", 257) + `"}`, "filter.value has 257 bytes, the most is 256"},
		{"no device", `{"type":"device"}`, "filter.device_ids is missing"},
		{"device without a name", `{"type":"device","device_ids":["a",""]}`, "filter.device_ids[1] must not be empty"},
		{"no time", `{"type":"time"}`, "filter.days and hours are both missing: give one of them at least"},
		{"no such day", `{"type":"time","days":["monday","mon"]}`, "filter.days[1] is none of sunday, monday"},
		{"hours is a text", `{"type":"time","hours":"9-17"}`, `filter.hours must be an object such as {"start":"09:00","end":"17:00"}`},
		{
			"start in another form", `{"any":[{"type":"time","days":["monday"]},{"type":"device","device_ids":["a"]},{"type":"time","hours":{"start":"9:00","end":"17:00"}}]}`,
			"filter.any[2].hours.start must be HH:MM, from 00:00 to 24:00",
		},
		{"no end", `{"type":"time","hours":{"start":"09:00"}}`, "filter.hours.end is missing"},
		{"end past midnight", `{"type":"time","hours":{"start":"09:00","end":"25:00"}}`, "filter.hours.end must be HH:MM, from 00:00 to 24:00"},
		{"starts at the end of the day", `{"type":"time","hours":{"start":"24:00","end":"09:00"}}`, "filter.hours.start must be before 24:00: a day begins at 00:00"},
		{"no length", `{"type":"time","hours":{"start":"09:00","end":"09:00"}}`, "filter.hours.end is the same as start: leave hours out for the whole day"},
		{"something in hours", `{"type":"time","hours":{"from":"09:00"}}`, `filter.hours."from" is not known here: there is start, end`},
		{"no such zone", `{"type":"time","days":["monday"],"timezone":"Berlin"}`, "filter.timezone is not the name of a time zone such as Europe/Berlin that the gateway knows: leave it out for its own, or install the package tzdata"},
		{"file as a zone", `{"type":"time","days":["monday"],"timezone":"../../etc/passwd"}`, "filter.timezone is not the name"},
		{"own zone by name", `{"type":"time","days":["monday"],"timezone":"Local"}`, "filter.timezone is not the name"},
		{"unknown policy", `{"type":"time","days":["monday"],"on_unknown":"wait"}`, "filter.on_unknown is neither match nor skip"},
		{"large", `{"type":"device","device_ids":["` + strings.Repeat("a", MaxSize) + `"]}`, fmt.Sprintf("filter has %d bytes, the most is %d: split it over several routes", MaxSize+35, MaxSize)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse([]byte(tt.in))
			if err == nil {
				t.Fatalf("got %s, want the error %q", f, tt.want)
			}
			if !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %q\nwant %q", err, tt.want)
			}
		})
	}
}

func TestUnmarshal(t *testing.T) {
	var v struct{ Filter *Filter }
	if err := json.Unmarshal([]byte(`{"Filter":null}`), &v); err != nil || v.Filter != nil {
		t.Errorf("null: got %v, %v, want none", v.Filter, err)
	}
	if err := json.Unmarshal([]byte(`{"Filter":{"type":"device","device_ids":["a"]}}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.Filter.Match(&Facts{}) || !v.Filter.Match(&Facts{Devices: []string{"a"}}) {
		t.Errorf("%s was not compiled", v.Filter)
	}
	if err := json.Unmarshal([]byte(`{"Filter":{}}`), &v); err == nil {
		t.Error("an empty filter is taken")
	}
}

// What is accepted can be written, read again as the same, and matched in time.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"type":"phone","condition":"starts_with","value":"+1555"}`,
		`{"type":"keyword","condition":"regex","value":"(a|b){3,}\\s+$"}`,
		`{"any":[{"type":"device","device_ids":["a"]},{"not":{"type":"time","hours":{"start":"22:00","end":"06:00"},"timezone":"Europe/Berlin"}}]}`,
		`{"all":[{"type":"keyword","condition":"not_in","values":["ß","\u0301"]}]}`,
	} {
		f.Add([]byte(s), "+15551234567", "Straße 12")
	}
	f.Fuzz(func(t *testing.T, b []byte, number, text string) {
		flt, err := Parse(b)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "filter") || strings.ContainsAny(err.Error(), "\r\n\x1b\x00") {
				t.Errorf("%q: the error is %q", b, err)
			}
			return
		}
		canonical := flt.String()
		again, err := Parse([]byte(canonical))
		if err != nil {
			t.Fatalf("%q is written as %s: %v", b, canonical, err)
		}
		if again.String() != canonical {
			t.Errorf("%s is read as %s", canonical, again)
		}
		facts := func() *Facts {
			return &Facts{Phones: [][]string{{number}}, Text: text, Devices: []string{"a"}, At: time.Unix(int64(len(text))*7919, 0), ClockKnown: len(b)%2 == 0}
		}
		if flt.Match(facts()) != again.Match(facts()) {
			t.Errorf("%s judges otherwise than what it was read from, %q", canonical, b)
		}
	})
}

package api

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimeReadsAnyFraction(t *testing.T) {
	at := func(nanos int) time.Time { return time.Date(2026, 3, 13, 14, 25, 16, nanos, time.UTC) }
	for in, want := range map[string]time.Time{
		"2026-03-13T14:25:16Z":                at(0),
		"2026-03-13T14:25:16.9Z":              at(900_000_000),
		"2026-03-13T14:25:16.95Z":             at(950_000_000),
		"2026-03-13T14:25:16.954Z":            at(954_000_000),
		"2026-03-13T14:25:16.9541Z":           at(954_100_000),
		"2026-03-13T14:25:16.95412Z":          at(954_120_000),
		"2026-03-13T14:25:16.784099Z":         at(784_099_000),
		"2026-03-13T14:25:16.7840992Z":        at(784_099_200),
		"2026-03-13T14:25:16.78409925Z":       at(784_099_250),
		"2026-03-13T14:25:16.784099254Z":      at(784_099_254),
		"2026-03-13T15:25:16.784099254+01:00": at(784_099_254),
		"2026-03-13T08:55:16.000001-05:30":    at(1_000),
		"2026-03-13T15:25:16+0100":            at(0), // PHP's DATE_ISO8601, and %z
		"2026-03-13T08:55:16.000001-0530":     at(1_000),
	} {
		got, err := ParseTime(in)
		if err != nil || !got.Equal(want) {
			t.Errorf("ParseTime(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
}

func TestTimeRefusesWhatIsNotRFC3339(t *testing.T) {
	for _, in := range []string{
		"", "now", "2026-03-13", "2026-03-13T14:25:16", "2026-03-13 14:25:16Z",
		"2026-13-13T14:25:16Z", "2026-02-30T14:25:16Z", "2026-03-13T14:25:16+01", "2026-03-13T14:25:16+1:00", "2026-03-13T14:25+0100",
		"+0100", "2026-03-1300", "2026-03-13T14:25:16+9999", "1773411916",
		"0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
	} {
		if got, err := ParseTime(in); err == nil {
			t.Errorf("ParseTime(%q) = %v, want an error", in, got)
		}
	}
}

func TestTimeIsWrittenWithMilliseconds(t *testing.T) {
	cet := time.FixedZone("CET", 3600)
	for want, in := range map[string]time.Time{
		`"2026-03-13T14:25:16.954+01:00"`: time.Date(2026, 3, 13, 14, 25, 16, 954_999_999, cet),
		`"2026-03-13T14:25:16.000Z"`:      time.Date(2026, 3, 13, 14, 25, 16, 0, time.UTC),
		`"9999-12-31T23:59:59.000Z"`:      time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).In(cet), // year 10000 there
	} {
		got, err := json.Marshal(Time{in})
		if err != nil || string(got) != want {
			t.Errorf("json.Marshal(%v) = %s, %v, want %s", in, got, err, want)
		}
	}
	if b, err := json.Marshal(Time{time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Errorf("json.Marshal of year 10001 = %s, want an error", b)
	}
}

func TestTimeInJSON(t *testing.T) {
	var got struct {
		At   Time  `json:"at"`
		Null Time  `json:"null"`
		Ptr  *Time `json:"ptr"`
	}
	if err := json.Unmarshal([]byte(`{"at":"2026-03-13T14:25:16Z","null":null,"ptr":null}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.At.Unix() != 1773411916 || !got.Null.IsZero() || got.Ptr != nil {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{`{"at":5}`, `{"at":""}`, `{"at":{}}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("json.Unmarshal(%s) succeeded, want an error", bad)
		}
	}
}

// What was read is written so that it is read again as the same millisecond.
func FuzzTime(f *testing.F) {
	f.Add("2026-03-13T14:25:16.954+01:00")
	f.Add("0000-01-01T00:00:00-23:59")
	f.Add("9999-12-31T23:59:59.999999999Z")
	f.Fuzz(func(t *testing.T, s string) {
		first, err := ParseTime(s)
		if err != nil {
			return
		}
		second, err := ParseTime(first.String())
		if err != nil {
			t.Fatalf("%q was read, but what it is written as, %q, is not: %v", s, first, err)
		}
		if got, want := second.UnixMilli(), first.UnixMilli(); got != want {
			t.Errorf("%q: got %d ms after writing, want %d", s, got, want)
		}
	})
}

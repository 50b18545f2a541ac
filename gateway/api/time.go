package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// TimeFormat is how times are written: RFC 3339 with milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z07:00"

// Time is a point in time on the wire. It is written in [TimeFormat] and in its
// own zone, cut to the millisecond, and read from any RFC 3339 date and time
// without loss down to the nanosecond; the offset may lack its colon, as ISO 8601
// allows. The zero value stands for none.
type Time struct{ time.Time }

// ParseTime reads an RFC 3339 date and time, also with an offset such as +0100.
func ParseTime(s string) (Time, error) {
	var t time.Time
	if err := t.UnmarshalText([]byte(withColon(s))); err != nil || !writable(t.UTC()) {
		return Time{}, fmt.Errorf("parse time %q: it is not RFC 3339, such as 2026-03-13T14:25:16.954+01:00", s)
	}
	return Time{t}, nil
}

// withColon returns a date and time with a colon in its offset.
func withColon(s string) string {
	sign := len(s) - len("+0100")
	if sign < 0 || s[sign] != '+' && s[sign] != '-' || strings.ContainsFunc(s[sign+1:], func(r rune) bool { return r < '0' || r > '9' }) {
		return s
	}
	return s[:sign+3] + ":" + s[sign+3:]
}

// String returns t as it is written on the wire.
func (t Time) String() string {
	if !writable(t.Time) {
		t.Time = t.UTC()
	}
	return t.Format(TimeFormat)
}

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) {
	if !writable(t.UTC()) {
		return nil, fmt.Errorf("write time: year %d does not have four digits", t.UTC().Year())
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Time) UnmarshalText(b []byte) error {
	v, err := ParseTime(string(b))
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) {
	b, err := t.MarshalText()
	if err != nil {
		return nil, err
	}
	return append(append([]byte{'"'}, b...), '"'), nil
}

// UnmarshalJSON implements [json.Unmarshaler]. Null changes nothing.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("parse time: it is not a string: %w", err)
	}
	return t.UnmarshalText([]byte(s))
}

// writable reports whether RFC 3339 has a way to write t in its zone.
func writable(t time.Time) bool {
	y := t.Year()
	return y >= 0 && y <= 9999
}

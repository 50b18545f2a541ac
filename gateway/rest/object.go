package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// object takes a JSON object apart field by field. A field that is null is as
// good as absent, and one that nobody asks for is ignored. The first field that
// is not what it must be is remembered, to be asked for with problem; it and all
// that follow read as absent. It is not safe for concurrent use.
type object struct {
	fields map[string]json.RawMessage
	path   string // of the object itself, with a dot behind; empty for the outermost
	err    *error // shared by the objects of one body
}

// problem returns what was wrong with the fields read so far: nil, or an error of
// code Invalid.
func (o *object) problem() error { return *o.err }

// field returns the JSON of a field; ok is false if there is none.
func (o *object) field(name string) (b json.RawMessage, ok bool) {
	b, ok = o.fields[name]
	if !ok || *o.err != nil || b[0] == 'n' {
		return nil, false
	}
	return b, true
}

// has reports whether a field is there, if only as null.
func (o *object) has(name string) bool {
	_, ok := o.fields[name]
	return ok
}

// only refuses fields but the given ones, for objects in which one that is misspelt
// would go wrong unnoticed.
func (o *object) only(names ...string) {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(names, name) && *o.err == nil {
			*o.err = gateway.Invalidf("%s%q is not known here: there is %s", o.path, name, strings.Join(names, ", "))
		}
	}
}

// complain remembers that a field is not what it must be.
func (o *object) complain(name, must string) {
	if *o.err == nil {
		*o.err = gateway.BadField(o.path+name, "%s%s must be %s", o.path, name, must)
	}
}

// text returns a string, or nil if there is none.
func (o *object) text(name string) *string {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		o.complain(name, "a string, got "+kindOf(b))
		return nil
	}
	return &s
}

// texts returns an array of strings, or nil if there is none.
func (o *object) texts(name string) []string {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil {
		o.complain(name, "an array of strings, got "+kindOf(b))
		return nil
	}
	ss := make([]string, len(raw))
	for i, item := range raw {
		if item[0] != '"' || json.Unmarshal(item, &ss[i]) != nil {
			o.complain(fmt.Sprintf("%s[%d]", name, i), "a string, got "+kindOf(item))
			return nil
		}
	}
	return ss
}

// boolean returns a boolean, or nil if there is none.
func (o *object) boolean(name string) *bool {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	var v bool
	if json.Unmarshal(b, &v) != nil {
		o.complain(name, "true or false, got "+kindOf(b))
		return nil
	}
	return &v
}

// integer returns a whole number within the given bounds, or nil if there is
// none. The bounds of int64 are none to speak of.
func (o *object) integer(name string, low, high int64) *int64 {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	n, ok := whole(b)
	if !ok || n < low || n > high {
		must := "a whole number"
		switch kind := kindOf(b); {
		case kind != "a number":
			must += ", got " + kind
		case low != math.MinInt64 || high != math.MaxInt64:
			must += fmt.Sprintf(" from %d to %d", low, high)
		}
		o.complain(name, must)
		return nil
	}
	return &n
}

// whole reads a whole number, also as 60.0 or 6e1, as some languages write theirs.
func whole(b json.RawMessage) (n int64, ok bool) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// integers returns an array of whole numbers within the given bounds, or nil if there
// is none.
func (o *object) integers(name string, low, high int) []int {
	return items(o, name, fmt.Sprintf("a whole number from %d to %d", low, high), func(b json.RawMessage) (int, bool) {
		n, err := strconv.Atoi(string(b))
		return n, err == nil && n >= low && n <= high
	})
}

// number returns a number, or nil if there is none.
func (o *object) number(name string) *float64 {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	var v float64
	if json.Unmarshal(b, &v) != nil {
		o.complain(name, "a number, got "+kindOf(b))
		return nil
	}
	return &v
}

// durationForm says how a duration is written.
const durationForm = "a duration such as 10s or 1h30m, or a number of seconds"

// duration returns a duration, or 0 if there is none.
func (o *object) duration(name string) time.Duration {
	b, ok := o.field(name)
	if !ok {
		return 0
	}
	var d api.Duration
	if json.Unmarshal(b, &d) != nil {
		o.complain(name, durationForm)
	}
	return time.Duration(d)
}

// durations returns an array of durations, or nil if there is none.
func (o *object) durations(name string) []time.Duration {
	return items(o, name, durationForm, func(b json.RawMessage) (time.Duration, bool) {
		var d api.Duration
		err := json.Unmarshal(b, &d)
		return time.Duration(d), err == nil
	})
}

// items returns the items of an array, each read by one; nil if there is none.
func items[T any](o *object, name, each string, one func(json.RawMessage) (T, bool)) []T {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil {
		o.complain(name, "an array, got "+kindOf(b))
		return nil
	}
	out := make([]T, len(raw))
	for i, item := range raw {
		if out[i], ok = one(item); !ok {
			o.complain(fmt.Sprintf("%s[%d]", name, i), each)
			return nil
		}
	}
	return out
}

// time returns a date with time, or nil if there is none.
func (o *object) time(name string) *api.Time {
	s := o.text(name)
	if s == nil {
		return nil
	}
	t, err := api.ParseTime(*s)
	if err != nil {
		o.complain(name, "a date and time with its offset, such as 2026-03-13T14:25:16+01:00")
		return nil
	}
	return &t
}

// object returns an object, or nil if there is none.
func (o *object) object(name string) *object {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	inner := &object{path: o.path + name + ".", err: o.err}
	if json.Unmarshal(b, &inner.fields) != nil {
		o.complain(name, "an object, got "+kindOf(b))
		return nil
	}
	return inner
}

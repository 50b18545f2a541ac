package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shape is what a client needs of an object: what the values of its members must be. A
// member whose name ends in a question mark may be missing; null is never the same as
// that. What is in an object besides is nobody's concern.
type shape map[string]value

// value returns what is wrong with a value of JSON, or nil.
type value func(v any) error

func isString(v any) error {
	if _, ok := v.(string); !ok {
		return fmt.Errorf("%v is no string", v)
	}
	return nil
}

func isBool(v any) error {
	if _, ok := v.(bool); !ok {
		return fmt.Errorf("%v is no boolean", v)
	}
	return nil
}

// isWhole is a number without fraction or exponent that a type of the bounds can hold.
func isWhole(low, high int64) value {
	return func(v any) error {
		n, ok := v.(json.Number)
		i, err := strconv.ParseInt(string(n), 10, 64)
		if !ok || err != nil || i < low || i > high {
			return fmt.Errorf("%v is no whole number from %d to %d", v, low, high)
		}
		return nil
	}
}

// isOne is one of the strings that a client knows.
func isOne(known ...string) value {
	return func(v any) error {
		if s, ok := v.(string); !ok || !slices.Contains(known, s) {
			return fmt.Errorf("%v is none of %v", v, known)
		}
		return nil
	}
}

// isLike is a string in a form.
func isLike(form string) value {
	re := regexp.MustCompile("^(" + form + ")$")
	return func(v any) error {
		if s, ok := v.(string); !ok || !re.MatchString(s) {
			return fmt.Errorf("%v is not like %s", v, form)
		}
		return nil
	}
}

func isList(of value) value {
	return func(v any) error {
		items, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%v is no array", v)
		}
		for i, item := range items {
			if err := of(item); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
}

// isSome is a list that has something to look at.
func isSome(of value) value {
	return func(v any) error {
		if items, ok := v.([]any); !ok || len(items) == 0 {
			return fmt.Errorf("%v is empty", v)
		}
		return isList(of)(v)
	}
}

// isMap is an object whose members are data.
func isMap(key, of value) value {
	return func(v any) error {
		o, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%v is no object", v)
		}
		for name, member := range o {
			if err := key(name); err != nil {
				return err
			}
			if err := of(member); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
}

func isAny(any) error { return nil }

// is returns the check of an object.
func (s shape) is(v any) error {
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no object", v)
	}
	for _, member := range slices.Sorted(maps.Keys(s)) {
		name, optional := strings.CutSuffix(member, "?")
		if got, ok := o[name]; ok {
			if err := s[member](got); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		} else if !optional {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}

// with returns s with more members.
func (s shape) with(more shape) shape {
	s = maps.Clone(s)
	maps.Copy(s, more)
	return s
}

// fits fails the test unless JSON is as a client needs it.
func fits(t *testing.T, what string, body []byte, want value) {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err := d.Decode(&v)
	if err == nil {
		err = want(v)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", what, err, body)
	}
}

// A check that lets everything pass would go unnoticed.
func TestShapes(t *testing.T) {
	object := shape{"name": isString, "size?": isWhole(0, 255)}
	for body, want := range map[string]string{
		`{"name":"a"}`:             "",
		`{"name":"a","size":255}`:  "",
		`{"name":"a","more":null}`: "",
		`{"name":"a","size":256}`:  "size: 256 is no whole number from 0 to 255",
		`{"name":"a","size":1.0}`:  "size: 1.0 is no whole number from 0 to 255",
		`{"name":"a","size":"1"}`:  "size: 1 is no whole number from 0 to 255",
		`{"name":"a","size":null}`: "size: <nil> is no whole number from 0 to 255",
		`{"name":null}`:            "name: <nil> is no string",
		`{"size":1}`:               "name is missing",
		`[]`:                       "[] is no object",
	} {
		var v any
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := object.is(v); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	for name, of := range map[string]value{
		"a b is none of [a b]": isOne("a", "b"), "a b is not like [a-z]": isLike("[a-z]"), "a b is no array": isList(isAny),
		"a b is empty": isSome(isAny), "a b is no boolean": isBool, "a b is no object": isMap(isString, isString),
	} {
		if err := of("a b"); err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	if err := isSome(isString)([]any{json.Number("1")}); err == nil {
		t.Error("a number passes as a string in a list")
	}
	if err := isMap(isOne("a"), isAny)(map[string]any{"b": 1}); err == nil {
		t.Error("an unknown key passes")
	}
}

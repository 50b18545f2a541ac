package filter

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// kinds are the names of "type", with what parses them.
var kinds = map[string]func(*object) node{
	"phone":   parsePhone,
	"keyword": parseKeyword,
	"device":  parseDevice,
	"time":    parseWindow,
}

// parser counts the nodes of one filter.
type parser struct{ nodes int }

// node parses the filter at a path.
func (p *parser) node(path string, b json.RawMessage, depth int) (node, error) {
	if p.nodes++; p.nodes > MaxNodes {
		return nil, fmt.Errorf("filter has more than %d conditions: split it over several routes", MaxNodes)
	}
	if depth > MaxDepth {
		return nil, fmt.Errorf("%s is more than %d filters deep: make it flatter", path, MaxDepth)
	}
	o := newObject(path, b)
	if o.err != nil {
		return nil, o.err
	}
	var n node
	switch which := o.which("type", "all", "any", "not"); which {
	case "":
		return nil, o.err
	case "type":
		kind := o.text("type", true)
		parse := kinds[kind]
		if o.err == nil && parse == nil {
			o.failf("type", "is none of %s", strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		}
		if o.err == nil {
			n = parse(o)
		}
	case "not":
		inner, err := p.node(path+".not", o.fields["not"], depth+1)
		if err != nil {
			return nil, err
		}
		o.known("not")
		n = not{inner}
	default:
		g := group{any: which == "any"}
		for i, item := range o.array(which, MaxNodes) {
			inner, err := p.node(fmt.Sprintf("%s.%s[%d]", path, which, i), item, depth+1)
			if err != nil {
				return nil, err
			}
			g.nodes = append(g.nodes, inner)
		}
		o.known(which)
		n = g
	}
	if o.err != nil {
		return nil, o.err
	}
	return n, nil
}

// object takes the JSON object at a path apart. After the first error everything
// reads as absent.
type object struct {
	path   string
	fields map[string]json.RawMessage // those that are not null
	err    error
}

func newObject(path string, b json.RawMessage) *object {
	o := &object{path: path}
	if json.Unmarshal(b, &o.fields) != nil || o.fields == nil {
		o.err = fmt.Errorf("%s must be an object such as %s", path, example)
	}
	maps.DeleteFunc(o.fields, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	return o
}

const example = `{"type":"phone","condition":"starts_with","value":"+1555"}`

func (o *object) has(name string) bool {
	_, ok := o.fields[name]
	return ok
}

// failf sets the error, that something is wrong with a field, unless there is one.
func (o *object) failf(name, format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf("%s.%s %s", o.path, name, fmt.Sprintf(format, args...))
	}
}

// which returns the one field of the given ones that is there.
func (o *object) which(names ...string) (which string) {
	for _, name := range names {
		switch {
		case !o.has(name):
		case which == "":
			which = name
		default:
			o.err = fmt.Errorf("%s has both %s and %s: wrap them in {\"all\": [...]}", o.path, which, name)
			return ""
		}
	}
	if which == "" {
		o.err = fmt.Errorf("%s has none of %s: write it like %s", o.path, strings.Join(names, ", "), example)
	}
	return which
}

// known refuses fields but the given ones: one that is misspelt would widen the
// filter unnoticed.
func (o *object) known(names ...string) {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(names, name) {
			o.failf(shorten(name), "is not known here: there is %s", strings.Join(names, ", "))
		}
	}
}

// text returns a string; empty if it is absent.
func (o *object) text(name string, required bool) (s string) {
	b, ok := o.fields[name]
	switch {
	case o.err != nil:
	case !ok && required:
		o.failf(name, "is missing")
	case ok && json.Unmarshal(b, &s) != nil:
		o.failf(name, "must be a string")
	}
	return s
}

// flag returns a boolean; false if it is absent.
func (o *object) flag(name string) (v bool) {
	if b, ok := o.fields[name]; ok && o.err == nil && json.Unmarshal(b, &v) != nil {
		o.failf(name, "must be true or false")
	}
	return v
}

// array returns the elements of an array that must not be empty.
func (o *object) array(name string, most int) (items []json.RawMessage) {
	b, ok := o.fields[name]
	switch {
	case o.err != nil:
		return nil
	case !ok:
		o.failf(name, "is missing")
	case json.Unmarshal(b, &items) != nil:
		o.failf(name, "must be an array")
	case len(items) == 0:
		o.failf(name, "must not be empty")
	case len(items) > most:
		o.failf(name, "has %d entries, the most is %d", len(items), most)
	}
	return items
}

// texts returns an array of strings that must not be empty, nor any of them.
func (o *object) texts(name string, most, longest int) []string {
	items := o.array(name, most)
	if o.err != nil {
		return nil
	}
	out := make([]string, len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", name, i)
		if string(item) == "null" || json.Unmarshal(item, &out[i]) != nil {
			o.failf(at, "must be a string")
			return nil
		}
		o.measure(at, out[i], longest)
	}
	return out
}

// measure refuses a text that is empty or longer than so many bytes.
func (o *object) measure(name, s string, longest int) {
	switch {
	case s == "":
		o.failf(name, "must not be empty")
	case len(s) > longest:
		o.failf(name, "has %d bytes, the most is %d", len(s), longest)
	}
}

// shorten makes a name from outside fit for an error.
func shorten(name string) string {
	if len(name) > 32 {
		name = strings.ToValidUTF8(name[:32], "") + "…"
	}
	return fmt.Sprintf("%q", name)
}

package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// The bounds of a filter.
const (
	MaxSize  = 32 << 10 // bytes of JSON
	MaxDepth = 8        // filters inside each other
	MaxNodes = 100      // filters in all
)

// Filter is a compiled condition on events. A nil Filter wants every event. It is
// made by [Parse] or by decoding JSON, and safe for concurrent use.
type Filter struct{ root node }

// node is one condition of the tree.
type node interface {
	// match reports whether the condition holds. want is what on_unknown "match"
	// makes of a condition that cannot be judged: false below a not.
	match(f *Facts, want bool) bool
	// spec returns what is encoded as the JSON of the node.
	spec() any
}

// Parse reads and compiles the JSON of a filter. The error names the path of what
// is wrong, beginning with "filter", and how to mend it.
func Parse(b []byte) (*Filter, error) {
	switch {
	case len(b) > MaxSize:
		return nil, fmt.Errorf("filter has %d bytes, the most is %d: split it over several routes", len(b), MaxSize)
	case !utf8.Valid(b):
		return nil, errors.New("filter is not valid UTF-8")
	case !json.Valid(b):
		return nil, errors.New("filter is not valid JSON")
	}
	p := parser{}
	root, err := p.node("filter", b, 1)
	if err != nil {
		return nil, err
	}
	return &Filter{root}, nil
}

// Match reports whether f wants the event that the facts are of.
func (f *Filter) Match(facts *Facts) bool {
	return f == nil || f.root == nil || f.root.match(facts, true)
}

// MarshalJSON writes f in its canonical form: names in lower case, defaults left out.
func (f *Filter) MarshalJSON() ([]byte, error) {
	if f == nil || f.root == nil {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(f.root.spec()); err != nil {
		return nil, fmt.Errorf("marshal filter: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// UnmarshalJSON is [Parse]; null leaves f as it is.
func (f *Filter) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	parsed, err := Parse(b)
	if err != nil {
		return err
	}
	*f = *parsed
	return nil
}

// String returns the JSON of f.
func (f *Filter) String() string {
	b, err := f.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Equal reports whether f and other have the same canonical form.
func (f *Filter) Equal(other *Filter) bool { return f.String() == other.String() }

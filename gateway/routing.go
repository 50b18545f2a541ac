package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Selection is how a modem is chosen for a message that nothing else decides on.
type Selection string

// The policies.
const (
	// SelectFree leaves a message to the modem that is free first, which is a
	// healthy and the least loaded one.
	SelectFree Selection = "os-default"
	// SelectInTurn gives each modem as many recipients as any other.
	SelectInTurn Selection = "round-robin"
	// SelectAtRandom picks a modem by chance.
	SelectAtRandom Selection = "random"
)

// Rule says which modems send to numbers that begin with a prefix.
type Rule struct {
	Prefix string   // of the number as dialled, such as "+49"; not empty
	Modems []string // their IDs; at least one
	// Strict keeps the messages waiting while none of Modems can be used. Without
	// it other modems take them then.
	Strict bool
}

// Routing says which modem sends what. In this order: the slot that the caller
// asked for, the rule with the longest prefix, the modem the conversation was
// held on, Selection. The zero value gives every message to the modem that is
// free first.
type Routing struct {
	Selection Selection // default SelectFree
	// Sticky keeps a conversation on the modem that sent to or received from the
	// number last, if the rule that applies allows it.
	Sticky bool
	// Handover is how long a modem may be unable to send before others take what
	// was chosen for it. Default 60 s.
	Handover time.Duration
	Rules    []Rule
}

// maxRules bounds the rules: each may have a lane of the queue of its own.
const maxRules = 1000

// normalised returns r with its defaults filled in and the longest prefix first,
// or says what is wrong with it.
func (r Routing) normalised() (Routing, error) {
	if r.Selection == "" {
		r.Selection = SelectFree
	}
	if r.Handover == 0 {
		r.Handover = time.Minute
	}
	switch r.Selection {
	case SelectFree, SelectInTurn, SelectAtRandom:
	default:
		return r, fmt.Errorf("selection %q is none of %s, %s, %s", r.Selection, SelectFree, SelectInTurn, SelectAtRandom)
	}
	switch {
	case r.Handover < 0:
		return r, errors.New("handover must not be negative")
	case len(r.Rules) > maxRules:
		return r, fmt.Errorf("there are %d rules, the most is %d", len(r.Rules), maxRules)
	}
	r.Rules = slices.Clone(r.Rules)
	slices.SortStableFunc(r.Rules, func(a, b Rule) int { return len(b.Prefix) - len(a.Prefix) })
	seen := make(map[string]bool)
	for _, rule := range r.Rules {
		switch {
		case rule.Prefix == "":
			return r, errors.New("a rule has no prefix")
		case len(rule.Modems) == 0:
			return r, fmt.Errorf("the rule for %s names no modem", rule.Prefix)
		case seen[rule.Prefix]:
			return r, fmt.Errorf("there are two rules for %s", rule.Prefix)
		}
		seen[rule.Prefix] = true
	}
	return r, nil
}

// ruleFor returns the rule that applies to a number as dialled; nil for none.
func (r *Routing) ruleFor(address string) *Rule {
	for i := range r.Rules {
		if strings.HasPrefix(address, r.Rules[i].Prefix) {
			return &r.Rules[i]
		}
	}
	return nil
}

// rule returns the rule with the given prefix; nil if there is none any more.
func (r *Routing) rule(prefix string) *Rule {
	if prefix == "" {
		return nil
	}
	for i := range r.Rules {
		if r.Rules[i].Prefix == prefix {
			return &r.Rules[i]
		}
	}
	return nil
}

// allows reports whether the rule names the modem; no rule allows all.
func (r *Rule) allows(modem string) bool {
	return r == nil || slices.Contains(r.Modems, modem)
}

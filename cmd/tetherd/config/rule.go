package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var numberPrefix = regexp.MustCompile(`^(\+[0-9]{0,15}|[0-9*#]{1,16})$`)

// rule returns the routing rule with index i.
func (b *builder) rule(i int) Rule {
	entry := fmt.Sprintf("routing.rules[%d]", i)
	at := func(name string) string { return entry + "." + name }
	_, inFile := b.sections[entry]
	_, prefix := b.values[at("prefix")]
	_, modem := b.values[at("modem")]
	if !inFile && !prefix && !modem {
		return Rule{} // a gap, which is a problem by itself
	}
	r := Rule{Prefix: b.get(at("prefix")).text, Fallback: b.boolean(at("fallback"))}
	switch {
	case r.Prefix == "":
		b.problem(b.section(entry), at("prefix"), `is missing: say how the numbers begin that the rule is for, such as "+49"`)
	case !numberPrefix.MatchString(r.Prefix):
		b.bad(at("prefix"), b.get(at("prefix")), `cannot be how a number begins: write "+" and digits, or for short numbers digits alone, in quotes`)
	}
	r.Modems = b.words(at("modem"))
	if len(r.Modems) == 0 {
		b.problem(b.section(entry), at("modem"), "is missing: name the modem that sends to these numbers, or several with commas in between")
	}
	return r
}

// checkRules looks at the rules together, and at the modems they name.
func (b *builder) checkRules(c *Config) {
	seen := make(map[string]int)
	for i, r := range c.Routing.Rules {
		at := func(name string) string { return fmt.Sprintf("routing.rules[%d].%s", i, name) }
		if first, ok := seen[r.Prefix]; ok && r.Prefix != "" {
			b.bad(at("prefix"), b.get(at("prefix")), "is that of routing.rules[%d], too: name the modems of both in one rule", first)
		}
		seen[r.Prefix] = i
		for _, name := range r.Modems {
			if slices.ContainsFunc(c.Modems, func(m Modem) bool { return m.Name == name }) {
				continue
			}
			names := make([]string, len(c.Modems))
			for j, m := range c.Modems {
				names[j] = m.Name
			}
			b.bad(at("modem"), b.get(at("modem")), "names no modem: there is no %s; the modems are %s", shorten(name), strings.Join(names, ", "))
		}
	}
}

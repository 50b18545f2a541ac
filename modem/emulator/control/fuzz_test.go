package control

import (
	"slices"
	"testing"
)

// FuzzSplit checks that no line makes a parameter nobody declared, or one that check lets
// pass although it is missing.
func FuzzSplit(f *testing.F) {
	for _, line := range []string{"", "a", "a b c", `a "b c"`, `a "b`, "a  'b'", "a\tb", "é ß 😀", `a b "\n"`, `"`} {
		f.Add(line)
	}
	table := commands()
	f.Fuzz(func(t *testing.T, line string) {
		for _, c := range table {
			a, err := c.split(line)
			if err != nil {
				continue
			}
			err = c.check(a)
			for _, p := range c.params {
				if name, may := optional(p); !may && a[name] == "" && err == nil {
					t.Errorf("%s %q: %s is missing and passes", c.name, line, name)
				}
			}
			for name := range a {
				if !slices.ContainsFunc(c.params, func(p string) bool { n, _ := optional(p); return n == name }) {
					t.Errorf("%s %q: unknown parameter %q", c.name, line, name)
				}
			}
		}
	})
}

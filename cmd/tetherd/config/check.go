package config

import (
	"fmt"
	"strings"
)

// examplePassword is the one of the reference file. It must not protect
// anything that others can reach.
const examplePassword = "change-me"

// checkRivals reports keys that exclude each other.
func (b *builder) checkRivals() {
	for _, group := range rivals {
		list, _, ok := strings.Cut(group[0], "[]")
		if !ok {
			b.checkGroup(group)
			continue
		}
		for i := range b.lengths[list] {
			b.checkGroup(concrete(group, i))
		}
	}
}

// concrete puts an index into the paths of a group.
func concrete(group []string, i int) []string {
	out := make([]string, len(group))
	for j, p := range group {
		out[j] = strings.Replace(p, "[]", fmt.Sprintf("[%d]", i), 1)
	}
	return out
}

func (b *builder) checkGroup(group []string) {
	first := ""
	for _, path := range group {
		v, ok := b.values[path]
		switch {
		case !ok:
		case first == "":
			first = path
		default:
			b.problem(v.source, path, "cannot be given together with %s: remove one of the two", lastName(first))
		}
	}
}

// checkAuth sees to it that there is a password, and one worth the name.
func (b *builder) checkAuth(c *Config) {
	given := false
	for _, path := range rivals[0] {
		_, ok := b.values[path]
		given = given || ok
	}
	if !given {
		b.problem(b.section("auth"), "auth.password", "is not set: choose one, put it in a file named by auth.password_file, or store only its hash as auth.password_hash")
		return
	}
	if c.Auth.Password == examplePassword && c.Listen != "" && !loopback(c.Listen) {
		path := "auth.password"
		if _, ok := b.values[path]; !ok {
			path = "auth.password_file"
		}
		b.problem(b.values[path].source, path, "is still %q although others can reach listen %s: choose a password of your own, or listen on 127.0.0.1", examplePassword, c.Listen)
	}
}

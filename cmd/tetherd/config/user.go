package config

import (
	"fmt"
	"slices"

	"tetherd/gateway/access"
)

// User is somebody who can log in. Exactly one of Password and PasswordHash is set.
type User struct {
	Name         string // unique, and not that of Auth
	Password     string
	PasswordHash string // bcrypt
	Role         access.Role
	Limits       Limits
}

// Limits are how many SMS somebody may send. Zero is no limit.
type Limits struct{ PerMinute, PerHour, PerDay int }

// maxLimit is the highest number that makes sense as a limit.
const maxLimit = 1_000_000

// user returns the user with index i.
func (b *builder) user(i int) User {
	entry := fmt.Sprintf("users[%d]", i)
	at := func(name string) string { return entry + "." + name }
	if !b.wrote(entry) {
		return User{} // a gap, which is a problem by itself
	}
	u := User{
		Name: b.get(at("name")).text,
		Role: access.Role(b.choice(at("role"), access.Roles()...)),
		Limits: Limits{
			PerMinute: b.limit(at("limits.per_minute")),
			PerHour:   b.limit(at("limits.per_hour")),
			PerDay:    b.limit(at("limits.per_day")),
		},
		Password:     b.secret(at("password")),
		PasswordHash: b.hash(at("password_hash")),
	}
	if u.Name == "" {
		b.problem(b.section(entry), at("name"), "is missing: say what this user logs in as")
	} else {
		b.username(at("name"))
	}
	given := slices.ContainsFunc([]string{"password", "password_hash", "password_file"}, func(name string) bool {
		_, ok := b.values[at(name)]
		return ok
	})
	if !given {
		b.problem(b.section(entry), at("password"), "is not set: choose one, put it in a file named by password_file, or store only its hash as password_hash")
	}
	return u
}

// wrote reports whether an entry of a list was mentioned at all.
func (b *builder) wrote(entry string) bool {
	if _, ok := b.sections[entry]; ok {
		return true
	}
	for path := range b.values {
		if len(path) > len(entry) && path[:len(entry)+1] == entry+"." {
			return true
		}
	}
	return false
}

// limit returns how many there may be, 0 if nothing is written.
func (b *builder) limit(path string) int {
	if _, ok := b.values[path]; !ok {
		return 0
	}
	return b.integer(path, 1, maxLimit)
}

// checkUsers looks at the accounts together.
func (b *builder) checkUsers(c *Config) {
	seen := map[string]string{c.Auth.Username: "auth.username"}
	for i, u := range c.Users {
		path := fmt.Sprintf("users[%d].name", i)
		if first, ok := seen[u.Name]; ok && u.Name != "" {
			b.bad(path, b.get(path), "is that of %s, too: each account needs a name of its own", first)
			continue
		}
		seen[u.Name] = path
		if u.Password == examplePassword && c.Listen != "" && !loopback(c.Listen) {
			b.problem(b.section(fmt.Sprintf("users[%d]", i)), fmt.Sprintf("users[%d].password", i),
				"is %q although others can reach listen %s: choose another", examplePassword, c.Listen)
		}
	}
}

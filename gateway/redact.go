package gateway

import "strings"

// Redacted is shown in place of what is secret.
const Redacted = "***"

// RedactedURL returns a URL without what may be a secret in it: its user, its
// password, the values in its query and its fragment.
func RedactedURL(raw string) string {
	u := cutURL(raw)
	if u.user != "" {
		u.user = Redacted + "@"
	}
	if u.fragment != "" {
		u.fragment = "#" + Redacted
	}
	for i := range u.query {
		if u.query[i].value != "" {
			u.query[i].value = Redacted
		}
	}
	return u.String()
}

// RestoredURL returns given with what is [Redacted] in it taken from stored: what
// was shown by [RedactedURL] becomes what it was. It returns an [Invalid] error if
// stored has nothing for it.
func RestoredURL(given, stored string) (string, error) {
	u, old := cutURL(given), cutURL(stored)
	missing := func(what string) error {
		return Invalidf("url has %s in place of %s, and nothing is stored for it: write the value itself", Redacted, what)
	}
	if u.user == Redacted+"@" {
		if old.user == "" {
			return "", missing("the user and password")
		}
		u.user = old.user
	}
	if u.fragment == "#"+Redacted {
		if old.fragment == "" {
			return "", missing("the part behind #")
		}
		u.fragment = old.fragment
	}
	seen := make(map[string]int) // parameters of one name so far
	for i := range u.query {
		p := &u.query[i]
		n := seen[p.name]
		seen[p.name]++
		if p.value != Redacted {
			continue
		}
		was, ok := old.parameter(p.name, n)
		if !ok {
			return "", missing("the value of " + quoted(p.name))
		}
		p.value = was
	}
	return u.String(), nil
}

// urlParts is a URL in the parts that are redacted, byte for byte.
type urlParts struct {
	head     string // with the scheme and its slashes
	user     string // with "@"
	rest     string // host and path
	asked    bool   // there is a query, perhaps empty
	query    []parameter
	fragment string // with "#"
}

// parameter is one of a query. One without "=" has a value and no name.
type parameter struct{ name, value string }

func cutURL(raw string) (u urlParts) {
	if i := strings.IndexByte(raw, '#'); i >= 0 {
		raw, u.fragment = raw[:i], raw[i:]
	}
	var query string
	raw, query, u.asked = strings.Cut(raw, "?")
	if head, rest, ok := strings.Cut(raw, "://"); ok {
		u.head, raw = head+"://", rest
	}
	host, path := raw, ""
	if i := strings.IndexByte(raw, '/'); i >= 0 {
		host, path = raw[:i], raw[i:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		u.user, host = host[:i+1], host[i+1:]
	}
	u.rest = host + path
	if query == "" {
		return u
	}
	for _, s := range strings.Split(query, "&") {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			name, value = "", s
		} else {
			name += "="
		}
		u.query = append(u.query, parameter{name, value})
	}
	return u
}

// parameter returns the value of the nth parameter of a name, from 0.
func (u *urlParts) parameter(name string, n int) (string, bool) {
	for _, p := range u.query {
		if p.name != name {
			continue
		}
		if n == 0 {
			return p.value, p.value != ""
		}
		n--
	}
	return "", false
}

// String puts u together again.
func (u *urlParts) String() string {
	var b strings.Builder
	b.WriteString(u.head)
	b.WriteString(u.user + u.rest)
	if u.asked {
		b.WriteByte('?')
	}
	for i, p := range u.query {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + p.value)
	}
	b.WriteString(u.fragment)
	return b.String()
}

// quoted returns the name of a parameter for people.
func quoted(name string) string {
	if name == "" {
		return "the query"
	}
	return `"` + strings.TrimSuffix(name, "=") + `"`
}

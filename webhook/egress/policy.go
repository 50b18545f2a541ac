package egress

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Policy says which addresses webhooks may be sent to. Whatever it says, the
// addresses on which this daemon listens, link-local, multicast, reserved and
// documentation addresses are refused. IPv4 addresses inside of IPv6 ones
// (mapped, NAT64, 6to4, Teredo) are judged as themselves.
type Policy string

// The policies.
const (
	PolicyHome      Policy = "home"       // https to any address, http to loopback and private ones
	PolicyHTTPSOnly Policy = "https-only" // https to any address, http to loopback ones alone
	PolicyStrict    Policy = "strict"     // https to public addresses alone
)

// Valid returns an error that lists the policies if p is none of them.
func (p Policy) Valid() error {
	switch p {
	case PolicyHome, PolicyHTTPSOnly, PolicyStrict:
		return nil
	}
	return fmt.Errorf("unknown webhooks.policy %q: it must be %s, %s or %s", string(p), PolicyHome, PolicyHTTPSOnly, PolicyStrict)
}

// refusedURL is how the error for a URL that is not https begins; clients know
// the sentence.
const refusedURL = "url must start with https:// or http://127.0.0.1"

// httpRule says, for each policy, what it makes of http.
func (p Policy) httpRule() string {
	switch p {
	case PolicyHome:
		return "webhooks.policy is home, which allows http:// to loopback and private addresses and https:// to any"
	case PolicyHTTPSOnly:
		return "webhooks.policy is https-only; home would allow http:// to private addresses, too"
	}
	return "webhooks.policy is strict, which allows https:// to public addresses alone; home would allow http:// to loopback and private addresses"
}

// CheckURL returns an error for people if a webhook with the given URL would
// never be sent. Literal addresses are judged here, too; those of names only when
// an attempt is made, since they change.
func (p Policy) CheckURL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		// The error of Parse repeats the URL, which may hold a secret.
		return fmt.Errorf("%s: it is not a valid URL", refusedURL)
	}
	plain := u.Scheme == "http"
	if !plain && u.Scheme != "https" {
		return fmt.Errorf("%s; %s", refusedURL, p.httpRule())
	}
	host := u.Hostname()
	if host == "" {
		return fmt.Errorf("%s and name a host", refusedURL)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("url must have a port between 1 and 65535, not %s", port)
		}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if plain && (p == PolicyStrict || p == PolicyHTTPSOnly && !strings.EqualFold(host, "localhost")) {
			return fmt.Errorf("%s; %s", refusedURL, p.httpRule())
		}
		return nil
	}
	if plain && !p.allowsHTTP(addr) {
		return fmt.Errorf("%s; %s", refusedURL, p.httpRule())
	}
	if err := p.judge(plain, addr); err != nil {
		return fmt.Errorf("url must not point to %s: %w", host, err)
	}
	return nil
}

// judge returns why a may not be contacted, or nil if it may.
func (p Policy) judge(plain bool, a netip.Addr) error {
	for _, a := range unwrap(a) {
		switch class := classify(a); {
		case class == forbidden:
			return fmt.Errorf("%s is a link-local, multicast, reserved or documentation address, which no webhooks.policy allows", a)
		case p == PolicyStrict && class != public:
			return fmt.Errorf("%s is a %s address and webhooks.policy is strict", a, class)
		case plain && !p.allowsHTTP(a):
			return fmt.Errorf("http:// is not allowed to %s, a %s address: use https://; %s", a, class, p.httpRule())
		}
	}
	return nil
}

// allowsHTTP reports whether p allows http without TLS to a. Addresses that are
// forbidden altogether are left to judge.
func (p Policy) allowsHTTP(a netip.Addr) bool {
	for _, a := range unwrap(a) {
		switch class := classify(a); {
		case p == PolicyStrict, class == public, class == private && p != PolicyHome:
			return false
		}
	}
	return true
}

package egress

import (
	"errors"
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

// ErrURL is in the chain of the error for a URL that cannot be one of a webhook, or
// would need https. Clients know the sentence.
var ErrURL = errors.New("url must start with https:// or http://127.0.0.1")

// errPlain is why an address may be contacted by https:// alone.
var errPlain = errors.New("http:// is not allowed")

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

// rules are what may be contacted.
type rules struct {
	policy Policy
	allow  Allow
}

// checkURL returns an error for people if a request to the given URL would never
// be made. Literal addresses are judged here, too; those of names only when a
// request is made, since they change.
func (r *rules) checkURL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		// The error of Parse repeats the URL, which may hold a secret.
		return fmt.Errorf("%w: it is not a valid URL", ErrURL)
	}
	plain := u.Scheme == "http"
	if !plain && u.Scheme != "https" {
		return fmt.Errorf("%w; %s", ErrURL, r.policy.httpRule())
	}
	host := u.Hostname()
	if host == "" {
		return fmt.Errorf("%w and name a host", ErrURL)
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("url must have a port between 1 and 65535, not %s", port)
		}
		if isOtherPort(uint16(n)) {
			return fmt.Errorf("url must not have the port %d, which is that of another kind of service", n)
		}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if plain && !r.mayBePlain(host) {
			return fmt.Errorf("%w; %s", ErrURL, r.policy.httpRule())
		}
		return nil
	}
	if r.allow.permits(plain, addr, false) {
		return nil
	}
	if plain && !r.policy.allowsHTTP(addr) {
		return fmt.Errorf("%w; %s", ErrURL, r.policy.httpRule())
	}
	if err := r.policy.judge(plain, addr); err != nil {
		return fmt.Errorf("url must not point to %s: %w", host, err)
	}
	return nil
}

// mayBePlain reports whether a name can stand for an address to which http:// is
// allowed.
func (r *rules) mayBePlain(host string) bool {
	switch {
	case r.policy == PolicyHome, r.allow.named(host), len(r.allow.prefixes) > 0:
		return true
	case r.policy == PolicyHTTPSOnly:
		return strings.EqualFold(host, "localhost")
	}
	return false
}

// judge returns why a may not be contacted, by a name that is allowed if named is
// set, or nil if it may.
func (r *rules) judge(plain bool, a netip.Addr, named bool) error {
	err := r.policy.judge(plain, a)
	if err != nil && r.allow.permits(plain, a, named) {
		return nil
	}
	return err
}

// judge returns why a may not be contacted, or nil if it may.
func (p Policy) judge(plain bool, a netip.Addr) error {
	for _, a := range unwrap(a) {
		switch class := classify(a); {
		case class == forbidden:
			return fmt.Errorf("%s is a link-local, multicast, reserved or documentation address, which no webhooks.policy allows: list it in webhooks.allow if it is meant", a)
		case p == PolicyStrict && class != public:
			return fmt.Errorf("%s is a %s address and webhooks.policy is strict: list it in webhooks.allow if it is meant", a, class)
		case plain && !p.allowsHTTP(a):
			return fmt.Errorf("%w to %s, a %s address: use https://; %s", errPlain, a, class, p.httpRule())
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

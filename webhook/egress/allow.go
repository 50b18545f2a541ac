package egress

import (
	"fmt"
	"net/netip"
	"strings"
)

// Allow is what may be contacted although the [Policy] forbids it. The zero value
// is nothing. It never holds the addresses this daemon listens on.
type Allow struct {
	prefixes []netip.Prefix
	names    map[string]struct{} // lower case, without a final dot
}

// ParseAllow reads addresses, blocks of them such as 169.254.7.0/24, and names of
// hosts. An address may then be contacted whatever it is for, by http:// too
// unless it is public. A name may then stand for private and loopback addresses,
// by http:// too.
func ParseAllow(entries []string) (Allow, error) {
	a := Allow{names: make(map[string]struct{})}
	for _, text := range entries {
		name := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "."))
		bare := strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
		if addr, err := netip.ParseAddr(bare); err == nil {
			addr = addr.WithZone("").Unmap()
			a.prefixes = append(a.prefixes, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		if p, err := netip.ParsePrefix(name); err == nil {
			a.prefixes = append(a.prefixes, p.Masked())
			continue
		}
		if !isHostName(name) {
			return Allow{}, fmt.Errorf("%q is neither an address, such as 10.0.0.5, nor a block of them, such as 10.0.0.0/24, nor the name of a host", text)
		}
		a.names[name] = struct{}{}
	}
	return a, nil
}

// named reports whether a host is allowed by its name.
func (a *Allow) named(host string) bool {
	_, ok := a.names[strings.ToLower(strings.TrimSuffix(host, "."))]
	return ok
}

// permits reports whether addr may be contacted, for http:// if plain is set, by a
// name that is allowed if named is set.
func (a *Allow) permits(plain bool, addr netip.Addr, named bool) bool {
	for _, u := range unwrap(addr) {
		class := classify(u)
		switch {
		case plain && class == public:
			return false
		case a.contains(u):
		case named && (class == private || class == loopback):
		default:
			return false
		}
	}
	return true
}

func (a *Allow) contains(addr netip.Addr) bool {
	for _, p := range a.prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// isHostName reports whether s can be the name of a host.
func isHostName(s string) bool {
	bad := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.'
	}
	if len(s) > 253 || strings.ContainsFunc(s, bad) {
		return false
	}
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	return strings.Trim(last, "0123456789") != "" // that would be a number
}

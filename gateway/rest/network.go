package rest

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Network says who may connect, and whom to believe where a request comes from. The
// zero value lets everybody in and believes nobody.
type Network struct {
	Allow          []netip.Prefix // empty: everybody
	TrustedProxies []netip.Prefix // their X-Forwarded-For, -Proto and -Host are believed
	// Hosts are the names, lower case, under which requests may ask for the API; empty:
	// any. Addresses and localhost always will do: no site can have them lead elsewhere.
	Hosts []string
}

// origin is where a request comes from.
type origin struct {
	addr      netip.Addr // zero if it has no IP address
	encrypted bool       // on its way from the client
	forwarded bool       // by a trusted proxy
	host      string     // that the client asked for, with its port if that is not the usual one
}

// originKey is the key of the origin in the context of requests that trusted proxies
// say more of than can be seen.
type originKey struct{}

// baseOf returns the URL under which the client of a request reaches the gateway, without
// a path.
func baseOf(r *http.Request) *url.URL {
	from, ok := r.Context().Value(originKey{}).(origin)
	if !ok {
		from = origin{encrypted: r.TLS != nil, host: r.Host}
	}
	u := &url.URL{Scheme: "http", Host: from.host}
	if from.encrypted {
		u.Scheme = "https"
	}
	return u
}

// locate finds out where a request comes from. Of the addresses that proxies wrote
// down the rightmost counts that is not that of a trusted proxy: what is left of it
// may be anybody's invention.
func (n *Network) locate(r *http.Request) origin {
	o := origin{encrypted: r.TLS != nil, host: r.Host}
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		o.addr = ap.Addr().Unmap().WithZone("")
	}
	if !contains(n.TrustedProxies, o.addr) {
		return o
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, ok := parseHop(hop)
		if !ok {
			break // whoever wrote that is the last who is known
		}
		o.addr, o.forwarded = addr, true
		if !contains(n.TrustedProxies, addr) {
			break
		}
	}
	if proto := nearest(r, "X-Forwarded-Proto"); proto != "" {
		o.encrypted = strings.EqualFold(proto, "https")
	}
	if host := nearest(r, "X-Forwarded-Host"); hostForm.MatchString(host) && n.answersTo(host) {
		o.host = host
	}
	return o
}

// hostForm is how a host is written: a name, or an address, with or without a port.
var hostForm = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// nearest returns the last value of a header that proxies extend, which the one nearest to
// here wrote.
func nearest(r *http.Request, name string) string {
	values := r.Header.Values(name)
	if len(values) == 0 {
		return ""
	}
	list := strings.Split(values[len(values)-1], ",")
	return strings.TrimSpace(list[len(list)-1])
}

// parseHop reads an address, which may have a port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		var ap netip.AddrPort
		if ap, err = netip.ParseAddrPort(s); err == nil {
			addr = ap.Addr()
		}
	}
	return addr.Unmap().WithZone(""), err == nil
}

// admits reports whether requests from an address are let in.
func (n *Network) admits(addr netip.Addr) bool {
	return len(n.Allow) == 0 || contains(n.Allow, addr)
}

// answersTo reports whether requests to a host, with or without a port, are let in.
func (n *Network) answersTo(host string) bool {
	if len(n.Hosts) == 0 || host == "" {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	_, err := netip.ParseAddr(name)
	return err == nil || name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains(n.Hosts, name)
}

// unknownProxy reports whether a request seems to come through a proxy nearby that is
// not trusted.
func (n *Network) unknownProxy(r *http.Request, o origin) bool {
	return r.Header.Get("X-Forwarded-For") != "" && !o.forwarded &&
		(o.addr.IsLoopback() || o.addr.IsPrivate()) && !contains(n.TrustedProxies, o.addr)
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

package egress

import "net/netip"

// addressClass sorts addresses by who can be behind them.
type addressClass uint8

const (
	public    addressClass = iota
	private                // of a local network
	loopback               // of this machine
	forbidden              // never the address of a receiver
)

func (c addressClass) String() string {
	return [...]string{"public", "private", "loopback", "forbidden"}[c]
}

// classes is searched from the top; what it does not name is public. The blocks
// are those of the IANA special-purpose address registries (RFC 6890).
var classes = []struct {
	prefix netip.Prefix
	class  addressClass
}{
	{netip.MustParsePrefix("127.0.0.0/8"), loopback},
	{netip.MustParsePrefix("::1/128"), loopback},

	{netip.MustParsePrefix("fd00:ec2::/32"), forbidden}, // metadata service of a cloud, inside fc00::/7
	{netip.MustParsePrefix("10.0.0.0/8"), private},
	{netip.MustParsePrefix("100.64.0.0/10"), private}, // shared address space, Tailscale
	{netip.MustParsePrefix("172.16.0.0/12"), private},
	{netip.MustParsePrefix("192.168.0.0/16"), private},
	{netip.MustParsePrefix("fc00::/7"), private},

	{netip.MustParsePrefix("0.0.0.0/8"), forbidden},
	{netip.MustParsePrefix("169.254.0.0/16"), forbidden}, // link-local, metadata services
	{netip.MustParsePrefix("192.0.0.0/24"), forbidden},
	{netip.MustParsePrefix("192.0.2.0/24"), forbidden},
	{netip.MustParsePrefix("192.88.99.0/24"), forbidden},
	{netip.MustParsePrefix("198.18.0.0/15"), forbidden},
	{netip.MustParsePrefix("198.51.100.0/24"), forbidden},
	{netip.MustParsePrefix("203.0.113.0/24"), forbidden},
	{netip.MustParsePrefix("224.0.0.0/4"), forbidden}, // multicast
	{netip.MustParsePrefix("240.0.0.0/4"), forbidden}, // reserved, broadcast

	{netip.MustParsePrefix("::/96"), forbidden},           // unspecified, IPv4-compatible
	{netip.MustParsePrefix("::ffff:0:0:0/96"), forbidden}, // IPv4-translated (SIIT)
	{netip.MustParsePrefix("100::/64"), forbidden},
	{netip.MustParsePrefix("2001:2::/48"), forbidden},
	{netip.MustParsePrefix("2001:10::/28"), forbidden},
	{netip.MustParsePrefix("2001:20::/28"), forbidden},
	{netip.MustParsePrefix("2001:db8::/32"), forbidden},
	{netip.MustParsePrefix("3fff::/20"), forbidden},
	{netip.MustParsePrefix("5f00::/16"), forbidden},
	{netip.MustParsePrefix("fe80::/10"), forbidden}, // link-local
	{netip.MustParsePrefix("fec0::/10"), forbidden}, // site-local
	{netip.MustParsePrefix("ff00::/8"), forbidden},  // multicast
}

// classify returns the class of an address that unwrap returned.
func classify(a netip.Addr) addressClass {
	if !a.IsValid() {
		return forbidden
	}
	for i := range classes {
		if classes[i].prefix.Contains(a) {
			return classes[i].class
		}
	}
	return public
}

var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056
	teredo     = netip.MustParsePrefix("2001::/32")      // RFC 4380
)

// unwrap returns the addresses a stands for: itself, without a zone, or the IPv4
// addresses it carries, all of which must be acceptable. An invalid address
// stands for one that cannot be read.
func unwrap(a netip.Addr) []netip.Addr {
	a = a.WithZone("").Unmap()
	if !a.Is6() {
		return []netip.Addr{a}
	}
	b := a.As16()
	v4 := func(b0, b1, b2, b3 byte) netip.Addr { return netip.AddrFrom4([4]byte{b0, b1, b2, b3}) }
	switch {
	case nat64.Contains(a):
		return []netip.Addr{v4(b[12], b[13], b[14], b[15])}
	case nat64Local.Contains(a): // of any length from /48 to /96; bits other than those of a /96 are refused
		if b[8]|b[9]|b[10]|b[11] != 0 {
			return []netip.Addr{{}}
		}
		return []netip.Addr{v4(b[12], b[13], b[14], b[15])}
	case sixToFour.Contains(a):
		return []netip.Addr{v4(b[2], b[3], b[4], b[5])}
	case teredo.Contains(a): // the server, and the client with its bits inverted
		return []netip.Addr{v4(b[4], b[5], b[6], b[7]), v4(^b[12], ^b[13], ^b[14], ^b[15])}
	}
	return []netip.Addr{a}
}

package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Source is an address of this machine that requests come from.
type Source struct {
	Addr      netip.Addr
	Interface string // that has the address; empty if none does, such as with some tunnels
}

// anywhere are addresses that lie behind the default routes. They are for
// documentation (RFC 5737, RFC 3849), and nothing is sent to them.
var anywhere = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}

// Addresses returns from which addresses of this machine requests to a host, a name
// or an IP address, come; those towards the Internet if host is empty, IPv4 first.
// Behind a router that translates addresses the receiver sees the router's. Nothing
// is sent but questions for the addresses of the host. It returns none, and no
// error, if there is no way.
func (c *Client) Addresses(ctx context.Context, host string) ([]Source, error) {
	targets := anywhere
	if host != "" {
		var err error
		if targets, err = c.secure.lookup(ctx, host); err != nil {
			return nil, fmt.Errorf("look up %s: %w", host, err)
		}
	}
	var sources []Source
	for _, target := range targets {
		a, err := c.towards(ctx, target.Unmap())
		if errors.Is(err, errNoWay) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if s := (Source{a, interfaceOf(a)}); len(sources) == 0 || sources[len(sources)-1] != s {
			sources = append(sources, s)
		}
	}
	return sources, nil
}

// errNoWay is why an address cannot be contacted from here.
var errNoWay = errors.New("no way there")

// towards returns the address that connections to target come from, as the system
// chooses it when a socket for datagrams is connected.
func (c *Client) towards(ctx context.Context, target netip.Addr) (netip.Addr, error) {
	d := net.Dialer{}
	if c.o.Source.IsValid() {
		if c.o.Source.Is4() != target.Is4() {
			return netip.Addr{}, errNoWay
		}
		d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.o.Source, 0))
	}
	conn, err := d.DialContext(ctx, "udp", netip.AddrPortFrom(target, 9).String())
	switch {
	case isUnroutable(err), errors.Is(err, syscall.EAFNOSUPPORT), errors.Is(err, syscall.EACCES):
		return netip.Addr{}, errNoWay
	case err != nil:
		return netip.Addr{}, fmt.Errorf("find the way to %s: %w", target, err)
	}
	defer conn.Close()
	local, ok := conn.LocalAddr().(*net.UDPAddr)
	if !ok {
		return netip.Addr{}, errNoWay
	}
	return local.AddrPort().Addr().Unmap(), nil
}

// interfaceOf returns the name of the interface that has an address.
func interfaceOf(a netip.Addr) string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return ""
	}
	for _, i := range interfaces {
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, own := range addrs {
			if p, err := netip.ParsePrefix(own.String()); err == nil && p.Addr().Unmap() == a.WithZone("") {
				return i.Name
			}
		}
	}
	return ""
}

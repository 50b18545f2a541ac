package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// resolver returns a resolver that asks m, so that all else that one does, such as
// looking into /etc/hosts and having IPv4 and IPv6 side by side, stays as it is.
func (m *multicast) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return &multicastConn{ctx: ctx, m: m}, nil
	}}
}

// multicastConn is the connection to a DNS server as a resolver sees it. One
// goroutine writes a question into it and reads the answer.
type multicastConn struct {
	net.PacketConn // makes resolvers write and read whole packets; never called

	ctx   context.Context // of the lookup, which ends with the connection
	m     *multicast
	query []byte
}

// Write takes a question.
func (c *multicastConn) Write(b []byte) (int, error) {
	c.query = append([]byte(nil), b...)
	return len(b), nil
}

// Read finds the answer to the question.
func (c *multicastConn) Read(b []byte) (int, error) {
	var p dnsmessage.Parser
	h, err := p.Start(c.query)
	if err != nil {
		return 0, err
	}
	q, err := p.Question()
	if err != nil {
		return 0, err
	}
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: h.ID, Response: true, RecursionDesired: h.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	var addrs []netip.Addr
	var ttl time.Duration
	if isMulticastName(q.Name.String()) {
		if addrs, ttl, err = c.m.lookup(c.ctx, q.Name.String()); errors.Is(err, context.DeadlineExceeded) {
			return 0, os.ErrDeadlineExceeded
		} else if err != nil {
			return 0, err
		}
	}
	if len(addrs) == 0 {
		reply.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range addrs {
		r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: uint32(max(ttl, 0) / time.Second)}}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			r.Body = &dnsmessage.AResource{A: a.As4()}
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			r.Body = &dnsmessage.AAAAResource{AAAA: a.As16()}
		default:
			continue
		}
		reply.Answers = append(reply.Answers, r)
	}
	packet, err := reply.Pack()
	if err != nil {
		return 0, err
	}
	return copy(b, packet), nil
}

// Close does nothing: there is nothing to close.
func (c *multicastConn) Close() error { return nil }

// The deadlines are those of the context.
func (c *multicastConn) SetDeadline(time.Time) error      { return nil }
func (c *multicastConn) SetReadDeadline(time.Time) error  { return nil }
func (c *multicastConn) SetWriteDeadline(time.Time) error { return nil }

// LocalAddr and RemoteAddr are not of any use.
func (c *multicastConn) LocalAddr() net.Addr  { return &net.UDPAddr{} }
func (c *multicastConn) RemoteAddr() net.Addr { return &net.UDPAddr{} }

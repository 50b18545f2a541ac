package egress

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
)

// nameServer answers DNS queries for any name on a loopback socket.
type nameServer struct {
	conn net.PacketConn
	// answer returns the IPv4 addresses and the RCODE for the n-th query for an A
	// record, from 0. Other queries are answered with no records.
	answer func(n int) (addrs []string, rcode byte)
}

// serveNames starts a server and returns a resolver that asks it alone.
func serveNames(t *testing.T, answer func(n int) ([]string, byte)) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{conn: conn, answer: answer}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve()
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (s *nameServer) serve() {
	buf := make([]byte, 1500)
	for n := 0; ; {
		size, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		end := 12 // header
		for buf[end] != 0 {
			end += int(buf[end]) + 1
		}
		end += 5 // root label, type, class
		kind := binary.BigEndian.Uint16(buf[end-4:])
		if size < end {
			continue
		}
		reply := append([]byte(nil), buf[:end]...)
		reply[2], reply[3] = 0x81, 0x80 // response, recursion
		clear(reply[6:12])              // no answers yet
		if kind == 1 {
			addrs, rcode := s.answer(n)
			n++
			reply[3] |= rcode
			reply[7] = byte(len(addrs))
			for _, a := range addrs {
				reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4) // the name asked for, A, IN, TTL 0
				a4 := netip.MustParseAddr(a).As4()
				reply = append(reply, a4[:]...)
			}
		}
		s.conn.WriteTo(reply, from)
	}
}

package egress

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// question is what is asked for the addresses of a name.
type question struct {
	id      uint16
	name    string
	packets [][]byte // for IPv4 and IPv6; some hosts read only the first question of a packet
}

func newQuestion(name string) (*question, error) {
	full, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return nil, err
	}
	q := &question{id: uint16(1 + rand.N(1<<16-1)), name: name}
	for _, t := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		m := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: q.id},
			Questions: []dnsmessage.Question{{Name: full, Type: t, Class: dnsmessage.ClassINET}},
		}
		packet, err := m.Pack()
		if err != nil {
			return nil, err
		}
		q.packets = append(q.packets, packet)
	}
	return q, nil
}

// send asks twice: datagrams get lost, on WLANs above all.
func (q *question) send(ctx context.Context, conn *net.UDPConn, to netip.AddrPort) {
	again := time.NewTimer(multicastAgain)
	defer again.Stop()
	for range 2 {
		for _, p := range q.packets {
			if _, err := conn.WriteToUDPAddrPort(p, to); err != nil {
				return // others may have more luck; whether one had shows in an answer
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}

// listen passes on the answers that come from the network of l, until conn is
// closed.
func (q *question) listen(ctx context.Context, conn *net.UDPConn, l link, answers chan<- answerSet) {
	buf := make([]byte, 9000) // the most (§17)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if !l.prefix.Contains(from.Addr().Unmap().WithZone("")) {
			continue // from another network (§11)
		}
		a := q.read(buf[:n])
		if len(a.addrs) == 0 {
			continue
		}
		select {
		case answers <- a:
		case <-ctx.Done():
			return
		}
	}
}

// read returns the addresses that a packet gives for the name, if it is an answer
// to q.
func (q *question) read(packet []byte) (found answerSet) {
	var p dnsmessage.Parser
	h, err := p.Start(packet)
	if err != nil || !h.Response || h.ID != q.id || h.RCode != dnsmessage.RCodeSuccess {
		return found
	}
	if err := p.SkipAllQuestions(); err != nil {
		return found
	}
	found.until = time.Now().Add(multicastMaxTTL)
	for len(found.addrs) < 16 {
		h, err := p.AnswerHeader()
		if err != nil {
			return found
		}
		const flush = 1 << 15 // a bit that is not part of the class (§10.2)
		name := strings.TrimSuffix(h.Name.String(), ".")
		if h.Class&^flush != dnsmessage.ClassINET || !strings.EqualFold(name, q.name) || h.TTL == 0 {
			h.Type = 0
		}
		switch h.Type {
		case dnsmessage.TypeA:
			r, err := p.AResource()
			if err != nil {
				return found
			}
			found.addrs = append(found.addrs, netip.AddrFrom4(r.A))
		case dnsmessage.TypeAAAA:
			r, err := p.AAAAResource()
			if err != nil {
				return found
			}
			found.addrs = append(found.addrs, netip.AddrFrom16(r.AAAA).Unmap())
		default:
			if err := p.SkipAnswer(); err != nil {
				return found
			}
			continue
		}
		if ttl := time.Duration(h.TTL) * time.Second; ttl < multicastMaxTTL && time.Now().Add(ttl).Before(found.until) {
			found.until = time.Now().Add(ttl)
		}
	}
	return found
}

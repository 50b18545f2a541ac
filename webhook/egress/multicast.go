package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	multicastTimeout = 3 * time.Second // for a question
	multicastAgain   = time.Second     // after which it is asked once more
	multicastLinger  = 200 * time.Millisecond
	multicastMaxTTL  = 2 * time.Minute
	multicastMaxKept = 256 // names
	multicastMaxLink = 16  // sockets
)

// multicast asks the hosts of the local network for the addresses of their names
// (RFC 6762), as a simple resolver (§5.1): from a port of its own, so that answers
// come to it alone (§6.7). It is safe for concurrent use.
type multicast struct {
	links func() ([]link, error)
	port  uint16 // 5353, except in tests

	mu      sync.Mutex // guards the rest
	kept    map[string]answerSet
	flights map[string]*flight // questions under way
}

// link is a network to ask on.
type link struct {
	own    netip.Addr   // the address of this machine there, with a zone if it needs one
	prefix netip.Prefix // of all addresses there
	group  netip.Addr   // where its hosts listen, with the same zone
}

// answerSet is what is known of a name.
type answerSet struct {
	addrs []netip.Addr
	until time.Time
}

// flight is a question that several may wait for.
type flight struct {
	done  chan struct{} // closed by whoever asks, when the rest is set
	found answerSet
	err   error
}

func newMulticast() *multicast {
	return &multicast{links: hostLinks, port: 5353, kept: make(map[string]answerSet), flights: make(map[string]*flight)}
}

// isMulticastName reports whether a name is one that its host itself may answer
// for: those with one label before .local. Longer ones are not used by hosts, but
// by networks with a DNS server for .local.
func isMulticastName(name string) bool {
	first, last, ok := strings.Cut(strings.TrimSuffix(name, "."), ".")
	return ok && first != "" && strings.EqualFold(last, "local")
}

// lookup returns the addresses of a name, none if no host answers to it, and for
// how long they are valid.
func (m *multicast) lookup(ctx context.Context, name string) ([]netip.Addr, time.Duration, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for {
		m.mu.Lock()
		if a, ok := m.kept[name]; ok && time.Now().Before(a.until) {
			m.mu.Unlock()
			return a.addrs, time.Until(a.until), nil
		}
		f, waiting := m.flights[name]
		if !waiting {
			f = &flight{done: make(chan struct{})}
			m.flights[name] = f
		}
		m.mu.Unlock()
		if !waiting {
			f.found, f.err = m.ask(ctx, name)
			m.land(name, f)
			return f.found.addrs, time.Until(f.found.until), f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
		if f.err == nil {
			return f.found.addrs, time.Until(f.found.until), nil
		}
		if !errors.Is(f.err, context.Canceled) && !errors.Is(f.err, context.DeadlineExceeded) {
			return nil, 0, f.err
		}
		// Whoever asked was stopped: somebody else asks.
	}
}

// land ends a flight and keeps what it found.
func (m *multicast) land(name string, f *flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.flights, name)
	close(f.done)
	if len(f.found.addrs) == 0 {
		return
	}
	if len(m.kept) >= multicastMaxKept {
		clear(m.kept)
	}
	m.kept[name] = f.found
}

// ask asks on all networks and returns when the first answer and what followed it
// shortly are there, or nobody answered in time.
func (m *multicast) ask(ctx context.Context, name string) (found answerSet, err error) {
	links, err := m.links()
	if err != nil {
		return found, fmt.Errorf("list networks: %w", err)
	}
	q, err := newQuestion(name)
	if err != nil {
		return found, nil // a name that no host can have
	}
	ctx, cancel := context.WithTimeout(ctx, multicastTimeout)
	answers := make(chan answerSet, 16) // written by listeners, read here
	var listening sync.WaitGroup
	defer listening.Wait()
	defer cancel() // closes the sockets, which ends those who listen
	sent := 0
	for _, l := range links[:min(len(links), multicastMaxLink)] {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(l.own, 0)))
		if err != nil {
			continue // an address that is going or not ready yet
		}
		context.AfterFunc(ctx, func() { conn.Close() })
		sent++
		to := netip.AddrPortFrom(l.group, m.port)
		listening.Go(func() { q.send(ctx, conn, to) })
		listening.Go(func() { q.listen(ctx, conn, l, answers) })
	}
	if sent == 0 {
		return found, errors.New("there is no network to ask for the name")
	}
	linger := ctx.Done()
	for {
		select {
		case a := <-answers:
			if len(found.addrs) == 0 {
				found.until = a.until
				short, cancel := context.WithTimeout(ctx, multicastLinger)
				defer cancel()
				linger = short.Done()
			}
			found.add(a)
		case <-linger:
			if err := ctx.Err(); len(found.addrs) == 0 && !errors.Is(err, context.DeadlineExceeded) {
				return found, err
			}
			return found, nil
		}
	}
}

// add takes in further addresses; the set is valid as long as all are.
func (s *answerSet) add(o answerSet) {
	for _, a := range o.addrs {
		known := false
		for _, b := range s.addrs {
			known = known || a == b
		}
		if !known && len(s.addrs) < 16 {
			s.addrs = append(s.addrs, a)
		}
	}
	if o.until.Before(s.until) {
		s.until = o.until
	}
}

// hostLinks returns the networks that this machine can ask on.
func hostLinks() ([]link, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var links []link
	for _, i := range interfaces {
		const wanted = net.FlagUp | net.FlagRunning | net.FlagMulticast
		if i.Flags&wanted != wanted {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // the interface went
		}
		links = append(links, linksOf(i.Name, addrs)...)
	}
	return links, nil
}

// linksOf returns one link for IPv4 and one for IPv6, if the interface has both.
func linksOf(name string, addrs []net.Addr) (links []link) {
	var has4, has6 bool
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		switch {
		case err != nil:
		case p.Addr().Is4() && !has4:
			has4 = true
			links = append(links, link{p.Addr(), p.Masked(), netip.AddrFrom4([4]byte{224, 0, 0, 251})})
		case p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() && !has6:
			has6 = true
			group := netip.MustParseAddr("ff02::fb").WithZone(name)
			links = append(links, link{p.Addr().WithZone(name), p.Masked(), group})
		}
	}
	return links
}

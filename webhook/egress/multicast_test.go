package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"tetherd/webhook/egress/egresstest"
)

// host answers questions for names on a real multicast group, as the hosts of a
// network do.
type host struct {
	asked  atomic.Int64
	answer func(n int64, q dnsmessage.Message) []dnsmessage.Message // to each question, from 1
}

// loopbackLink is a network on this machine alone, if it can do multicast.
func loopbackLink() link {
	return link{netip.MustParseAddr("127.0.0.1"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParseAddr("224.0.0.251")}
}

// join starts h on the network of l and returns who asks there, on a port that
// nobody else uses.
func (h *host) join(t *testing.T, l link) *multicast {
	t.Helper()
	conn, err := net.ListenMulticastUDP("udp", interfaceWith(t, l.own), net.UDPAddrFromAddrPort(netip.AddrPortFrom(l.group, 0)))
	if err != nil {
		t.Fatalf("join %s: %v", l.group, err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		h.serve(conn)
	}()
	m := newMulticast()
	m.links = func() ([]link, error) { return []link{l}, nil }
	m.port = conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	return m
}

func (h *host) serve(conn *net.UDPConn) {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		var q dnsmessage.Message
		if err := q.Unpack(buf[:n]); err != nil || q.Response || len(q.Questions) != 1 {
			continue
		}
		for _, m := range h.answer(h.asked.Add(1), q) {
			if packet, err := m.Pack(); err == nil {
				conn.WriteToUDPAddrPort(packet, from)
			}
		}
	}
}

func interfaceWith(t *testing.T, own netip.Addr) *net.Interface {
	t.Helper()
	i, err := net.InterfaceByName(interfaceOf(own))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// has returns an answer to q as a host with the given addresses gives it.
func has(ttl uint32, addrs ...string) func(int64, dnsmessage.Message) []dnsmessage.Message {
	return func(_ int64, q dnsmessage.Message) []dnsmessage.Message {
		return []dnsmessage.Message{reply(q, ttl, addrs...)}
	}
}

func reply(q dnsmessage.Message, ttl uint32, addrs ...string) dnsmessage.Message {
	q.Response, q.Authoritative = true, true
	for _, text := range addrs {
		a := netip.MustParseAddr(text)
		r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: ttl}}
		switch {
		case a.Is4() && q.Questions[0].Type == dnsmessage.TypeA:
			r.Body = &dnsmessage.AResource{A: a.As4()}
		case a.Is6() && q.Questions[0].Type == dnsmessage.TypeAAAA:
			r.Body = &dnsmessage.AAAAResource{AAAA: a.As16()}
		default:
			continue
		}
		q.Answers = append(q.Answers, r)
	}
	return q
}

func texts(addrs []netip.Addr) string {
	var out []string
	for _, a := range addrs {
		out = append(out, a.String())
	}
	return strings.Join(out, " ")
}

func TestMulticastLookup(t *testing.T) {
	t.Parallel()
	quick := has(120, "192.168.1.9", "fd12::9")
	other := func(change func(*dnsmessage.Message)) func(int64, dnsmessage.Message) []dnsmessage.Message {
		return func(_ int64, q dnsmessage.Message) []dnsmessage.Message {
			wrong := reply(q, 120, "10.6.6.6", "fd66::6")
			change(&wrong)
			return []dnsmessage.Message{wrong, reply(q, 120, "192.168.1.9")}
		}
	}
	for _, c := range []struct {
		name   string
		answer func(int64, dnsmessage.Message) []dnsmessage.Message
		want   string
	}{
		{"both kinds", quick, "192.168.1.9 fd12::9"},
		{"one kind", has(120, "192.168.1.9"), "192.168.1.9"},
		{"only IPv6", has(120, "fd12::9"), "fd12::9"},
		{"several", has(120, "192.168.1.9", "10.0.0.1", "192.168.1.9"), "192.168.1.9 10.0.0.1"},
		{"answer to the second question", func(n int64, q dnsmessage.Message) []dnsmessage.Message {
			if n <= 2 {
				return nil
			}
			return quick(n, q)
		}, "192.168.1.9 fd12::9"},
		{"class with the flush bit", func(n int64, q dnsmessage.Message) []dnsmessage.Message {
			r := quick(n, q)
			for i := range r[0].Answers {
				r[0].Answers[i].Header.Class |= 1 << 15
			}
			return r
		}, "192.168.1.9 fd12::9"},
		{"another spelling", func(n int64, q dnsmessage.Message) []dnsmessage.Message {
			q.Questions[0].Name = dnsmessage.MustNewName("HomeAssistant.LOCAL.")
			return quick(n, q)
		}, "192.168.1.9 fd12::9"},
		{"another ID", other(func(m *dnsmessage.Message) { m.ID++ }), "192.168.1.9"},
		{"a question", other(func(m *dnsmessage.Message) { m.Response = false }), "192.168.1.9"},
		{"a fault", other(func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeServerFailure }), "192.168.1.9"},
		{"another name", other(func(m *dnsmessage.Message) {
			for i := range m.Answers {
				m.Answers[i].Header.Name = dnsmessage.MustNewName("other.local.")
			}
		}), "192.168.1.9"},
		{"a goodbye", other(func(m *dnsmessage.Message) {
			for i := range m.Answers {
				m.Answers[i].Header.TTL = 0
			}
		}), "192.168.1.9"},
	} {
		h := &host{answer: c.answer}
		m := h.join(t, loopbackLink())
		addrs, _, err := m.lookup(t.Context(), "homeassistant.local")
		if got := sorted(addrs); err != nil || got != sortedText(c.want) {
			t.Errorf("%s: got %q, error %v, want %q", c.name, got, err, c.want)
		}
	}
}

func sorted(addrs []netip.Addr) string { return sortedText(texts(addrs)) }

// sortedText returns words in order: which of the two kinds of addresses comes
// first is chance.
func sortedText(s string) string {
	words := strings.Fields(s)
	for i := range words {
		for j := i + 1; j < len(words); j++ {
			if words[j] < words[i] {
				words[i], words[j] = words[j], words[i]
			}
		}
	}
	return strings.Join(words, " ")
}

// The networks of this machine can be asked on.
func TestMulticastOnRealNetworks(t *testing.T) {
	links, err := hostLinks()
	if err != nil {
		t.Fatal(err)
	}
	if len(links) == 0 {
		t.Skip("this machine has no interface with multicast")
	}
	for _, l := range links {
		h := &host{answer: has(120, "192.168.1.9")}
		addrs, _, err := h.join(t, l).lookup(t.Context(), "homeassistant.local")
		if got := texts(addrs); err != nil || got != "192.168.1.9" {
			t.Errorf("from %s to %s: got %q, error %v", l.own, l.group, got, err)
		}
	}
}

// What comes from another network is not believed.
func TestMulticastStaysInItsNetwork(t *testing.T) {
	h := &host{answer: has(120, "192.168.1.9")}
	l := loopbackLink()
	m := h.join(t, l)
	l.prefix = netip.MustParsePrefix("10.0.0.0/8")
	m.links = func() ([]link, error) { return []link{l}, nil }
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if addrs, _, err := m.lookup(ctx, "homeassistant.local"); err != nil || len(addrs) != 0 || h.asked.Load() == 0 {
		t.Errorf("got %v, error %v, asked %d times", addrs, err, h.asked.Load())
	}
}

func TestMulticastWithoutNetworks(t *testing.T) {
	m := newMulticast()
	m.links = func() ([]link, error) { return nil, nil }
	if _, _, err := m.lookup(t.Context(), "homeassistant.local"); err == nil {
		t.Error("no error")
	}
	m.links = func() ([]link, error) { return nil, errors.New("broken") }
	if _, _, err := m.lookup(t.Context(), "homeassistant.local"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
}

// A name is asked for once by all who want to know it, and again only when the
// answer is too old.
func TestMulticastIsKept(t *testing.T) {
	t.Parallel()
	h := &host{answer: has(60, "192.168.1.9")}
	m := h.join(t, loopbackLink())
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			if addrs, _, err := m.lookup(t.Context(), "HomeAssistant.local."); err != nil || texts(addrs) != "192.168.1.9" {
				t.Errorf("got %v, error %v", addrs, err)
			}
		})
	}
	asking.Wait()
	if n := h.asked.Load(); n != 2 { // for IPv4 and for IPv6
		t.Errorf("asked %d times, want 2", n)
	}
	a := m.kept["homeassistant.local"]
	if left := time.Until(a.until); left > time.Minute {
		t.Errorf("kept for %s, want 1m at most", left)
	}
	a.until = time.Now() // too old
	m.kept["homeassistant.local"] = a
	if _, _, err := m.lookup(t.Context(), "homeassistant.local"); err != nil || h.asked.Load() != 4 {
		t.Errorf("asked %d times, want 4; error %v", h.asked.Load(), err)
	}
	for i := range 2 * multicastMaxKept {
		m.land(string(rune('a'+i%26))+string(rune('a'+i/26)), &flight{done: make(chan struct{}), found: answerSet{addrs: a.addrs}})
	}
	if len(m.kept) > multicastMaxKept {
		t.Errorf("%d names are kept", len(m.kept))
	}
}

// Who stops does not stop the others who wait for the same.
func TestMulticastOutlivesTheFirst(t *testing.T) {
	t.Parallel()
	h := &host{}
	started := make(chan struct{}, 100)
	h.answer = func(n int64, q dnsmessage.Message) []dnsmessage.Message {
		started <- struct{}{}
		if n <= 2 {
			return nil
		}
		return []dnsmessage.Message{reply(q, 120, "192.168.1.9")}
	}
	m := h.join(t, loopbackLink())
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() {
		if _, _, err := m.lookup(ctx, "homeassistant.local"); !errors.Is(err, context.Canceled) {
			t.Errorf("the first got %v", err)
		}
	})
	<-started
	asking.Go(func() {
		if addrs, _, err := m.lookup(t.Context(), "homeassistant.local"); err != nil || texts(addrs) != "192.168.1.9" {
			t.Errorf("the second got %v, error %v", addrs, err)
		}
	})
	cancel()
	asking.Wait()
}

func TestIsMulticastName(t *testing.T) {
	for name, want := range map[string]bool{
		"homeassistant.local": true, "HomeAssistant.LOCAL.": true, "a-b.local": true,
		"local": false, ".local": false, "dc.corp.local": false, "example.com": false, "local.example.com": false, "xlocal": false, "": false,
	} {
		if got := isMulticastName(name); got != want {
			t.Errorf("%q: got %t", name, got)
		}
	}
}

// Requests to names of the local network go to their hosts, judged like others.
func TestMulticastForRequests(t *testing.T) {
	t.Parallel()
	e := egresstest.NewReceiver(t)
	_, port, _ := net.SplitHostPort(e.Listener.Addr().String())
	ask := func(addrs ...string) *Client {
		h := &host{answer: has(120, addrs...)}
		c := newClient(t, Options{})
		c.plain.hosts = h.join(t, loopbackLink()).resolver()
		c.plain.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return []string{"10.255.255.1"}, 0 }) // is not asked
		return c
	}
	url := "http://receiver.local:" + port + "/"
	a, err := ask("127.0.0.1", "fd12::9").Do(t.Context(), Request{URL: url})
	if err != nil || !a.OK() || a.DNS == 0 {
		t.Errorf("got %+v, error %v", a, err)
	}
	if r := e.Next(t); !strings.HasPrefix(r.Host, "receiver.local:") {
		t.Errorf("asked for %s", r.Host)
	}
	for _, forbidden := range []string{"169.254.1.1", "fe80::1", "224.0.0.1", "8.8.8.8"} {
		_, err := ask(forbidden).Do(t.Context(), Request{URL: url})
		if v := Judge(err, true); v != Blocked {
			t.Errorf("%s: %s, %v", forbidden, v, err)
		}
	}
}

// A network without hosts of that name may have a DNS server that knows it.
func TestMulticastFallsBackToDNS(t *testing.T) {
	port, hits := listen(t)
	c := newClient(t, Options{})
	m := newMulticast()
	m.links = func() ([]link, error) { return nil, nil }
	c.plain.hosts = m.resolver()
	c.plain.dialer.Resolver = serveNames(t, func(n int) ([]string, byte) {
		if n >= 2 {
			return nil, 3
		}
		return []string{"127.0.0.1"}, 0
	})
	if _, err := c.Do(t.Context(), Request{URL: "http://dc.local:" + port + "/"}); err != nil || hits.Load() != 1 {
		t.Errorf("%d requests, error %v", hits.Load(), err)
	}
	if addrs, err := c.plain.lookup(t.Context(), "dc.local"); err != nil || len(addrs) != 1 {
		t.Errorf("got %v, error %v", addrs, err)
	}
	c.CloseIdleConnections()
	_, err := c.Do(t.Context(), Request{URL: "http://dc.local:" + port + "/"})
	if v := Judge(err, true); v != Unresolved {
		t.Errorf("got %s, %v", v, err)
	}
	if what, _ := Explain(0, err); !strings.HasPrefix(what, "No host of the local network answers to the name dc.local") {
		t.Errorf("explained as %q", what)
	}
}

// A host that does not answer costs its time, and no more.
func TestMulticastTimeout(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 3 s")
	}
	h := &host{answer: func(int64, dnsmessage.Message) []dnsmessage.Message { return nil }}
	start := time.Now()
	addrs, _, err := h.join(t, loopbackLink()).lookup(t.Context(), "gone.local")
	if d := time.Since(start); err != nil || len(addrs) != 0 || d < multicastTimeout || d > 2*multicastTimeout || h.asked.Load() != 4 {
		t.Errorf("got %v, error %v after %s, asked %d times", addrs, err, d, h.asked.Load())
	}
}

func FuzzMulticastAnswer(f *testing.F) {
	q, err := newQuestion("homeassistant.local")
	if err != nil {
		f.Fatal(err)
	}
	q.id = 7
	asked := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName("homeassistant.local."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}
	r := reply(asked, 120, "192.168.1.9", "10.0.0.1")
	packet, err := r.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packet)
	f.Add(packet[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		found := q.read(b)
		if len(found.addrs) > 16 || len(found.addrs) > 0 && time.Until(found.until) > multicastMaxTTL {
			t.Errorf("got %+v", found)
		}
		for _, a := range found.addrs {
			if !a.IsValid() {
				t.Error("an invalid address")
			}
		}
	})
}

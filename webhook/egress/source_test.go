package egress

import (
	"net"
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	loopback := "lo"
	if i, err := net.InterfaceByIndex(1); err == nil {
		loopback = i.Name
	}
	c := newClient(t, Options{})
	for host, want := range map[string]string{"127.0.0.1": "127.0.0.1", "127.0.0.8": "127.0.0.1", "::ffff:127.0.0.1": "127.0.0.1", "name.test": "127.0.0.1"} {
		c.secure.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return []string{"127.0.0.1"}, 0 })
		got, err := c.Addresses(t.Context(), host)
		if err != nil || len(got) != 1 || got[0].Addr.String() != want || got[0].Interface != loopback {
			t.Errorf("%s: got %v, error %v", host, got, err)
		}
	}
	c.secure.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return nil, 3 })
	if got, err := c.Addresses(t.Context(), "none.test"); err == nil {
		t.Errorf("got %v", got)
	}

	// Towards the Internet they are those of this machine, if it has a way there.
	got, err := c.Addresses(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got {
		if own, err := isLocal(s.Addr); err != nil || !own {
			t.Errorf("%v is not of this machine: %v", s, err)
		}
		if s.Interface == "" {
			t.Errorf("%v has no interface", s)
		}
	}

	bound := newClient(t, Options{Source: netip.MustParseAddr("127.0.0.9")})
	if got, err := bound.Addresses(t.Context(), "127.0.0.1"); err != nil || len(got) != 1 || got[0].Addr != bound.o.Source {
		t.Errorf("bound: got %v, error %v", got, err)
	}
	if got, err := bound.Addresses(t.Context(), "::1"); err != nil || len(got) != 0 {
		t.Errorf("bound to the other kind: got %v, error %v", got, err)
	}
}

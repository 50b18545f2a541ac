package egress

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tetherd/webhook/egress/egresstest"
)

func TestParseAllow(t *testing.T) {
	if _, err := ParseAllow([]string{"10.0.0.5", "[fd12::1]", "fe80::/64", "NAS.lan.", " a-b_c ", "::ffff:10.0.0.1", "10.1.2.3/8"}); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "http://x", "x:80", "10.0.0.0/33", "a b", "*.lan", "10.0.0.1-10.0.0.9", ".", "x/24"} {
		if _, err := ParseAllow([]string{"10.0.0.1", bad}); err == nil || !strings.Contains(err.Error(), "is neither an address") {
			t.Errorf("%q: got %v", bad, err)
		}
		if _, err := New(Options{Allow: []string{bad}}); err == nil || !strings.HasPrefix(err.Error(), "webhooks.allow: ") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestAllow(t *testing.T) {
	own := func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("10.0.0.5:8080")} }
	for _, c := range []struct {
		policy  Policy
		allow   string
		plain   bool
		address string
		named   bool
		want    bool
	}{
		{PolicyStrict, "10.0.0.5", false, "10.0.0.5:443", false, true},
		{PolicyStrict, "10.0.0.5", true, "10.0.0.5:80", false, true},
		{PolicyStrict, "10.0.0.5", false, "[::ffff:10.0.0.5]:443", false, true},
		{PolicyStrict, "10.0.0.5", false, "[64:ff9b::a00:5]:443", false, true},
		{PolicyStrict, "10.0.0.5", false, "10.0.0.6:443", false, false},
		{PolicyStrict, "10.0.0.0/24", false, "10.0.0.6:443", false, true},
		{PolicyStrict, "10.0.0.0/24", false, "10.0.1.6:443", false, false},
		{PolicyStrict, "127.0.0.1", true, "127.0.0.1:80", false, true},
		{PolicyStrict, "fd12::/16", true, "[fd12::1]:80", false, true},
		{PolicyHTTPSOnly, "10.0.0.5", true, "10.0.0.5:80", false, true},
		{PolicyHome, "169.254.7.0/24", true, "169.254.7.1:80", false, true},
		{PolicyHome, "169.254.7.0/24", false, "169.254.169.254:443", false, false},
		{PolicyHome, "fe80::/10", true, "[fe80::1%lo]:80", false, true},

		// Plain texts of SMS do not go through the Internet.
		{PolicyHome, "8.8.8.8", true, "8.8.8.8:80", false, false},
		{PolicyStrict, "0.0.0.0/0", true, "8.8.8.8:80", false, false},

		// A name is allowed to be at home, but not to turn into what is forbidden.
		{PolicyStrict, "nas.lan", true, "10.0.0.5:80", true, true},
		{PolicyStrict, "nas.lan", true, "127.0.0.1:80", true, true},
		{PolicyStrict, "nas.lan", false, "10.0.0.5:443", false, false},
		{PolicyStrict, "nas.lan", true, "8.8.8.8:80", true, false},
		{PolicyStrict, "nas.lan", false, "169.254.169.254:443", true, false},

		// Neither the own listener nor other services.
		{PolicyStrict, "10.0.0.5", true, "10.0.0.5:8080", false, false},
		{PolicyStrict, "10.0.0.5", true, "10.0.0.5:25", false, false},
	} {
		allow, err := ParseAllow([]string{c.allow})
		if err != nil {
			t.Fatal(err)
		}
		err = newGuard(rules{policy: c.policy, allow: allow}, c.plain, own, net.Dialer{}).judge(c.address, c.named)
		if got := err == nil; got != c.want {
			t.Errorf("%s, allow %s, plain %t, %s, named %t: allowed %t, want %t (%v)", c.policy, c.allow, c.plain, c.address, c.named, got, c.want, err)
		}
	}
}

func TestAllowAtRegistration(t *testing.T) {
	for _, c := range []struct {
		policy     Policy
		allow, url string
		want       bool
	}{
		{PolicyStrict, "10.0.0.5", "http://10.0.0.5/", true},
		{PolicyStrict, "10.0.0.5", "https://10.0.0.5/", true},
		{PolicyStrict, "10.0.0.5", "http://10.0.0.6/", false},
		{PolicyStrict, "10.0.0.5", "http://8.8.8.8/", false},
		{PolicyStrict, "nas.lan", "http://NAS.lan:5000/", true},
		{PolicyStrict, "nas.lan", "http://other.lan/", false},
		{PolicyHTTPSOnly, "10.0.0.0/8", "http://other.lan/", true}, // judged when it is resolved
		{PolicyHome, "169.254.1.1", "http://169.254.1.1/", true},
	} {
		err := newClient(t, Options{Policy: c.policy, Allow: []string{c.allow}}).CheckURL(c.url)
		if got := err == nil; got != c.want {
			t.Errorf("%s, allow %s, %s: allowed %t, want %t (%v)", c.policy, c.allow, c.url, got, c.want, err)
		}
	}
	own := Options{OwnAddrs: func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:80")} }}
	if err := newClient(t, own).CheckURL("http://127.0.0.1/"); err == nil || !strings.HasPrefix(err.Error(), "url must not be that of this gateway") {
		t.Errorf("own listener: %v", err)
	}
}

// A name that is allowed is so for itself: others that stand for the same address
// are not.
func TestAllowedNameIsDialled(t *testing.T) {
	port, hits := listen(t)
	c := newClient(t, Options{Policy: PolicyStrict, Allow: []string{"nas.lan"}})
	c.plain.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return []string{"127.0.0.1"}, 0 })
	for host, want := range map[string]bool{"nas.lan": true, "NAS.lan": true, "other.lan": false} {
		_, err := c.Do(t.Context(), Request{URL: "http://" + host + ":" + port + "/"})
		if got := err == nil; got != want {
			t.Errorf("%s: %v", host, err)
		}
	}
	if hits.Load() != 2 {
		t.Errorf("%d requests arrived, want 2", hits.Load())
	}
}

func TestOtherPortsAreRefused(t *testing.T) {
	if !slices.IsSorted(otherPorts) {
		t.Error("the ports are not in order")
	}
	c := newClient(t, Options{})
	_, err := c.Do(t.Context(), Request{URL: "http://127.0.0.1:25/"})
	if v := Judge(err, true); v != Blocked || err.Error() != "refused to connect: port 25 is that of another kind of service" {
		t.Errorf("got %s, %v", v, err)
	}
	for _, port := range []uint16{80, 443, 1880, 3000, 5678, 8080, 8123, 8443} {
		if isOtherPort(port) {
			t.Errorf("port %d is refused", port)
		}
	}
}

// The address to connect from is kept to.
func TestSourceAddress(t *testing.T) {
	e := egresstest.NewReceiver(t)
	c := newClient(t, Options{Source: netip.MustParseAddr("127.0.0.9")})
	if _, err := c.Do(t.Context(), Request{URL: e.URL}); err != nil {
		t.Fatal(err)
	}
	if got := e.Next(t).RemoteAddr; !strings.HasPrefix(got, "127.0.0.9:") {
		t.Errorf("the request came from %s", got)
	}
	c = newClient(t, Options{Source: netip.MustParseAddr("203.0.113.9")})
	_, err := c.Do(t.Context(), Request{URL: e.URL})
	if v := Judge(err, true); v != LocalFault {
		t.Errorf("an address that this machine does not have: %s, %v", v, err)
	}
}

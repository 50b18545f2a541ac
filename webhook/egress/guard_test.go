package egress

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
)

func TestGuardJudges(t *testing.T) {
	own := func() []netip.AddrPort {
		return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("[::]:9090"), netip.MustParseAddrPort("0.0.0.0:9091")}
	}
	for _, c := range []struct {
		policy  Policy
		plain   bool
		address string
		want    bool
	}{
		{PolicyHome, false, "8.8.8.8:443", true},
		{PolicyHome, true, "8.8.8.8:80", false},
		{PolicyHome, true, "192.168.1.1:80", true},
		{PolicyHome, true, "[::1]:80", true},
		{PolicyHome, false, "169.254.169.254:443", false},
		{PolicyHome, false, "[::ffff:169.254.169.254]:443", false},
		{PolicyHome, false, "[64:ff9b::a9fe:a9fe]:443", false},
		{PolicyHome, false, "[2002:a9fe:a9fe::]:443", false},
		{PolicyHome, false, "[fe80::1%lo]:443", false},
		{PolicyHome, true, "[64:ff9b::808:808]:80", false},
		{PolicyHTTPSOnly, false, "192.168.1.1:443", true},
		{PolicyHTTPSOnly, true, "192.168.1.1:80", false},
		{PolicyHTTPSOnly, true, "127.0.0.1:80", true},
		{PolicyStrict, false, "8.8.8.8:443", true},
		{PolicyStrict, false, "192.168.1.1:443", false},
		{PolicyStrict, false, "127.0.0.1:443", false},
		{PolicyStrict, false, "[64:ff9b::a00:1]:443", false},
		{PolicyStrict, true, "8.8.8.8:80", false},
		{PolicyStrict, true, "127.0.0.1:80", false},

		{PolicyHome, true, "127.0.0.1:8080", false},
		{PolicyHome, true, "[::ffff:127.0.0.1]:8080", false},
		{PolicyHome, true, "127.0.0.2:8080", true}, // another listener
		{PolicyHome, true, "[::1]:8080", true},
		{PolicyHome, true, "127.0.0.3:9090", false}, // [::] takes IPv4, too
		{PolicyHome, true, "[::1]:9090", false},
		{PolicyHome, true, "127.0.0.1:9091", false},
		{PolicyHome, true, "192.168.255.254:9091", true}, // of another machine

		{PolicyHome, false, "example.com:443", false}, // not resolved: refused
		{PolicyHome, false, "8.8.8.8", false},
		{PolicyHome, false, "", false},
	} {
		err := newGuard(rules{policy: c.policy}, c.plain, own, net.Dialer{}).judge(c.address, false)
		if got := err == nil; got != c.want {
			t.Errorf("%s, plain %t, %s: allowed %t, want %t (%v)", c.policy, c.plain, c.address, got, c.want, err)
		}
	}
}

// The machine's own addresses are known for what they are.
func TestGuardKnowsOwnAddresses(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	g := newGuard(rules{policy: PolicyHome}, false, func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("[::]:8443")} }, net.Dialer{})
	checked := 0
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			t.Fatal(err)
		}
		if err := g.judge(netip.AddrPortFrom(p.Addr(), 8443).String(), false); err == nil {
			t.Errorf("%s may be contacted", p.Addr())
		}
		checked++
	}
	if checked == 0 {
		t.Error("this machine has no addresses")
	}
}

func TestGuardWithoutADial(t *testing.T) {
	g := newGuard(rules{policy: PolicyHome}, false, nil, net.Dialer{})
	var d net.Dialer
	d.ControlContext = g.control
	if conn, err := d.DialContext(t.Context(), "tcp", "127.0.0.1:2"); err == nil {
		conn.Close()
		t.Error("connected")
	} else if _, ok := errors.AsType[*refusal](err); !ok {
		t.Errorf("got %v, want a refusal", err)
	}
}

// listen returns the port of a listener on 127.0.0.1 and counts its connections.
func listen(t *testing.T) (port string, n *atomic.Int64) {
	t.Helper()
	n = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Add(1) }))
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, n
}

// A name that resolves to something else each time is judged each time.
func TestGuardOutlastsRebinding(t *testing.T) {
	port, hits := listen(t)
	answers := [][]string{{"127.0.0.1"}, {"169.254.169.254"}, {"0.0.0.0"}, {"169.254.169.254", "127.0.0.1"}, {"127.0.0.1"}}
	g := newGuard(rules{policy: PolicyHome}, true, nil, net.Dialer{})
	g.dialer.Resolver = serveNames(t, func(n int) ([]string, byte) { return answers[n], 0 })
	c := newClient(t, Options{RoundTripper: &http.Transport{DialContext: g.dial, DisableKeepAlives: true}})
	for i, want := range []bool{true, false, false, true, true} {
		_, err := c.Do(t.Context(), Request{URL: "http://rebind.test:" + port + "/"})
		if got := err == nil; got != want {
			t.Errorf("answer %v: allowed %t, want %t (%v)", answers[i], got, want, err)
		}
		if v := Judge(err, true); !want && v != Blocked {
			t.Errorf("answer %v: verdict %s of %v, want blocked", answers[i], v, err)
		}
	}
	if hits.Load() != 3 {
		t.Errorf("%d requests arrived, want 3", hits.Load())
	}
}

// A forbidden address beside one that is allowed but down says nothing final.
func TestGuardTellsDownFromForbidden(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	srv.Close()
	for _, addrs := range [][]string{{"169.254.169.254", "127.0.0.1"}, {"127.0.0.1", "169.254.169.254"}} {
		g := newGuard(rules{policy: PolicyHome}, true, nil, net.Dialer{})
		g.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return addrs, 0 })
		_, err := g.dial(t.Context(), "tcp", "mixed.test:"+port)
		if v := Judge(err, true); v != Failed {
			t.Errorf("%v: verdict %s of %v, want failed", addrs, v, err)
		}
	}
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	proxied := new(atomic.Int64)
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	_, err := newClient(t, Options{}).Do(t.Context(), Request{URL: "http://proxied.invalid/"})
	if err == nil || proxied.Load() != 0 {
		t.Errorf("error %v, %d requests at the proxy", err, proxied.Load())
	}
}

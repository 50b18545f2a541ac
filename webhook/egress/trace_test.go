package egress

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/webhook/egress/egresstest"
)

func TestTraceOfAnAnswer(t *testing.T) {
	e := egresstest.NewReceiver(t)
	_, port, _ := net.SplitHostPort(e.Listener.Addr().String())
	g := newGuard(rules{policy: PolicyHome}, true, nil, net.Dialer{})
	g.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return []string{"127.0.0.1"}, 0 })
	rt := &http.Transport{DialContext: g.dial}
	defer rt.CloseIdleConnections()
	client := newClient(t, Options{RoundTripper: rt})
	for i := range 2 {
		a, err := client.Do(t.Context(), Request{URL: "http://name.test:" + port + "/"})
		if err != nil {
			t.Fatal(err)
		}
		if want := netip.MustParseAddrPort(e.Listener.Addr().String()); a.RemoteAddr != want {
			t.Errorf("request %d went to %s, want %s", i, a.RemoteAddr, want)
		}
		first := i == 0
		if a.Reused == first || a.DNS != 0 != first || a.Connect != 0 != first || a.Timings.TLS != 0 || a.Trace.TLS != nil {
			t.Errorf("request %d: %+v", i, a.Trace)
		}
		if a.FirstByte == 0 || a.Total < a.DNS+a.Connect+a.FirstByte {
			t.Errorf("request %d: %+v", i, a.Timings)
		}
	}
}

// An attempt that fails still tells how far it came, and where it took its time.
func TestTraceOfAnError(t *testing.T) {
	hanging := egresstest.NewReceiver(t)
	hanging.Answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	mute, err := net.Listen("tcp", "127.0.0.1:0") // never accepted: the handshake hangs
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for _, c := range []struct {
		name, url string
		phase     Phase
	}{
		{"not a URL", "https://exa mple/", Starting},
		{"no such name", "http://name.invalid/", LookingUp},
		{"refused", gone.URL, Connecting},
		{"no handshake", "https://" + mute.Addr().String(), Handshaking},
		{"no answer", hanging.URL, Waiting},
	} {
		g := newGuard(rules{policy: PolicyHome}, true, nil, net.Dialer{})
		g.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return nil, 3 })
		client := newClient(t, Options{RoundTripper: &http.Transport{DialContext: g.dial}})
		_, err := client.Do(t.Context(), Request{URL: c.url, Timeout: time.Second})
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%s: got %v", c.name, err)
			continue
		}
		if e.Phase != c.phase {
			t.Errorf("%s: ended %s, want %s (%v)", c.name, e.Phase, c.phase, err)
		}
		if d := e.Timings.duration(c.phase); e.Total == 0 || d != nil && *d == 0 {
			t.Errorf("%s: %+v", c.name, e.Timings)
		}
		if sent := e.RemoteAddr.IsValid(); sent != (c.phase == Waiting) {
			t.Errorf("%s: remote address %s", c.name, e.RemoteAddr)
		}
	}
}

// Each phase is counted for itself. A dial of which the exchange has no need any
// more says nothing.
func TestTracerCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTracer()
		step := func(do func()) {
			do()
			time.Sleep(time.Second)
		}
		step(tr.dial)
		step(func() { tr.enter(LookingUp) })
		step(func() { tr.enter(Connecting) })
		step(func() { tr.enter(Connecting) }) // a second address
		step(func() { tr.enter(Handshaking) })
		step(func() { tr.move(Sending); tr.dialing = false })
		step(func() { tr.enter(LookingUp) }) // of another dial
		step(func() { tr.follow(Waiting) })
		step(func() { tr.follow(Reading) })
		step(func() { tr.follow(Waiting) }) // said late
		trace, phase := tr.end()
		diff(t, "timings", Timings{
			DNS: time.Second, Connect: 2 * time.Second, TLS: time.Second, FirstByte: 3 * time.Second, Total: 10 * time.Second,
		}, trace.Timings)
		diff(t, "phase", Reading, phase)
	})
}

package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"tetherd/gateway/access"
)

// prefixesOf returns blocks of addresses.
func prefixesOf(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestLocate(t *testing.T) {
	n := Network{TrustedProxies: prefixesOf("127.0.0.0/8", "10.0.0.0/8", "fd00::/8")}
	for _, tt := range []struct {
		name, peer string
		forwarded  []string
		proto      []string
		want       string
		encrypted  bool
	}{
		{name: "direct", peer: "192.0.2.1:80", want: "192.0.2.1"},
		{name: "a stranger's word", peer: "192.0.2.1:80", forwarded: []string{"10.0.0.1"}, proto: []string{"https"}, want: "192.0.2.1"},
		{name: "proxy", peer: "10.0.0.1:80", forwarded: []string{"192.0.2.7"}, proto: []string{"https"}, want: "192.0.2.7", encrypted: true},
		{name: "proxy without a word", peer: "10.0.0.1:80", want: "10.0.0.1"},
		{name: "two proxies", peer: "10.0.0.1:80", forwarded: []string{"192.0.2.7, 10.0.0.2"}, want: "192.0.2.7"},
		{name: "what the client made up", peer: "10.0.0.1:80", forwarded: []string{"127.0.0.1, 192.0.2.7"}, want: "192.0.2.7"},
		{name: "in lines of its own", peer: "10.0.0.1:80", forwarded: []string{"127.0.0.1", "192.0.2.7", "10.0.0.2"}, want: "192.0.2.7"},
		{name: "from the proxy itself", peer: "10.0.0.1:80", forwarded: []string{"10.0.0.3"}, want: "10.0.0.3"},
		{name: "rubbish", peer: "10.0.0.1:80", forwarded: []string{"192.0.2.7, unknown"}, want: "10.0.0.1"},
		{name: "rubbish behind a proxy", peer: "10.0.0.1:80", forwarded: []string{"192.0.2.7, _x, 10.0.0.2"}, want: "10.0.0.2"},
		{name: "port", peer: "10.0.0.1:80", forwarded: []string{"192.0.2.7:1234"}, want: "192.0.2.7"},
		{name: "IPv6", peer: "[fd00::1]:80", forwarded: []string{"2001:db8::1"}, want: "2001:db8::1"},
		{name: "IPv6 with a port", peer: "[fd00::1]:80", forwarded: []string{"[2001:db8::1]:99"}, want: "2001:db8::1"},
		{name: "IPv6 in brackets", peer: "[fd00::1]:80", forwarded: []string{"[2001:db8::1]"}, want: "2001:db8::1"},
		{name: "IPv4 in IPv6", peer: "[::ffff:10.0.0.1]:80", forwarded: []string{"::ffff:192.0.2.7"}, want: "192.0.2.7"},
		{name: "protos of two proxies", peer: "10.0.0.1:80", proto: []string{"https, http"}, want: "10.0.0.1"},
		{name: "no address", peer: "@", forwarded: []string{"192.0.2.7"}, want: "invalid IP"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.peer
		for _, v := range tt.forwarded {
			r.Header.Add("X-Forwarded-For", v)
		}
		for _, v := range tt.proto {
			r.Header.Add("X-Forwarded-Proto", v)
		}
		if got := n.locate(r); got.addr.String() != tt.want || got.encrypted != tt.encrypted {
			t.Errorf("%s: got %v, encrypted %t, want %s, %t", tt.name, got.addr, got.encrypted, tt.want, tt.encrypted)
		}
	}
}

func TestAllow(t *testing.T) {
	for name, tt := range map[string]struct {
		network Network
		want    int
	}{
		"everybody":         {Network{}, 200},
		"this machine":      {Network{Allow: prefixesOf("127.0.0.0/8")}, 200},
		"others":            {Network{Allow: prefixesOf("192.0.2.0/24")}, 403},
		"client of a proxy": {Network{Allow: prefixesOf("203.0.113.0/24"), TrustedProxies: prefixesOf("127.0.0.1/32")}, 200},
		"proxy alone":       {Network{Allow: prefixesOf("127.0.0.1/32"), TrustedProxies: prefixesOf("127.0.0.1/32")}, 403},
	} {
		w := newWorldWith(t, Options{Network: tt.network})
		for _, path := range []string{"/", "/health/live", "/nothing"} {
			a := w.do("GET", path, "", "X-Forwarded-For", "203.0.113.9")
			want := tt.want
			if want == 200 && path == "/nothing" {
				want = 404
			}
			if a.status != want {
				t.Errorf("%s: GET %s: got %d %s, want %d", name, path, a.status, a.body, want)
			}
			if tt.want == 403 && !strings.Contains(a.body, "requests from this address are not accepted") {
				t.Errorf("%s: got %s", name, a.body)
			}
		}
		within := httptest.NewRequest("GET", "/health/live", nil)
		within.RemoteAddr = "" // as webhooks reach request bins
		out := httptest.NewRecorder()
		if w.handler.ServeHTTP(out, within); out.Code != 200 {
			t.Errorf("%s: from within: got %d, want 200", name, out.Code)
		}
		if a := w.anonymous("GET", "/"); tt.want == 403 && len(tt.network.TrustedProxies) == 0 && a.status != 403 {
			t.Errorf("%s: without credentials: got %d, want 403 before anything else", name, a.status)
		}
	}
}

// A site whose name leads to this machine has the browsers of its visitors send what
// comes from addresses that are let in.
func TestHosts(t *testing.T) {
	w := newWorldWith(t, Options{Network: Network{Hosts: []string{"sms.example.org", "box"}}})
	for host, want := range map[string]int{
		"": 200, "sms.example.org": 200, "SMS.Example.org.:8080": 200, "box:80": 200, "localhost:8080": 200, "a.localhost": 200,
		"192.0.2.1": 200, "192.0.2.1:8080": 200, "[2001:db8::1]:8080": 200, "[::1]": 200,
		"evil.example": 403, "evil.example:8080": 403, "sms.example.org.evil.example": 403, "box.evil.example": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403,
	} {
		req := httptest.NewRequest("GET", "/health/live", nil)
		req.Host = host
		out := httptest.NewRecorder()
		if w.handler.ServeHTTP(out, req); out.Code != want {
			t.Errorf("%q: got %d %s, want %d", host, out.Code, out.Body, want)
		}
	}
	any := newWorld(t)
	req := httptest.NewRequest("GET", "/health/live", nil)
	out := httptest.NewRecorder()
	if any.handler.ServeHTTP(out, req); out.Code != 200 {
		t.Errorf("no names are configured: got %d for %s, want 200", out.Code, req.Host)
	}
}

// A proxy that nobody said is one has all its clients pay for one that guesses.
func TestUnknownProxy(t *testing.T) {
	for name, tt := range map[string]struct {
		network Network
		peer    string
		want    int
	}{
		"on this machine":  {Network{}, "127.0.0.1:1", 1},
		"in the house":     {Network{}, "192.168.1.7:1", 1},
		"trusted":          {Network{TrustedProxies: prefixesOf("127.0.0.0/8")}, "127.0.0.1:1", 0},
		"somebody outside": {Network{}, "203.0.113.1:1", 0},
	} {
		w := newWorldWith(t, Options{Network: tt.network})
		for range 3 {
			req := httptest.NewRequest("GET", "/health/live", nil)
			req.RemoteAddr = tt.peer
			req.Header.Set("X-Forwarded-For", "192.0.2.1")
			w.handler.ServeHTTP(httptest.NewRecorder(), req)
		}
		if n := strings.Count(w.log.String(), "trusted_proxies does not name"); n != tt.want {
			t.Errorf("%s: got %d warnings, want %d", name, n, tt.want)
		}
	}
}

// Who guesses through a proxy is slowed down, and not the others behind it.
func TestThrottleBehindProxy(t *testing.T) {
	w := newWorldWith(t, Options{Network: Network{TrustedProxies: prefixesOf("127.0.0.1/32")}})
	for i := range 10 {
		w.as("sms:"+fmt.Sprint(i), "GET", "/", "", "X-Forwarded-For", "192.0.2.1")
	}
	if a := w.as("sms:secret", "GET", "/", "", "X-Forwarded-For", "192.0.2.1"); a.status != 429 {
		t.Errorf("who guessed: got %d, want 429", a.status)
	}
	if a := w.as("sms:secret", "GET", "/", "", "X-Forwarded-For", "192.0.2.2"); a.status != 200 {
		t.Errorf("another behind the proxy: got %d, want 200", a.status)
	}
}

func TestTransportSecurity(t *testing.T) {
	w := newWorldWith(t, Options{Network: Network{TrustedProxies: prefixesOf("127.0.0.1/32")}})
	const header = "Strict-Transport-Security"
	if a := w.do("GET", "/", ""); a.header.Get(header) != "" {
		t.Errorf("plain HTTP: got %s %q", header, a.header.Get(header))
	}
	if a := w.do("GET", "/", "", "X-Forwarded-Proto", "https"); a.header.Get(header) != "max-age=31536000" {
		t.Errorf("behind a proxy: got %s %q", header, a.header.Get(header))
	}
	s := httptest.NewTLSServer(w.handler)
	t.Cleanup(s.Close)
	resp, err := s.Client().Get(s.URL + "/health/live")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get(header); got != "max-age=31536000" {
		t.Errorf("HTTPS: got %s %q", header, got)
	}
}

func TestCORS(t *testing.T) {
	const page = "https://Panel.example"
	w := newWorldWith(t, Options{Origins: []string{"https://panel.example"}, Accounts: []access.Account{{Name: "x", Password: "y", Role: access.Reader}}})
	cors := func(a answered) string {
		var list []string
		for name, values := range a.header {
			if strings.HasPrefix(name, "Access-Control") {
				list = append(list, name+"="+strings.Join(values, "|"))
			}
		}
		return strings.Join(list, " ")
	}
	ask := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization"}
	// The question comes without credentials.
	preflight := func(origin string, more ...string) answered {
		req, err := http.NewRequest("OPTIONS", w.url+"/api/v1/messages", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := 0, append(append([]string{"Origin", origin}, ask...), more...); i < len(h); i += 2 {
			req.Header.Set(h[i], h[i+1])
		}
		return w.exchange(req)
	}
	a := preflight(page)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": page, "Access-Control-Allow-Methods": corsMethods, "Access-Control-Allow-Headers": corsSends,
		"Access-Control-Max-Age": "600", "Access-Control-Allow-Credentials": "", "Access-Control-Allow-Private-Network": "", "Vary": "Origin",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("question: got %s %q, want %q", name, got, want)
		}
	}
	if a.status != 204 || a.body != "" {
		t.Errorf("question: got %d %s, want 204", a.status, a.body)
	}
	if a := preflight(page, "Access-Control-Request-Private-Network", "true"); a.header.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Errorf("question of a public page: got %s", cors(a))
	}
	for _, origin := range []string{"https://evil.example", "http://panel.example", "https://panel.example.evil.example", "null", "https://panel.example:8443"} {
		if a := preflight(origin); a.status != 403 || cors(a) != "" || a.header.Get("Vary") != "Origin" {
			t.Errorf("question of %s: got %d %s, want 403 and nothing allowed", origin, a.status, cors(a))
		}
	}
	send := func(origin string) answered {
		return w.do("POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"]}`, "Origin", origin, "Sec-Fetch-Site", "cross-site")
	}
	if a := send("https://panel.example"); a.status != 202 || a.header.Get("Access-Control-Allow-Origin") != "https://panel.example" || !strings.Contains(a.header.Get("Access-Control-Expose-Headers"), "X-Total-Count") {
		t.Errorf("request of the page: got %d %s %s", a.status, a.body, cors(a))
	}
	if a := send("https://evil.example"); a.status != 403 || cors(a) != "" {
		t.Errorf("request of another page: got %d %s", a.status, cors(a))
	}
	if _, err := New(Options{Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms", Password: "x", Origins: []string{"panel"}}); err == nil {
		t.Error("an origin without a scheme was accepted")
	}
}

// Whatever proxies write down, a request comes from an address that one of them, or
// the connection, has.
func FuzzLocate(f *testing.F) {
	for _, s := range []string{"", "192.0.2.1", "1.2.3.4, 10.0.0.1", "[::1]:80,", ",,", "fe80::1%eth0", "::ffff:1.2.3.4", strings.Repeat("10.0.0.1,", 100)} {
		f.Add(s, "https")
	}
	n := Network{TrustedProxies: prefixesOf("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, forwarded, proto string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:80"
		r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"] = []string{forwarded}, []string{proto}
		got := n.locate(r)
		if !got.addr.IsValid() || got.addr.Zone() != "" || got.addr.Is4In6() {
			t.Fatalf("%q: got %v", forwarded, got.addr)
		}
		r.RemoteAddr = "192.0.2.1:80"
		if got := n.locate(r); got.addr.String() != "192.0.2.1" || got.encrypted || got.forwarded {
			t.Fatalf("%q of a stranger: got %+v", forwarded, got)
		}
	})
}

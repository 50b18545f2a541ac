package egress

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tetherd/webhook/egress/egresstest"
)

// redirectTo answers with a redirect.
func redirectTo(code int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	}
}

// says returns what a request was, but its credentials.
func says(r *http.Request) string {
	return r.Method + " " + r.URL.Path + " " + r.Form["body"][0]
}

func TestRedirectPolicies(t *testing.T) {
	for _, c := range []struct {
		policy Redirects
		code   int
		want   string // what the second host was sent, or the failure; empty: success without
	}{
		{RedirectDefault, 302, "HTTP 302: redirected to URL, which is not followed: register that address instead"},
		{RedirectFail, 301, "HTTP 301: redirected to URL, which is not followed: register that address instead"},
		{RedirectFail, 308, "HTTP 308: redirected to URL, which is not followed: register that address instead"},
		{RedirectFollow, 301, "GET /to "},
		{RedirectFollow, 302, "GET /to "},
		{RedirectFollow, 303, "GET /to "},
		{RedirectFollow, 307, "POST /to {}"},
		{RedirectFollow, 308, "POST /to {}"},
		{RedirectFollow, 304, "HTTP 304: redirected to URL, which is not followed: register that address instead"},
		{RedirectFollow, 300, "HTTP 300: redirected to URL, which is not followed: register that address instead"},
		{RedirectSuccess, 302, ""},
		{RedirectSuccess, 303, ""},
		{RedirectSuccess, 301, "HTTP 301: redirected to URL, which is not followed: register that address instead"},
		{RedirectSuccess, 307, "HTTP 307: redirected to URL, which is not followed: register that address instead"},
	} {
		first, second := egresstest.NewReceiver(t), egresstest.NewReceiver(t)
		first.Answer(redirectTo(c.code, second.URL+"/to"))
		a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: first.URL, Body: []byte("{}"), Redirects: c.policy})
		if err != nil {
			t.Fatal(err)
		}
		got := a.Failure()
		if a.OK() != (got == "") {
			t.Errorf("%q, %d: ok %t, failure %q", c.policy, c.code, a.OK(), got)
		}
		hops := []Hop(nil)
		if len(second.Got) > 0 {
			got = says(<-second.Got)
			hops = []Hop{{Code: c.code, To: second.URL}}
		}
		diff(t, fmt.Sprint(c.policy, c.code), strings.ReplaceAll(c.want, "URL", second.URL+"/to"), got)
		diff(t, fmt.Sprint(c.policy, c.code, " hops"), hops, a.Hops)
	}
}

func TestRedirectsWithoutALocation(t *testing.T) {
	for _, policy := range []Redirects{RedirectFail, RedirectFollow} {
		e := egresstest.NewReceiver(t)
		e.Answer(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) })
		a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL, Redirects: policy})
		if err != nil || a.Failure() != "HTTP 302" {
			t.Errorf("%s: got %+v, error %v", policy, a, err)
		}
	}
}

// A script of Google Apps answers a POST, which has run it, with a redirect to
// another host, which serves what it returned.
func TestRedirectsOfAppsScript(t *testing.T) {
	for raw, want := range map[string]Redirects{
		"https://script.google.com/macros/s/AKfy/exec":   RedirectFollow,
		"https://Script.Google.com:443/macros/s/a/dev":   RedirectFollow,
		"https://script.google.com/home":                 RedirectFail,
		"https://script.google.com.example.com/macros/s": RedirectFail,
		"https://example.com/macros/s/AKfy/exec":         RedirectFail,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := RedirectDefault.of(u); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
		if got := RedirectSuccess.of(u); got != RedirectSuccess {
			t.Errorf("%s: said to be a success, got %s", raw, got)
		}
	}

	script, content := egresstest.NewReceiver(t), egresstest.NewReceiver(t)
	script.Answer(redirectTo(302, content.URL+"/macros/echo?key=1"))
	content.Answer(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			http.Error(w, "Sorry, unable to open the file", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Path == "/macros/echo" {
			redirectTo(302, "/macros/done")(w, r)
			return
		}
		io.WriteString(w, `{"ok":true}`)
	})
	a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: script.URL + "/macros/s/x/exec", Body: []byte("{}"), Redirects: RedirectFollow})
	if err != nil {
		t.Fatal(err)
	}
	if !a.OK() || string(a.Body) != `{"ok":true}` || len(script.Got) != 1 {
		t.Errorf("got %+v after %d requests", a, len(script.Got))
	}
	diff(t, "hops", []Hop{{302, content.URL}, {302, content.URL}}, a.Hops)
}

func TestRedirectsAreBounded(t *testing.T) {
	e := egresstest.NewReceiver(t)
	e.Answer(redirectTo(307, "/again"))
	a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL, Redirects: RedirectFollow})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.Failure(), "HTTP 307: redirected to /again, which is not followed: it is the redirect number 6"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(e.Got) != 6 || len(a.Hops) != 5 {
		t.Errorf("%d requests, %d hops", len(e.Got), len(a.Hops))
	}
}

// What was made for one receiver is not shown to another.
func TestRedirectsKeepSecrets(t *testing.T) {
	sent := http.Header{
		"Authorization": {"Bearer secret"}, "Cookie": {"secret"}, "X-Api-Key": {"secret"}, "Content-Type": {"application/json"},
		"User-Agent": {"a/1"}, "X-Signature": {"s"}, "X-Timestamp": {"t"}, "Webhook-Id": {"id"}, "X-Infini-Reach-Signature": {"s"},
	}
	travelling := http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"a/1"}, "X-Signature": {"s"}, "X-Timestamp": {"t"},
		"Webhook-Id": {"id"}, "X-Infini-Reach-Signature": {"s"},
	}
	bodiless := travelling.Clone()
	bodiless.Del("Content-Type")
	elsewhere := egresstest.NewReceiver(t)
	for _, c := range []struct {
		name string
		code int
		to   func(e *egresstest.Receiver) string
		want http.Header
	}{
		{"same host", 307, func(*egresstest.Receiver) string { return "/to" }, sent},
		{"same host in full", 308, func(e *egresstest.Receiver) string { return e.URL + "/to" }, sent},
		{"another port", 307, func(*egresstest.Receiver) string { return elsewhere.URL }, travelling},
		{"another name", 308, func(e *egresstest.Receiver) string {
			return strings.Replace(e.URL, "127.0.0.1", "localhost", 1) + "/to"
		}, travelling},
		{"another port, GET", 302, func(*egresstest.Receiver) string { return elsewhere.URL }, bodiless},
	} {
		e := egresstest.NewReceiver(t)
		e.Answer(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/to" {
				redirectTo(c.code, c.to(e))(w, r)
			}
		})
		_, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL + "/from", Header: sent, Body: []byte("{}"), Redirects: RedirectFollow})
		if err != nil {
			t.Fatal(err)
		}
		<-e.Got
		second := e
		if len(e.Got) == 0 {
			second = elsewhere
		}
		got := (<-second.Got).Header
		got.Del("Content-Length")
		diff(t, c.name, c.want, got)
	}

	// Credentials in the URL are the same.
	e := egresstest.NewReceiver(t)
	e.Answer(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/from":
			redirectTo(307, "/to")(w, r)
		case "/to":
			redirectTo(307, elsewhere.URL)(w, r)
		}
	})
	from := strings.Replace(e.URL, "http://", "http://user:pass@", 1) + "/from"
	a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: from, Redirects: RedirectFollow})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true} {
		if _, _, got := (<-e.Got).BasicAuth(); got != want {
			t.Errorf("request %d: credentials sent: %t", i, got)
		}
	}
	if _, _, got := (<-elsewhere.Got).BasicAuth(); got {
		t.Error("credentials sent elsewhere")
	}
	diff(t, "hops", []Hop{{307, e.URL}, {307, elsewhere.URL}}, a.Hops)
}

// Where a redirect leads is judged like what is registered.
func TestRedirectsAreGuarded(t *testing.T) {
	own := egresstest.NewReceiver(t)
	secure := serveTLS(t, nil, redirectTo(302, own.URL))
	for _, c := range []struct {
		name, to, why string
		tls           bool
	}{
		{"metadata service", "http://169.254.169.254/latest/meta-data/", "url must not point to 169.254.169.254", false},
		{"public address without TLS", "http://8.8.8.8/", "url must start with https://", false},
		{"another scheme", "file:///etc/passwd", "url must start with https://", false},
		{"name of a forbidden address", "http://forbidden.test/", "refused to connect: 169.254.1.1 is a link-local", false},
		{"own listener", own.URL, "refused to connect: " + strings.TrimPrefix(own.URL, "http://") + " is where this gateway itself listens", false},
		{"from https to http", "", "it is not https://, as the address before it is", true},
		{"not a URL", "http://[", "it is not a valid URL", false},
	} {
		e := egresstest.NewReceiver(t)
		e.Answer(redirectTo(302, c.to))
		g := newGuard(rules{policy: PolicyHome}, true, func() []netip.AddrPort {
			return []netip.AddrPort{netip.MustParseAddrPort(own.Listener.Addr().String())}
		}, net.Dialer{})
		g.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return []string{"169.254.1.1"}, 0 })
		client := newClient(t, Options{})
		client.direct.plain = &http.Transport{DialContext: g.dial, DisableKeepAlives: true}
		r := Request{URL: e.URL, Redirects: RedirectFollow}
		if c.tls {
			r.URL, r.TLS = secure.URL, &TLS{Insecure: true}
		}
		a, err := client.Do(t.Context(), r)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := a.Failure(); a.OK() || !strings.Contains(got, ", which is not followed: "+c.why) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.why)
		}
		if a.Code != 302 || len(a.Hops) != 0 {
			t.Errorf("%s: got %+v", c.name, a)
		}
	}
	if len(own.Got) != 0 {
		t.Error("the own listener was contacted")
	}
}

// A fault after a redirect tells of the redirect.
func TestRedirectToNobody(t *testing.T) {
	gone := egresstest.NewReceiver(t)
	gone.Close()
	e := egresstest.NewReceiver(t)
	e.Answer(redirectTo(307, gone.URL+"/secret"))
	_, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL, Redirects: RedirectFollow})
	if v := Judge(err, true); v != Failed || !strings.HasPrefix(err.Error(), "after a redirect to "+gone.URL+": ") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %s, %v", v, err)
	}
	if e, ok := errors.AsType[*Error](err); !ok || len(e.Hops) != 1 || e.Phase != Connecting {
		t.Errorf("got %+v", e)
	}
}

// The time-out is of everything, redirects included.
func TestRedirectsShareTheTimeout(t *testing.T) {
	e := egresstest.NewReceiver(t)
	e.Answer(func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(80 * time.Millisecond)
		defer tick.Stop()
		<-tick.C
		redirectTo(307, "/again")(w, r)
	})
	_, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL, Redirects: RedirectFollow, Timeout: 200 * time.Millisecond})
	if err == nil || !strings.HasSuffix(err.Error(), "no answer within 200ms") {
		t.Errorf("got %v", err)
	}
}

// What a receiver's TLS reveals or lets pass is not for another host.
func TestRedirectsNarrowTLS(t *testing.T) {
	other := serveTLS(t, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	first := serveTLS(t, nil, redirectTo(307, other.URL))
	renamed := serveTLS(t, nil, redirectTo(307, strings.Replace(other.URL, "127.0.0.1", "localhost", 1)))
	c := newClient(t, Options{})
	if a, err := c.Do(t.Context(), Request{URL: first.URL, TLS: &TLS{Insecure: true}, Redirects: RedirectFollow}); err != nil || !a.OK() {
		t.Errorf("another port: %v", err)
	}
	_, err := c.Do(t.Context(), Request{URL: renamed.URL, TLS: &TLS{Insecure: true}, Redirects: RedirectFollow})
	if err == nil || !strings.Contains(err.Error(), "failed to verify certificate") {
		t.Errorf("another host: %v", err)
	}
	whole := &TLS{CA: "ca", Cert: "cert", Key: "key", ServerName: "name", Pins: []string{"pin"}, Insecure: true}
	diff(t, "abroad", &TLS{CA: "ca", Pins: []string{"pin"}}, whole.abroad())
}

// Wherever a receiver redirects to, what is asked there is allowed, and shows no
// secret to others.
func FuzzRedirect(f *testing.F) {
	for _, to := range []string{"/x", "//other.example", "https://other.example:444/", "http://10.0.0.1/", "https://u:p@x/", "?q", "", "https://[fe80::1]/", "https:x", "HTTPS://X"} {
		f.Add(to, 307, true)
		f.Add(to, 302, false)
	}
	c, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to string, code int, secure bool) {
		r := &Request{URL: "http://user:pass@10.0.0.5/from", Header: http.Header{"X-Key": {"secret"}, "Webhook-Id": {"1"}}, Body: []byte("{}"), TLS: &TLS{Cert: "cert"}}
		if secure {
			r.URL = "https://user:pass@registered.example/from"
		}
		next, err := c.next(r, &Answer{Code: code, location: to})
		if err != nil {
			return
		}
		if err := c.CheckURL(next.URL); err != nil {
			t.Errorf("%q: %v", to, err)
		}
		u, err := url.Parse(next.URL)
		if err != nil {
			t.Fatal(err)
		}
		from, err := url.Parse(r.URL)
		if err != nil {
			t.Fatal(err)
		}
		if secure && u.Scheme != "https" {
			t.Errorf("%q leads to %s", to, u.Scheme)
		}
		if !sameHost(u, from) && (next.Header.Get("X-Key") != "" || strings.Contains(next.URL, "user:pass@") && !strings.Contains(to, "user:pass@")) {
			t.Errorf("%q: a secret goes to %s", to, u.Host)
		}
		if !strings.EqualFold(u.Hostname(), from.Hostname()) && next.TLS.Cert != "" {
			t.Errorf("%q: the certificate goes to %s", to, u.Host)
		}
		if r.Header.Get("X-Key") == "" || string(r.Body) != "{}" {
			t.Error("the request itself was changed")
		}
	})
}

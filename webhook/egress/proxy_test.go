package egress

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"tetherd/webhook/egress/egresstest"
)

// webProxy is a proxy for HTTP that leads to one receiver, whatever it is asked
// for.
type webProxy struct {
	to  string        // host:port of the receiver
	got chan []string // method, target and credentials of each request
}

func (p *webProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := parseProxyAuth(r)
	p.got <- []string{r.Method, r.RequestURI, user + ":" + password}
	if r.Method != http.MethodConnect {
		(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Host = p.to }}).ServeHTTP(w, r)
		return
	}
	back, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer back.Close()
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	splice(conn, back)
}

// splice copies in both directions until one side ends.
func splice(a, b net.Conn) {
	var copying sync.WaitGroup
	copying.Go(func() { io.Copy(a, b); a.Close() })
	io.Copy(b, a)
	b.Close()
	copying.Wait()
}

func parseProxyAuth(r *http.Request) (user, password string, ok bool) {
	probe := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	return probe.BasicAuth()
}

// serveSOCKS starts a proxy for SOCKS 5 (RFC 1928) that leads to one receiver.
func serveSOCKS(t *testing.T, to string) (addr string, asked chan string) {
	t.Helper()
	asked = make(chan string, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				hello := make([]byte, 2)
				io.ReadFull(conn, hello)
				io.ReadFull(conn, make([]byte, hello[1]))
				conn.Write([]byte{5, 0}) // no authentication
				request := make([]byte, 5)
				io.ReadFull(conn, request) // ends with the length of a name
				if request[3] != 3 {
					return
				}
				name := make([]byte, int(request[4])+2)
				if _, err := io.ReadFull(conn, name); err != nil {
					return
				}
				asked <- string(name[:len(name)-2])
				back, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				conn.Write(append([]byte{5, 0, 0, 1, 0, 0, 0, 0}, binary.BigEndian.AppendUint16(nil, 0)...))
				splice(conn, back)
			})
		}
	})
	return l.Addr().String(), asked
}

func TestProxy(t *testing.T) {
	plain := egresstest.NewReceiver(t)
	secure := serveTLS(t, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }))
	web := &webProxy{got: make(chan []string, 10)}
	open := httptest.NewServer(web)
	defer open.Close()
	authority := newAuthority(t)
	sealed := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{authority.server()}, NextProtos: []string{"http/1.1"}}, web)
	to := func(raw string) string {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		return u.Host
	}
	for _, c := range []struct {
		name, proxy, url, to string
		want                 []string
	}{
		{
			"http through http", strings.Replace(open.URL, "http://", "http://user:pass@", 1), "http://receiver.test/x", plain.URL,
			[]string{"POST", "http://receiver.test/x", "user:pass"},
		},
		{"https through http", open.URL, "https://receiver.test/x", secure.URL, []string{"CONNECT", "receiver.test:443", ":"}},
		{"https through https", sealed.URL, "https://receiver.test/x", secure.URL, []string{"CONNECT", "receiver.test:443", ":"}},
		{"http through https", sealed.URL, "http://receiver.test/x", plain.URL, []string{"POST", "http://receiver.test/x", ":"}},
	} {
		web.to = to(c.to)
		client := newClient(t, Options{Proxy: c.proxy, RootCAs: authority.pool()})
		names := serveNames(t, func(int) ([]string, byte) { return []string{"10.9.9.9"}, 0 })
		client.plain.dialer.Resolver, client.secure.dialer.Resolver = names, names
		var own *TLS
		if strings.HasPrefix(c.url, "https:") {
			pin := pinOf(secure.Certificate()) // which the proxy would not match
			own = &TLS{Insecure: true, ServerName: "example.com", Pins: []string{hex.EncodeToString(pin[:])}}
		}
		a, err := client.Do(t.Context(), Request{URL: c.url, TLS: own})
		if err != nil || !a.OK() {
			t.Errorf("%s: %v, %+v", c.name, err, a)
			continue
		}
		diff(t, c.name, c.want, <-web.got)
	}

	addr, asked := serveSOCKS(t, to(plain.URL))
	client := newClient(t, Options{Proxy: "socks5://" + addr})
	client.plain.dialer.Resolver = serveNames(t, func(int) ([]string, byte) { return []string{"10.9.9.9"}, 0 })
	if a, err := client.Do(t.Context(), Request{URL: "http://receiver.test/x"}); err != nil || !a.OK() {
		t.Fatalf("through SOCKS: %v", err)
	}
	diff(t, "through SOCKS", "receiver.test", <-asked)
}

// What may not be contacted may not be through a proxy, and what is of this
// machine itself needs none.
func TestProxyTargetsAreJudged(t *testing.T) {
	web := &webProxy{got: make(chan []string, 10)}
	srv := httptest.NewServer(web)
	defer srv.Close()
	home := egresstest.NewReceiver(t)
	client := newClient(t, Options{Proxy: srv.URL})
	client.plain.dialer.Resolver = serveNames(t, func(n int) ([]string, byte) {
		return [][]string{{"169.254.169.254"}, {"10.0.0.1", "169.254.169.254"}, {"8.8.8.8"}, nil}[n], []byte{0, 0, 0, 3}[n]
	})
	for _, c := range []struct {
		url  string
		want Verdict
		text string
	}{
		{"http://rebind.test/", Blocked, "169.254.169.254 is a link-local"},
		{"http://rebind.test/", Blocked, "169.254.169.254 is a link-local"},
		{"http://rebind.test/", Blocked, "http:// is not allowed to 8.8.8.8"},
		{"http://none.test/", Unresolved, "no such host"},
		{"http://169.254.1.1/", Blocked, "169.254.1.1 is a link-local"},
		{"http://10.0.0.1:25/", Blocked, "port 25"},
	} {
		_, err := client.Do(t.Context(), Request{URL: c.url})
		if v := Judge(err, true); v != c.want || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %s, %v", c.url, v, err)
		}
	}
	if a, err := client.Do(t.Context(), Request{URL: home.URL}); err != nil || !a.OK() {
		t.Errorf("this machine: %v", err)
	}
	if len(web.got) != 0 {
		t.Errorf("the proxy was asked for %v", <-web.got)
	}
}

// Faults of the proxy are not those of receivers.
func TestProxyFaults(t *testing.T) {
	answer := 407
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer) }))
	defer srv.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	untrusted := serveTLS(t, nil, http.NotFoundHandler())
	for _, c := range []struct {
		name, proxy string
		code        int
		want        Verdict
		text        string
	}{
		{"not there", gone.URL, 0, LocalFault, "refused"},
		{"not trusted", untrusted.URL, 0, LocalFault, "proxy: tls: failed to verify certificate"},
		{"wants credentials", srv.URL, 407, LocalFault, "proxy: HTTP 407: it wants other credentials than those in webhooks.proxy"},
		{"cannot connect", srv.URL, 502, Failed, "the proxy did not connect: HTTP 502"},
	} {
		answer = c.code
		client := newClient(t, Options{Proxy: c.proxy})
		_, err := client.Do(t.Context(), Request{URL: "https://10.0.0.1/"})
		if v := Judge(err, true); v != c.want || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %s, %v", c.name, v, err)
		}
	}
}

func TestParseProxy(t *testing.T) {
	for _, good := range []string{"http://proxy:3128", "https://user:pass@proxy", "socks5://127.0.0.1:1080/", "socks5h://[::1]"} {
		if _, err := ParseProxy(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"proxy:3128": "it must begin with", "": "it must begin with", "ftp://secret@x": "it must begin with", "http://": "it must name a host",
		"http://secret@:80": "it must name a host", "http://x/secret": "it must end after", "http://x?secret": "it must end after", "http://secret@[": "it is not a valid URL",
	} {
		_, err := ParseProxy(bad)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want %q", bad, err, want)
		}
		if bad == "" {
			continue
		}
		if _, err := New(Options{Proxy: bad}); err == nil || !strings.HasPrefix(err.Error(), "webhooks.proxy: "+want) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

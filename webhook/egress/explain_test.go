package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"tetherd/webhook/egress/egresstest"
)

func TestExplainStatus(t *testing.T) {
	for code, want := range map[int]string{
		200: "The receiver took it (HTTP 200).", 204: "The receiver took it (HTTP 204).",
		301: "redirected", 302: "redirected", 303: "redirected", 307: "redirected", 308: "redirected", 304: "as if it had been asked",
		400: "did not understand", 401: "did not accept who", 403: "refused", 404: "no such path", 405: "this method", 408: "waited too long",
		410: "gone", 411: "length", 413: "too large", 415: "type of content", 418: "refused", 422: "cannot use", 425: "later", 429: "too many",
		500: "has a fault (HTTP 500)", 502: "stands before", 503: "overloaded", 504: "waited too long", 522: "network before", 599: "has a fault",
		999: "no status that means anything",
	} {
		what, next := Explain(code, nil)
		if !strings.Contains(what, want) {
			t.Errorf("%d: got %q, want %q", code, what, want)
		}
		if next == "" && (code < 201 || code > 299) {
			t.Errorf("%d: nothing to do", code)
		}
	}
	for code := 200; code < 600; code++ {
		what, next := Explain(code, nil)
		checkSentences(t, what, next)
	}
	seen := make(map[int]bool)
	for i, s := range statuses {
		if key := s.from*1000 + s.to; seen[key] {
			t.Errorf("%d to %d: said twice", s.from, s.to)
		} else {
			seen[key] = true
		}
		for _, before := range statuses[:i] {
			if before.from <= s.from && s.to <= before.to {
				t.Errorf("%d to %d: never said, after %d to %d", s.from, s.to, before.from, before.to)
			}
		}
	}
}

// checkSentences fails the test if texts are not sentences for people.
func checkSentences(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s == "" {
			continue
		}
		if s[0] < 'A' || s[0] > 'Z' || !strings.HasSuffix(s, ".") || strings.HasSuffix(s, "..") || strings.ContainsAny(s, "\n\r") || len(s) > 700 {
			t.Errorf("not a sentence: %q", s)
		}
	}
}

func TestExplainErrors(t *testing.T) {
	hang := egresstest.NewReceiver(t)
	hang.Answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cut := egresstest.NewReceiver(t)
	cut.Answer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	long := egresstest.NewReceiver(t)
	long.Answer(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) })
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	a := newAuthority(t)
	untrusted := serveTLS(t, nil, http.NotFoundHandler())
	renamed := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{a.sign(&x509.Certificate{DNSNames: []string{"other.example"}})}}, http.NotFoundHandler())
	expired := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{a.sign(&x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour),
	})}}, http.NotFoundHandler())
	old := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{a.server()}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, http.NotFoundHandler())
	plain := egresstest.NewReceiver(t)
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	other := answerRaw(t, "220 mail.example ESMTP\r\n")
	trusted := &TLS{CA: certPEM(a.cert)}
	secureURL := func(e *egresstest.Receiver) string { return strings.Replace(e.URL, "http://", "https://", 1) }
	for _, c := range []struct {
		name       string
		r          Request
		what, next string
	}{
		{"bad URL", Request{URL: "http://a b/"}, "Nothing was sent: the URL is not valid.", ""},
		{"bad TLS", Request{URL: "https://x/", TLS: &TLS{CA: "x"}}, "Nothing was sent: tls.ca must be PEM", ""},
		{"link-local", Request{URL: "http://169.254.1.1/"}, "Nothing was sent: 169.254.1.1 is a link-local", "webhooks.allow"},
		{"own", Request{URL: "http://127.0.0.1:8080/"}, "Nothing was sent: 127.0.0.1:8080 is where this gateway itself listens.", "does not send to itself"},
		{"no TLS", Request{URL: "http://8.8.8.8/"}, "Nothing was sent: http:// is not allowed to 8.8.8.8", "https://"},
		{"port", Request{URL: "http://127.0.0.1:25/"}, "Nothing was sent: port 25 is that of another kind of service.", "another port"},
		{"no such name", Request{URL: "http://nxdomain.test/"}, "DNS knows no address for nxdomain.test.", "spelling"},
		{"refused", Request{URL: gone.URL}, "Nothing listens at the address", "Check that the receiver runs"},
		{"closed", Request{URL: cut.URL}, "The receiver closed the connection without an answer.", "http:// and https://"},
		{"no answer", Request{URL: hang.URL}, "The receiver took the request but did not answer in time.", "raise the timeout"},
		{"no handshake", Request{URL: "https://" + mute.Addr().String()}, "The receiver took the connection but did not agree on TLS in time.", "speaks TLS"},
		{"not HTTP", Request{URL: "http://" + other}, "What the receiver answered is not HTTP.", "port"},
		{"long header", Request{URL: long.URL}, "The headers of the answer are larger than 64 KiB.", "cookies"},
		{"bad header", Request{URL: plain.URL, Header: http.Header{"X": {"a\nb"}}}, "A header of the webhook cannot be sent.", "headers"},
		{"not TLS", Request{URL: secureURL(plain)}, "The receiver does not speak TLS at that port.", "http://"},
		{"not TLS at all", Request{URL: "https://" + other}, "The receiver does not speak TLS at that port.", "http://"},
		{"not trusted", Request{URL: untrusted.URL}, "The certificate of the receiver is not trusted: it is signed by itself.", "tls.ca"},
		{"authority not trusted", Request{URL: renamed.URL, TLS: &TLS{ServerName: "other.example"}}, "The certificate of the receiver is not trusted.", "tls.ca"},
		{"other name", Request{URL: renamed.URL, TLS: trusted}, "The certificate of the receiver is for another name: x509: ", "tls.serverName"},
		{"expired", Request{URL: expired.URL, TLS: trusted}, "The certificate of the receiver has expired or is not valid yet", "clock of this machine, and renew"},
		{"pin", Request{URL: untrusted.URL, TLS: &TLS{Insecure: true, Pins: []string{strings.Repeat("0", 64)}}}, "The receiver is another one than expected", "tls.pins"},
		{"old TLS", Request{URL: old.URL, TLS: trusted}, "The receiver broke off the handshake: ", "versions of TLS"},
	} {
		client := newClient(t, Options{OwnAddrs: func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080")} }})
		names := serveNames(t, func(int) ([]string, byte) { return nil, 3 })
		client.plain.dialer.Resolver = names
		c.r.Timeout = 10 * time.Second
		if strings.Contains(c.what, "in time") {
			c.r.Timeout = 300 * time.Millisecond
		}
		_, err := client.Do(t.Context(), c.r)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		what, next := Explain(0, err)
		if !strings.HasPrefix(what, c.what) || !strings.Contains(next, c.next) || c.next == "" && next != "" {
			t.Errorf("%s: got %q, %q (%v)", c.name, what, next, err)
		}
		checkSentences(t, what, next)
	}
}

// answerRaw returns the address of a server that says the same to everybody.
func answerRaw(t *testing.T, text string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, text)
			conn.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// Errors that are hard to bring about.
func TestExplainRareErrors(t *testing.T) {
	for _, c := range []struct {
		name       string
		err        error
		what, next string
	}{
		{"unroutable", &Error{Err: unreachable(syscall.ENETUNREACH)}, "This machine has no way to the receiver.", "not held against"},
		{"DNS server down", &net.DNSError{Name: "x", Err: "i/o timeout", IsTimeout: true}, "No DNS server answered the question for x.", "resolv.conf"},
		{"SERVFAIL", &net.DNSError{Name: "x", Err: "server misbehaving", IsTemporary: true}, "DNS has trouble with the name x.", "DNS server"},
		{"nobody says .local", &net.DNSError{Name: "ha.local", Err: "no such host", IsNotFound: true}, "No host of the local network answers to the name ha.local, and DNS does not know it.", "IP address"},
		{"proxy", &Error{Err: &proxyError{unreachable(syscall.ECONNREFUSED)}}, "The proxy could not be used: dial tcp: connection refused.", "webhooks.proxy"},
		{"connecting", &Error{Err: &timeoutError{"x"}, Phase: Connecting}, "No connection to the receiver came about in time.", "firewalls"},
		{"sending", &Error{Err: &timeoutError{"x"}, Phase: Sending}, "The receiver did not take the whole request in time.", "overloaded"},
		{"unknown use", x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}, "The certificate of the receiver cannot be used: ", "another one"},
		{"closed after TLS", &Error{Err: io.EOF, Trace: Trace{TLS: new(TLSState)}}, "The receiver closed the connection without an answer.", "tls.cert"},
		{"reset", &Error{Err: unreachable(syscall.ECONNRESET)}, "The receiver closed the connection without an answer.", "https://"},
		{"anything", &Error{Err: errors.New("something\nelse"), Phase: Waiting}, "There was no answer: something else.", ""},
		{"stopped", context.Canceled, "There was no answer: context canceled.", ""},
	} {
		what, next := Explain(200, c.err)
		if !strings.HasPrefix(what, c.what) || !strings.Contains(next, c.next) || c.next == "" && next != "" {
			t.Errorf("%s: got %q, %q", c.name, what, next)
		}
		checkSentences(t, what, next)
	}
}

func TestExplainAnswer(t *testing.T) {
	for _, c := range []struct {
		a          Answer
		what, next string
	}{
		{Answer{Code: 204}, "The receiver took it (HTTP 204).", ""},
		{Answer{Code: 302, policy: RedirectSuccess}, "The receiver answered HTTP 302, which counts as success here.", ""},
		{Answer{Code: 302, location: "/x"}, "The receiver redirected the request, and that was not followed (HTTP 302).", "set redirects to follow"},
		{
			Answer{Code: 302, location: "http://x/", policy: RedirectFollow, refused: "it is not https://"},
			"HTTP 302: redirected to http://x/, which is not followed: it is not https://.", "Have the receiver redirect",
		},
	} {
		what, next := c.a.Explain()
		if what != c.what || !strings.Contains(next, c.next) || c.next == "" && next != "" {
			t.Errorf("%+v: got %q, %q", c.a, what, next)
		}
	}
}

package egress

import (
	"bufio"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTLS(t *testing.T) {
	proto := 0
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { proto = r.ProtoMajor }))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(srv.Certificate())
	expired := srv.Certificate().NotAfter.AddDate(1, 0, 0)
	for _, c := range []struct {
		name  string
		roots *x509.CertPool
		now   time.Time
		right bool
		want  string
	}{
		{"trusted", trusted, time.Now(), true, "200"},
		{"not trusted", x509.NewCertPool(), time.Now(), true, "failed"},
		{"expired", trusted, expired, true, "failed"},
		{"expired, says a clock that is wrong", trusted, expired, false, "clock fault"},
	} {
		client := newClient(t, Options{RootCAs: c.roots, Clock: func() (time.Time, bool) { return c.now, c.right }})
		a, err := client.Do(t.Context(), Request{URL: srv.URL})
		var state *TLSState
		got := "200"
		if err == nil {
			state = a.TLS
			diff(t, c.name, "TLS 1.3", state.Version)
		} else {
			got = Judge(err, c.right).String()
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Phase != Handshaking || e.Connect == 0 || e.Timings.TLS == 0 || e.Total < e.Connect+e.Timings.TLS {
				t.Errorf("%s: trace %+v", c.name, e)
			}
			state = e.TLS
		}
		if got != c.want {
			t.Errorf("%s: got %s (%v), want %s", c.name, got, err, c.want)
		}
		if state == nil || state.Subject != srv.Certificate().Subject.String() || !state.Expires.Equal(srv.Certificate().NotAfter) {
			t.Errorf("%s: certificate of %+v", c.name, state)
		}
	}
	if proto != 2 {
		t.Errorf("HTTP/%d was spoken, want HTTP/2", proto)
	}
}

func TestOwnListenerIsBlocked(t *testing.T) {
	e := newEcho(t)
	own := []netip.AddrPort{netip.MustParseAddrPort(e.Listener.Addr().String())}
	client := newClient(t, Options{OwnAddrs: func() []netip.AddrPort { return own }})
	_, err := client.Do(t.Context(), Request{URL: e.URL})
	if v := Judge(err, true); v != Blocked || !strings.Contains(err.Error(), "this gateway itself listens") {
		t.Errorf("got %s for %v", v, err)
	}
}

// The errors of net/http quote the URL, which may hold a credential.
func TestErrorsDoNotShowTheURL(t *testing.T) {
	client := newClient(t, Options{})
	e := newEcho(t)
	e.Close()
	for _, u := range []string{e.URL + "/secret?key=secret", "https://secret@exa mple/", "gopher://secret", "http://secret.invalid.:2/secret"} {
		_, err := client.Do(t.Context(), Request{URL: u})
		if err == nil || strings.Contains(strings.ReplaceAll(err.Error(), "lookup secret", ""), "secret") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// An attempt that meets a connection the receiver is just closing is repeated on
// a new one, not failed.
func TestKeptConnectionThatIsClosed(t *testing.T) {
	client := newClient(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns atomic.Int64
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
			conns.Add(1)
			serving.Go(func() {
				defer conn.Close() // on the second request, unanswered
				r := bufio.NewReader(conn)
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				io.Copy(io.Discard, req.Body)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				r.Peek(1)
			})
		}
	})
	const attempts = 50
	for i := range attempts {
		if _, err := client.Do(t.Context(), Request{URL: "http://" + l.Addr().String(), Body: []byte("{}")}); err != nil {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	client.CloseIdleConnections()
	if got := conns.Load(); got < attempts/2 {
		t.Errorf("%d connections for %d attempts: none met a closed one", got, attempts)
	}
}

package egress

import (
	"bufio"
	"context"
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

	"tetherd/webhook/egress/egresstest"
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
	e := egresstest.NewReceiver(t)
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
	e := egresstest.NewReceiver(t)
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
	const requests, senders = 3000, 8
	for _, c := range []struct {
		name  string
		close func(r *bufio.Reader) // waits for when to close the connection
	}{
		{"on the second request", func(r *bufio.Reader) { r.Peek(1) }},
		{"in the second request", func(r *bufio.Reader) { r.Peek(50) }},
		{"after the first answer", func(*bufio.Reader) {}},
	} {
		var conns, answers atomic.Int64
		url := serveRaw(t, func(_ context.Context, conn *net.TCPConn) {
			conns.Add(1)
			r := bufio.NewReader(conn)
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			io.Copy(io.Discard, req.Body)
			answers.Add(1)
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			c.close(r)
		})
		client := newClient(t, Options{})
		var sending sync.WaitGroup
		for range senders {
			sending.Go(func() {
				for i := range requests / senders {
					if _, err := client.Do(t.Context(), Request{URL: url, Body: []byte("{}")}); err != nil {
						t.Errorf("%s: request %d: %v", c.name, i, err)
						return
					}
				}
			})
		}
		sending.Wait()
		if got := conns.Load(); got < requests {
			t.Errorf("%s: %d connections for %d requests: some met none that was closed", c.name, got, requests)
		}
		if got := answers.Load(); got != requests {
			t.Errorf("%s: %d answers to %d requests", c.name, got, requests)
		}
	}
}

// Kept connections that a router forgot are not tried one after the other.
func TestKeptConnectionsThatAreDead(t *testing.T) {
	var conns atomic.Int64
	var both sync.WaitGroup
	both.Add(2)
	url := serveRaw(t, func(ctx context.Context, conn *net.TCPConn) {
		first := conns.Add(1) <= 2
		r := bufio.NewReader(conn)
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		io.Copy(io.Discard, req.Body)
		if first {
			both.Done()
			both.Wait()
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		<-ctx.Done() // and nothing more
	})
	client := newClient(t, Options{})
	var sending sync.WaitGroup
	for range 2 {
		sending.Go(func() {
			if _, err := client.Do(t.Context(), Request{URL: url}); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	_, err := client.Do(t.Context(), Request{URL: url, Timeout: time.Second})
	if e, ok := errors.AsType[*Error](err); !ok || !e.Reused || e.Phase != Waiting {
		t.Fatalf("got %v, want a time-out of a kept connection", err)
	}
	if a, err := client.Do(t.Context(), Request{URL: url, Timeout: 5 * time.Second}); err != nil || a.Reused {
		t.Errorf("got %+v, error %v, want an answer on a new connection", a, err)
	}
}

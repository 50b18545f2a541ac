package webhook

import (
	"bufio"
	"context"
	"crypto/x509"
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

	"tetherd/gateway"
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
	for _, c := range []struct {
		name  string
		roots *x509.CertPool
		floor time.Time
		want  verdict
	}{
		{"trusted", trusted, time.Time{}, delivered},
		{"not trusted", x509.NewCertPool(), time.Time{}, failed},
		{"expired, says a clock that is wrong", trusted, srv.Certificate().NotAfter.AddDate(1, 0, 0), local},
	} {
		w := newWorld(t, Options{RootCAs: c.roots})
		w.rcv, w.floor = nil, c.floor
		w.start()
		a := &attempt{to: gateway.Endpoint{URL: srv.URL}, event: gateway.Event{Payload: gateway.Ping{}}}
		a.run(t.Context(), w.worker)
		if a.outcome.verdict != c.want {
			t.Errorf("%s: got %+v, want %d", c.name, a.outcome, c.want)
		}
	}
	if proto != 2 {
		t.Errorf("HTTP/%d was spoken, want HTTP/2", proto)
	}
}

func TestOwnListenerIsBlocked(t *testing.T) {
	var own []netip.AddrPort
	w, e := realWorld(t, Options{OwnAddrs: func() []netip.AddrPort { return own }})
	own = []netip.AddrPort{netip.MustParseAddrPort(e.Listener.Addr().String())}
	a := &attempt{to: gateway.Endpoint{URL: e.URL}, event: gateway.Event{Payload: gateway.Ping{}}}
	a.run(t.Context(), w.worker)
	if o := a.outcome; o.verdict != blocked || !strings.Contains(o.text, "this gateway itself listens") {
		t.Errorf("got %+v", o)
	}
}

// The errors of net/http quote the URL, which may hold a credential.
func TestErrorsDoNotShowTheURL(t *testing.T) {
	w, e := realWorld(t, Options{})
	e.Close()
	for _, u := range []string{e.URL + "/secret?key=secret", "https://secret@exa mple/", "gopher://secret", "http://secret.invalid.:1/secret"} {
		_, err := w.worker.post.post(t.Context(), u, http.Header{}, nil)
		if err == nil || strings.Contains(strings.ReplaceAll(err.Error(), "lookup secret", ""), "secret") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// An attempt that meets a connection the receiver is just closing is repeated on
// a new one, not failed.
func TestKeptConnectionThatIsClosed(t *testing.T) {
	w := newWorld(t, Options{})
	w.rcv = nil
	w.start()
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
		if _, err := w.worker.post.post(t.Context(), "http://"+l.Addr().String(), http.Header{}, []byte("{}")); err != nil {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	w.stop() // closes what is kept
	if got := conns.Load(); got < attempts/2 {
		t.Errorf("%d connections for %d attempts: none met a closed one", got, attempts)
	}
}

func TestCancelledAttempt(t *testing.T) {
	w, e := realWorld(t, Options{})
	e.set(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	a := &attempt{to: gateway.Endpoint{URL: e.URL}, event: gateway.Event{Payload: gateway.Ping{}}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.run(ctx, w.worker)
	}()
	receive(t, e)
	cancel()
	<-done
	if a.outcome.verdict != cancelled {
		t.Errorf("got %+v", a.outcome)
	}
}

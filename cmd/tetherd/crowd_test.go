package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// from is a connection of an address.
type from struct {
	net.Conn
	addr string
}

func (f from) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addr)) }

// crowded runs body with a crowd of four, two of each client, and a server that
// answers when release is closed, but /now at once.
func crowded(t *testing.T, body func(t *testing.T, dial func(addr string) net.Conn)) string {
	t.Helper()
	var log strings.Builder
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		c := newCrowd(p, []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}, zerolog.New(&log))
		c.most, c.mostOfClient = 4, 2
		s := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/now" {
				<-release
			}
		}), zerolog.Nop())
		s.ConnState = c.watch
		done := make(chan error, 1)
		go func() { done <- s.Serve(c) }()
		body(t, func(addr string) net.Conn {
			client, server := net.Pipe()
			p.conns <- from{server, addr}
			synctest.Wait()
			time.Sleep(time.Millisecond) // of the bubble: one is older than the next
			return client
		})
		close(release)
		if err := errors.Join(s.Close(), <-done); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		synctest.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.guests) != 0 || len(c.of) != 0 {
			t.Errorf("%d connections of %d clients are still counted", len(c.guests), len(c.of))
		}
	})
	return log.String()
}

// ask makes a request and does not wait for the answer.
func ask(t *testing.T, c net.Conn, path string) {
	t.Helper()
	go io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
	synctest.Wait()
}

// lives reports whether the other end has not closed a connection.
func lives(c net.Conn) bool {
	if c.SetReadDeadline(time.Now().Add(time.Millisecond)) != nil {
		return false
	}
	_, err := io.Copy(io.Discard, c)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func TestCrowdOfOneClient(t *testing.T) {
	log := crowded(t, func(t *testing.T, dial func(string) net.Conn) {
		first, second := dial("[2001:db8::1]:1"), dial("[2001:db8::2]:1")
		other := dial("192.0.2.1:1")
		third := dial("[2001:db8::3]:1") // of the same /64
		if lives(first) || !lives(second) || !lives(third) || !lives(other) {
			t.Error("the client's idle connection that is oldest did not make room for its next")
		}
		ask(t, second, "/")
		ask(t, third, "/")
		if fourth := dial("[2001:db8::4]:1"); lives(fourth) || !lives(second) || !lives(third) {
			t.Error("one more was let in although the client is busy with all it may have")
		}
	})
	if n := strings.Count(log, "too many connections"); n != 1 || strings.Contains(log, "2001:db8") {
		t.Errorf("got %d lines within a minute, want 1 that names nobody:\n%s", n, log)
	}
}

func TestCrowdOfAll(t *testing.T) {
	crowded(t, func(t *testing.T, dial func(string) net.Conn) {
		var local []net.Conn
		for range 3 { // more than one of the others may have
			local = append(local, dial("127.0.0.1:1"))
		}
		proxy := dial("10.0.0.1:1")
		ask(t, local[0], "/now") // and is idle again, since later than the others
		resp := make([]byte, 12)
		if _, err := io.ReadFull(local[0], resp); err != nil || string(resp) != "HTTP/1.1 200" {
			t.Fatalf("got %q, %v", resp, err)
		}
		go io.Copy(io.Discard, local[0])
		synctest.Wait()
		ask(t, local[2], "/")
		newcomer := dial("192.0.2.1:1")
		if lives(local[1]) || !lives(proxy) || !lives(newcomer) {
			t.Error("the connection that is idle for longest did not make room")
		}
		ask(t, proxy, "/")
		ask(t, newcomer, "/")
		ask(t, local[0], "/")
		if late := dial("192.0.2.2:1"); lives(late) {
			t.Error("one more was let in although all are busy")
		}
	})
}

// Nothing answers before the handler, which says who is let in.
func TestOptionsOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		s := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }), zerolog.Nop())
		done := make(chan error, 1)
		go func() { done <- s.Serve(p) }()
		c := p.dial()
		go io.WriteString(c, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
		b := make([]byte, 12)
		if _, err := io.ReadFull(c, b); err != nil || string(b) != "HTTP/1.1 403" {
			t.Errorf("got %q, %v, want the handler's 403", b, err)
		}
		c.Close()
		if err := errors.Join(s.Close(), <-done); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

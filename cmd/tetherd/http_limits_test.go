package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// pipes is a listener whose connections are made in memory, so that the clock of a
// synctest bubble governs them.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial returns the client's end of a new connection.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// limited runs body with the server of the API, as it is configured, in a bubble.
func limited(t *testing.T, body func(t *testing.T, p *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			io.WriteString(w, strings.Repeat("x", 1<<20))
		}), zerolog.Nop())
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- s.Serve(p) }()
		body(t, p)
		if err := errors.Join(s.Close(), <-done); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		time.Sleep(time.Minute) // of the bubble: what the server left behind ends
	})
}

// drip writes a byte each second until the other end does not take it any more, and
// returns how long that took. It gives up after limit.
func drip(c net.Conn, text string, limit time.Duration) time.Duration {
	began := time.Now()
	for i := 0; time.Since(began) < limit; i++ {
		if _, err := c.Write([]byte{text[i%len(text)]}); err != nil {
			break
		}
		time.Sleep(time.Second) // of the bubble
	}
	return time.Since(began)
}

// A client that sends its header, or its body, byte by byte is cut off, however
// patient it is.
func TestSlowClients(t *testing.T) {
	for name, tt := range map[string]struct {
		start, rest string
		within      time.Duration
	}{
		"header": {"GET / HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n", 6 * time.Second},
		"body":   {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "x", 31 * time.Second},
		"chunks": {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 31 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			limited(t, func(t *testing.T, p *pipes) {
				c := p.dial()
				defer c.Close()
				go io.Copy(io.Discard, c) // the answer, until the end
				if _, err := io.WriteString(c, tt.start); err != nil {
					t.Fatal(err)
				}
				if took := drip(c, tt.rest, time.Hour); took > tt.within {
					t.Errorf("it was served for %v, want at most %v", took, tt.within)
				}
			})
		})
	}
}

// A client that does not read its answer, or says nothing at all, does not keep its
// connection.
func TestIdleClients(t *testing.T) {
	limited(t, func(t *testing.T, p *pipes) {
		c := p.dial()
		defer c.Close()
		began := time.Now()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Second) // of the bubble
		if n, err := io.Copy(io.Discard, c); n >= 1<<20 || err != nil {
			t.Errorf("got %d bytes, %v, of the answer after %v, want the connection closed before it was whole", n, err, time.Since(began))
		}
		silent := p.dial()
		defer silent.Close()
		began = time.Now()
		if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("got %v from a silent connection, want its end", err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("a silent connection was kept for %v", took)
		}
	})
}

func TestLargeHeader(t *testing.T) {
	limited(t, func(t *testing.T, p *pipes) {
		for size, want := range map[int]int{8 << 10: 200, 64 << 10: 431} {
			c := p.dial()
			go func() {
				// An error means that the server has had enough.
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-A: "+strings.Repeat("b", size)+"\r\n\r\n")
			}()
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
			if resp.StatusCode != want {
				t.Errorf("%d bytes: got %d, want %d", size, resp.StatusCode, want)
			}
			c.Close()
		}
	})
}

package egress

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// serveRaw starts a server that treats each connection as told. It may use the
// connection until its context ends.
func serveRaw(t *testing.T, serve func(ctx context.Context, conn *net.TCPConn)) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	t.Cleanup(func() {
		cancel()
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
				stop := context.AfterFunc(ctx, func() { conn.Close() })
				defer stop()
				serve(ctx, conn.(*net.TCPConn))
			})
		}
	})
	return "http://" + l.Addr().String() + "/"
}

// head reads a request up to its body.
func head(conn net.Conn) *http.Request {
	r, err := http.ReadRequest(bufio.NewReaderSize(conn, 16))
	if err != nil {
		return new(http.Request)
	}
	return r
}

// drip writes text again and again, a byte at a time, until the connection ends.
func drip(ctx context.Context, w io.Writer, text string) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if _, err := w.Write([]byte{text[i%len(text)]}); err != nil {
			return
		}
	}
}

// Whatever a receiver does, an attempt ends in time and takes little memory.
func TestHostileReceivers(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 64 {
		z.Write(zeros)
	}
	z.Close()
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, c := range []struct {
		name  string
		size  int // of the body sent
		serve func(ctx context.Context, conn *net.TCPConn)
		code  int    // of the answer; 0: none
		text  string // part of the error
		phase Phase  // where it ended, without an answer
		cut   bool   // the body is not whole
	}{
		{"drips the header", 2, func(ctx context.Context, conn *net.TCPConn) {
			head(conn)
			drip(ctx, conn, ok+"X: "+strings.Repeat("x", 1<<16))
		}, 0, "no answer within", Reading, false}, // the first byte came
		{"drips lines of the header", 2, func(ctx context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok)
			drip(ctx, conn, "X: y\r\n")
		}, 0, "no answer within", Reading, false},
		{"drips the body", 2, func(ctx context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok+"\r\n")
			drip(ctx, conn, "x")
		}, 200, "", 0, true},
		{"endless chunks", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok+"Transfer-Encoding: chunked\r\n\r\n")
			for {
				if _, err := io.WriteString(conn, strings.Repeat("1\r\nx\r\n", 1000)); err != nil {
					return
				}
			}
		}, 200, "", 0, true},
		{"a chunk size without end", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok+"Transfer-Encoding: chunked\r\n\r\n1;")
			for {
				if _, err := conn.Write(zeros); err != nil {
					return
				}
			}
		}, 200, "", 0, true},
		{"a bomb that is not opened", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok+"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
			conn.Write(bomb.Bytes())
		}, 200, "", 0, true},
		{"less than it promised", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok+"Content-Length: 100\r\n\r\nx")
		}, 200, "", 0, true},
		{"reset in the header", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 200")
			conn.SetLinger(0)
		}, 0, "", Reading, false},
		{"reset in the body", 2, func(ctx context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 500 no\r\nContent-Length: 100\r\n\r\nx")
			io.ReadFull(conn, make([]byte, 2)) // the body
			drip(ctx, &limited{conn, 20}, "x")
			conn.SetLinger(0)
		}, 500, "", 0, true},
		{"reads nothing", 1, func(ctx context.Context, _ *net.TCPConn) { <-ctx.Done() }, 0, "no answer within", Waiting, false},
		{"reads nothing of much", 32 << 20, func(ctx context.Context, _ *net.TCPConn) { <-ctx.Done() }, 0, "no answer within", Sending, false},
		{"another protocol from now on", 2, func(ctx context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			drip(ctx, conn, "x")
		}, 101, "", 0, true},
		{"a status of its own", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n")
		}, 999, "", 0, false},
		{"no status", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 -20 \r\nContent-Length: 0\r\n\r\n")
		}, 0, "malformed HTTP", Reading, false},
		{"two lengths", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, ok+"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx")
		}, 0, "Content-Length", Reading, false},
		{"two answers", 2, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n"+ok+"Content-Length: 0\r\n\r\n")
		}, 500, "", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := serveRaw(t, c.serve)
			start := time.Now()
			a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: url, Body: make([]byte, c.size), Timeout: time.Second})
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %s", d)
			}
			if c.code == 0 {
				e, ok := errors.AsType[*Error](err)
				if !ok || !strings.Contains(err.Error(), c.text) || e.Phase != c.phase {
					t.Errorf("got %+v, %v, want %q while %s", e, err, c.text, c.phase)
				}
				if v := Judge(err, true); v != Failed {
					t.Errorf("verdict %s", v)
				}
				return
			}
			if err != nil || a.Code != c.code || a.Truncated != c.cut || len(a.Body) > maxBody {
				t.Errorf("got %+v, error %v", a, err)
			}
		})
	}
}

// limited fails after so many writes.
type limited struct {
	io.Writer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	if l.left--; l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return l.Writer.Write(b)
}

// A receiver that answers before it has read everything is heard.
func TestEarlyAnswer(t *testing.T) {
	for _, size := range []int{64 << 10, 8 << 20} {
		url := serveRaw(t, func(_ context.Context, conn *net.TCPConn) {
			head(conn)
			io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
			conn.CloseWrite()
			io.Copy(io.Discard, io.LimitReader(conn, 128<<10))
		})
		client := newClient(t, Options{})
		for range 20 {
			a, err := client.Do(t.Context(), Request{URL: url, Body: make([]byte, size), Timeout: 5 * time.Second})
			if err != nil || a.Code != 413 || string(a.Body) != "big" {
				t.Fatalf("%d bytes: got %+v, error %v", size, a, err)
			}
		}
	}
}

// The same bounds hold for HTTP/2.
func TestHostileHTTP2(t *testing.T) {
	const plenty = 256 << 20
	written := make(chan int, 1)
	srv := serveTLS(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			n, chunk := 0, make([]byte, 64<<10)
			for n < plenty {
				if _, err := w.Write(chunk); err != nil {
					break
				}
				n += len(chunk)
			}
			written <- n
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		case "/hang":
			<-r.Context().Done()
		}
	}))
	client := newClient(t, Options{})
	for _, c := range []struct{ path, want string }{
		{"/", ""}, {"/endless", ""}, {"/header", "COMPRESSION_ERROR"}, {"/hang", "no answer within 300ms"}, {"/", ""},
	} {
		timeout := 10 * time.Second
		if c.path == "/hang" {
			timeout = 300 * time.Millisecond
		}
		a, err := client.Do(t.Context(), Request{URL: srv.URL + c.path, TLS: &TLS{Insecure: true}, Timeout: timeout})
		if got := err != nil; got != (c.want != "") || got && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, error %v", c.path, a, err)
		}
	}
	if n := <-written; n >= plenty {
		t.Errorf("%d bytes were taken", n)
	}
}

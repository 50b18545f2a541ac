package emulator

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// host is the other end of a modem's stream inside a synctest bubble.
type host struct {
	t    *testing.T
	m    *Modem
	conn net.Conn
	stop context.CancelFunc
	done chan error // result of Serve

	mu  sync.Mutex
	got []byte
}

// attachHost serves a modem over a pipe until the test ends or hangUp is called.
func attachHost(t *testing.T, m *Modem) *host {
	t.Helper()
	return attach(t, m, m.Serve)
}

// attachSide is attachHost for a further port.
func attachSide(t *testing.T, m *Modem, kind SideKind) *host {
	t.Helper()
	return attach(t, m, func(ctx context.Context, rw io.ReadWriteCloser) error { return kind.Serve(ctx, m, rw) })
}

func attach(t *testing.T, m *Modem, serve func(context.Context, io.ReadWriteCloser) error) *host {
	t.Helper()
	near, far := net.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	h := &host{t: t, m: m, conn: near, stop: stop, done: make(chan error, 1)}
	read := make(chan struct{})
	go func() { h.done <- serve(ctx, far) }()
	go func() {
		defer close(read)
		buf := make([]byte, 512)
		for {
			n, err := near.Read(buf)
			h.mu.Lock()
			h.got = append(h.got, buf[:n]...)
			h.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		near.Close()
		<-read
		synctest.Wait()
	})
	return h
}

// write sends bytes without looking at what comes back.
func (h *host) write(s string) {
	h.t.Helper()
	if _, err := h.conn.Write([]byte(s)); err != nil {
		h.t.Fatalf("write %q: %v", s, err)
	}
}

// heard returns what the modem wrote since the last look, once everything has settled.
func (h *host) heard() string {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	got := string(h.got)
	h.got = nil
	return got
}

// ask sends bytes and returns what the modem wrote by the time it waits again.
func (h *host) ask(s string) string {
	h.t.Helper()
	h.write(s)
	return h.heard()
}

// must sends a command and fails the test unless its final result is OK.
func (h *host) must(cmd string) string {
	h.t.Helper()
	got := h.ask(cmd + "\r")
	if !strings.HasSuffix(got, "\r\nOK\r\n") {
		h.t.Fatalf("%s answered %q, want OK", cmd, got)
	}
	return strings.TrimSuffix(got, "\r\nOK\r\n")
}

// setUp is what a driver does first: no echo, numeric errors, PDU mode, indications.
func (h *host) setUp() {
	h.t.Helper()
	h.heard()
	h.must("ATE0")
	h.must("AT+CMEE=1;+CMGF=0;+CNMI=2,1,0,1,0")
}

// submitPDU is the PDU of a text in GSM 7 bit, with the service centre field for the
// default, and its length for +CMGS.
func submitPDU(t testing.TB, to, text string, srr bool) (pdu string, n int) {
	t.Helper()
	first := byte(mtiSubmit)
	if srr {
		first |= bitSRR
	}
	da, err := encodeAddress(to)
	if err != nil {
		t.Fatal(err)
	}
	septets, ok := encodeGSM7(text)
	if !ok {
		t.Fatalf("%q is not GSM 7 bit", text)
	}
	ud, err := encodeUserData(nil, septets, nil, alphabetGSM7)
	if err != nil {
		t.Fatal(err)
	}
	tpdu := append(append([]byte{first, 0}, da...), 0, 0)
	tpdu = append(tpdu, ud...)
	return "00" + upperHex(tpdu), len(tpdu)
}

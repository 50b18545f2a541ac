package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"sync"
	"time"
)

// Trace is how an exchange went, as far as it did.
type Trace struct {
	Timings
	// RemoteAddr is where the request was sent, which may be a proxy; invalid if
	// nothing was sent.
	RemoteAddr netip.AddrPort
	// Reused tells that a kept connection was used, so that there was no query, no
	// connecting and no handshake.
	Reused bool
	// TLS is nil for http:// and before the end of the handshake.
	TLS *TLSState
	// Hops are the redirects that were followed. All else is of the request after
	// the last of them, but Timings are of all together.
	Hops []Hop
}

// Timings are the durations of the parts of an exchange; 0 for those that there
// were not.
type Timings struct {
	DNS       time.Duration // asking for the addresses of the name
	Connect   time.Duration // connecting to one of them
	TLS       time.Duration // the handshake
	FirstByte time.Duration // from the start of sending to the first byte of the answer, or to the end of waiting for it
	Total     time.Duration // everything, up to the end of the answer
}

// TLSState is what was agreed on with a receiver.
type TLSState struct {
	Version string    // "TLS 1.3"; empty if the handshake failed
	Cipher  string    // "TLS_AES_128_GCM_SHA256"; empty if the handshake failed
	Subject string    // of the receiver's certificate
	Expires time.Time // the receiver's certificate
}

// Phase is a part of an exchange.
type Phase uint8

// The phases, in their order.
const (
	Starting    Phase = iota // nothing was done
	LookingUp                // asking for the addresses of the name
	Connecting               // to one of them
	Handshaking              // agreeing on TLS
	Sending                  // the request
	Waiting                  // for the answer
	Reading                  // the answer
)

func (p Phase) String() string {
	return [...]string{"starting", "looking up", "connecting", "handshaking", "sending", "waiting", "reading"}[p]
}

// Error is why there was no answer.
type Error struct {
	// Err is the cause; [Judge] says what it means.
	Err error
	// Phase is where the exchange ended.
	Phase Phase
	Trace
}

// Error returns the cause in one line of at most 500 characters.
func (e *Error) Error() string { return oneLine(e.Err.Error()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// tracer notes how an exchange goes. A connection may be made for it by another
// goroutine, which goes on after the end of the exchange if that found another.
type tracer struct {
	start time.Time

	mu      sync.Mutex // guards the rest
	trace   Trace
	phase   Phase
	dialing bool      // a connection is waited for
	since   time.Time // start of the phase
}

func newTracer() *tracer { return &tracer{start: time.Now(), dialing: true} }

// watch returns a context for a request that makes its steps known to t.
func (t *tracer) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:  func(string) { t.dial() },
		DNSStart: func(httptrace.DNSStartInfo) { t.enter(LookingUp) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			if info.Err == nil {
				t.enter(Connecting)
			}
		},
		ConnectStart:      func(string, string) { t.enter(Connecting) },
		TLSHandshakeStart: func() { t.enter(Handshaking) },
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.move(Sending)
			t.dialing = false
			t.trace.Reused = info.Reused
			t.trace.RemoteAddr = addrPort(info.Conn.RemoteAddr())
			t.trace.TLS = nil
			if c, ok := info.Conn.(*tls.Conn); ok {
				t.trace.TLS = agreed(c.ConnectionState())
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				t.follow(Waiting)
			}
		},
		GotFirstResponseByte: func() { t.follow(Reading) },
	})
}

// dial begins to wait for a connection.
func (t *tracer) dial() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.move(Starting)
	t.dialing = true
}

// enter begins a phase of a dial, if one is waited for. It may be under way
// already: a second address is tried beside the first.
func (t *tracer) enter(p Phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dialing && t.phase < p {
		t.move(p)
	}
}

// follow begins a phase after the dial. An answer can come before the request is
// sent.
func (t *tracer) follow(to Phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dialing && t.phase >= Sending && t.phase < to {
		t.move(to)
	}
}

// move adds the time since the start of the phase to it and begins another.
func (t *tracer) move(to Phase) {
	now := time.Now()
	if d := t.trace.duration(t.phase); d != nil && !t.since.IsZero() {
		*d += now.Sub(t.since)
	}
	t.phase, t.since = to, now
}

// duration returns where the time of a phase is counted, or nil.
func (t *Timings) duration(p Phase) *time.Duration {
	switch p {
	case LookingUp:
		return &t.DNS
	case Connecting:
		return &t.Connect
	case Handshaking:
		return &t.TLS
	case Sending, Waiting:
		return &t.FirstByte
	}
	return nil
}

// end returns what was noted, and the phase in which the exchange is.
func (t *tracer) end() (Trace, Phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dialing = false
	t.move(t.phase)
	trace := t.trace
	trace.Total = time.Since(t.start)
	return trace, t.phase
}

func addrPort(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

func agreed(s tls.ConnectionState) *TLSState {
	state := &TLSState{Version: tls.VersionName(s.Version), Cipher: tls.CipherSuiteName(s.CipherSuite)}
	if len(s.PeerCertificates) > 0 {
		state.describe(s.PeerCertificates[0])
	}
	return state
}

// unverified returns what is known of a certificate that was not accepted, or nil.
func unverified(err error) *TLSState {
	e, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok || len(e.UnverifiedCertificates) == 0 {
		return nil
	}
	state := new(TLSState)
	state.describe(e.UnverifiedCertificates[0])
	return state
}

func (s *TLSState) describe(c *x509.Certificate) {
	s.Subject, s.Expires = oneLine(c.Subject.String()), c.NotAfter
}

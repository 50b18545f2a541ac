package egress

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"time"
)

const (
	defaultTimeout = 30 * time.Second
	defaultIdle    = 64

	maxHeaderBytes = 64 << 10 // of an answer
	maxDrainBytes  = 64 << 10 // of the body, read so that the connection can be used again

	// A connection is closed here before common receivers close it (5 s), so that
	// few requests meet a closing one.
	idlePlain  = 4 * time.Second
	idleSecure = 30 * time.Second
)

// Options configure a [Client]. The zero value of a field means its default.
type Options struct {
	// Policy says what may be contacted. Default PolicyHome.
	Policy Policy
	// OwnAddrs returns the addresses this daemon listens on, which no policy
	// allows to be contacted. Nil: none. It must be safe for concurrent use.
	OwnAddrs func() []netip.AddrPort
	// RootCAs are trusted to certify receivers. Nil: those of the system.
	RootCAs *x509.CertPool
	// Clock returns the time by which certificates are judged, and whether it can
	// be relied on. Nil: the machine's, which can. It must be safe for concurrent
	// use.
	Clock func() (t time.Time, right bool)
	// MaxIdle is how many connections are kept for further requests. Default 64.
	MaxIdle int
	// RoundTripper takes the place of all connections, guarded or not. It is for
	// tests of packages that use a Client; nil in production.
	RoundTripper http.RoundTripper
}

// Client makes requests. It is safe for concurrent use.
type Client struct {
	o      Options
	plain  http.RoundTripper // for http://
	secure http.RoundTripper // for https://
}

// New returns a client. It fails only if the policy is unknown.
func New(o Options) (*Client, error) {
	o.Policy = cmp.Or(o.Policy, PolicyHome)
	o.MaxIdle = cmp.Or(o.MaxIdle, defaultIdle)
	if o.Clock == nil {
		o.Clock = func() (time.Time, bool) { return time.Now(), true }
	}
	if err := o.Policy.Valid(); err != nil {
		return nil, err
	}
	if o.RoundTripper != nil {
		return &Client{o: o, plain: o.RoundTripper, secure: o.RoundTripper}, nil
	}
	return &Client{
		o:      o,
		plain:  newTransport(o, newGuard(o.Policy, true, o.OwnAddrs), idlePlain),
		secure: newTransport(o, newGuard(o.Policy, false, o.OwnAddrs), idleSecure),
	}, nil
}

func newTransport(o Options, g *guard, idle time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:       nil, // one from the environment would be judged instead of the receiver
		DialContext: g.dial,
		TLSClientConfig: &tls.Config{
			RootCAs: o.RootCAs,
			Time:    func() time.Time { t, _ := o.Clock(); return t },
		},
		TLSHandshakeTimeout:    connectTimeout,
		DisableCompression:     true,
		MaxIdleConns:           o.MaxIdle,
		MaxIdleConnsPerHost:    o.MaxIdle,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
}

// CheckURL returns an error for people if a request to the given URL would never
// be made. Literal addresses are judged here, too; those of names only when a
// request is made, since they change.
func (c *Client) CheckURL(rawURL string) error { return c.o.Policy.CheckURL(rawURL) }

// CloseIdleConnections closes the connections that are kept for further requests
// and not in use. The client can be used on.
func (c *Client) CloseIdleConnections() {
	for _, rt := range []http.RoundTripper{c.plain, c.secure} {
		if t, ok := rt.(interface{ CloseIdleConnections() }); ok {
			t.CloseIdleConnections()
		}
	}
}

// Request is what to send.
type Request struct {
	// Method of HTTP. Default POST.
	Method string
	// URL with the scheme http or https. Credentials in it are sent as basic
	// authentication unless Header holds an Authorization.
	URL string
	// Header is sent as it is. It is not changed.
	Header http.Header
	// Body may be empty. It is not changed.
	Body []byte
	// Timeout bounds everything from the DNS query to the end of the answer.
	// Default 30 s.
	Timeout time.Duration
}

// Do sends r and returns what was answered, whatever the status. Its error is an
// [*Error]: there was no answer. When ctx ends Do does, too.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	timeout := cmp.Or(r.Timeout, defaultTimeout)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	t := newTracer()
	a, err := c.exchange(t.watch(ctx), r)
	if err != nil {
		// A DNS server that does not answer is told from a receiver that does not.
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && !isLookup(err) {
			err = fmt.Errorf("no answer within %s", timeout)
		}
		trace, phase := t.end()
		trace.TLS = cmp.Or(trace.TLS, unverified(err))
		return nil, &Error{Err: err, Phase: phase, Trace: trace}
	}
	a.Trace, _ = t.end()
	return a, nil
}

// exchange makes one request. Its error does not contain the URL.
func (c *Client) exchange(ctx context.Context, r Request) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodPost), r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, errors.New("the URL is not valid")
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	if u := req.URL.User; u != nil && req.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
	}
	// A kept connection may be closed by the receiver just when it is used again.
	// This entry, which is not sent, lets the transport repeat the request on a
	// new one: a repetition is harmless, receivers know it by the delivery's id.
	if req.Header.Get("Idempotency-Key") == "" {
		req.Header["Idempotency-Key"] = []string{}
	}
	rt := c.secure
	if req.URL.Scheme == "http" {
		rt = c.plain
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := &Answer{Code: resp.StatusCode, Header: keptHeader(resp.Header)}
	// The status is the answer: what becomes of the body changes nothing.
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	a.Truncated = err != nil || len(a.Body) > maxBody
	a.Body = a.Body[:min(len(a.Body), maxBody)]
	if err == nil {
		io.Copy(io.Discard, io.LimitReader(resp.Body, maxDrainBytes-maxBody))
	}
	return a, nil
}

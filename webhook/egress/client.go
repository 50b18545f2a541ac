package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
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
	// Allow lists what may be contacted although the policy forbids it: see
	// [ParseAllow].
	Allow []string
	// Proxy is the URL of a proxy: see [ParseProxy]. All requests but those to this
	// machine itself are made through it. Their addresses are judged as if there
	// were none, so that this machine must be able to resolve names. Empty: none.
	Proxy string
	// Source is the address of this machine to connect from. Receivers are then
	// contacted by addresses of its kind, IPv4 or IPv6, alone. The zero value leaves
	// it to the system.
	Source netip.Addr
	// OwnAddrs returns the addresses this daemon listens on, which no policy
	// allows to be contacted. Nil: none. It must be safe for concurrent use.
	OwnAddrs func() []netip.AddrPort
	// RootCAs are trusted to certify receivers. Nil: those of the system.
	RootCAs *x509.CertPool
	// Clock returns the time by which certificates are judged, and whether it can
	// be relied on, which [Judge] is to be told. Nil: the machine's. It must be safe
	// for concurrent use.
	Clock func() (t time.Time, right bool)
	// MaxIdle is how many connections are kept for further requests. Default 64.
	MaxIdle int
	// RoundTripper takes the place of all connections, and of what guards them: for
	// receivers within this process, and for tests. Nil: there are connections.
	RoundTripper http.RoundTripper
}

// Client makes requests. It is safe for concurrent use.
type Client struct {
	o      Options
	rules  rules
	plain  *guard // for http://
	secure *guard // for https://
	direct route
	proxy  *route // nil: there is no proxy
}

// route is a way to receivers.
type route struct {
	plain  http.RoundTripper // for http://
	secure *transports       // for https://
}

// New returns a client. Its errors name the setting that is wrong.
func New(o Options) (*Client, error) {
	o.Policy = cmp.Or(o.Policy, PolicyHome)
	o.MaxIdle = cmp.Or(o.MaxIdle, defaultIdle)
	if o.Clock == nil {
		o.Clock = func() (time.Time, bool) { return time.Now(), true }
	}
	if err := o.Policy.Valid(); err != nil {
		return nil, err
	}
	c := &Client{o: o, rules: rules{policy: o.Policy}}
	var err error
	if c.rules.allow, err = ParseAllow(o.Allow); err != nil {
		return nil, fmt.Errorf("webhooks.allow: %w", err)
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	if o.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(o.Source, 0))
	}
	c.plain = newGuard(c.rules, true, o.OwnAddrs, dialer)
	c.secure = newGuard(c.rules, false, o.OwnAddrs, dialer)
	hosts := newMulticast().resolver()
	c.plain.hosts, c.secure.hosts = hosts, hosts
	if o.RoundTripper != nil {
		c.direct = c.newRoute(func(*guard, *tls.Config, time.Duration) http.RoundTripper { return o.RoundTripper })
		return c, nil
	}
	c.direct = c.newRoute(func(g *guard, t *tls.Config, idle time.Duration) http.RoundTripper { return c.newTransport(g, t, idle) })
	if o.Proxy == "" {
		return c, nil
	}
	u, err := ParseProxy(o.Proxy)
	if err != nil {
		return nil, fmt.Errorf("webhooks.proxy: %w", err)
	}
	p := newProxy(u, c.usualTLS(new(tls.Config)), dialer)
	through := c.newRoute(func(g *guard, t *tls.Config, idle time.Duration) http.RoundTripper {
		rt := c.newTransport(g, t, idle)
		rt.Proxy, rt.DialContext, rt.OnProxyConnectResponse = http.ProxyURL(p.url), p.dial, p.connected
		return rt
	})
	c.proxy = &through
	return c, nil
}

// newRoute returns a way on which newTransport makes all transports.
func (c *Client) newRoute(newTransport func(*guard, *tls.Config, time.Duration) http.RoundTripper) route {
	return route{
		plain:  newTransport(c.plain, nil, idlePlain),
		secure: newTransports(func(t *tls.Config) http.RoundTripper { return newTransport(c.secure, t, idleSecure) }),
	}
}

// newTransport returns a transport that connects through g. It keeps t.
func (c *Client) newTransport(g *guard, t *tls.Config, idle time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // one from the environment would be judged instead of the receiver
		DialContext:            g.dial,
		TLSClientConfig:        c.usualTLS(t),
		TLSHandshakeTimeout:    connectTimeout,
		DisableCompression:     true,
		MaxIdleConns:           c.o.MaxIdle,
		MaxIdleConnsPerHost:    c.o.MaxIdle,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
	}
}

// usualTLS adds to t, which may be nil, what is the same for all receivers.
func (c *Client) usualTLS(t *tls.Config) *tls.Config {
	if t == nil {
		return nil
	}
	t.Time = func() time.Time { now, _ := c.o.Clock(); return now }
	if t.RootCAs == nil {
		t.RootCAs = c.o.RootCAs
	}
	return t
}

// transport returns what makes a request to u. The caller calls release when it is
// over.
func (c *Client) transport(ctx context.Context, u *url.URL, t *TLS) (rt http.RoundTripper, release func(), err error) {
	way, g := &c.direct, c.secure
	if u.Scheme == "http" {
		g = c.plain
	}
	if c.proxy != nil {
		local, err := g.vet(ctx, u)
		if err != nil {
			return nil, nil, err
		}
		if !local {
			way = c.proxy
		}
	}
	if u.Scheme == "http" {
		return way.plain, func() {}, nil
	}
	return way.secure.acquire(t)
}

// CheckURL returns an error for people if a request to the given URL would never
// be made. Literal addresses are judged here, too; those of names only when a
// request is made, since they change.
func (c *Client) CheckURL(rawURL string) error {
	if err := c.rules.checkURL(rawURL); err != nil {
		return err
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return err
	}
	ap, err := netip.ParseAddrPort(net.JoinHostPort(u.Hostname(), portOf(u)))
	if err != nil {
		return nil // a name
	}
	if err := c.plain.judgeOwn(ap); err != nil {
		return fmt.Errorf("url must not be that of this gateway: %w", err)
	}
	return nil
}

// CloseIdleConnections closes the connections that are kept for further requests
// and not in use. The client can be used on.
func (c *Client) CloseIdleConnections() {
	c.direct.closeIdle()
	if c.proxy != nil {
		c.proxy.closeIdle()
	}
}

func (r *route) closeIdle() {
	if r.plain != nil {
		closeIdle(r.plain)
		r.secure.closeIdle()
	}
}

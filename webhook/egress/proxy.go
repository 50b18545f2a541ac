package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

// ParseProxy reads the URL of a proxy: http, https or socks5, with credentials if
// it asks for some. Its errors do not show it.
func ParseProxy(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("it is not a valid URL")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return nil, errors.New("it must begin with http://, https:// or socks5://")
	}
	if u.Hostname() == "" {
		return nil, errors.New("it must name a host")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("it must end after host and port")
	}
	return u, nil
}

// proxyError is a fault of the proxy, for which receivers are not to blame.
type proxyError struct{ err error }

func (e *proxyError) Error() string { return "proxy: " + e.err.Error() }
func (e *proxyError) Unwrap() error { return e.err }

// proxy is a way through one. It is not judged: whoever runs this daemon named it.
type proxy struct {
	url    *url.URL // as the transport is to see it
	secure *tls.Config
	dialer net.Dialer
}

func newProxy(u *url.URL, t *tls.Config, dialer net.Dialer) *proxy {
	p := &proxy{url: u, dialer: dialer}
	if u.Scheme == "https" {
		// The transport would use the TLS of the receiver for the proxy, too.
		plain := *u
		plain.Scheme, plain.Host = "http", net.JoinHostPort(u.Hostname(), portOf(u))
		p.url, p.secure = &plain, t
		p.secure.ServerName = u.Hostname()
	}
	return p
}

// dial is a [net/http.Transport.DialContext] that connects to the proxy.
func (p *proxy) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := p.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, &proxyError{err}
	}
	if p.secure == nil {
		return conn, nil
	}
	t := tls.Client(conn, p.secure)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, &proxyError{err}
	}
	return t, nil
}

// connected is a [net/http.Transport.OnProxyConnectResponse].
func (p *proxy) connected(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &proxyError{errors.New("HTTP 407: it wants other credentials than those in webhooks.proxy")}
	}
	return fmt.Errorf("the proxy did not connect: HTTP %d", resp.StatusCode)
}

// vet judges all addresses of the host of u, and reports whether they are of this
// machine itself, where no proxy leads. The proxy asks for the addresses of a name
// again, and has the last word.
func (g *guard) vet(ctx context.Context, u *url.URL) (local bool, err error) {
	host, port := u.Hostname(), portOf(u)
	addrs, err := g.lookup(ctx, host)
	if err != nil {
		return false, err
	}
	for _, a := range addrs {
		if err := g.judge(net.JoinHostPort(a.String(), port), g.rules.allow.named(host)); err != nil {
			return false, &refusal{err}
		}
		local = local || isLoopback(a)
	}
	return local, nil
}

func isLoopback(a netip.Addr) bool {
	for _, u := range unwrap(a) {
		if classify(u) == loopback {
			return true
		}
	}
	return false
}

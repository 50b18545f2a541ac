package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// connectTimeout bounds the DNS query and the connecting, inside the time-out of
// the attempt.
const connectTimeout = 10 * time.Second

// A guard connects to receivers. It judges each address after DNS and just before
// connecting, so that a name which resolves differently from one attempt to the
// next gains nothing. It is safe for concurrent use.
type guard struct {
	rules  rules
	plain  bool // connects for http://, not https://
	own    func() []netip.AddrPort
	dialer net.Dialer    // its ControlContext is control
	hosts  *net.Resolver // of names of the local network; nil: DNS is
}

// refusal is why an address may not be contacted.
type refusal struct{ reason error }

func (r *refusal) Error() string { return "refused to connect: " + r.reason.Error() }
func (r *refusal) Unwrap() error { return r.reason }

// errOtherPort is why no address of a receiver with a port may be contacted.
var errOtherPort = errors.New("is that of another kind of service")

// ownError is why an address that this daemon listens on may not be contacted.
type ownError struct{ addr netip.AddrPort }

func (e *ownError) Error() string {
	return fmt.Sprintf("%s is where this gateway itself listens", e.addr)
}

func newGuard(r rules, plain bool, own func() []netip.AddrPort, dialer net.Dialer) *guard {
	g := &guard{rules: r, plain: plain, own: own, dialer: dialer}
	g.dialer.ControlContext = g.control
	return g
}

// lookup returns the addresses of a host. One of the local network is asked itself;
// if nobody answers, DNS is.
func (g *guard) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if g.hosts != nil && isMulticastName(host) {
		if addrs, err := g.hosts.LookupNetIP(ctx, "ip", host); err == nil {
			return addrs, nil
		}
	}
	r := g.dialer.Resolver
	if r == nil {
		r = net.DefaultResolver
	}
	return r.LookupNetIP(ctx, "ip", host)
}

// connect is a [net.Dialer.DialContext] that finds hosts as lookup does.
func (g *guard) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err == nil && g.hosts != nil && isMulticastName(host) {
		d := g.dialer
		d.Resolver = g.hosts
		conn, err := d.DialContext(ctx, network, addr)
		if !isLookup(err) {
			return conn, err
		}
	}
	return g.dialer.DialContext(ctx, network, addr)
}

// verdictKey is the context key of the verdicts of one dial.
type verdictKey struct{}

// verdicts collects what was decided on the addresses of one name, which a
// Dialer may try at the same time.
type verdicts struct {
	named   bool // the name is one that is allowed
	allowed atomic.Bool
	refused atomic.Pointer[refusal]
}

// dial is a [net/http.Transport.DialContext]. It returns a *refusal if no address
// of the host may be contacted; if one may, another's refusal says nothing about
// the host.
func (g *guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	v := &verdicts{named: g.named(addr)}
	conn, err := g.connect(context.WithValue(ctx, verdictKey{}, v), network, addr)
	if err == nil {
		return &earlyConn{Conn: conn}, nil
	}
	refused := v.refused.Load()
	if refused != nil && !v.allowed.Load() {
		return nil, refused
	}
	if _, ok := errors.AsType[*refusal](err); ok {
		return nil, errors.New("no address that may be contacted answered")
	}
	return nil, err
}

func (g *guard) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	v, ok := ctx.Value(verdictKey{}).(*verdicts)
	if !ok {
		return &refusal{errors.New("the connection was not asked for by a webhook")}
	}
	if err := g.judge(address, v.named); err != nil {
		r := &refusal{err}
		v.refused.Store(r)
		return r
	}
	v.allowed.Store(true)
	return nil
}

// named reports whether the host of addr is allowed by its name.
func (g *guard) named(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && g.rules.allow.named(host)
}

// judge returns why address, a literal IP address with a port, may not be
// contacted, by a name that is allowed if named is set. What it cannot read it
// refuses.
func (g *guard) judge(address string, named bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%q is not an address", address)
	}
	if isOtherPort(ap.Port()) {
		return fmt.Errorf("port %d %w", ap.Port(), errOtherPort)
	}
	if err := g.rules.judge(g.plain, ap.Addr(), named); err != nil {
		return err
	}
	return g.judgeOwn(ap)
}

// judgeOwn refuses the addresses this daemon listens on: events would reach its
// own API with nobody's credentials, or go in circles.
func (g *guard) judgeOwn(target netip.AddrPort) error {
	if g.own == nil {
		return nil
	}
	addr := target.Addr().WithZone("").Unmap()
	for _, own := range g.own() {
		if own.Port() != target.Port() {
			continue
		}
		listen := own.Addr().WithZone("").Unmap()
		mine := listen == addr
		if listen.IsUnspecified() {
			var err error
			if mine, err = isLocal(addr); err != nil {
				return fmt.Errorf("read own addresses: %w", err)
			}
		}
		if mine {
			return &ownError{target}
		}
	}
	return nil
}

// isLocal reports whether a is an address of this machine.
func isLocal(a netip.Addr) (bool, error) {
	if a.IsLoopback() {
		return true, nil
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false, err
	}
	for _, ia := range addrs {
		if p, err := netip.ParsePrefix(ia.String()); err == nil && p.Addr().WithZone("").Unmap() == a {
			return true, nil
		}
	}
	return false, nil
}

package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway/access"
)

const (
	// maxConns is how many connections there are at most. Each costs memory, some
	// 20 KB and twice that with TLS, and a file descriptor, of which modems and the
	// store need some, too.
	maxConns = 1024
	// maxConnsOfClient is how many of them one client has. This machine, and proxies,
	// whose clients share their address, may have all.
	maxConnsOfClient = 256
	// crowdPeriod is how often the log says that connections were closed.
	crowdPeriod = time.Minute
)

// crowd is a listener with a bounded number of connections. When there are too many, of
// all clients or of one, that which does nothing for longest makes room for a new one;
// if all of them do something the new one is closed. It is safe for concurrent use.
type crowd struct {
	net.Listener
	most, mostOfClient int
	proxies            []netip.Prefix
	log                zerolog.Logger

	mu     sync.Mutex // guards the rest, and what guests say they guard by it
	guests map[*guest]struct{}
	of     map[access.Client]int // connections of those that may not have all
	closed int                   // since it was told
	told   time.Time
}

// guest is one connection.
type guest struct {
	net.Conn
	crowd  *crowd
	client access.Client
	free   bool      // may have all connections
	idle   bool      // waits for a request, or for the rest of its header; guarded by crowd.mu
	since  time.Time // when that began; guarded by crowd.mu
}

// newCrowd returns l bounded. Connections of proxies are bounded in total only.
func newCrowd(l net.Listener, proxies []netip.Prefix, log zerolog.Logger) *crowd {
	return &crowd{
		Listener: l, most: maxConns, mostOfClient: maxConnsOfClient, proxies: proxies, log: log,
		guests: make(map[*guest]struct{}), of: make(map[access.Client]int),
	}
}

// Accept implements [net.Listener].
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g := &guest{Conn: conn, crowd: c, idle: true, since: time.Now()}
		if ap, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
			addr := ap.Addr().Unmap().WithZone("")
			g.client = access.ClientAt(addr)
			g.free = addr.IsLoopback() || slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
		}
		ok, leaves := c.admit(g)
		if leaves != nil {
			_ = leaves.Conn.Close() // its owner finds out when it reads
		}
		if ok {
			return g, nil
		}
		_ = conn.Close() // nobody else has it
	}
}

// admit counts g if there is room, or there is when another leaves, which the caller
// has to close.
func (c *crowd) admit(g *guest) (ok bool, leaves *guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := !g.free && c.of[g.client] >= c.mostOfClient
	if own || len(c.guests) >= c.most {
		for o := range c.guests {
			if o.idle && (!own || o.client == g.client && !o.free) && (leaves == nil || o.since.Before(leaves.since)) {
				leaves = o
			}
		}
		c.tell()
		if leaves == nil {
			return false, nil
		}
		c.forget(leaves)
	}
	c.guests[g] = struct{}{}
	if !g.free {
		c.of[g.client]++
	}
	return true, leaves
}

// tell logs now and then that connections were closed. It does not say whose: that
// would be a line for each address that somebody has. mu is held.
func (c *crowd) tell() {
	c.closed++
	if !c.told.IsZero() && time.Since(c.told) < crowdPeriod {
		return
	}
	c.log.Warn().Int("closed", c.closed).Int("open", len(c.guests)).Msg("too many connections, closing some")
	c.closed, c.told = 0, time.Now()
}

// forget no longer counts g. mu is held.
func (c *crowd) forget(g *guest) {
	if _, ok := c.guests[g]; !ok {
		return
	}
	delete(c.guests, g)
	if g.free {
		return
	}
	if c.of[g.client]--; c.of[g.client] == 0 {
		delete(c.of, g.client)
	}
}

// watch is the hook [http.Server.ConnState] of a server that serves the crowd.
func (c *crowd) watch(conn net.Conn, state http.ConnState) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	g, ok := conn.(*guest)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g.idle, g.since = state == http.StateIdle || state == http.StateNew, time.Now()
}

// Close implements [net.Conn].
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	g.crowd.forget(g)
	g.crowd.mu.Unlock()
	return g.Conn.Close()
}

package rest

import (
	"net/http"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

const (
	loginFailures = 10          // that a client has at once
	loginPeriod   = time.Minute // in which it gets as many back
	maxClients    = 1024        // that are remembered
	maxTried      = 8           // wrong credentials remembered of each
)

// client is where requests come from: an IPv4 address, or the /64 that an IPv6
// address is in, since whoever has one address of it has them all. The zero value
// stands for every client without an IP address.
type client struct{ netip.Prefix }

func clientOf(r *http.Request) client {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return client{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return client{}
	}
	return client{p}
}

// throttle counts failed logins by client. When too many clients fail at the same
// time it forgets some rather than turn away one that did not. It is not safe for
// concurrent use.
type throttle struct {
	clients map[client]*failures
}

// failures are those of one client.
type failures struct {
	left  *rate.Limiter // has a token for each failure that is still allowed
	tried []mac         // the latest that failed
	last  time.Time     // latest failure
	told  time.Time     // when failed last returned true
}

func newThrottle() throttle {
	return throttle{clients: make(map[client]*failures)}
}

// wait returns how long c must not try; 0 if it may.
func (t *throttle) wait(c client) time.Duration {
	f := t.clients[c]
	if f == nil {
		return 0
	}
	missing := 1 - f.left.Tokens()
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(f.left.Limit()) * float64(time.Second))
}

// triedBefore reports whether c failed with the same credentials lately. Such a
// repetition is a client that was not told the new password, not one that
// guesses; it need not be counted, or checked, again.
func (t *throttle) triedBefore(c client, m mac) bool {
	f := t.clients[c]
	return f != nil && slices.Contains(f.tried, m)
}

// failed counts a failure of c. It returns true if c has to wait from now on, at
// most once in each period.
func (t *throttle) failed(c client, m mac) bool {
	f := t.clients[c]
	if f == nil {
		t.makeRoom()
		f = &failures{left: rate.NewLimiter(rate.Every(loginPeriod/loginFailures), loginFailures)}
		t.clients[c] = f
	}
	f.last = time.Now()
	f.left.Allow()
	if len(f.tried) == maxTried {
		f.tried = slices.Delete(f.tried, 0, 1)
	}
	f.tried = append(f.tried, m)
	if t.wait(c) == 0 || (!f.told.IsZero() && time.Since(f.told) < loginPeriod) {
		return false
	}
	f.told = f.last
	return true
}

// makeRoom forgets the clients that have all their failures back, or else the
// one that failed longest ago, if there are too many.
func (t *throttle) makeRoom() {
	if len(t.clients) < maxClients {
		return
	}
	var oldest client
	var last time.Time
	for c, f := range t.clients {
		if time.Since(f.last) > loginPeriod {
			delete(t.clients, c)
			continue
		}
		if last.IsZero() || f.last.Before(last) {
			oldest, last = c, f.last
		}
	}
	if len(t.clients) >= maxClients {
		delete(t.clients, oldest)
	}
}

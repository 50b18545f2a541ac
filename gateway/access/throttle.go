package access

import (
	"net/netip"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

const (
	maxEntries = 1024 // clients, and names, that are remembered
	maxTried   = 8    // wrong credentials remembered of each
)

// Client is where requests come from: an IPv4 address, or the /64 that an IPv6
// address is in, since whoever has one address of it has them all. The zero value
// stands for every client without an IP address.
type Client struct{ netip.Prefix }

// ClientAt returns the client with an address.
func ClientAt(addr netip.Addr) Client {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return Client{}
	}
	return Client{p}
}

// side tells clients of the house, which have addresses that are not routed to from the
// Internet, from others.
func (c Client) side() int {
	a := c.Addr()
	if !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() {
		return 0
	}
	return 1
}

// throttle counts failed logins by whatever K stands for. When too many fail at
// the same time it forgets some rather than turn away one that did not. It is not
// safe for concurrent use.
type throttle[K comparable] struct {
	burst   int           // failures that each has at once
	period  time.Duration // in which it gets as many back
	entries map[K]*failures
}

// failures are those of one key.
type failures struct {
	left  *rate.Limiter // has a token for each failure that is still allowed
	tried []mac         // the latest that failed
	last  time.Time     // latest failure
	told  time.Time     // when failed last returned true
}

func newThrottle[K comparable](burst int, period time.Duration) throttle[K] {
	return throttle[K]{burst: burst, period: period, entries: make(map[K]*failures)}
}

// wait returns how long k must not try; 0 if it may.
func (t *throttle[K]) wait(k K) time.Duration {
	f := t.entries[k]
	if f == nil {
		return 0
	}
	missing := 1 - f.left.Tokens()
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(f.left.Limit()) * float64(time.Second))
}

// triedBefore reports whether k failed with the same credentials lately. Such a
// repetition is a client that was not told the new password, not one that
// guesses; it need not be counted, or checked, again.
func (t *throttle[K]) triedBefore(k K, m mac) bool {
	f := t.entries[k]
	return f != nil && slices.Contains(f.tried, m)
}

// failed counts a failure of k. It returns true if k has to wait from now on, at
// most once in each period.
func (t *throttle[K]) failed(k K, m mac) bool {
	f := t.entries[k]
	if f == nil {
		t.makeRoom()
		f = &failures{left: rate.NewLimiter(rate.Every(t.period/time.Duration(t.burst)), t.burst)}
		t.entries[k] = f
	}
	f.last = time.Now()
	f.left.Allow()
	if len(f.tried) == maxTried {
		f.tried = slices.Delete(f.tried, 0, 1)
	}
	f.tried = append(f.tried, m)
	if t.wait(k) == 0 || (!f.told.IsZero() && time.Since(f.told) < t.period) {
		return false
	}
	f.told = f.last
	return true
}

// makeRoom forgets those that have all their failures back, or else the one that
// failed longest ago, if there are too many.
func (t *throttle[K]) makeRoom() {
	if len(t.entries) < maxEntries {
		return
	}
	var oldest K
	var last time.Time
	for k, f := range t.entries {
		if time.Since(f.last) > t.period {
			delete(t.entries, k)
			continue
		}
		if last.IsZero() || f.last.Before(last) {
			oldest, last = k, f.last
		}
	}
	if len(t.entries) >= maxEntries {
		delete(t.entries, oldest)
	}
}

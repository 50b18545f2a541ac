package egress

import (
	"crypto/sha256"
	"crypto/tls"
	"net/http"
	"sync"
	"time"
)

const (
	// maxTransports bounds those with a TLS of their own that are kept while they
	// are not in use.
	maxTransports = 64
	// keepTransport is for how long. Its connections are kept no longer either.
	keepTransport = time.Minute
)

// transports holds the transport of each TLS that is in use or was lately: a
// connection is never used for a request that would have made it otherwise.
type transports struct {
	make func(*tls.Config) http.RoundTripper

	mu    sync.Mutex // guards the rest
	usual http.RoundTripper
	byKey map[[sha256.Size]byte]*ownTransport
}

// ownTransport is a transport for a TLS.
type ownTransport struct {
	http.RoundTripper
	users int       // requests under way
	last  time.Time // end of the latest
	gone  bool      // not in byKey any more
}

func newTransports(make func(*tls.Config) http.RoundTripper) *transports {
	return &transports{make: make, usual: make(new(tls.Config)), byKey: map[[sha256.Size]byte]*ownTransport{}}
}

// acquire returns the transport for t. The caller calls release when its request
// is over. It fails if t cannot be used.
func (ts *transports) acquire(t *TLS) (rt http.RoundTripper, release func(), err error) {
	key, ok := t.key()
	if !ok {
		return ts.usual, func() {}, nil
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	now := time.Now()
	own := ts.byKey[key]
	if own == nil {
		config, err := t.config()
		if err != nil {
			return nil, nil, err
		}
		own = &ownTransport{RoundTripper: ts.make(config)}
		ts.byKey[key] = own
	}
	own.users++
	ts.sweep(now)
	return own, func() { ts.release(own) }, nil
}

func (ts *transports) release(own *ownTransport) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	own.users--
	own.last = time.Now()
	if own.gone && own.users == 0 {
		closeIdle(own.RoundTripper)
	}
	ts.sweep(own.last)
}

// sweep drops the transports that were not used for long, and the ones that were
// used the longest time ago if there are too many.
func (ts *transports) sweep(now time.Time) {
	for key, own := range ts.byKey {
		if own.users == 0 && now.Sub(own.last) > keepTransport {
			ts.drop(key, own)
		}
	}
	for len(ts.byKey) > maxTransports {
		var oldest *ownTransport
		var at [sha256.Size]byte
		for key, own := range ts.byKey {
			if oldest == nil || own.users == 0 && (oldest.users > 0 || own.last.Before(oldest.last)) {
				oldest, at = own, key
			}
		}
		ts.drop(at, oldest)
	}
}

// drop forgets a transport, which is closed when its last request is over.
func (ts *transports) drop(key [sha256.Size]byte, own *ownTransport) {
	delete(ts.byKey, key)
	own.gone = true
	if own.users == 0 {
		closeIdle(own.RoundTripper)
	}
}

// closeIdle closes the connections that are not in use.
func (ts *transports) closeIdle() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	closeIdle(ts.usual)
	for _, own := range ts.byKey {
		closeIdle(own.RoundTripper)
	}
}

func closeIdle(rt http.RoundTripper) {
	if t, ok := rt.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

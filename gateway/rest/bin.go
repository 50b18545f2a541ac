package rest

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tetherd/gateway"
)

// Bounds of request bins. Whoever knows the id of one can write into it.
const (
	maxBins        = 20
	maxBinRequests = 100      // in one bin
	maxBinBody     = 10 << 10 // kept of one body, in bytes
	maxBinHeader   = 8 << 10  // kept of one header, in bytes
	maxBinMemory   = 4 << 20  // of all bins, in bytes
	binLife        = 24 * time.Hour
	binRate        = 10 // requests per second to one bin
	binBurst       = maxBinRequests
)

// bins keep what was sent to them in memory, for people who try webhooks out. It is
// safe for concurrent use; the zero value is ready.
type bins struct {
	mu   sync.Mutex // guards the rest
	list []*bin     // oldest first
	size int        // bytes of what is kept, about
	now  func() time.Time
}

// bin is one of them.
type bin struct {
	id       string
	expires  time.Time
	limit    *rate.Limiter
	requests []binRequest // oldest first
	dropped  int          // older ones that are not kept any more
}

// binRequest is a request as it came.
type binRequest struct {
	at        time.Time
	method    string
	query     string
	remote    string
	header    http.Header
	body      []byte
	truncated bool // the body, or the header
}

func (r *binRequest) size() int {
	n := 200 + len(r.body) + len(r.query)
	for name, values := range r.header {
		for _, v := range values {
			n += len(name) + len(v) + 32
		}
	}
	return n
}

// add makes a bin, in the place of the oldest if there are too many.
func (b *bins) add() *bin {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	if len(b.list) >= maxBins {
		b.drop(0)
	}
	n := &bin{id: gateway.NewID(), expires: b.now().Add(binLife), limit: rate.NewLimiter(binRate, binBurst)}
	b.list = append(b.list, n)
	return n
}

// take keeps a request. It reports whether there is such a bin, and whether it may be
// written to now.
func (b *bins) take(id string, r binRequest) (known, allowed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.find(id)
	if n == nil {
		return false, false
	}
	if !n.limit.AllowN(b.now(), 1) {
		return true, false
	}
	n.requests = append(n.requests, r)
	b.size += r.size()
	if len(n.requests) > maxBinRequests {
		b.forget(n)
	}
	for b.size > maxBinMemory {
		b.forget(b.fullest())
	}
	return true, true
}

// requests returns what is in a bin, newest first.
func (b *bins) requests(id string) (n bin, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.find(id)
	if f == nil {
		return n, false
	}
	n = *f
	n.requests = slices.Clone(f.requests)
	slices.Reverse(n.requests)
	return n, true
}

// open reports whether there is such a bin.
func (b *bins) open(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.find(id) != nil
}

// remove empties and closes a bin.
func (b *bins) remove(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.IndexFunc(b.list, func(n *bin) bool { return n.id == id }); i >= 0 {
		b.drop(i)
	}
}

// find returns a bin, nil if there is none. b.mu is held, as in all below.
func (b *bins) find(id string) *bin {
	b.expire()
	if i := slices.IndexFunc(b.list, func(n *bin) bool { return n.id == id }); i >= 0 {
		return b.list[i]
	}
	return nil
}

func (b *bins) expire() {
	for len(b.list) > 0 && b.now().After(b.list[0].expires) {
		b.drop(0)
	}
}

func (b *bins) drop(i int) {
	for len(b.list[i].requests) > 0 {
		b.forget(b.list[i])
	}
	b.list = slices.Delete(b.list, i, i+1)
}

// forget drops the oldest request of a bin.
func (b *bins) forget(n *bin) {
	b.size -= n.requests[0].size()
	n.requests = slices.Delete(n.requests, 0, 1)
	n.dropped++
}

// fullest returns the bin with most in it.
func (b *bins) fullest() *bin {
	return slices.MaxFunc(b.list, func(x, y *bin) int { return len(x.requests) - len(y.requests) })
}

package gateway

import "sync"

// bell tells those who wait that something happened, and not what. The zero value is
// ready for use; it is safe for concurrent use.
type bell struct {
	mu sync.Mutex
	c  chan struct{} // closed by ring; nil if nobody waits
}

// wait returns a channel that is closed at the next ring.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c == nil {
		b.c = make(chan struct{})
	}
	return b.c
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c != nil {
		close(b.c)
		b.c = nil
	}
}

// EventsAfter returns up to max events with a greater Seq, oldest first, and whether
// the one with Seq after is not kept any more, so that some may have been missed.
func (g *Gateway) EventsAfter(after uint64, max int) (es []Event, gap bool, err error) {
	return g.store.EventsAfter(after, max)
}

// LatestEvent returns the Seq of the event that was stored last; 0 if none ever was.
func (g *Gateway) LatestEvent() (uint64, error) { return g.store.LatestEvent() }

// News returns a channel that is closed when the next event is stored, or when the
// gateway stops.
func (g *Gateway) News() <-chan struct{} { return g.news.wait() }

// Stopping reports whether the gateway takes nothing new any more.
func (g *Gateway) Stopping() bool { return g.stopping.Load() }

package recorder

import (
	"sync"
	"time"
)

// Entry is one line of a recording.
type Entry struct {
	Seq  uint64    // counts from 1
	At   time.Time // wall clock
	Dir  byte      // '>' to the modem, '<' from it, '#' a remark of the gateway
	Text string    // masked
}

// Bounds of a ring: a few hundred messages, or some hours of an idle modem, in
// about 200 KiB.
const (
	maxEntries = 3000
	maxText    = 240 // octets of one entry, the rest is cut off
)

// ring keeps the newest entries. The zero value is ready to use; it is safe for
// concurrent use.
type ring struct {
	mu      sync.Mutex // guards the rest
	entries []Entry    // a circle once it has grown to maxEntries
	first   int        // index of the oldest
	seq     uint64
}

func (r *ring) add(dir byte, text string) {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
	e := Entry{Seq: r.seq, At: time.Now(), Dir: dir, Text: text}
	if len(r.entries) < maxEntries {
		r.entries = append(r.entries, e)
	} else {
		r.entries[r.first] = e
		r.first = (r.first + 1) % maxEntries
	}
}

// since returns the entries after the one numbered seq, oldest first.
func (r *ring) since(seq uint64) []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Entry
	for i := range r.entries {
		if e := r.entries[(r.first+i)%len(r.entries)]; e.Seq > seq {
			out = append(out, e)
		}
	}
	return out
}

package rest

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"tetherd/gateway"
)

// Bounds of what a reel keeps.
const (
	reelFrames = 256
	reelBytes  = 1 << 20
)

// frame is an event as streams send it.
type frame struct {
	seq  uint64
	kind gateway.EventType
	text []byte // of server-sent events; not to be altered
}

// reel holds the latest events, written out once for all who stream them. It is safe for
// concurrent use; the zero value is empty.
type reel struct {
	mu     sync.Mutex // guards the others; held while the latest events are read
	frames []frame    // of consecutive Seq
	bytes  int        // of their texts
	// asOf is what [gateway.Gateway.News] returned before the last of them was read. As
	// long as it returns the same there is nothing behind that; nil if there may be.
	asOf <-chan struct{}
}

// after returns some events behind a cursor, oldest first, whether some are missing
// there, and whether there may be more of those stored before News returned news. Who is
// up to date shares what was read for another; who is not reads for itself, of the wanted
// types only: frames of others may have no text then. No types are all.
func (s *server) after(cursor uint64, news <-chan struct{}, wanted []gateway.EventType) (fs []frame, gap, more bool, err error) {
	r := &s.reel
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.frames); n > 0 {
		first, last := r.frames[0].seq, r.frames[n-1].seq
		switch {
		case cursor+1 < first:
			r.mu.Unlock() // it takes its time, and keeps nobody waiting
			defer r.mu.Lock()
			return s.frames(cursor, wanted)
		case cursor < last:
			kept := r.frames[cursor+1-first:]
			n := min(len(kept), streamPage)
			return slices.Clone(kept[:n]), false, n < len(kept) || r.asOf != news, nil
		case cursor == last && r.asOf == news:
			return nil, false, false, nil
		}
	}
	if fs, gap, more, err = s.frames(cursor, nil); err != nil {
		return nil, false, false, err
	}
	if n := len(r.frames); !more || n > 0 && cursor == r.frames[n-1].seq { // else it is far behind
		r.add(fs)
		if r.asOf = news; more {
			r.asOf = nil
		}
	}
	return fs, gap, more, nil
}

// frames reads a page of events from the store, and writes those of the wanted types out;
// all if there are none.
func (s *server) frames(cursor uint64, wanted []gateway.EventType) (fs []frame, gap, more bool, err error) {
	es, gap, err := s.gateway.EventsAfter(cursor, streamPage)
	if err != nil {
		return nil, false, false, err
	}
	for i := range es {
		if kind := es[i].Type(); len(wanted) > 0 && !slices.Contains(wanted, kind) {
			fs = append(fs, frame{seq: es[i].Seq, kind: kind})
			continue
		}
		e, err := s.eventOf(&es[i])
		if err != nil {
			return nil, false, false, err
		}
		text, err := sse(e.Cursor, e.Event, e)
		if err != nil {
			return nil, false, false, err
		}
		fs = append(fs, frame{es[i].Seq, es[i].Type(), text})
	}
	return fs, gap, len(es) == streamPage, nil
}

// add appends what was read behind the last frame, or anywhere if that leaves a hole.
// r.mu is held.
func (r *reel) add(fs []frame) {
	for _, f := range fs {
		if n := len(r.frames); n > 0 && f.seq != r.frames[n-1].seq+1 {
			r.frames, r.bytes = nil, 0
		}
		r.frames, r.bytes = append(r.frames, f), r.bytes+len(f.text)
	}
	for len(r.frames) > reelFrames || r.bytes > reelBytes {
		r.bytes -= len(r.frames[0].text)
		r.frames[0] = frame{} // its text is not needed any more
		r.frames = r.frames[1:]
	}
}

// sse returns an event in the form of server-sent events (WHATWG HTML §9.2).
func sse(id, name string, data any) ([]byte, error) {
	b, err := json.Marshal(data) // on one line
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	text := make([]byte, 0, len(id)+len(name)+len(b)+len("id: \nevent: \ndata: \n\n"))
	text = append(append(append(text, "id: "...), id...), "\nevent: "...)
	return append(append(append(append(text, name...), "\ndata: "...), b...), "\n\n"...), nil
}

package rest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// Bounds of streams of events.
const (
	streamRetry   = 3 * time.Second // told to clients, before they connect again
	streamPage    = 32              // events that are read at a time
	streamBuffer  = 32 << 10        // bytes from which on they are sent
	streamIDField = "Last-Event-ID"
)

// streamTimes are how long streams wait.
type streamTimes struct {
	beat     time.Duration // between two signs of life; 0 is 15 s
	patience time.Duration // for a client to take what is written; 0 is 15 s
}

func (t streamTimes) orDefault() streamTimes {
	return streamTimes{beat: cmp.Or(t.beat, 15*time.Second), patience: cmp.Or(t.patience, 15*time.Second)}
}

// stream is one client that is told events as they are stored. Nothing is kept in
// memory for it but the cursor and what is being sent: it reads at its own pace.
type stream struct {
	s     *server
	w     http.ResponseWriter
	ctl   *http.ResponseController
	types []gateway.EventType // empty: all
	after uint64              // cursor: the last event that was looked at
	told  uint64              // cursor that the client knows
	buf   bytes.Buffer
}

// streamEvents is GET /events/stream?after=&events=: it sends events as they are
// stored, in the form of server-sent events (WHATWG HTML §9.2), until the client goes,
// does not read, or the gateway stops.
func (s *server) streamEvents(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	types, err := eventTypes(append(q.Values["events"], q.Values["event"]...))
	if err != nil {
		return err
	}
	st := &stream{s: s, w: w, ctl: http.NewResponseController(w), types: types}
	if st.after, err = s.streamStart(r, q); err != nil {
		return err
	}
	st.told = st.after
	leave, err := s.listeners.enter(principalOf(r).User)
	if err != nil {
		return err
	}
	defer leave()
	// The server's limit for a request must not end the stream: there is no more to
	// read, and each write has a deadline of its own.
	_ = st.ctl.SetReadDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	fmt.Fprintf(&st.buf, "retry: %d\nid: %d\n\n", streamRetry.Milliseconds(), st.after)
	return st.run(r)
}

// streamStart returns the cursor behind which a stream begins: what the client saw
// last, else the latest event there is.
func (s *server) streamStart(r *http.Request, q query) (uint64, error) {
	text, name := r.Header.Get(streamIDField), streamIDField
	if text == "" {
		text, name = q.Get("after"), "after"
	}
	if text == "" {
		return s.gateway.LatestEvent()
	}
	after, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, gateway.Invalidf("%s must be the cursor of an event, a whole number; leave it out to begin with the next event, or give 0 for the oldest that is kept", name)
	}
	return after, nil
}

// run writes what there is and waits for more. Once it has begun, errors cannot be
// answered any more.
func (st *stream) run(r *http.Request) error {
	beat := time.NewTimer(st.s.streamTimes.beat)
	defer beat.Stop()
	always := make(chan struct{})
	close(always)
	for {
		// Before looking, so that nothing is missed.
		news, revoked := st.s.gateway.News(), st.s.tokens.Revoked()
		more, err := st.page(r, news)
		switch {
		case errors.Is(err, errStreamEnds):
			return nil
		case err != nil:
			st.s.internal(st.w, r, fmt.Errorf("stream events: %w", err))
			return nil // the client connects again
		case st.s.gateway.Stopping():
			return nil
		case more:
			news = always // but a client that wants little of a lot is not to wait for a sign of life
		}
		select {
		case <-news:
		case <-revoked: // perhaps the token of this one
			if !st.s.stillIn(r) {
				return nil
			}
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			if !st.s.stillIn(r) {
				return nil
			}
			st.sign()
			beat.Reset(st.s.streamTimes.beat)
		}
	}
}

// errStreamEnds ends a stream: its client is gone, does not read, or may not any more.
var errStreamEnds = errors.New("the stream ends")

// page sends the next events and reports whether there may be more.
func (st *stream) page(r *http.Request, news <-chan struct{}) (more bool, err error) {
	fs, gap, more, err := st.s.after(st.after, news, st.types)
	if err != nil {
		return false, err
	}
	if len(fs) > 0 && !st.s.stillIn(r) {
		return false, errStreamEnds
	}
	if gap {
		if err := st.gap(len(fs) > 0); err != nil {
			return false, err
		}
	}
	for i := range fs {
		st.after = fs[i].seq
		if len(st.types) > 0 && !slices.Contains(st.types, fs[i].kind) {
			continue
		}
		st.told = st.after
		st.buf.Write(fs[i].text)
		if st.buf.Len() >= streamBuffer && !st.flush() {
			return false, errStreamEnds
		}
	}
	if !st.flush() {
		return false, errStreamEnds
	}
	return more, nil
}

// gap says that events are missing behind the cursor. If none is left there the
// stream goes on behind the latest.
func (st *stream) gap(left bool) error {
	before := st.after
	if !left {
		latest, err := st.s.gateway.LatestEvent()
		if err != nil {
			return err
		}
		st.after, st.told = latest, latest
	}
	text, err := sse(strconv.FormatUint(st.after, 10), api.GapEvent, api.Gap{After: strconv.FormatUint(before, 10)})
	st.buf.Write(text)
	return err
}

// sign writes a sign of life, with the cursor behind what the client did not want,
// so that it is not looked at again.
func (st *stream) sign() {
	st.buf.WriteString(": alive\n\n")
	if st.told != st.after {
		fmt.Fprintf(&st.buf, "id: %d\n\n", st.after)
		st.told = st.after
	}
}

// flush sends the buffer and reports whether the client took it in time.
func (st *stream) flush() bool {
	if st.buf.Len() == 0 {
		return true
	}
	if err := st.ctl.SetWriteDeadline(time.Now().Add(st.s.streamTimes.patience)); err != nil {
		return false // without one a client could hold on to this for ever
	}
	_, err := st.w.Write(st.buf.Bytes())
	if st.buf.Reset(); st.buf.Cap() > 2*streamBuffer {
		st.buf = bytes.Buffer{} // what was that large is rare
	}
	return err == nil && st.ctl.Flush() == nil
}

package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
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
	maxStreams    = 64
	streamRetry   = 3 * time.Second // told to clients, before they connect again
	streamPage    = 100             // events that are read and written at a time
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

// errStreams is the error for one stream too many.
var errStreams = &gateway.Error{
	Code:    gateway.Unavailable,
	Message: fmt.Sprintf("there are %d streams of events already, and no more are allowed: close some, or ask GET /events?wait=60s", maxStreams),
}

// stream is one client that is told events as they are stored. Nothing is kept in
// memory for it but the cursor: it reads from the store at its own pace.
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
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		return errStreams
	}
	defer s.streams.Add(-1)
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
	for {
		news := st.s.gateway.News() // before looking, so that nothing is missed
		more, err := st.page()
		if err != nil {
			st.s.internal(st.w, r, fmt.Errorf("stream events: %w", err))
			return nil // the client connects again
		}
		if !st.flush() {
			return nil
		}
		if st.s.gateway.Stopping() {
			return nil
		}
		if more {
			continue
		}
		select {
		case <-news:
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			if token, ok := bearer(r); ok {
				if _, err := st.s.tokens.Verify(token); err != nil {
					return nil // it expired or was revoked
				}
			}
			st.sign()
			beat.Reset(st.s.streamTimes.beat)
		}
	}
}

// page writes the next events to the buffer and reports whether there may be more.
func (st *stream) page() (more bool, err error) {
	es, gap, err := st.s.gateway.EventsAfter(st.after, streamPage)
	if err != nil {
		return false, err
	}
	if gap {
		if err := st.gap(len(es) > 0); err != nil {
			return false, err
		}
	}
	for i := range es {
		st.after = es[i].Seq
		if len(st.types) > 0 && !slices.Contains(st.types, es[i].Type()) {
			continue
		}
		e, err := st.s.eventOf(&es[i])
		if err != nil {
			return false, err
		}
		if err := st.event(e.Cursor, e.Event, e); err != nil {
			return false, err
		}
		st.told = st.after
	}
	return len(es) == streamPage, nil
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
	return st.event(strconv.FormatUint(st.after, 10), api.GapEvent, api.Gap{After: strconv.FormatUint(before, 10)})
}

// event writes one event to the buffer.
func (st *stream) event(id, name string, data any) error {
	b, err := json.Marshal(data) // on one line
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	fmt.Fprintf(&st.buf, "id: %s\nevent: %s\ndata: %s\n\n", id, name, b)
	return nil
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
	st.buf.Reset()
	return err == nil && st.ctl.Flush() == nil
}

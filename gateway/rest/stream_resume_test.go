package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/store"
)

// Whatever is stored meanwhile, and however often a client is cut off: who goes on behind
// what it saw last sees every event once, in order.
func TestEventsAreCompleteUnderWriters(t *testing.T) {
	const writers, each = 8, 60
	w := newWorld(t)
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for range each {
				if err := w.gateway.Raise(t.Context(), "", gateway.HookFailing{}, ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var reading sync.WaitGroup
	for i, read := range []func(after string, most int) []string{w.readStream, w.readStream, w.readStream, w.readPages, w.readPages} {
		reading.Go(func() {
			var seen []string
			last := "0"
			for len(seen) < writers*each {
				got := read(last, min(1+(len(seen)*7+i)%50, writers*each-len(seen)))
				seen, last = append(seen, got...), got[len(got)-1]
			}
			for j, cursor := range seen {
				if cursor != fmt.Sprint(j+1) {
					t.Errorf("reader %d: event %d has cursor %s", i, j+1, cursor)
					return
				}
			}
		})
	}
	writing.Wait()
	reading.Wait()
}

// readStream opens a stream and returns the cursors of some events.
func (w *world) readStream(after string, most int) (cursors []string) {
	next, end := w.lines("/events/stream", streamIDField, after)
	defer end()
	next()
	next()
	for len(cursors) < most {
		id, ok := strings.CutPrefix(next(), "id: ")
		if name := next(); !ok || name != "event: webhook:failing" {
			w.t.Errorf("got %q with id %q", name, id)
			return append(cursors, after)
		}
		next() // data
		cursors = append(cursors, id)
	}
	return cursors
}

// readPages waits for a page and returns its cursors.
func (w *world) readPages(after string, most int) (cursors []string) {
	for len(cursors) == 0 {
		p := w.events(fmt.Sprintf("?wait=10s&after=%s&limit=%d", after, most))
		if p.Gap {
			w.t.Errorf("there is a gap behind %s", after)
		}
		for _, e := range p.Events {
			cursors = append(cursors, e.Cursor)
		}
	}
	return cursors
}

// A revoked token ends what it has begun, at once and without another event.
func TestRevokedTokenEndsStream(t *testing.T) {
	w := newUsers(t)
	tok := w.token("sms:secret", "events:read")
	other := w.token("sms:secret", "events:read")
	next, _ := w.lines("/events/stream", "Authorization", "Bearer "+tok.AccessToken)
	stays, _ := w.lines("/events/stream", "Authorization", "Bearer "+other.AccessToken)
	for _, next := range []func() string{next, stays} {
		next()
		next()
	}
	waiting := make(chan answered, 1)
	go func() { waiting <- w.as("Bearer "+tok.AccessToken, "GET", "/events?wait=30s", "") }()
	w.raise(gateway.HookFailing{})
	if got := []string{next(), next(), next(), stays(), stays(), stays()}; got[0] != "id: 1" || got[3] != "id: 1" {
		t.Fatalf("got %q", got)
	}
	<-waiting
	if a := w.do("DELETE", "/auth/token/"+tok.ID, ""); a.status != 204 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	if got := next(); got != "EOF" {
		t.Errorf("got %q, want the end", got)
	}
	w.raise(gateway.HookFailing{})
	if got := stays(); got != "id: 2" {
		t.Errorf("the other stream: got %q, want the next event", got)
	}
}

// A reel is bounded, and what is not in it any more, or was never, comes from the store.
func TestReel(t *testing.T) {
	w := newWorld(t)
	s := &server{gateway: w.gateway, hooks: &fakeWebhooks{}}
	const n = reelFrames + 3*streamPage
	for range n {
		w.raise(gateway.HookFailing{})
	}
	read := func(cursor uint64) (n int) {
		t.Helper()
		for more := true; more; {
			var fs []frame
			var err error
			var gap bool
			if fs, gap, more, err = s.after(cursor, s.gateway.News(), nil); err != nil || gap {
				t.Fatalf("behind %d: gap %t, %v", cursor, gap, err)
			}
			for _, f := range fs {
				if f.seq != cursor+1 || !strings.HasPrefix(string(f.text), fmt.Sprintf("id: %d\n", f.seq)) {
					t.Fatalf("behind %d: got %d, %q", cursor, f.seq, f.text)
				}
				cursor, n = f.seq, n+1
			}
		}
		return n
	}
	for _, cursor := range []uint64{n - 1, 0, n - 3, n, n / 2, 1, n - reelFrames, n - reelFrames - 1} {
		if got, want := read(cursor), int(n-cursor); got != want {
			t.Errorf("behind %d: got %d events, want %d", cursor, got, want)
		}
		if got := len(s.reel.frames); got > reelFrames {
			t.Errorf("%d frames are kept", got)
		}
	}
	// What came after the reel was read is not missed by who finds something in it.
	w.raise(gateway.HookFailing{})
	if got := read(n - 1); got != 2 {
		t.Errorf("got %d events, want the one that is kept and the one that is new", got)
	}
	big := gateway.HookFailing{HookNotice: gateway.HookNotice{Reason: strings.Repeat("x", reelBytes/3)}}
	for range 5 {
		w.raise(big)
	}
	if read(n + 1); len(s.reel.frames) != 2 || s.reel.bytes > reelBytes {
		t.Errorf("%d frames of %d bytes are kept", len(s.reel.frames), s.reel.bytes)
	}
	w.raise(gateway.HookFailing{HookNotice: gateway.HookNotice{Reason: strings.Repeat("x", 2*reelBytes)}})
	if read(n+6) != 1 || len(s.reel.frames) != 0 || s.reel.bytes != 0 {
		t.Errorf("%d frames of %d bytes are kept", len(s.reel.frames), s.reel.bytes)
	}
	// Who is far behind neither displaces what the others share nor has written out what
	// it does not want.
	w.raise(gateway.HookFailing{})
	read(n + 7)
	kept := len(s.reel.frames)
	fs, _, more, err := s.after(0, s.gateway.News(), []gateway.EventType{gateway.EventSent})
	if err != nil || !more || kept != 1 || len(fs) != streamPage || fs[0].text != nil || fs[0].kind != gateway.EventHookFailing || len(s.reel.frames) != kept {
		t.Errorf("got %d events, more %t, %v; %d frames are kept, want %d", len(fs), more, err, len(s.reel.frames), kept)
	}
	empty := &server{gateway: w.gateway, hooks: &fakeWebhooks{}}
	if _, _, more, err := empty.after(0, w.gateway.News(), nil); err != nil || !more || len(empty.reel.frames) != 0 {
		t.Errorf("more %t, %v, %d frames are kept of old events", more, err, len(empty.reel.frames))
	}
	// A cursor that was never given is told of as often as it is asked for.
	for range 2 {
		if _, gap, _, err := s.after(9999, s.gateway.News(), nil); !gap || err != nil {
			t.Errorf("got gap %t, %v", gap, err)
		}
	}
}

// Who comes back after events were dropped is told so, and where to go on.
func TestExpiredCursor(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		w.raise(gateway.HookFailing{HookNotice: gateway.HookNotice{Reason: strings.Repeat("x", 1000)}})
	}
	if n, _, err := w.db.Prune(t.Context(), store.PruneLimits{History: 5000}); n < 10 || n > 19 || err != nil {
		t.Fatalf("%d events were dropped, %v", n, err)
	}
	left := w.events("") // from the oldest that is kept, which is no gap
	oldest := left.Events[0].Cursor
	if left.Gap || oldest == "1" || left.Next != "20" {
		t.Fatalf("got %d events from %s, next %s, gap %t", len(left.Events), oldest, left.Next, left.Gap)
	}
	if p := w.events("?after=3"); !p.Gap || p.Events[0].Cursor != oldest || p.Next != "20" {
		t.Errorf("got %d events from %s, next %s, gap %t", len(p.Events), p.Events[0].Cursor, p.Next, p.Gap)
	}
	if p := w.events("?after=19"); p.Gap || len(p.Events) != 1 {
		t.Errorf("got %d events, gap %t", len(p.Events), p.Gap)
	}
	next, _ := w.lines("/events/stream", streamIDField, "3")
	var got []string
	for range 6 {
		line, _, _ := strings.Cut(next(), " {")
		got = append(got, line)
	}
	if want := "retry: 3000|id: 3|id: 3|event: gap|data:|id: " + oldest; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
	// All are gone: it goes on behind the latest there was.
	if _, _, err := w.db.Prune(t.Context(), store.PruneLimits{History: 1}); err != nil {
		t.Fatal(err)
	}
	if p := w.events("?after=3"); !p.Gap || len(p.Events) != 0 || p.Next != "20" {
		t.Errorf("got %+v", p)
	}
	if p := w.events("?after=20"); p.Gap {
		t.Errorf("who has seen all is told of a gap: %+v", p)
	}
	w.raise(gateway.HookDisabled{})
	if p := w.events("?after=20"); p.Gap || len(p.Events) != 1 || p.Next != "21" {
		t.Errorf("got %+v", p)
	}
}

// A client that is cut off while it does not read goes on with the last event that it has
// whole, and misses none.
func TestStreamGoesOnAfterCut(t *testing.T) {
	const n = 200
	w := newWorldWith(t, Options{streams: streamTimes{patience: 100 * time.Millisecond}})
	long := gateway.HookFailing{HookNotice: gateway.HookNotice{Reason: strings.Repeat("x", 100<<10)}}
	for range n {
		w.raise(long)
	}
	ended := make(chan struct{}, 1000)
	h := w.handler
	w.serve(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(out, r)
		ended <- struct{}{}
	}))
	last, seen, cut := "0", 0, false
	for seen < n {
		err := w.client.Stream(t.Context(), api.EventQuery{After: last}, func(e api.Event, missed bool) error {
			seen++
			if missed || e.Cursor != fmt.Sprint(seen) {
				t.Fatalf("got cursor %s, missed %t, want %d", e.Cursor, missed, seen)
			}
			last = e.Cursor
			if !cut {
				cut = true
				<-ended // nothing is read meanwhile
			}
			if seen == n {
				return errors.New("all seen")
			}
			return nil
		})
		if err == nil {
			t.Fatal("the stream ended without a reason")
		}
	}
}

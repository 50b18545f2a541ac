package rest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// raise stores an event.
func (w *world) raise(p gateway.Payload) {
	w.t.Helper()
	if err := w.gateway.Raise(w.t.Context(), "", p, ""); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) events(query string) (p api.EventPage) {
	w.t.Helper()
	a := w.do("GET", "/events"+query, "")
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 {
		w.t.Fatalf("events%s: got %d %s", query, a.status, a.body)
	}
	return p
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	if a := w.do("GET", "/events", ""); a.body != `{"events":[],"next":"0"}` {
		t.Errorf("none yet: got %s", a.body)
	}
	for i := range 7 {
		if i%3 == 0 {
			w.raise(gateway.HookFailing{HookNotice: gateway.HookNotice{Webhook: fmt.Sprint(i)}})
		} else {
			w.raise(gateway.HookDisabled{HookNotice: gateway.HookNotice{Webhook: fmt.Sprint(i)}})
		}
	}
	cursors := func(p api.EventPage) string {
		var out []string
		for _, e := range p.Events {
			out = append(out, e.Cursor)
		}
		return strings.Join(out, " ") + " next " + p.Next
	}
	for query, want := range map[string]string{
		"":                               "1 2 3 4 5 6 7 next 7",
		"?limit=3":                       "1 2 3 next 3",
		"?after=3&limit=3":               "4 5 6 next 6",
		"?after=7":                       " next 7",
		"?event=webhook:failing":         "1 4 7 next 7",
		"?event=webhook:failing&limit=2": "1 4 next 4",
		"?event=webhook:failing,webhook:disabled&event=sms:sent&after=5": "6 7 next 7",
		"?event=sms:sent": " next 7",
	} {
		if got := cursors(w.events(query)); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	e := w.events("?after=3&limit=1").Events[0]
	want := `{"cursor":"4","id":"ID","event":"webhook:failing","deviceId":"device","at":"TIME","payload":{"webhook":"3","url":"","pending":0,"at":"0001-01-01T00:00:00Z"}}`
	b, err := json.Marshal(e)
	if diff := cmp.Diff(want, masked(string(b))); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	// A cursor that was never given, as after a restored backup.
	if p := w.events("?after=99"); !p.Gap {
		t.Errorf("got %+v, want a gap", p)
	}
	for query, want := range map[string]string{
		"?after=x":       "after must be the cursor of an event",
		"?after=-1":      "after must be the cursor of an event",
		"?limit=1000":    "limit must be between 1 and 500",
		"?event=sms:odd": "event must be one or more of sms:received",
		"?wait=1h":       "wait must be a duration from 0s to 60s",
		"?wait=-1":       "wait must be a duration from 0s to 60s",
		"?wait=x":        "wait must be a duration from 0s to 60s",
	} {
		if a := w.do("GET", "/events"+query, ""); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", query, a.status, a.body, want)
		}
	}
}

// Looking for what is rare is bounded in time, and goes on where it ended.
func TestEventsAreLookedForInPieces(t *testing.T) {
	w := newWorld(t)
	const n = 3*streamPage + 5
	for range n {
		w.raise(gateway.HookFailing{})
	}
	w.raise(gateway.HookDisabled{})
	s := &server{gateway: w.gateway, hooks: &fakeWebhooks{}}
	rare := []gateway.EventType{gateway.EventHookDisabled}
	after, looks := uint64(0), 0
	for past := time.Now(); ; looks++ {
		p, more, err := s.events(&after, rare, 1, past)
		if err != nil || p.Next != fmt.Sprint(after) || p.Gap {
			t.Fatalf("got %+v, %v", p, err)
		}
		if len(p.Events) == 1 && after == n+1 {
			break
		}
		if !more || after != uint64((looks+1)*streamPage) {
			t.Fatalf("look %d ended at %d, more %t", looks, after, more)
		}
	}
	if looks != 3 {
		t.Errorf("found at look %d, want 3", looks)
	}
	// A page that is full ends with its last event, though more were looked at.
	if p := w.events("?event=webhook:failing&limit=2&after=7"); p.Next != "9" || len(p.Events) != 2 {
		t.Errorf("got %+v", p)
	}
}

// Who waits is told as soon as there is something, and not before.
func TestEventsAreWaitedFor(t *testing.T) {
	w := newWorld(t)
	began := time.Now()
	if p := w.events("?wait=50ms"); len(p.Events) != 0 || time.Since(began) < 50*time.Millisecond {
		t.Errorf("got %+v after %v, want nothing after 50 ms", p, time.Since(began))
	}
	type page struct {
		api.EventPage
		err error
	}
	got := make(chan page, 1)
	go func() {
		p, err := w.client.Events(t.Context(), api.EventQuery{Event: []string{"webhook:failing"}, Wait: time.Minute})
		got <- page{p, err}
	}()
	// However the two meet: before, between and after.
	w.raise(gateway.HookDisabled{}) // of another type
	w.raise(gateway.HookFailing{})
	p := <-got
	if p.err != nil || len(p.Events) != 1 || p.Events[0].Event != "webhook:failing" || p.Next != "2" {
		t.Errorf("got %+v, %v", p.EventPage, p.err)
	}
}

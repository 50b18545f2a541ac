package rest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// lines opens a stream and returns what comes, line by line, without the empty ones.
func (w *world) lines(path string, header ...string) (next func() string, end func()) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.SetBasicAuth("sms", "secret")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.transport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "text/event-stream; charset=utf-8" {
		w.t.Fatalf("got %d, %s", resp.StatusCode, got)
	}
	r := bufio.NewScanner(resp.Body)
	return func() string {
		for r.Scan() {
			if r.Text() != "" {
				return r.Text()
			}
		}
		return "EOF"
	}, func() { resp.Body.Close() }
}

func notice(i int) gateway.HookNotice { return gateway.HookNotice{Webhook: fmt.Sprint(i)} }

func TestStream(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.raise(gateway.HookFailing{HookNotice: notice(i)})
	}
	expect := func(next func() string, want ...string) {
		t.Helper()
		for _, want := range want {
			if got := next(); got != want && !strings.HasPrefix(got, want+" {") {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
	}
	fresh, _ := w.lines("/events/stream")
	expect(fresh, "retry: 3000", "id: 3") // what was before is not sent
	resumed, end := w.lines("/events/stream?after=0", "Last-Event-ID", "1")
	expect(resumed, "retry: 3000", "id: 1", "id: 2", "event: webhook:failing")
	want := `data: {"cursor":"2","id":"ID","event":"webhook:failing","deviceId":"device","at":"TIME","payload":{"webhook":"1","url":"","pending":0,"at":"0001-01-01T00:00:00Z"}}`
	if got := masked(resumed()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	end()
	some, _ := w.lines("/api/v1/events/stream?after=1&events=webhook:disabled,sms:sent")
	expect(some, "retry: 3000", "id: 1")
	w.raise(gateway.HookFailing{HookNotice: notice(4)})
	w.raise(gateway.HookDisabled{HookNotice: notice(5)})
	expect(some, "id: 5", "event: webhook:disabled", "data:")
	expect(fresh, "id: 4", "event: webhook:failing", "data:", "id: 5", "event: webhook:disabled", "data:")

	odd, _ := w.lines("/events/stream?after=99") // given by another store
	expect(odd, "retry: 3000", "id: 99", "id: 5", "event: gap", `data: {"after":"99"}`)
	w.raise(gateway.HookDisabled{})
	expect(odd, "id: 6", "event: webhook:disabled", "data:")
	for query, want := range map[string]string{
		"?after=x":        "after must be the cursor of an event",
		"?events=sms:odd": "event must be one or more of sms:received",
	} {
		if a := w.do("GET", "/events/stream"+query, ""); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", query, a.status, a.body, want)
		}
	}
	if a := w.do("GET", "/events/stream", "", "Last-Event-ID", "x"); a.status != 400 || !strings.Contains(a.body, "Last-Event-ID must be the cursor") {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

// The limits that the server has for requests do not hold for streams.
func TestStreamOutlivesTimeouts(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		t.Run(fmt.Sprintf("encrypted=%t", encrypted), func(t *testing.T) { testOutlivesTimeouts(t, encrypted) })
	}
}

func testOutlivesTimeouts(t *testing.T, encrypted bool) {
	w := newWorldWith(t, Options{streams: streamTimes{beat: 30 * time.Millisecond}})
	s := httptest.NewUnstartedServer(w.handler)
	s.Config.ReadTimeout, s.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	if s.EnableHTTP2 = encrypted; encrypted {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	w.url, w.transport = s.URL, s.Client().Transport
	next, _ := w.lines("/events/stream?events=webhook:disabled")
	next()
	next()
	began := time.Now()
	for time.Since(began) < 300*time.Millisecond {
		if got := next(); got != ": alive" {
			t.Fatalf("after %v: got %q, want a sign of life", time.Since(began), got)
		}
	}
	// What was passed over need not be looked at again.
	w.raise(gateway.HookFailing{})
	for got := ": alive"; got != "id: 1"; {
		if got = next(); got != ": alive" && got != "id: 1" {
			t.Fatalf("got %q, want the cursor", got)
		}
	}
	w.client = api.New(s.URL, "sms", "secret", s.Client())
	if p := w.events("?wait=250ms&event=webhook:disabled"); len(p.Events) != 0 {
		t.Errorf("got %+v", p)
	}
}

// Who does not read is disconnected, and nothing is kept for it.
func TestStreamSlowClient(t *testing.T) {
	w := newWorldWith(t, Options{streams: streamTimes{patience: 50 * time.Millisecond}})
	ended := make(chan struct{})
	h := w.handler
	w.serve(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(out, r)
		close(ended)
	}))
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(1 << 16); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /events/stream?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic c21zOnNlY3JldA==\r\n\r\n")
	long := gateway.HookNotice{Reason: strings.Repeat("x", 4<<20)}
	for range 3 {
		w.raise(gateway.HookDisabled{HookNotice: long})
	}
	<-ended
}

// Nobody takes all streams there may be, and neither do they who wait with a request.
func TestListenersAreBounded(t *testing.T) {
	w := newUsers(t)
	var ends []func()
	for range maxOwnListeners {
		next, end := w.lines("/events/stream")
		next() // so that it is counted
		ends = append(ends, end)
	}
	for _, path := range []string{"/events/stream", "/events?wait=10s"} {
		a := w.do("GET", path, "")
		if a.status != 429 || !strings.Contains(a.body, "this user listens for events 64 times already") || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	if a := w.do("GET", "/events", ""); a.status != 200 {
		t.Errorf("without waiting: got %d %s", a.status, a.body)
	}
	if a := w.as("eye:eye-secret", "GET", "/events?wait=1ms", ""); a.status != 200 {
		t.Errorf("another user: got %d %s", a.status, a.body)
	}
	ends[0]()
	for { // until the server sees that
		if a := w.do("GET", "/events?wait=1ms", ""); a.status == 200 {
			break
		}
	}
	var l listeners
	for i := range maxListeners {
		if _, err := l.enter(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.enter("another"); gateway.CodeOf(err) != gateway.Unavailable {
		t.Errorf("got %v, want that there are too many", err)
	}
}

// The client goes through all kinds of what a stream sends, and ends with the gateway.
func TestClientStream(t *testing.T) {
	w := newWorld(t)
	soft, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- w.gateway.Run(soft, t.Context()) }()
	var got []string
	err := w.client.Stream(t.Context(), api.EventQuery{After: "9", Event: []string{"webhook:failing"}}, func(e api.Event, missed bool) error {
		got = append(got, fmt.Sprint(e.Cursor, e.Event, missed))
		switch len(got) {
		case 1:
			w.raise(gateway.HookDisabled{})
			w.raise(gateway.HookFailing{})
		case 2:
			stop()
		}
		return nil
	})
	if want := "[0true 2webhook:failingfalse]"; fmt.Sprint(got) != want || !errors.Is(err, io.EOF) {
		t.Errorf("got %v, %v, want %s and the end", got, err, want)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	enough := errors.New("enough")
	if err := w.client.Stream(t.Context(), api.EventQuery{After: "1"}, func(api.Event, bool) error { return enough }); err != enough {
		t.Errorf("got %v, want the error of the caller", err)
	}
	var refused *api.Error
	if err := w.client.Stream(t.Context(), api.EventQuery{After: "x"}, nil); !errors.As(err, &refused) || refused.Status != 400 {
		t.Errorf("got %v, want a refusal", err)
	}
}

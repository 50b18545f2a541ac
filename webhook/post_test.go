package webhook

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
)

// realWorld is a worker that makes real connections, and a receiver for it.
func realWorld(t *testing.T, o Options) (*world, *echo) {
	t.Helper()
	w := newWorld(t, o)
	w.rcv = nil
	e := newEcho(t)
	return w.start(), e
}

// echo is a real receiver that answers as told and passes on what it was sent.
type echo struct {
	*httptest.Server
	got chan *http.Request // with the body in Form["body"]

	mu     sync.Mutex
	answer http.HandlerFunc // nil: 200
}

func newEcho(t *testing.T) *echo {
	t.Helper()
	e := &echo{got: make(chan *http.Request, 10_000)}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Form = map[string][]string{"body": {string(body)}}
	e.got <- r
	e.mu.Lock()
	answer := e.answer
	e.mu.Unlock()
	if answer != nil {
		answer(w, r)
	}
}

func (e *echo) set(answer http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

// receive waits for the next request.
func receive(t *testing.T, e *echo) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case r := <-e.got:
		return r
	case <-ctx.Done():
		t.Fatal("no request came")
		return nil
	}
}

func TestPostOnTheWire(t *testing.T) {
	w, e := realWorld(t, Options{})
	ep := w.register("hook", strings.Replace(e.URL, "http://", "http://user:pa%20ss@", 1)+"/x?key=%2f1")
	w.emit("a", ep)
	r := receive(t, e)
	got := map[string]string{"method": r.Method, "uri": r.RequestURI}
	for k, v := range r.Header {
		got[k] = strings.Join(v, ", ")
	}
	body := r.Form["body"][0]
	if got["X-Signature"] != signature("12345678", body, got["X-Timestamp"]) {
		t.Error("signature does not verify")
	}
	user, password, _ := r.BasicAuth()
	if user != "user" || password != "pa ss" {
		t.Errorf("credentials %q, %q", user, password)
	}
	for _, k := range []string{"X-Signature", "X-Timestamp", "Webhook-Id", "Webhook-Event-Id", "Content-Length", "Authorization"} {
		if got[k] == "" {
			t.Errorf("no header %s", k)
		}
		delete(got, k)
	}
	diff(t, "request", map[string]string{
		"method": "POST", "uri": "/x?key=%2f1", "Content-Type": "application/json", "User-Agent": "tetherd/1.2.3", "Webhook-Attempt": "1",
	}, got)
}

func TestAnswers(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		verdict verdict
		code    int
		text    string // beginning
	}{
		{"ok", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, delivered, 204, ""},
		{"299", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }, delivered, 299, ""},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(302)
		}, failed, 302, "HTTP 302: redirected to https://elsewhere.example/, which is not followed: register that address instead"},
		{"redirect to nowhere", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://[")
			w.WriteHeader(308)
		}, failed, 0, `failed to parse Location header "http://["`},
		{"not modified", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, failed, 304, "HTTP 304"},
		{"client error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\n\tsuch \xff hook", 404) }, failed, 404, "HTTP 404: no such \ufffd hook"},
		{"long error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); io.WriteString(w, big) }, failed, 500, "HTTP 500: 0123456789abcdef"},
		{"10 MiB after success", func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				if _, err := io.WriteString(w, big); err != nil {
					return
				}
			}
		}, delivered, 200, ""},
		{"body that never ends, after success", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, delivered, 200, ""},
		{"body that never ends, after a failure", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, "wait")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, failed, 500, "HTTP 500: wait"},
		{"slow drip", func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					io.WriteString(w, "x")
					w.(http.Flusher).Flush()
				case <-r.Context().Done():
					return
				}
			}
		}, delivered, 200, ""},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, failed, 0, "no answer within 300ms"},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, failed, 0, "EOF"},
		{"header too long", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", big) }, failed, 0, "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded"},
		{"early hints without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.WriteHeader(103)
			}
		}, failed, 0, "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded"},
		{"early hints", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(202) }, delivered, 202, ""},
	} {
		w, e := realWorld(t, Options{Timeout: 300 * time.Millisecond})
		e.set(c.answer)
		a := &attempt{
			to: gateway.Endpoint{ID: "hook", URL: e.URL}, event: gateway.Event{ID: "e", Payload: gateway.Ping{}},
			delivery: gateway.Delivery{ID: "d"},
		}
		start := time.Now()
		a.run(t.Context(), w.worker)
		o := a.outcome
		if o.verdict != c.verdict || o.code != c.code || !strings.HasPrefix(o.text, c.text) || c.text == "" && o.text != "" {
			t.Errorf("%s: got %+v, want verdict %d, status %d, text %q", c.name, o, c.verdict, c.code, c.text)
		}
		if n := len([]rune(o.text)); n > maxTextRunes+20 {
			t.Errorf("%s: text has %d characters", c.name, n)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: took %s", c.name, d)
		}
	}
}

// No more is read of an answer than is used.
func TestEndlessAnswerIsCutOff(t *testing.T) {
	w, e := realWorld(t, Options{Timeout: time.Minute})
	const plenty = 256 << 20 // far more than socket buffers hold
	written := make(chan int, 1)
	e.set(func(w http.ResponseWriter, _ *http.Request) {
		n, chunk := 0, make([]byte, 64<<10)
		for n < plenty {
			if _, err := w.Write(chunk); err != nil {
				break
			}
			n += len(chunk)
		}
		written <- n
	})
	a := &attempt{to: gateway.Endpoint{URL: e.URL}, event: gateway.Event{Payload: gateway.Ping{}}}
	a.run(t.Context(), w.worker)
	if n := <-written; n >= plenty || a.outcome.verdict != delivered {
		t.Errorf("%d bytes were taken, outcome %+v", n, a.outcome)
	}
}

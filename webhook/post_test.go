package webhook

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/egress/egresstest"
)

// realWorld is a worker that makes real connections, and a receiver for it.
func realWorld(t *testing.T, o Options) (*world, *egresstest.Receiver) {
	t.Helper()
	w := newWorld(t, o)
	w.rcv = nil
	e := egresstest.NewReceiver(t)
	return w.start(), e
}

func TestPostOnTheWire(t *testing.T) {
	w, e := realWorld(t, Options{})
	ep := w.register("hook", strings.Replace(e.URL, "http://", "http://user:pa%20ss@", 1)+"/x?key=%2f1")
	w.emit("a", ep)
	r := e.Next(t)
	got := map[string]string{"method": r.Method, "uri": r.RequestURI}
	for k, v := range r.Header {
		got[k] = strings.Join(v, ", ")
	}
	body := r.Form["body"][0]
	if got["X-Signature"] != signature("12345678", body, got["X-Timestamp"]) {
		t.Error("signature does not verify")
	}
	if want := standard("12345678", got["Webhook-Id"]+"."+got["Webhook-Timestamp"]+"."+body); got["Webhook-Signature"] != want {
		t.Errorf("Webhook-Signature is %s, want %s", got["Webhook-Signature"], want)
	}
	user, password, _ := r.BasicAuth()
	if user != "user" || password != "pa ss" {
		t.Errorf("credentials %q, %q", user, password)
	}
	for _, k := range []string{"X-Signature", "X-Timestamp", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "Webhook-Event-Id", "Content-Length", "Authorization"} {
		if got[k] == "" {
			t.Errorf("no header %s", k)
		}
		delete(got, k)
	}
	diff(t, "request", map[string]string{
		"method": "POST", "uri": "/x?key=%2f1", "Content-Type": "application/json", "User-Agent": "tetherd/1.2.3", "Webhook-Sequence": "1", "Webhook-Attempt": "1",
	}, got)
}

// What a receiver answers, and that it does not, is told in the words of people.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		verdict verdict
		code    int
		text    string
	}{
		{"ok", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, delivered, 204, ""},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(302)
		}, failed, 302, "HTTP 302: redirected to https://elsewhere.example/, which is not followed: register that address instead"},
		{"client error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\n\tsuch \xff hook", 404) }, failed, 404, "HTTP 404: no such \ufffd hook"},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, failed, 0, "no answer within 300ms"},
	} {
		w, e := realWorld(t, Options{Timeout: 300 * time.Millisecond})
		e.Answer(c.answer)
		a := &attempt{
			to: gateway.Endpoint{ID: "hook", URL: e.URL}, event: gateway.Event{ID: "e", Payload: gateway.Ping{}},
			delivery: gateway.Delivery{ID: "d"},
		}
		a.run(t.Context(), w.worker)
		if o := a.outcome; o.verdict != c.verdict || o.Code != c.code || o.Error != c.text {
			t.Errorf("%s: got %+v, want verdict %d, status %d, text %q", c.name, o, c.verdict, c.code, c.text)
		}
	}
}

func TestCancelledAttempt(t *testing.T) {
	w, e := realWorld(t, Options{})
	e.Answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	a := &attempt{to: gateway.Endpoint{URL: e.URL}, event: gateway.Event{Payload: gateway.Ping{}}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.run(ctx, w.worker)
	}()
	e.Next(t)
	cancel()
	<-done
	if a.outcome.verdict != cancelled {
		t.Errorf("got %+v", a.outcome)
	}
}

package webhook

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestTrial(t *testing.T) {
	for _, c := range []struct {
		name   string
		edit   func(*gateway.Endpoint)
		answer http.HandlerFunc
		reach  bool
		ok     bool
		code   int
		method string
		what   string // part of what is said
	}{
		{"taken", nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); io.WriteString(w, "thanks") }, false, true, 202, "POST", "202"},
		{"refused", nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, false, false, 401, "POST", "401"},
		{"paused", func(e *gateway.Endpoint) { e.Paused = &gateway.Pause{} }, nil, false, true, 200, "POST", "200"},
		{"silent", func(e *gateway.Endpoint) { e.Timeout = 50 * time.Millisecond }, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, false, false, 0, "POST", "not answer in time"},
		{"reached", nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) }, true, true, 405, "OPTIONS", "can be reached"},
		{"another format", func(e *gateway.Endpoint) { e.Format = gateway.FormatInfiniReach }, nil, false, true, 200, "POST", "200"},
		{"template", func(e *gateway.Endpoint) {
			e.Format, e.Template, e.Method = gateway.FormatTemplate, "key=secret", "GET"
		}, nil, false, true, 200, "GET", "200"},
		{"broken template", func(e *gateway.Endpoint) {
			e.Format, e.Template = gateway.FormatTemplate, "{{.Nothing.At.All}}"
		}, nil, false, false, 0, "", "Nothing was sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, e := realWorld(t, Options{})
			e.Answer(c.answer)
			to := gateway.Endpoint{
				ID: "new", URL: e.URL + "/x?token=secret", Events: []gateway.EventType{gateway.EventReceived},
				Headers: []gateway.Header{{Name: "x-key", Value: "secret"}}, Auth: &gateway.EndpointAuth{Type: "bearer", Token: "secret"},
				Secrets: []gateway.Secret{{Key: "whsec_secret"}},
			}
			if c.edit != nil {
				c.edit(&to)
			}
			got := w.worker.Test(t.Context(), to, gateway.EventReceived, c.reach)
			if got.OK != c.ok || got.Code != c.code || got.Method != c.method || !strings.Contains(got.What, c.what) {
				t.Errorf("got %+v", got)
			}
			if c.method == "" {
				return
			}
			r := e.Next(t)
			if r.Method != c.method || r.Header.Get("Webhook-Test") != "1" || r.Header.Get("Authorization") != "Bearer secret" ||
				r.Header.Get("X-Key") != "secret" || r.Header.Get("Webhook-Signature") == "" || !strings.Contains(r.RequestURI, "token=secret") {
				t.Errorf("%s %s was sent with %v", r.Method, r.RequestURI, r.Header)
			}
			if sent := r.Form.Get("body"); sent != string(got.Sent) || c.reach != (sent == "") && c.method != "GET" {
				t.Errorf("%q was sent, it says %q", sent, got.Sent)
			}
			shown := got.URL
			for k, v := range got.Header {
				shown += k + v
			}
			if strings.Contains(shown, "secret") {
				t.Errorf("a secret is shown: %+v", got)
			}
			if got.Header["X-Key"] != gateway.Redacted || got.Header["Webhook-Event-Id"] != r.Header.Get("Webhook-Event-Id") {
				t.Errorf("header %v is shown for %v", got.Header, r.Header)
			}
			if states, err := w.db.EndpointStates(); err != nil || len(states) > 0 {
				t.Errorf("the test was counted: %v, %v", states, err)
			}
		})
	}
}

// Tests that take long do not take all there is, and end with their caller.
func TestTrialsAreBounded(t *testing.T) {
	w, e := realWorld(t, Options{})
	e.Answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan gateway.WebhookTest)
	for range maxTrials + 3 {
		go func() { ended <- w.worker.Test(ctx, gateway.Endpoint{URL: e.URL}, gateway.EventPing, false) }()
	}
	for range maxTrials {
		e.Next(t)
	}
	cancel()
	for range maxTrials + 3 {
		if got := <-ended; got.OK || got.Error == "" {
			t.Errorf("got %+v", got)
		}
	}
	select {
	case r := <-e.Got:
		t.Errorf("one more was sent: %v", r.Header)
	default:
	}
}

// What is sent to this gateway itself is handed over without a connection.
func TestLocalHandler(t *testing.T) {
	const host = "gateway.example.com"
	got := make(chan *http.Request, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Form = url.Values{"body": {string(body)}}
		got <- r
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusAccepted)
		w.Header().Set("Content-Type", "too/late")
		io.WriteString(w, strings.Repeat("x", 1<<20))
	})
	w, e := realWorld(t, Options{Local: func(u *url.URL) http.Handler {
		if u.Host == host && strings.HasPrefix(u.Path, "/bin/") {
			return handler
		}
		return nil
	}})
	ep := w.register("bin", "https://"+host+"/bin/1?a=b")
	w.emit("a", ep)
	r := <-got
	if r.RequestURI != "/bin/1?a=b" || r.Host != host || !strings.Contains(r.Form.Get("body"), "text 1") || r.Header.Get("X-Signature") == "" {
		t.Errorf("%s %s for %s came with %v", r.Method, r.RequestURI, r.Host, r.Header)
	}
	res := w.worker.Test(t.Context(), ep, gateway.EventSent, false)
	<-got
	if !res.OK || res.Code != 202 || res.ContentType != "text/plain" || len(res.Body) != gateway.MaxAttemptBody || !res.Truncated {
		t.Errorf("got %+v", res)
	}
	w.emit("b", w.register("real", e.URL+"/bin/1"))
	e.Next(t)
}

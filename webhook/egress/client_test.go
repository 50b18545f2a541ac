package egress

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/webhook/egress/egresstest"
)

// newClient returns a client whose kept connections are closed in the end.
func newClient(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// diff fails the test if got is not what is wanted.
func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestDoOnTheWire(t *testing.T) {
	for _, c := range []struct {
		name   string
		req    Request
		want   http.Header
		method string
	}{
		{"defaults", Request{}, http.Header{"Content-Length": {"0"}, "User-Agent": {"Go-http-client/1.1"}}, "POST"},
		{
			"all",
			Request{Method: "PUT", Header: http.Header{"User-Agent": {"a/1"}, "X": {"1", "2"}}, Body: []byte("{}")},
			http.Header{"Content-Length": {"2"}, "User-Agent": {"a/1"}, "X": {"1", "2"}},
			"PUT",
		},
		{
			"own key",
			Request{Header: http.Header{"User-Agent": {"a/1"}, "Idempotency-Key": {"k"}}},
			http.Header{"Content-Length": {"0"}, "User-Agent": {"a/1"}, "Idempotency-Key": {"k"}},
			"POST",
		},
	} {
		e := egresstest.NewReceiver(t)
		c.req.URL = strings.Replace(e.URL, "http://", "http://user:pa%20ss@", 1) + "/x?key=%2f1"
		before := c.req.Header.Clone()
		if _, err := newClient(t, Options{}).Do(t.Context(), c.req); err != nil {
			t.Fatal(err)
		}
		r := e.Next(t)
		if user, password, _ := r.BasicAuth(); user != "user" || password != "pa ss" {
			t.Errorf("%s: credentials %q, %q", c.name, user, password)
		}
		r.Header.Del("Authorization")
		diff(t, c.name, c.want, r.Header)
		diff(t, c.name+": line", c.method+" /x?key=%2f1 "+string(c.req.Body), r.Method+" "+r.RequestURI+" "+r.Form["body"][0])
		diff(t, c.name+": header of the caller", before, c.req.Header)
	}
}

func TestOwnAuthorizationIsKept(t *testing.T) {
	e := egresstest.NewReceiver(t)
	_, err := newClient(t, Options{}).Do(t.Context(), Request{
		URL: strings.Replace(e.URL, "http://", "http://user:pass@", 1), Header: http.Header{"Authorization": {"Bearer x"}},
	})
	if got := e.Next(t).Header.Get("Authorization"); err != nil || got != "Bearer x" {
		t.Errorf("got %q, error %v", got, err)
	}
}

func TestAnswers(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		code   int    // 0: no answer
		text   string // beginning of the failure or of the error
	}{
		{"ok", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, ""},
		{"299", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }, 299, ""},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(302)
		}, 302, "HTTP 302: redirected to https://elsewhere.example/, which is not followed: register that address instead"},
		{"redirect to nowhere", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://[")
			w.WriteHeader(308)
		}, 308, "HTTP 308: redirected to http://[, which is not followed"},
		{"not modified", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, 304, "HTTP 304"},
		{"client error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\n\tsuch \xff hook", 404) }, 404, "HTTP 404: no such \ufffd hook"},
		{"long error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); io.WriteString(w, big) }, 500, "HTTP 500: 0123456789abcdef"},
		{"10 MiB after success", func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				if _, err := io.WriteString(w, big); err != nil {
					return
				}
			}
		}, 200, ""},
		{"body that never ends, after success", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 200, ""},
		{"body that never ends, after a failure", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, "wait")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, 500, "HTTP 500: wait"},
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
		}, 200, ""},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, "no answer within 300ms"},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, "EOF"},
		{"header too long", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", big) }, 0, "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded"},
		{"early hints without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.WriteHeader(103)
			}
		}, 0, "net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded"},
		{"early hints", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(202) }, 202, ""},
	} {
		e := egresstest.NewReceiver(t)
		e.Answer(c.answer)
		start := time.Now()
		a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL, Timeout: 300 * time.Millisecond})
		code, text := 0, ""
		if err != nil {
			text = err.Error()
		} else {
			code, text = a.Code, a.Failure()
			if len(a.Body) > maxBody {
				t.Errorf("%s: %d bytes were kept", c.name, len(a.Body))
			}
		}
		if code != c.code || !strings.HasPrefix(text, c.text) || c.text == "" && text != "" {
			t.Errorf("%s: got status %d, text %q, want status %d, text %q", c.name, code, text, c.code, c.text)
		}
		if n := len([]rune(text)); n > maxRunes+20 {
			t.Errorf("%s: text has %d characters", c.name, n)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: took %s", c.name, d)
		}
	}
}

// No more is read of an answer than is used.
func TestEndlessAnswerIsCutOff(t *testing.T) {
	e := egresstest.NewReceiver(t)
	const plenty = 256 << 20 // far more than socket buffers hold
	written := make(chan int, 1)
	e.Answer(func(w http.ResponseWriter, _ *http.Request) {
		n, chunk := 0, make([]byte, 64<<10)
		for n < plenty {
			if _, err := w.Write(chunk); err != nil {
				break
			}
			n += len(chunk)
		}
		written <- n
	})
	a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL, Timeout: time.Minute})
	if n := <-written; n >= plenty || err != nil || !a.OK() || len(a.Body) != maxBody || !a.Truncated {
		t.Errorf("%d bytes were taken, error %v, answer %+v", n, err, a)
	}
}

func TestAnswerIsKept(t *testing.T) {
	e := egresstest.NewReceiver(t)
	body := "<script>\x00\xff\r\n" + strings.Repeat("x", 100)
	e.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Retry-After", "0.5")
		w.Header().Set("Webhook-Delivery", "disable")
		w.Header().Set("Location", "/"+strings.Repeat("x", 2000))
		w.Header().Set("Set-Cookie", "secret")
		w.WriteHeader(503)
		io.WriteString(w, body)
	})
	a, err := newClient(t, Options{}).Do(t.Context(), Request{URL: e.URL})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "header", http.Header{
		"Content-Type": {"text/html"}, "Retry-After": {"0.5"}, "Webhook-Delivery": {"disable"}, "Location": {"/" + strings.Repeat("x", maxValue-1)},
	}, a.Header)
	if string(a.Body) != body || a.Truncated {
		t.Errorf("body %q, truncated %t", a.Body, a.Truncated)
	}
}

func TestCancelledRequest(t *testing.T) {
	e := egresstest.NewReceiver(t)
	e.Answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		e.Next(t)
		cancel()
	}()
	_, err := newClient(t, Options{}).Do(ctx, Request{URL: e.URL})
	if v := Judge(err, true); v != Cancelled {
		t.Errorf("got %s for %v", v, err)
	}
}

func TestNewRefusesAnUnknownPolicy(t *testing.T) {
	if _, err := New(Options{Policy: "open"}); err == nil || !strings.Contains(err.Error(), "home, https-only or strict") {
		t.Errorf("got %v", err)
	}
}

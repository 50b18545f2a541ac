package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func TestHeadersOfEveryAnswer(t *testing.T) {
	w := newWorld(t)
	seen := make(map[string]bool)
	for _, a := range []answered{
		w.do("GET", "/messages", ""), w.do("GET", "/messages/none", ""), w.do("GET", "/nothing", ""), w.do("PUT", "/inbox", ""),
		w.do("POST", "/messages", ""), w.do("GET", "/docs/../x", ""), w.do("GET", "/", "", "Origin", "https://evil.example"), w.do("DELETE", "/webhooks/none", ""), w.anonymous("GET", "/"), w.anonymous("GET", "/health"),
	} {
		id := a.header.Get("X-Request-Id")
		if !regexp.MustCompile(`^[\w-]{21}$`).MatchString(id) || seen[id] {
			t.Errorf("%d: got request id %q, want a new one", a.status, id)
		}
		seen[id] = true
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%d: got %s %q, want %q", a.status, name, got, want)
			}
		}
		if a.header.Get("Date") == "" {
			t.Errorf("%d: no Date", a.status)
		}
	}
}

func TestThrottledLogin(t *testing.T) {
	w := newWorld(t)
	login := func(password string) answered {
		req, err := http.NewRequest("GET", w.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("sms", password)
		return w.exchange(req)
	}
	for i := range 10 {
		if a := login(fmt.Sprint(i)); a.status != 401 {
			t.Fatalf("guess %d: got %d, want 401", i, a.status)
		}
	}
	a := login("secret")
	if want := regexp.MustCompile(`^{"message":"too many failed logins from this address; try again in [1-6] s"}$`); a.status != 429 || !want.MatchString(a.body) {
		t.Errorf("got %d %s, want 429 %s", a.status, a.body, want)
	}
	if got := a.header.Get("Retry-After"); !strings.Contains(a.body, " "+got+" s") || got == "" {
		t.Errorf("got Retry-After %q, want that of %s", got, a.body)
	}
	if a := w.anonymous("GET", "/health/live"); a.status != 200 {
		t.Errorf("got %d for health, want 200", a.status)
	}
}

func TestBodyLimit(t *testing.T) {
	w := newWorld(t)
	const body = `{"message":"hi","phoneNumbers":["+4915110000001"]}`
	padding := strings.Repeat(" ", maxBody-len(body))
	if a := w.do("POST", "/messages", body+padding); a.status != 202 {
		t.Errorf("%d bytes: got %d %s, want 202", maxBody, a.status, a.body)
	}
	for _, path := range []string{"/messages", "/webhooks"} {
		a := w.do("POST", path, body+padding+" ")
		if want := `{"message":"the request body is larger than 1048576 bytes"}`; a.status != 413 || a.body != want {
			t.Errorf("one more to %s: got %d %s, want 413 %s", path, a.status, a.body, want)
		}
	}
}

// A page of another site can make a browser send a form, with the credentials it
// keeps for the gateway.
func TestPagesOfOtherSites(t *testing.T) {
	w := newWorld(t)
	const body = `{"message":"hi","phoneNumbers":["+4915110000001"]}`
	for _, tt := range []struct {
		name   string
		header []string
		want   int
	}{
		{"no browser", nil, 202},
		{"other site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		{"old browser", []string{"Origin", "https://evil.example"}, 403},
		{"own pages", []string{"Sec-Fetch-Site", "same-origin", "Origin", w.url}, 202},
		{"own pages, old browser", []string{"Origin", w.url}, 202},
	} {
		a := w.do("POST", "/messages", body, append(tt.header, "Content-Type", "text/plain")...)
		if a.status != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.name, a.status, a.body, tt.want)
		}
		if a.status == 403 && a.body != `{"message":"requests from pages of other sites are not accepted"}` {
			t.Errorf("%s: got %s", tt.name, a.body)
		}
	}
}

// What only reads is refused to pages of other sites as well: they do not get to see
// the answer, but a search or a stream of events keeps the gateway busy.
func TestPagesOfOtherSitesRead(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name   string
		header []string
		want   int
	}{
		{"no browser", nil, 200},
		{"own pages", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"typed by hand", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"link", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"frame", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"picture", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, 403},
		{"other port", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"}, 403},
		{"old browser", []string{"Origin", "http://evil.example"}, 403},
		{"file", []string{"Origin", "null"}, 403},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if a := w.do(method, "/docs/index.html", "", tt.header...); a.status != tt.want {
				t.Errorf("%s: %s: got %d %s, want %d", tt.name, method, a.status, a.body, tt.want)
			}
		}
	}
	if a := w.do("POST", "/messages", "{}", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"); a.status != 403 {
		t.Errorf("form: got %d, want 403", a.status)
	}
}

func TestLogNamesNobody(t *testing.T) {
	w := newWorld(t)
	w.do("POST", "/messages?skipPhoneValidation=true", `{"id":"order-of-bob","message":"top secret","phoneNumbers":["+4915110000001"]}`)
	w.do("GET", "/messages/order-of-bob", "")
	w.do("GET", "/messages?from=2026-03-13T10:00:00Z", "")
	w.do("GET", "/tel/+4915110000001", "")
	log := w.log.String()
	for _, secret := range []string{"order-of-bob", "4915110000001", "top secret", "secret", "skipPhone", "2026-03-13T10", "Basic"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log contains %q:\n%s", secret, log)
		}
	}
	for _, want := range []string{`"route":"POST /messages","method":"POST","status":202`, `"route":"GET /messages/{id}"`, `"route":"/"`, `"level":"debug"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if n := strings.Count(log, "request answered"); n != 4 {
		t.Errorf("got %d lines for 4 requests:\n%s", n, log)
	}
}

// errorLines returns the logged errors.
func (w *world) errorLines() (lines []string) {
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, `"level":"error"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestInternalErrorIsLoggedNotShown(t *testing.T) {
	w := newWorld(t)
	w.closed = true
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	a := w.do("GET", "/messages", "")
	id := a.header.Get("X-Request-Id")
	if want := `{"message":"internal error, request ` + id + `; see the log"}`; a.status != 500 || a.body != want {
		t.Errorf("got %d %s, want 500 %s", a.status, a.body, want)
	}
	lines := w.errorLines()
	if len(lines) != 1 || !strings.Contains(lines[0], id) || !strings.Contains(lines[0], "database not open") {
		t.Errorf("got %q, want one line with the request and the cause", lines)
	}
	// What cannot be stored is not accepted, and that is no mishap of the request.
	a = w.do("POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"]}`)
	if want := `{"message":"the store is closed"}`; a.status != 503 || a.body != want || a.header.Get("Retry-After") == "" {
		t.Errorf("got %d %s, Retry-After %q, want 503 %s", a.status, a.body, a.header.Get("Retry-After"), want)
	}
	a = w.do("POST", "/webhooks", `{"url":"https://example.org","event":"sms:sent"}`)
	if want := `{"message":"the store is closed"}`; a.status != 503 || a.body != want {
		t.Errorf("got %d %s, want 503 %s", a.status, a.body, want)
	}
	if h, err := w.client.Health(t.Context()); err != nil || h.Status != api.Fail {
		t.Errorf("got health %+v, %v, want fail", h, err)
	}
}

func TestErrorsBecomeStatuses(t *testing.T) {
	log := &logBuffer{}
	s := &server{log: zerolog.New(log)}
	for _, tt := range []struct {
		err    error
		status int
		body   string
	}{
		{gateway.Invalidf("wrong"), 400, `{"message":"wrong"}`},
		{fmt.Errorf("cancel message: %w", gateway.Invalidf("wrong")), 400, `{"message":"wrong"}`},
		{gateway.ErrNotFound, 404, ""},
		{fmt.Errorf("read: %w", gateway.ErrNotFound), 404, ""},
		{&gateway.Error{Code: gateway.NotFound, Message: "no such thing"}, 404, `{"message":"no such thing"}`},
		{gateway.ErrExists, 409, `{"message":"Message with the same ID already exists"}`},
		{&gateway.Error{Code: gateway.Unavailable, Message: "stopping", Err: errors.New("cause")}, 503, `{"message":"stopping"}`},
		{fmt.Errorf("read request body: %w", &http.MaxBytesError{Limit: maxBody}), 413, `{"message":"the request body is larger than 1048576 bytes"}`},
		{errors.New("disk on fire"), 500, `{"message":"internal error, request ; see the log"}`},
	} {
		w := httptest.NewRecorder()
		s.fail(w, httptest.NewRequest("GET", "/", nil), tt.err)
		if w.Code != tt.status || plainError(w.Body.String()) != tt.body {
			t.Errorf("%v: got %d %s, want %d %s", tt.err, w.Code, w.Body, tt.status, tt.body)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	s.fail(w, httptest.NewRequestWithContext(gone, "GET", "/", nil), fmt.Errorf("store message: %w", context.Canceled))
	if w.Code != 503 {
		t.Errorf("got %d for a client that has gone, want 503", w.Code)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "disk on fire") {
		t.Errorf("got %d lines, want the internal error alone:\n%s", n, log)
	}
}

func TestPanic(t *testing.T) {
	log := &logBuffer{}
	s := &server{log: zerolog.New(log), origin: http.NewCrossOriginProtection()}
	w := httptest.NewRecorder()
	s.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("early")
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	var e api.Error
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != 500 || e.Message != "internal error, request "+w.Header().Get("X-Request-Id")+"; see the log" {
		t.Errorf("got %d %s, want 500 and the request", w.Code, w.Body)
	}
	if l := log.String(); !strings.Contains(l, "panic: early") || !strings.Contains(l, "guard_test.go") {
		t.Errorf("the log lacks the cause or the stack:\n%s", l)
	}

	// After the header is out nothing can be told; the log still has it.
	w = httptest.NewRecorder()
	s.guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("half"))
		panic("late")
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || w.Body.String() != "half" || !strings.Contains(log.String(), "panic: late") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}

	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("got panic %v, want http.ErrAbortHandler let through", p)
		}
	}()
	s.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/store"
)

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("CET", 3600) // the API writes times in it
	os.Exit(m.Run())
}

// world is the API on the real gateway and the real store. Nothing is sent: the
// engine does not run.
type world struct {
	t       testing.TB
	db      *store.DB
	gateway *gateway.Gateway
	handler http.Handler
	url     string
	// transport is what requests are made with.
	transport http.RoundTripper
	client    *api.Client
	log       *logBuffer
	closed    bool // the store was closed by the test
}

// logBuffer collects what is logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fakeModem has a status and does not send.
type fakeModem struct{ status gateway.ModemStatus }

func (m fakeModem) ID() string                  { return m.status.Modem }
func (m fakeModem) Status() gateway.ModemStatus { return m.status }
func (m fakeModem) Send(context.Context, gateway.Outgoing, func(gateway.SentPart) error) error {
	return &gateway.SendError{Fate: gateway.NotSent, Action: gateway.Wait, Text: "not used"}
}

// USSD has a menu behind *100#.
func (m fakeModem) USSD(_ context.Context, q gateway.USSDQuery) (gateway.USSDAnswer, error) {
	switch {
	case q.Code == "*100#":
		return gateway.USSDAnswer{Text: "1 <Credit>\n2 Help", Status: gateway.USSDReplyNeeded}, nil
	case q.Reply == "1":
		return gateway.USSDAnswer{Text: "3 EUR", Status: gateway.USSDDone}, nil
	case q.End:
		return gateway.USSDAnswer{Status: gateway.USSDDone}, nil
	}
	return gateway.USSDAnswer{}, &gateway.Error{Code: gateway.Conflict, Message: "the network did not answer in time: try again later"}
}

func (m fakeModem) PurgeStored(context.Context) (int, error) { return 3, nil }

// Restart takes every step but usb, once.
func (m fakeModem) Restart(_ context.Context, step gateway.RecoveryStep) error {
	switch step {
	case gateway.StepUSB:
		return gateway.Invalidf("modem %s has no recovery step %s", m.status.Modem, step)
	case gateway.StepRadio:
		return &gateway.Error{Code: gateway.TooSoon, Message: "just now", After: 1500 * time.Millisecond}
	}
	return nil
}

// httpsOnly is a stand-in for the policy of webhooks.
func httpsOnly(e *gateway.Endpoint) error {
	if !strings.HasPrefix(e.URL, "https://") && !strings.HasPrefix(e.URL, "http://127.0.0.1") {
		const known = "url must start with https:// or http://127.0.0.1"
		return &gateway.Error{Code: gateway.Invalid, Field: "url", Message: known, Detail: known + "; see webhooks.policy"}
	}
	return nil
}

func newWorld(t testing.TB, modems ...gateway.Modem) *world {
	t.Helper()
	return newWorldWith(t, Options{}, modems...)
}

// newWorldWith adds what every world has to o.
func newWorldWith(t testing.TB, o Options, modems ...gateway.Modem) *world {
	t.Helper()
	w := &world{t: t, log: &logBuffer{}, transport: http.DefaultTransport}
	started := time.Now()
	db, err := store.Open(filepath.Join(t.TempDir(), "tetherd.db"), store.Options{
		Clock:           gateway.ClockSource{Boot: func() (time.Duration, string) { return time.Since(started), "boot" }},
		InitialMmapSize: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.db = db
	t.Cleanup(func() {
		if w.closed {
			return
		}
		if err := db.Check(context.Background()); err != nil {
			t.Errorf("check store: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	w.gateway, err = gateway.New(t.Context(), gateway.Options{Store: db, Version: "1.2.3", Region: "DE", CheckEndpoint: httpsOnly})
	if err != nil {
		t.Fatal(err)
	}
	w.gateway.Attach(modems...)
	o.Logs = db
	o.Gateway, o.Username, o.Password, o.Version = w.gateway, "sms", "secret", "1.2.3"
	if o.Webhooks == nil {
		o.Webhooks = &fakeWebhooks{}
	}
	o.Log = zerolog.New(w.log).Level(zerolog.DebugLevel)
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	w.serve(h)
	return w
}

// serve makes h what requests go to.
func (w *world) serve(h http.Handler) {
	w.t.Helper()
	w.handler = h
	s := httptest.NewServer(h)
	w.t.Cleanup(s.Close)
	w.url = s.URL
	w.client = api.New(s.URL, "sms", "secret", s.Client())
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// do makes one request with the right credentials. header holds pairs.
func (w *world) do(method, path, body string, header ...string) answered {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.SetBasicAuth("sms", "secret")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return w.exchange(req)
}

// anonymous makes one request without credentials.
func (w *world) anonymous(method, path string) answered {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.exchange(req)
}

func (w *world) exchange(req *http.Request) answered {
	w.t.Helper()
	// Redirects are not followed: the API must not need any.
	resp, err := w.transport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answered{resp.StatusCode, resp.Header, strings.TrimSuffix(string(b), "\n")}
	if err := describedOrFail(w.t).check(req, a); err != nil {
		w.t.Error(err)
	}
	a.body = w.plain(resp, a.body)
	return a
}

// plain leaves of the answer to a mistake what clients of the phone app read, and
// checks the rest.
func (w *world) plain(resp *http.Response, body string) string {
	w.t.Helper()
	var p api.Problem
	if resp.StatusCode < 400 || json.Unmarshal([]byte(body), &p) != nil || p.Message == "" {
		return body
	}
	if !strings.HasPrefix(p.Detail, p.Message) {
		w.t.Errorf("got detail %q, want it to begin with message %q", p.Detail, p.Message)
	}
	want := api.Problem{
		Message: p.Message, Type: "about:blank", Title: http.StatusText(resp.StatusCode), Status: resp.StatusCode,
		Detail: p.Detail, Instance: resp.Header.Get("X-Request-Id"), Field: p.Field, Errors: p.Errors,
	}
	if diff := cmp.Diff(want, p); diff != "" {
		w.t.Errorf("problem (-want +got)\n%s", diff)
	}
	return plainError(body)
}

var details = regexp.MustCompile(`,"type":"about:blank",.*}$`)

// plainError takes the members of RFC 9457 out of the answer to a mistake.
func plainError(body string) string {
	return details.ReplaceAllString(strings.TrimSuffix(body, "\n"), "}")
}

// store commits c.
func (w *world) store(c gateway.Change) {
	w.t.Helper()
	if err := w.db.Commit(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

// send submits a text and returns its ID.
func (w *world) send(text string, to ...string) string {
	w.t.Helper()
	m, err := w.gateway.Submit(w.t.Context(), gateway.Submission{Text: text, Numbers: to})
	if err != nil {
		w.t.Fatal(err)
	}
	return m.ID
}

var (
	anyID   = regexp.MustCompile(`"(id|deviceId)":"[\w-]{21}"`)
	anyTime = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+01:00"`)
)

// masked replaces what differs from run to run: identifiers and times, which must
// have the form the API promises.
func masked(body string) string {
	return anyTime.ReplaceAllString(anyID.ReplaceAllString(body, `"$1":"ID"`), `"TIME"`)
}

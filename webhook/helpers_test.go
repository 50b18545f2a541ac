package webhook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/store"
	"tetherd/webhook/egress"
)

// diff fails the test if got is not what is wanted.
func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// hit is a request as a receiver saw it.
type hit struct {
	at        time.Time
	host      string
	id        string
	attempt   string
	signature string
	timestamp string
	body      string
}

// receiver stands for all receivers: an in-memory transport that notes what it is
// given and answers as told.
type receiver struct {
	mu     sync.Mutex
	hits   []hit
	quiet  bool                                        // hits are not noted
	answer func(*http.Request) (*http.Response, error) // nil: 200
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	if !r.quiet {
		r.hits = append(r.hits, hit{
			at: time.Now(), host: req.URL.Host, id: req.Header.Get("Webhook-Id"),
			attempt: req.Header.Get("Webhook-Attempt"), signature: req.Header.Get("X-Signature"),
			timestamp: req.Header.Get("X-Timestamp"), body: string(body),
		})
	}
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return status(200, ""), nil
	}
	return answer(req)
}

func (r *receiver) set(answer func(*http.Request) (*http.Response, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// take returns the hits so far and forgets them.
func (r *receiver) take() []hit {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hits
	r.hits = nil
	return h
}

func status(code int, body string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// always answers every request with the given status.
func always(code int) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return status(code, "no"), nil }
}

// hang answers nothing until the attempt is given up.
func hang(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// epoch is when the machine of the tests booted.
var epoch = time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)

// world is a worker on a real store. In a synctest bubble it has a receiver in
// memory.
type world struct {
	t      testing.TB
	path   string
	o      Options
	rcv    *receiver // nil: real connections
	floor  time.Time
	asleep atomic.Int64 // for how long the machine was, in ns
	db     *store.DB
	queue  func(*store.DB) Queue // nil: the store
	worker *Worker
	soft   context.CancelFunc
	hard   context.CancelFunc
	done   chan error
	events int
}

func newWorld(t testing.TB, o Options) *world {
	t.Helper()
	o.DeviceID, o.Version, o.SigningKey = "device-0000000000000x", "1.2.3", "12345678"
	w := &world{t: t, o: o, rcv: &receiver{}, path: filepath.Join(t.TempDir(), "tetherd.db")}
	t.Cleanup(w.close)
	return w
}

// open opens the store.
func (w *world) open() *world {
	w.t.Helper()
	db, err := store.Open(w.path, store.Options{Clock: gateway.ClockSource{
		Boot:  func() (time.Duration, string) { return time.Since(epoch) + time.Duration(w.asleep.Load()), "boot" },
		Floor: w.floor,
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = db
	return w
}

// start opens the store, if it is not, and runs a worker on it.
func (w *world) start() *world {
	w.t.Helper()
	if w.db == nil {
		w.open()
	}
	w.o.Queue = w.db
	if w.queue != nil {
		w.o.Queue = w.queue(w.db)
	}
	net := egress.Options{Clock: w.db.Timeline().Wall}
	if w.rcv != nil {
		net.RoundTripper = w.rcv
	}
	var err error
	if w.o.Client, err = egress.New(net); err != nil {
		w.t.Fatal(err)
	}
	worker, err := New(w.o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.worker = worker
	w.db.OnCommit(worker.Observe)
	var soft, hard context.Context
	hard, w.hard = context.WithCancel(context.Background())
	soft, w.soft = context.WithCancel(hard)
	w.done = make(chan error, 1)
	go func() { w.done <- worker.Run(soft, hard) }()
	return w
}

// stop ends the worker softly and waits for it.
func (w *world) stop() {
	w.t.Helper()
	if w.done == nil {
		return
	}
	w.soft()
	if err := <-w.done; err != nil {
		w.t.Errorf("run: %v", err)
	}
	w.hard()
	w.done = nil
}

// close stops the worker and closes the store, which must be in order.
func (w *world) close() {
	w.t.Helper()
	w.stop()
	if w.db == nil {
		return
	}
	if err := w.db.Check(context.Background()); err != nil {
		w.t.Errorf("check: %v", err)
	}
	if err := w.db.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
	w.db = nil
}

func (w *world) commit(c gateway.Change) {
	w.t.Helper()
	if err := w.db.Commit(context.Background(), c); err != nil {
		w.t.Fatal(err)
	}
}

// register stores a webhook for incoming messages and returns it.
func (w *world) register(id, url string) gateway.Endpoint {
	w.t.Helper()
	return w.registerFor(gateway.EventReceived, id, url)
}

func (w *world) registerFor(event gateway.EventType, id, url string) gateway.Endpoint {
	w.t.Helper()
	es := []gateway.Endpoint{{ID: id, URL: url, Events: []gateway.EventType{event}, CreatedAt: time.Now()}}
	w.commit(gateway.Change{Endpoints: es})
	return es[0]
}

// emit stores an event about subject for the given webhooks.
func (w *world) emit(subject string, to ...gateway.Endpoint) {
	w.t.Helper()
	w.events++
	w.commit(gateway.Change{Emissions: []gateway.Emission{w.emission(w.events, subject, to...)}})
}

func (w *world) emission(n int, subject string, to ...gateway.Endpoint) gateway.Emission {
	at := time.Now().Round(0)
	e := gateway.Emission{Event: gateway.Event{
		ID: gateway.NewID(), At: at, Subject: subject,
		Payload: gateway.MessageReceived{
			MessageID: fmt.Sprintf("%08x", n), Sender: "+6505551212", SIM: 1, Modem: "office",
			Text: fmt.Sprintf("text %d", n), ReceivedAt: at,
		},
	}}
	for _, ep := range to {
		e.Deliveries = append(e.Deliveries, gateway.Delivery{
			ID: gateway.NewID(), Endpoint: ep.Num, Subject: subject, Due: w.db.Timeline().Now(),
		})
	}
	return e
}

// pending returns how many deliveries wait for a webhook.
func (w *world) pending(e gateway.Endpoint) int {
	w.t.Helper()
	loads, err := w.db.EndpointLoads()
	if err != nil {
		w.t.Fatal(err)
	}
	return loads[e.Num].Pending
}

// lastAttempt returns the newest in the log of a webhook.
func (w *world) lastAttempt(e gateway.Endpoint) gateway.Attempt {
	w.t.Helper()
	as, err := w.db.Attempts(gateway.AttemptQuery{Endpoint: e.Num, Limit: 1})
	if err != nil || len(as) != 1 {
		w.t.Fatalf("%d attempts in the log, %v", len(as), err)
	}
	return as[0]
}

// state returns how a webhook fared.
func (w *world) state(e gateway.Endpoint) gateway.EndpointState {
	w.t.Helper()
	states, err := w.db.EndpointStates()
	if err != nil {
		w.t.Fatal(err)
	}
	return states[e.Num]
}

// pass lets fake time pass and waits until nothing moves.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func dropEndpoint(id string) gateway.Change { return gateway.Change{DropEndpoints: []string{id}} }

func saveEndpoint(e gateway.Endpoint) gateway.Change {
	return gateway.Change{Endpoints: []gateway.Endpoint{e}}
}

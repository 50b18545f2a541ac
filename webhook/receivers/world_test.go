package receivers_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/store"
	"tetherd/webhook"
	"tetherd/webhook/egress"
	"tetherd/webhook/receivers"
)

const deviceID = "device-0000000000000x"

// diff fails the test if got is not what is wanted.
func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// hosts are what starts receivers; each starts its own, or skips the test.
var hosts = []struct {
	name  string
	start func(testing.TB) *receivers.Host
}{
	{"go", receivers.StartGo},
	{"node", receivers.StartNode},
	{"python", receivers.StartPython},
}

// onEachHost runs a test with the receivers of each host.
func onEachHost(t *testing.T, test func(*testing.T, *receivers.Host)) {
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			test(t, h.start(t))
		})
	}
}

// world is a worker on a real store, with real connections.
type world struct {
	t  *testing.T
	db *store.DB

	mu       sync.Mutex
	outcomes map[string][]gateway.Delivery // by id, as stored after each attempt
	changed  chan struct{}                 // closed and replaced with each outcome
}

func newWorld(t *testing.T) *world {
	t.Helper()
	boot := time.Now().Add(-time.Hour)
	db, err := store.Open(filepath.Join(t.TempDir(), "tetherd.db"), store.Options{Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(boot), "boot" },
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, outcomes: make(map[string][]gateway.Delivery), changed: make(chan struct{})}
	client, err := egress.New(egress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	worker, err := webhook.New(webhook.Options{
		Queue: db, Client: client, DeviceID: deviceID, Version: "1.2.3", RetryBase: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	db.OnCommit(worker.Observe)
	db.OnCommit(w.note)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := db.Check(context.Background()); err != nil {
			t.Errorf("check: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

// note keeps the outcomes of attempts.
func (w *world) note(c gateway.Change) {
	if len(c.Deliveries) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range c.Deliveries {
		w.outcomes[d.ID] = append(w.outcomes[d.ID], d)
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// await waits until an attempt at a delivery had an outcome that is wanted, and
// returns all up to that.
func (w *world) await(id string, wanted func(gateway.Delivery) bool) []gateway.Delivery {
	w.t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		w.mu.Lock()
		outcomes, changed := w.outcomes[id], w.changed
		w.mu.Unlock()
		for i, d := range outcomes {
			if wanted(d) {
				return outcomes[:i+1]
			}
		}
		select {
		case <-changed:
		case <-timeout:
			w.t.Fatalf("no such outcome of %s: %+v", id, outcomes)
		}
	}
}

func ended(d gateway.Delivery) bool { return d.State != gateway.Undelivered }

func (w *world) commit(c gateway.Change) {
	w.t.Helper()
	if err := w.db.Commit(context.Background(), c); err != nil {
		w.t.Fatal(err)
	}
}

// register stores a webhook, or replaces the one with its ID, and returns it.
func (w *world) register(e gateway.Endpoint) gateway.Endpoint {
	w.t.Helper()
	if e.ID == "" {
		e.ID, e.CreatedAt = gateway.NewID(), time.Now().Round(0)
		e.Rev = 1
	}
	es := []gateway.Endpoint{e}
	w.commit(gateway.Change{Endpoints: es})
	return es[0]
}

// emit stores an event for a webhook and returns its delivery.
func (w *world) emit(e gateway.Event, to gateway.Endpoint) string {
	w.t.Helper()
	d := gateway.Delivery{ID: gateway.NewID(), Endpoint: to.Num, Rev: to.Rev, Due: w.db.Timeline().Now()}
	e.ID = gateway.NewID()
	w.commit(gateway.Change{Emissions: []gateway.Emission{{Event: e, Deliveries: []gateway.Delivery{d}}}})
	return d.ID
}

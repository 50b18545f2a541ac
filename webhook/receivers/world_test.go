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
)

const deviceID = "device-0000000000000x"

// diff fails the test if got is not what is wanted.
func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// world is a worker on a real store, with real connections.
type world struct {
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
	w := &world{db: db, outcomes: make(map[string][]gateway.Delivery), changed: make(chan struct{})}
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
func (w *world) await(t *testing.T, id string, wanted func(gateway.Delivery) bool) []gateway.Delivery {
	t.Helper()
	timeout := time.After(time.Minute)
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
			t.Fatalf("none of %d outcomes of %s is the wanted one; the latest: %+v", len(outcomes), id, outcomes[max(0, len(outcomes)-1):])
		}
	}
}

// first waits for the outcome of the first attempt at a delivery.
func (w *world) first(t *testing.T, id string) gateway.Delivery {
	t.Helper()
	return w.await(t, id, func(gateway.Delivery) bool { return true })[0]
}

func ended(d gateway.Delivery) bool { return d.State != gateway.Undelivered }

func (w *world) commit(t *testing.T, c gateway.Change) {
	t.Helper()
	if err := w.db.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

// register stores a webhook until the test is over, or replaces the one with its ID,
// and returns it.
func (w *world) register(t *testing.T, e gateway.Endpoint) gateway.Endpoint {
	t.Helper()
	if e.ID == "" {
		e.ID, e.CreatedAt = gateway.NewID(), time.Now().Round(0)
		t.Cleanup(func() { w.commit(t, gateway.Change{DropEndpoints: []string{e.ID}}) })
	}
	es := []gateway.Endpoint{e}
	w.commit(t, gateway.Change{Endpoints: es})
	return es[0]
}

// emit stores an event for a webhook and returns its delivery.
func (w *world) emit(t *testing.T, e gateway.Event, to gateway.Endpoint) string {
	t.Helper()
	d := gateway.Delivery{ID: gateway.NewID(), Endpoint: to.Num, Rev: to.Rev, Due: w.db.Timeline().Now()}
	e.ID = gateway.NewID()
	w.commit(t, gateway.Change{Emissions: []gateway.Emission{{Event: e, Deliveries: []gateway.Delivery{d}}}})
	return d.ID
}

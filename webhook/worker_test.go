package webhook

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/store"
	"tetherd/webhook/egress"
	"tetherd/webhook/egress/egresstest"
)

func TestNewChecksOptions(t *testing.T) {
	w := newWorld(t, Options{}).open()
	client := new(egress.Client)
	for _, c := range []struct {
		name string
		o    Options
		want string // part of the error
	}{
		{"defaults", Options{Queue: w.db, Client: client}, ""},
		{"no queue", Options{Client: client}, "no queue"},
		{"no client", Options{Queue: w.db}, "no client"},
		{"retries", Options{Queue: w.db, Client: client, Tuning: Tuning{Retries: -1}}, "negative"},
		{"time-out", Options{Queue: w.db, Client: client, Timeout: -1}, "negative"},
	} {
		_, err := New(c.o)
		if got := err != nil; got != (c.want != "") || got && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// deafQueue cannot be read while deaf.
type deafQueue struct {
	Queue
	deaf atomic.Bool
}

var errDeaf = errors.New("deaf")

func (q *deafQueue) Endpoints() ([]gateway.Endpoint, error) {
	if q.deaf.Load() {
		return nil, errDeaf
	}
	return q.Queue.Endpoints()
}

func (q *deafQueue) DueDeliveries(ep uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error) {
	if q.deaf.Load() {
		return nil, nil, 0, errDeaf
	}
	return q.Queue.DueDeliveries(ep, now, max, held, skip)
}

func TestUnreadableStoreIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		q := &deafQueue{}
		w.queue = func(db *store.DB) Queue { q.Queue = db; return q }
		w.start()
		old := w.register("old", "https://old.example.com/x")
		synctest.Wait()
		q.deaf.Store(true)
		fresh := w.register("new", "https://new.example.com/x")
		w.emit("a", old, fresh)
		pass(time.Minute)
		if hits := w.rcv.take(); len(hits) != 0 {
			t.Errorf("%d attempts of what cannot be read", len(hits))
		}
		q.deaf.Store(false)
		pass(again)
		diff(t, "attempts", map[string]int{"old.example.com": 1, "new.example.com": 1}, byHost(w.rcv.take()))
	})
}

func TestRunFailsIfWebhooksCannotBeRead(t *testing.T) {
	w := newWorld(t, Options{}).open()
	q := &deafQueue{Queue: w.db}
	q.deaf.Store(true)
	worker, err := New(Options{Queue: q, Client: new(egress.Client)})
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Run(t.Context(), t.Context()); !errors.Is(err, errDeaf) {
		t.Errorf("got %v", err)
	}
}

// Three receivers on real connections: one answers, one hangs, one is not there.
func TestRealReceivers(t *testing.T) {
	const events = 100
	w, well := realWorld(t, Options{})
	stored := make(chan struct{}, events)
	w.db.OnCommit(func(c gateway.Change) {
		for i := range c.Deliveries {
			if c.Deliveries[i].State == gateway.Succeeded {
				stored <- struct{}{}
			}
		}
	})
	slow, gone := egresstest.NewReceiver(t), egresstest.NewReceiver(t)
	slow.Answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	gone.Close()
	eps := []gateway.Endpoint{w.register("well", well.URL), w.register("slow", slow.URL), w.register("gone", gone.URL)}
	for range events {
		w.emit("", eps...)
	}
	seen := map[string]bool{}
	for range events {
		seen[well.Next(t).Header.Get("Webhook-Id")] = true
	}
	if len(seen) != events {
		t.Errorf("%d deliveries came, want %d", len(seen), events)
	}
	for range events {
		<-stored
	}
	for i, want := range []int{0, events, events} {
		if got := w.pending(eps[i]); got != want {
			t.Errorf("%s: %d deliveries wait, want %d", eps[i].ID, got, want)
		}
	}
	w.hard() // not to wait for the one that hangs
}

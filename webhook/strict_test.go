package webhook

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/store"
)

func strict(e *gateway.Endpoint) { e.Ordered, e.Slots = true, 8 }

// refusing answers 500 to the event with the given number for a while.
func refusing(number string, until time.Time) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		if time.Now().Before(until) && req.Header.Get("Webhook-Sequence") == number {
			return status(500, ""), nil
		}
		return slowly(time.Second)(req)
	}
}

// In strict order one event is sent at a time, and one that fails holds up the rest
// until it succeeds or is given up.
func TestStrictOrder(t *testing.T) {
	for _, c := range []struct {
		name    string
		until   time.Duration // event 3 fails so long
		retries int
		want    []string
		took    time.Duration // until the last attempt
	}{
		{"well", 0, 14, []string{"1", "2", "3", "4", "5"}, 4 * time.Second},
		{"fails twice", 20 * time.Second, 14, []string{"1", "2", "3", "3", "3", "4", "5"}, 2*time.Second + 30*time.Second + 2*time.Second},
		{"given up", time.Hour, 1, []string{"1", "2", "3", "3", "4", "5"}, 2*time.Second + 10*time.Second + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{Tuning: Tuning{Retries: c.retries}}).start()
				ep := w.enroll("hook", strict)
				start := time.Now()
				w.rcv.set(refusing("3", start.Add(c.until)))
				for range 5 {
					w.emit("", ep)
				}
				pass(10 * time.Hour)
				hits := w.rcv.take()
				diff(t, "order", c.want, texts(hits))
				if took := hits[len(hits)-1].at.Sub(start); took != c.took {
					t.Errorf("the last attempt came after %s, want %s", took, c.took)
				}
			})
		})
	}
}

// The order holds over restarts and pauses, and for what is delivered again; a
// webhook without it is not held up.
func TestStrictOrderOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		ep := w.enroll("hook", strict)
		other := w.enroll("other", nil)
		w.rcv.set(func(req *http.Request) (*http.Response, error) {
			if strings.HasPrefix(req.URL.Host, "hook") {
				return status(500, ""), nil
			}
			return status(200, ""), nil
		})
		for range 10 {
			w.emit("", ep, other)
		}
		pass(time.Minute)
		diff(t, "attempts", map[string]int{"hook.example.com": 3, "other.example.com": 10}, byHost(w.rcv.take()))
		w.close()
		w.start()
		pass(time.Hour)
		for _, n := range texts(w.rcv.take()) {
			if n != "1" {
				t.Errorf("event %s was sent while the first waits", n)
			}
		}
		e := o.endpoint("hook")
		e.Paused = &gateway.Pause{Reason: gateway.PausedByOwner}
		w.commit(saveEndpoint(e))
		w.rcv.set(nil)
		pass(time.Hour)
		o.resume("hook")
		pass(3 * time.Hour)
		var want []string
		for n := range 10 {
			want = append(want, fmt.Sprint(n+1))
		}
		diff(t, "order", want, texts(w.rcv.take()))

		ds, _, err := w.db.Deliveries(gateway.DeliveryQuery{Endpoint: ep.Num, Limit: 10})
		if err != nil || len(ds) != 10 {
			t.Fatalf("%d deliveries, %v", len(ds), err)
		}
		again := []gateway.Delivery{ds[2], ds[7]} // newest first
		for i := range again {
			again[i].State, again[i].Replays, again[i].Due, again[i].Ended = gateway.Undelivered, 1, w.db.Timeline().Now(), 0
			again[i].Base = again[i].Attempts
		}
		w.rcv.set(slowly(time.Second))
		w.emit("", ep)
		w.commit(gateway.Change{Deliveries: again})
		pass(time.Minute)
		diff(t, "order of what is delivered again", []string{"11", "3", "8"}, texts(w.rcv.take()))
	})
}

// Looking for the next event costs a reading or two for each attempt, whatever
// waits.
func TestStrictOrderIsCheap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows = 300
		w := newWorld(t, Options{})
		q := &countingQueue{}
		w.queue = func(db *store.DB) Queue { q.Queue = db; return q }
		w.open()
		ep := w.enroll("hook", strict)
		w.fill(rows, ep)
		w.start()
		pass(time.Hour)
		hits := texts(w.rcv.take())
		if len(hits) != rows || hits[0] != "1" || hits[rows-1] != fmt.Sprint(rows) {
			t.Fatalf("%d attempts, want %d in order", len(hits), rows)
		}
		if n := q.reads.Load(); n > 2*rows+2 {
			t.Errorf("%d readings for %d attempts", n, rows)
		}
	})
}

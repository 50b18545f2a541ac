package webhook

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/store"
)

func TestStopWaitsForAttemptsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(slowly(5 * time.Second))
		w.emit("a", ep)
		w.emit("a", ep) // not to be started any more
		synctest.Wait()
		start := time.Now()
		w.stop()
		if got := time.Since(start); got != 5*time.Second {
			t.Errorf("stopped after %s, want 5 s", got)
		}
		diff(t, "attempts", []string{"1"}, texts(w.rcv.take()))
		if n := w.pending(ep); n != 1 {
			t.Errorf("%d deliveries wait, want 1", n)
		}
	})
}

func TestStopDoesNotCountWhatItCancels(t *testing.T) {
	for _, how := range []string{"soft", "hard"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{}).start()
			ep := w.register("hook", "https://example.com/x")
			w.rcv.set(hang)
			for range 16 {
				w.emit("", ep)
			}
			synctest.Wait()
			start := time.Now()
			want := drainTime
			if how == "hard" {
				w.hard()
				want = 0
			}
			w.stop()
			if got := time.Since(start); got != want {
				t.Errorf("%s: stopped after %s, want %s", how, got, want)
			}
			before := w.rcv.take()
			ds, _, _, err := w.db.DueDeliveries(ep.Num, w.db.Timeline().Now(), 100, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(ds) != 16 {
				t.Errorf("%s: %d deliveries are due, want 16", how, len(ds))
			}
			for _, d := range ds {
				if d.Attempts != 0 || d.LastErr != "" {
					t.Errorf("%s: delivery was altered: %+v", how, d)
				}
			}
			w.close()

			w.rcv.set(nil)
			w.start()
			synctest.Wait()
			after := map[string]bool{}
			for _, h := range w.rcv.take() {
				after[h.id] = h.attempt == "1"
			}
			for _, h := range before {
				if !after[h.id] {
					t.Errorf("%s: delivery %s was not made again as a first attempt", how, h.id)
				}
			}
		})
	}
}

func TestStopBeforeStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).open()
		ep := w.register("hook", "https://example.com/x")
		w.emit("a", ep)
		w.start()
		w.soft()
		w.stop()
		if n := w.pending(ep) + len(w.rcv.take()); n != 1 {
			t.Errorf("delivered and still waiting, or lost: %d", n)
		}
	})
}

// A store that fails may have stored what it was given, or not.
func TestStoreFailureSuspends(t *testing.T) {
	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			q := &brokenQueue{after: after}
			w.queue = func(db *store.DB) Queue { q.Queue = db; return q }
			w.start()
			ep := w.register("hook", "https://example.com/x")
			q.broken.Store(true)
			w.emit("a", ep)
			w.emit("b", ep)
			synctest.Wait()
			for range 20 {
				w.emit("", ep)
			}
			pass(time.Hour)
			if got := len(w.rcv.take()); got > 4 {
				t.Errorf("%d attempts although nothing can be stored", got)
			}
			if got := q.tried.Load(); got < 300 || got > 400 {
				t.Errorf("storing was tried %d times in an hour, want every 10 s", got)
			}
			q.broken.Store(false)
			pass(time.Minute)
			ids := map[string]int{}
			for _, h := range w.rcv.take() {
				ids[h.id]++
			}
			for id, n := range ids {
				if n > 1 {
					t.Errorf("delivery %s came %d times", id, n)
				}
			}
			if n := w.pending(ep); n != 0 {
				t.Errorf("%d deliveries still wait", n)
			}
		})
	}
}

func TestStopWithAFailedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		q := &brokenQueue{}
		w.queue = func(db *store.DB) Queue { q.Queue = db; return q }
		w.start()
		ep := w.register("hook", "https://example.com/x")
		q.broken.Store(true)
		w.emit("a", ep)
		synctest.Wait()
		start := time.Now()
		w.stop()
		if got := time.Since(start); got > time.Second {
			t.Errorf("stopped after %s", got)
		}
		if n := w.pending(ep); n != 1 {
			t.Errorf("%d deliveries wait, want the one whose outcome is not stored", n)
		}
		before := w.rcv.take()
		w.close()
		w.queue = nil
		w.start() // as after a crash between the answer and the commit
		synctest.Wait()
		after := w.rcv.take()
		if len(before) != 1 || len(after) != 1 || after[0].id != before[0].id || after[0].body != before[0].body {
			t.Errorf("got %+v\nafter %+v", after, before)
		}
	})
}

func TestDeletedInMidFlight(t *testing.T) {
	for _, code := range []int{200, 500} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{}).start()
			ep := w.register("hook", "https://example.com/x")
			w.rcv.set(func(req *http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				return status(code, ""), nil
			})
			w.emit("a", ep)
			w.emit("a", ep)
			synctest.Wait()
			w.commit(dropEndpoint("hook"))
			pass(24 * time.Hour)
			diff(t, "attempts", []string{"1"}, texts(w.rcv.take()))
			again := w.register("hook", "https://example.com/y")
			w.emit("a", again)
			pass(time.Second)
			diff(t, "attempts on the new one", []string{"3"}, texts(w.rcv.take()))
		})
	}
}

func TestEditedWebhookIsUsedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://old.example.com/x")
		w.rcv.set(always(404))
		w.emit("a", ep)
		pass(5 * time.Second)
		ep.URL, ep.Secrets = "https://new.example.com/x", []gateway.Secret{{Key: "other"}}
		w.commit(saveEndpoint(ep))
		pass(time.Minute)
		hits := w.rcv.take()
		for i, h := range hits {
			host, key := "new.example.com", "other"
			if i == 0 {
				host, key = "old.example.com", "12345678"
			}
			if h.host != host || h.signature != signature(key, h.body, h.timestamp) {
				t.Errorf("attempt %d went to %s, want %s signed with %q", i+1, h.host, host, key)
			}
			if h.body != hits[0].body || h.id != hits[0].id {
				t.Errorf("attempt %d: id or body changed", i+1)
			}
		}
		if len(hits) != 3 {
			t.Errorf("%d attempts, want 3 (at 0, 10 and 30 s)", len(hits))
		}
	})
}

package webhook

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/store"
)

func TestScheduleOfAFailingReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(always(500))
		start := time.Now()
		w.emit("a", ep)
		pass(100 * 24 * time.Hour)

		hits := w.rcv.take()
		var got []time.Duration
		for i, h := range hits {
			got = append(got, h.at.Sub(start))
			if h.id != hits[0].id || h.body != hits[0].body {
				t.Errorf("attempt %d: id or body changed", i+1)
			}
			if h.timestamp != strconv.FormatInt(h.at.Unix(), 10) {
				t.Errorf("attempt %d: timestamp %s at %d", i+1, h.timestamp, h.at.Unix())
			}
			if i > 0 && h.signature == hits[i-1].signature {
				t.Errorf("attempt %d: signature did not change", i+1)
			}
			if h.signature != signature("12345678", h.body, h.timestamp) {
				t.Errorf("attempt %d: signature does not verify", i+1)
			}
			if want := strconv.Itoa(i + 1); h.attempt != want {
				t.Errorf("attempt %d: header says %s", i+1, h.attempt)
			}
		}
		want := []time.Duration{0}
		for n := range 14 {
			want = append(want, want[n]+10*time.Second<<n)
		}
		diff(t, "offsets", want, got)
		if last := got[len(got)-1]; last != 163_830*time.Second {
			t.Errorf("last attempt after %s", last)
		}
		if n := w.pending(ep); n != 0 {
			t.Errorf("%d deliveries still wait", n)
		}
	})
}

func TestScheduleCountsFromTheEndOfAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{Retries: 2}}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(hang) // until the time-out of 30 s
		start := time.Now()
		w.emit("a", ep)
		pass(time.Hour)
		var got []time.Duration
		for _, h := range w.rcv.take() {
			got = append(got, h.at.Sub(start))
		}
		diff(t, "offsets", []time.Duration{0, 40 * time.Second, 90 * time.Second}, got)
	})
}

func TestRetryAfterIsTheLeastDelay(t *testing.T) {
	for _, c := range []struct {
		code  int
		value string
		want  time.Duration
	}{
		{503, "60", 60 * time.Second},
		{429, "0.5", 10 * time.Second},
		{429, "999999999", 24 * time.Hour},
		{503, "garbage", 10 * time.Second},
		{500, "60", 10 * time.Second}, // has no meaning there
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{}).start()
			ep := w.register("hook", "https://example.com/x")
			w.rcv.set(func(*http.Request) (*http.Response, error) {
				w.rcv.set(nil)
				r := status(c.code, "")
				r.Header.Set("Retry-After", c.value)
				return r, nil
			})
			start := time.Now()
			w.emit("a", ep)
			pass(25 * time.Hour)
			hits := w.rcv.take()
			if len(hits) != 2 || hits[1].at.Sub(start) != c.want {
				t.Errorf("%d, Retry-After %s: got %d attempts, %v; want 2, the second after %s", c.code, c.value, len(hits), hits, c.want)
			}
		})
	}
}

func TestRestartInMidRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(always(500))
		start := time.Now()
		w.emit("a", ep)
		pass(35 * time.Second) // attempts at 0, 10 and 30 s
		before := w.rcv.take()
		w.close()

		pass(5 * time.Second)
		w.start()
		pass(29 * time.Second) // now at 69 s
		if hits := w.rcv.take(); len(hits) != 0 {
			t.Errorf("attempt %s after the start instead of 70 s", hits[0].at.Sub(start))
		}
		w.rcv.set(nil)
		pass(time.Minute)
		after := w.rcv.take()
		if len(before) != 3 || len(after) != 1 {
			t.Fatalf("got %d and %d attempts, want 3 and 1", len(before), len(after))
		}
		if got := after[0].at.Sub(start); got != 70*time.Second {
			t.Errorf("attempt after %s, want 70 s", got)
		}
		if after[0].id != before[0].id || after[0].body != before[0].body || after[0].attempt != "4" {
			t.Errorf("got %+v\nafter %+v", after[0], before[0])
		}
		if n := w.pending(ep); n != 0 {
			t.Errorf("%d deliveries still wait", n)
		}
	})
}

func TestTimelineNotWallClockDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.floor = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) // the wall clock is 30 years behind
		w.start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(always(500))
		start := time.Now()
		w.emit("a", ep)
		pass(11 * time.Second)
		hits := w.rcv.take()
		if len(hits) != 2 || hits[1].at.Sub(start) != 10*time.Second {
			t.Errorf("got %v, want a second attempt after 10 s", hits)
		}
		if want := strconv.FormatInt(w.floor.Unix(), 10); hits[0].timestamp != want {
			t.Errorf("timestamp %s, want that of the floor, %s", hits[0].timestamp, want)
		}
	})
}

// The timeline goes on while the machine sleeps, timers do not.
func TestSleepOfTheMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(always(500))
		w.emit("a", ep)
		pass(2 * time.Hour) // the next attempt is due after 10230 s
		w.rcv.take()
		w.asleep.Store(int64(time.Hour))
		pass(longestSleep)
		if n := len(w.rcv.take()); n != 1 {
			t.Errorf("%d attempts within %s of waking up, want 1", n, longestSleep)
		}
	})
}

func TestNothingDueNoWakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		q := &countingQueue{}
		w.queue = func(db *store.DB) Queue { q.Queue = db; return q }
		w.start()
		ep := w.register("hook", "https://example.com/x")
		w.emit("a", ep)
		synctest.Wait()
		before := q.reads.Load()
		pass(30 * 24 * time.Hour)
		if got := q.reads.Load(); got != before || before == 0 {
			t.Errorf("%d reads, then %d more in a month of idleness", before, got-before)
		}
	})
}

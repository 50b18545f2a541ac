package webhook

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

// fill stores n events for ep, of no subject, in few commits.
func (w *world) fill(n int, ep gateway.Endpoint) {
	w.t.Helper()
	for n > 0 {
		var c gateway.Change
		for range min(n, 5000) {
			w.events++
			c.Emissions = append(c.Emissions, w.emission(w.events, "", ep))
			n--
		}
		w.commit(c)
	}
}

// limitHours is for how long TestManyWaitForADeadWebhook goes on, on the timeline;
// LIMIT_HOURS in the environment overrides it. Two days take minutes.
const limitHours = 3

// A hundred thousand deliveries to a webhook that is dead cost a bounded number of
// attempts, and nothing that waits is counted.
func TestManyWaitForADeadWebhook(t *testing.T) {
	const rows = 100_000
	hours := limitHours
	if s := os.Getenv("LIMIT_HOURS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("LIMIT_HOURS: %v", err)
		}
		hours = n
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{RecoveryRate: 50, Attempts: LogOff}).open()
		ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Slots = 1 })
		w.fill(rows, ep)
		start, first, all := time.Now(), 0, 0
		w.rcv.quiet = true
		w.rcv.set(func(*http.Request) (*http.Response, error) {
			time.Sleep(200 * time.Millisecond)
			if all++; time.Since(start) <= time.Minute {
				first++
			}
			return status(500, ""), nil
		})
		w.start()
		pass(time.Duration(hours) * time.Hour)
		turns := hours * 3600 / int(limitEvery.Seconds())
		if most := limitFailures + first + limitBurst + turns; all > most || all < turns {
			t.Errorf("%d attempts in %d h, %d of them in the first minute; want %d to %d", all, hours, first, turns, most)
		}
		before := w.pending(ep)
		if ended := all / 15; before < rows-ended {
			t.Errorf("%d deliveries wait of %d after %d attempts", before, rows, all)
		}
		w.rcv.set(nil)
		pass(time.Minute) // one attempt every 10 s, then up to 50 a second
		if sent := before - w.pending(ep); sent < 40*50 || sent > 60*50 {
			t.Errorf("%d deliveries within a minute of working again, want about 50 a second", sent)
		}
	})
}

// One that fails at once is not tried as often as it could be while much waits: not
// even before it failed for long.
func TestManyFailuresAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Attempts: LogOff}).open()
		ep := w.enroll("hook", nil)
		w.fill(5000, ep)
		w.rcv.set(always(500))
		start := time.Now()
		w.start()
		pass(30 * time.Second)
		n := len(w.rcv.take())
		if most := limitFailures + 4 + 30*doubtRate; n < 29*doubtRate || n > most {
			t.Errorf("%d attempts within 30 s, want %d to %d", n, 29*doubtRate, most)
		}
		w.rcv.set(nil)
		pass(time.Minute)
		w.rcv.take()
		w.fill(1, ep)
		pass(time.Second)
		if len(w.rcv.take()) == 0 {
			t.Errorf("nothing was attempted %s after the start", time.Since(start))
		}
	})
}

// With 256 that wait no limit applies: each is attempted exactly on its schedule.
func TestScheduleIsExactWithFewWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Attempts: LogOff}).open()
		ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Slots = 32 })
		w.rcv.set(always(500))
		start := time.Now()
		w.fill(limitPending, ep)
		w.start()
		pass(48 * time.Hour)
		byID := map[string][]time.Duration{}
		for _, h := range w.rcv.take() {
			byID[h.id] = append(byID[h.id], h.at.Sub(start))
		}
		want := []time.Duration{0}
		for n := range 14 {
			want = append(want, want[n]+10*time.Second<<n)
		}
		if len(byID) != limitPending {
			t.Errorf("%d deliveries were attempted, want %d", len(byID), limitPending)
		}
		for id, got := range byID {
			diff(t, "offsets of "+id, want, got)
		}
	})
}

// One that is limited is tried with what is fresh, too, not with what is oldest
// alone.
func TestLimitedTriesWhatIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).open()
		ep := w.enroll("hook", func(e *gateway.Endpoint) {
			e.Slots = 1
			e.Retry.Max, e.Retry.Schedule = new(10_000), seconds(3) // due after what is fresh
		})
		w.fill(1000, ep)
		w.rcv.set(slowFailure)
		w.start()
		pass(30 * time.Minute) // the burst is used up, too
		w.rcv.take()
		for range 30 {
			w.fill(1, ep)
			fresh := fmt.Sprint(w.events)
			pass(time.Minute)
			tried := texts(w.rcv.take())
			if !slices.Contains(tried, fresh) || len(tried) > 7 {
				t.Errorf("tried with %v within a minute, want event %s among 6", tried, fresh)
			}
			old := 0
			for _, n := range tried {
				if len(n) < 4 {
					old++
				}
			}
			if old < 2 {
				t.Errorf("tried with %v within a minute, want old ones, too", tried)
			}
		}
	})
}

// slowFailure answers 500 after a second.
func slowFailure(req *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	return status(500, ""), nil
}

// After a failure slots open one by one.
func TestSlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{RecoveryRate: 1000})
		o := owned(w)
		w.start()
		ep := w.enroll("hook", func(e *gateway.Endpoint) {
			e.Slots, e.Paused = 8, &gateway.Pause{Reason: gateway.PausedByOwner}
		})
		w.fill(30, ep)
		w.rcv.set(slowly(time.Second))
		start := time.Now()
		o.resume("hook")
		pass(time.Minute)
		at := map[time.Duration]int{}
		for _, d := range offsets(start, w.rcv.take()) {
			at[d.Truncate(time.Second)]++
		}
		for i, want := range []int{1, 2, 8, 8} {
			if got := at[time.Duration(i)*time.Second]; got != want {
				t.Errorf("%d attempts in second %d, want %d: %v", got, i, want, at)
			}
		}
	})
}

// A success lifts the bound at once; what it held back flows at the recovery rate,
// the newest first if the webhook wants that.
func TestDrainOrder(t *testing.T) {
	for _, newest := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{RecoveryRate: 10})
			o := owned(w)
			w.start()
			ep := w.enroll("hook", func(e *gateway.Endpoint) {
				e.Newest, e.Paused = newest, &gateway.Pause{Reason: gateway.PausedByOwner}
			})
			for range 40 {
				w.fill(1, ep)
				pass(time.Second)
			}
			start := time.Now()
			o.resume("hook")
			pass(time.Minute)
			hits := w.rcv.take()
			var want []string
			for n := range 40 {
				if newest {
					n = 39 - n
				}
				want = append(want, fmt.Sprint(n+1))
			}
			diff(t, fmt.Sprint("order, newest first: ", newest), want, texts(hits))
			if took := hits[39].at.Sub(start); took < 3900*time.Millisecond || took > 4200*time.Millisecond {
				t.Errorf("40 deliveries took %s, want 10 a second", took)
			}
			w.fill(40, ep) // what is new is not held back
			pass(time.Second)
			if n := len(w.rcv.take()); n != 40 {
				t.Errorf("%d of 40 new deliveries within a second", n)
			}
		})
	}
}

// The rate a webhook asks for is kept, waiting is no attempt, and no other waits.
func TestRateOfAWebhook(t *testing.T) {
	for _, c := range []struct {
		rate gateway.RateLimit
		want []time.Duration
	}{
		{gateway.RateLimit{PerSecond: 1}, seconds(0, 1, 2, 3, 4)},
		{gateway.RateLimit{PerSecond: 1, Burst: 3}, seconds(0, 0, 0, 1, 2)},
		{gateway.RateLimit{PerSecond: 0.1, Burst: 2}, seconds(0, 0, 10, 20, 30)},
		{gateway.RateLimit{}, seconds(0, 0, 0, 0, 0)},
	} {
		t.Run(fmt.Sprint(c.rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{}).start()
				ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Rate = c.rate })
				other := w.enroll("other", nil)
				start := time.Now()
				for range 5 {
					w.emit("", ep, other)
				}
				pass(time.Hour)
				var got, others []time.Duration
				for _, h := range w.rcv.take() {
					if h.attempt != "1" {
						t.Errorf("attempt %s", h.attempt)
					}
					if h.host == "hook.example.com" {
						got = append(got, h.at.Sub(start).Round(10*time.Millisecond))
					} else {
						others = append(others, h.at.Sub(start))
					}
				}
				diff(t, "offsets", c.want, got)
				diff(t, "offsets of the other", seconds(0, 0, 0, 0, 0), others)
			})
		})
	}
}

package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

func TestReceiverPauses(t *testing.T) {
	for _, c := range []struct {
		name   string
		edit   func(*gateway.Endpoint)
		answer func(*http.Request) (*http.Response, error)
		want   string // reason; empty: not paused
		left   int    // deliveries that wait then, of three
	}{
		{"410", nil, always(410), "hook gone", 3},
		{"410 that is not heeded", func(e *gateway.Endpoint) { e.KeepOnGone = true }, always(410), "", 3},
		{"disable with a failure", nil, answering(500, "Webhook-Delivery", "disable"), "hook receiver", 3},
		{"disable with a success", nil, answering(200, "Webhook-Delivery", " Disable "), "hook receiver", 2},
		{"410 given up on", func(e *gateway.Endpoint) { e.Retry.GiveUpOn = []int{410} }, always(410), "hook gone", 2},
		{"abort", nil, answering(500, "Webhook-Delivery", "abort-message"), "", 0},
		{"something else", nil, answering(500, "Webhook-Delivery", "later"), "", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{})
				o := owned(w)
				w.start()
				ep := w.enroll("hook", func(e *gateway.Endpoint) {
					e.Slots = 1
					if c.edit != nil {
						c.edit(e)
					}
				})
				w.rcv.set(c.answer)
				for range 3 {
					w.emit("", ep)
				}
				pass(5 * time.Second)
				before := len(w.rcv.take())
				_, pauses := o.take()
				var want []string
				if c.want != "" {
					want = []string{c.want}
				}
				diff(t, "pauses", want, pauses)
				if n := w.pending(ep); n != c.left {
					t.Errorf("%d deliveries wait, want %d", n, c.left)
				}
				if c.want == "" {
					return
				}
				if before != 1 {
					t.Errorf("%d attempts, want 1", before)
				}
				pass(30 * 24 * time.Hour)
				if n := len(w.rcv.take()); n != 0 || w.pending(ep) != c.left {
					t.Errorf("%d attempts while paused, %d deliveries wait", n, w.pending(ep))
				}
				w.rcv.set(nil)
				o.resume("hook")
				pass(time.Minute)
				if n := len(w.rcv.take()); n != c.left || w.pending(ep) != 0 {
					t.Errorf("%d attempts after the pause, want %d; %d deliveries wait", n, c.left, w.pending(ep))
				}
			})
		})
	}
}

// Whoever resumes a webhook at once that was paused by its receiver does not make
// it go in circles.
func TestCoolDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		ep := w.enroll("hook", nil)
		w.rcv.set(always(410))
		w.emit("", ep)
		for range 60 {
			pass(time.Second)
			o.resume("hook")
		}
		if n := len(w.rcv.take()); n != 2 {
			t.Errorf("%d attempts within a minute, want 2", n)
		}
		pass(time.Second)
		if _, pauses := o.take(); len(pauses) > 2 {
			t.Errorf("paused %d times within a minute", len(pauses))
		}
	})
}

// A pause that cannot be stored is tried again with the next answer of its kind.
func TestPauseNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		o.fail = errors.New("disk full")
		w.start()
		ep := w.enroll("hook", nil)
		w.rcv.set(always(410))
		w.emit("", ep)
		pass(coolDown - time.Second)
		if n := len(w.rcv.take()); n != 1 {
			t.Errorf("%d attempts before the cool-down is over, want 1", n)
		}
		o.mu.Lock()
		o.fail = nil
		o.mu.Unlock()
		pass(time.Hour)
		if _, pauses := o.take(); len(pauses) != 1 || len(w.rcv.take()) != 1 {
			t.Errorf("paused %v", pauses)
		}
	})
}

// A webhook that its owner paused starts nothing, loses nothing, and is drained in
// the order of events.
func TestPauseAndResume(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{RecoveryRate: 50})
			o := owned(w)
			w.start()
			ep := w.enroll("hook", func(e *gateway.Endpoint) {
				e.Slots = 1
				e.Paused = &gateway.Pause{Reason: gateway.PausedByOwner, Since: time.Now()}
			})
			var want []string
			for range 20 {
				w.emit("", ep)
				want = append(want, fmt.Sprint(w.events))
			}
			pass(10 * 24 * time.Hour)
			if restart {
				w.close()
				w.start()
				pass(24 * time.Hour)
			}
			if n := len(w.rcv.take()); n != 0 || w.pending(ep) != 20 {
				t.Fatalf("%d attempts while paused, %d deliveries wait", n, w.pending(ep))
			}
			o.resume("hook")
			pass(time.Minute)
			diff(t, "order", want, texts(w.rcv.take()))
		})
	}
}

// Five days of nothing but failures pause a webhook, whoever counts over restarts;
// what waits is kept.
func TestHopelessWebhookIsPaused(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name    string
		answer  func(*http.Request) (*http.Response, error)
		restart time.Duration // after so long; 0: not
		off     time.Duration // the machine was off so long, in the timeline
		after   time.Duration
		want    []string
	}{
		{"before", always(500), 0, 0, 5*day - time.Minute, nil},
		{"after", always(500), 0, 0, 5*day + 2*time.Hour, []string{"hook failing"}},
		{"restarted", always(500), 2 * day, 0, 5*day + 2*time.Hour, []string{"hook failing"}},
		{"just restarted", always(500), 5*day - 2*time.Hour, 0, 5*day + 9*time.Hour, nil},
		{"off for long", always(500), 2 * time.Hour, 6 * day, 7 * day, []string{"hook failing"}},
		{"just back", always(500), 2 * time.Hour, 6 * day, 11 * time.Hour, nil},
		{"no network", failWith(unreachable(101)), 0, 0, 7*day - time.Minute, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{})
				o := owned(w)
				w.start()
				ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Retry.Schedule = []time.Duration{2 * time.Hour}; e.Retry.Max = new(1000) })
				other := w.enroll("other", nil)
				w.rcv.set(func(req *http.Request) (*http.Response, error) {
					if req.URL.Host == "other.example.com" {
						return status(200, ""), nil
					}
					return c.answer(req)
				})
				start := time.Now()
				for range 4 {
					w.emit("", ep, other)
				}
				if c.restart > 0 {
					pass(c.restart)
					w.close()
					w.asleep.Add(int64(c.off))
					w.start()
				}
				pass(c.after - time.Since(start))
				_, pauses := o.take()
				diff(t, "pauses", c.want, pauses)
				if n := w.pending(ep); n != 4 {
					t.Errorf("%d deliveries wait, want 4", n)
				}
			})
		})
	}
}

// A success in between, or too few attempts, is not hopeless.
func TestNotHopeless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		few := w.enroll("few", nil)
		moody := w.enroll("moody", func(e *gateway.Endpoint) { e.Slots = 1 })
		n := 0
		w.rcv.set(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "moody.example.com" {
				if n++; n%50 == 0 {
					return status(200, ""), nil
				}
			}
			return status(500, ""), nil
		})
		w.emit("", few)
		for range 6 * 24 / 4 {
			w.emit("", moody)
			pass(4 * time.Hour)
		}
		_, pauses := o.take()
		if slices.Contains(pauses, "few failing") || slices.Contains(pauses, "moody failing") {
			t.Errorf("pauses: %v", pauses)
		}
	})
}

// Whoever resumes a webhook does not want to wait for what its receiver asked for
// before.
func TestResumeEndsARetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		ep := w.enroll("hook", nil)
		w.rcv.set(answering(429, "Retry-After", "86400"))
		w.emit("", ep)
		pass(time.Minute)
		w.emit("", ep)
		pass(time.Minute)
		diff(t, "attempts", []string{"1"}, texts(w.rcv.take()))
		e := o.endpoint("hook")
		e.Paused = &gateway.Pause{Reason: gateway.PausedByOwner}
		w.commit(saveEndpoint(e))
		o.resume("hook")
		synctest.Wait()
		diff(t, "attempts after the pause", []string{"2"}, texts(w.rcv.take()))
	})
}

// A paused webhook is sent no ping, and none waits for it.
func TestPausedWebhookGetsNoPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Minute}})
		o := owned(w)
		w.start()
		w.enroll("hook", func(e *gateway.Endpoint) {
			e.Events, e.Paused = []gateway.EventType{gateway.EventPing}, &gateway.Pause{Reason: gateway.PausedByOwner}
		})
		pass(10*time.Minute + 30*time.Second)
		o.resume("hook")
		pass(29 * time.Second)
		if n := len(w.rcv.take()); n != 0 {
			t.Errorf("%d pings from the time of the pause", n)
		}
		pass(time.Minute)
		if n := len(w.rcv.take()); n != 1 {
			t.Errorf("%d pings within a minute after the pause, want 1", n)
		}
	})
}

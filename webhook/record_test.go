package webhook

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// Each attempt leaves an entry in the log of its webhook, as far as that is wanted.
func TestAttemptsAreLogged(t *testing.T) {
	for _, c := range []struct {
		log  AttemptLog
		want []string // verdicts, newest first
	}{
		{LogAll, []string{"succeeded", "failed", "local", "failed"}},
		{LogFailures, []string{"failed", "local", "failed"}},
		{LogOff, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{Attempts: c.log}).start()
			ep := w.enroll("hook", nil)
			w.rcv.set(func(*http.Request) (*http.Response, error) {
				r := status(503, "\x00no\xff")
				r.Header.Set("Retry-After", "60")
				r.Header.Set("Content-Type", "text/plain")
				return r, nil
			})
			w.emit("a", ep)
			pass(time.Second)
			w.rcv.set(failWith(unreachable(101)))
			pass(time.Minute)
			w.rcv.set(failWith(errors.New("reset")))
			pass(10 * time.Second)
			w.rcv.set(nil)
			pass(time.Hour)
			as, err := w.db.Attempts(gateway.AttemptQuery{Endpoint: ep.Num, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			var verdicts []string
			for _, a := range as {
				verdicts = append(verdicts, a.Verdict.String())
			}
			diff(t, string(c.log), c.want, verdicts)
			if len(as) == 0 {
				return
			}
			first := as[len(as)-1]
			want := gateway.Attempt{
				Endpoint: ep.Num, Delivery: first.Delivery, Event: 1, Type: gateway.EventReceived, Number: 1, Verdict: gateway.AttemptFailed,
				At: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), Tick: first.Tick, Next: first.Tick.Add(time.Minute),
				Exchange: gateway.Exchange{
					Code: 503, Error: "HTTP 503: no\ufffd", Body: []byte("\x00no\xff"), ContentType: "text/plain", RetryAfter: time.Minute,
				},
			}
			if d := cmp.Diff(want, first, cmpopts.IgnoreFields(gateway.Attempt{}, "Seq"), cmpopts.EquateApproxTime(0)); d != "" {
				t.Errorf("the first attempt (-want +got):\n%s", d)
			}
		})
	}
}

// How a webhook fares is known after a restart, also when nothing was stored since.
func TestStateIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Minute}})
		w.start()
		ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Retry.Max = new(1) })
		ping := w.registerFor(gateway.EventPing, "ping", "https://ping.example.com/x")
		w.rcv.set(byHostName(map[string]func(*http.Request) (*http.Response, error){"hook": always(500)}))
		since := w.db.Timeline().Now()
		w.emit("", ep)
		w.emit("", ep)
		pass(5*time.Minute + 30*time.Second)
		at := time.Now().Round(0)
		w.close()
		w.start()
		synctest.Wait()
		states, err := w.db.EndpointStates()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "state of the failing one", gateway.EndpointState{
			Endpoint: ep.Num, Failed: 4, Exhausted: 2, Failures: 4, FailingSince: since, ToldDead: since.Add(10 * time.Second),
			LastFailure: at.Add(-5*time.Minute - 20*time.Second),
		}, states[ep.Num])
		got := states[ping.Num]
		if got.Succeeded < 5 || got.LastSuccess.IsZero() || got.Failed != 0 {
			t.Errorf("state of the one that is only sent pings: %+v", got)
		}
		w.stop() // the worker has read the states by now
	})
}

// One that failed before a restart shares half of the slots with others like it at
// once, and one success ends that.
func TestFailuresSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{GlobalSlots: 2})
		w.start()
		ill := w.enroll("ill", nil)
		w.rcv.set(always(500))
		for range 8 {
			w.emit("", ill)
		}
		pass(time.Minute)
		w.close()
		w.rcv.take()
		w.rcv.set(hang)
		w.start()
		pass(11 * time.Second) // now they are due again
		if n := len(w.rcv.take()); n != 1 {
			t.Errorf("%d attempts at the one that failed, want half of the slots", n)
		}
		w.rcv.set(nil)
		well := w.enroll("well", nil)
		w.emit("", well)
		synctest.Wait()
		if n := byHost(w.rcv.take())["well.example.com"]; n != 1 {
			t.Errorf("%d attempts at the one that works, want 1 at once", n)
		}
	})
}

// A clock that is known to be wrong is not held against receivers that find the
// signature forged.
func TestAnswersWhileTheClockIsWrong(t *testing.T) {
	ahead := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		floor time.Time
		code  int
		want  string // number of the last attempt within 71 s
	}{
		{"401, wrong", ahead, 401, "1"},
		{"400, wrong", ahead, 400, "1"},
		{"403, wrong", ahead, 403, "4"},
		{"500, wrong", ahead, 500, "4"},
		{"401, right", time.Time{}, 401, "4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{})
				w.floor = c.floor
				w.start()
				ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Retry.GiveUpOn = []int{999} })
				w.rcv.set(always(c.code))
				w.emit("", ep)
				pass(71 * time.Second)
				hits := w.rcv.take()
				if last := hits[len(hits)-1].attempt; len(hits) != 4 || last != c.want {
					t.Errorf("%d attempts, the last number %s, want 4 and %s", len(hits), last, c.want)
				}
				if c.want != "1" {
					return
				}
				pass(time.Hour) // at the latest a minute after the clock is right
				w.rcv.take()
				pass(2 * time.Minute)
				if n := len(w.rcv.take()); n != 2 {
					t.Errorf("%d attempts within two minutes, want one each", n)
				}
			})
		})
	}
}

// A Retry-After holds the whole webhook up, and no other.
func TestRetryAfterHoldsTheWebhook(t *testing.T) {
	for _, c := range []struct {
		code int
		want time.Duration // when the second event is sent
	}{{429, time.Minute}, {503, time.Minute}, {500, time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{}).start()
			ep, other := w.enroll("hook", nil), w.enroll("other", nil)
			w.rcv.set(answering(c.code, "Retry-After", "60"))
			start := time.Now()
			w.emit("", ep)
			pass(time.Second)
			w.rcv.take()
			w.rcv.set(nil)
			w.emit("", ep, other)
			pass(5 * time.Minute)
			for i, h := range w.rcv.take() {
				got, want := h.at.Sub(start), c.want
				if h.host == "other.example.com" {
					want = time.Second
				} else if i > 1 {
					continue // the retry
				}
				if got != want {
					t.Errorf("%d: %s was sent its event after %s, want %s", c.code, h.host, got, want)
				}
			}
		})
	}
}

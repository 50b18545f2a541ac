package webhook

import (
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

// failWith answers every request with err.
func failWith(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func unreachable(errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: errno}
}

func TestLocalFaultsAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(failWith(unreachable(syscall.ENETUNREACH)))
		start := time.Now()
		for range 8 {
			w.emit("", ep)
		}
		pass(24 * time.Hour)
		rounds := map[time.Duration]int{}
		for _, h := range w.rcv.take() {
			rounds[h.at.Sub(start)]++
			if h.attempt != "1" {
				t.Errorf("attempt counted as number %s", h.attempt)
			}
		}
		at := time.Duration(0)
		for _, pause := range []time.Duration{10, 20, 40, 80, 160, 300, 300, 300} {
			if n := rounds[at]; n < 1 || n > 4 {
				t.Errorf("%d attempts after %s, want 1 to 4", n, at)
			}
			at += pause * time.Second
		}
		if got := w.lastAttempt(ep); got.Verdict != gateway.AttemptLocal || got.Error == "" || got.Next <= w.db.Timeline().Now() || w.pending(ep) != 8 {
			t.Errorf("last attempt: %+v", got)
		}
		w.rcv.set(nil)
		pass(maxPause)
		if hits := w.rcv.take(); len(hits) != 8 {
			t.Errorf("%d deliveries after the network came back, want 8", len(hits))
		}
	})
}

// A receiver that is gone for good must not keep its backlog for ever.
func TestLocalFaultsCountInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(failWith(unreachable(syscall.EHOSTUNREACH)))
		w.emit("a", ep)
		pass(maxLocal - time.Minute)
		for _, h := range w.rcv.take() {
			if h.attempt != "1" {
				t.Fatalf("attempt counted as number %s before %s", h.attempt, maxLocal)
			}
		}
		pass(50 * time.Hour)
		hits := w.rcv.take()
		if got := hits[len(hits)-1].attempt; got != "15" {
			t.Errorf("last attempt was number %s, want 15", got)
		}
		if n := w.pending(ep); n != 0 {
			t.Errorf("%d deliveries still wait", n)
		}
	})
}

func TestSuccessEndsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(slowly(2 * time.Second))
		w.emit("", ep)
		pass(time.Second)
		w.rcv.set(failWith(unreachable(syscall.ENETUNREACH)))
		w.emit("", ep)
		synctest.Wait()
		w.rcv.take()
		w.rcv.set(nil)
		pass(time.Second) // the first succeeds now
		diff(t, "attempts", []string{"2"}, texts(w.rcv.take()))
	})
}

func TestEditEndsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://old.example.com/x")
		w.rcv.set(failWith(unreachable(syscall.EHOSTUNREACH)))
		w.emit("a", ep)
		pass(time.Hour)
		w.rcv.take()
		w.rcv.set(nil)
		ep.URL = "https://new.example.com/x"
		w.commit(saveEndpoint(ep))
		synctest.Wait()
		if hits := w.rcv.take(); len(hits) != 1 || hits[0].host != "new.example.com" {
			t.Errorf("got %v, want one attempt at once", hits)
		}
	})
}

func TestCertificateIsNotJudgedByAWrongClock(t *testing.T) {
	notYet := x509.CertificateInvalidError{Reason: x509.Expired}
	for _, c := range []struct {
		name  string
		floor time.Time
		err   error
		want  string // number of the last attempt
	}{
		{"clock wrong", time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), notYet, "1"},
		{"clock right", time.Time{}, notYet, "3"},
		{"another fault", time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), x509.UnknownAuthorityError{}, "3"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			w.floor = c.floor
			w.start()
			ep := w.register("hook", "https://example.com/x")
			w.rcv.set(failWith(&net.OpError{Op: "remote error", Err: c.err}))
			w.emit("a", ep)
			pass(31 * time.Second)
			hits := w.rcv.take()
			if len(hits) != 3 || hits[2].attempt != c.want {
				t.Errorf("%s: got %d attempts, the last %+v, want number %s", c.name, len(hits), hits[len(hits)-1], c.want)
			}
		})
	}
}

func TestRefusedAddressBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		w.rcv = nil // a real connection is refused before it is begun
		w.start()
		var states []gateway.DeliveryState
		w.db.OnCommit(func(c gateway.Change) {
			for _, d := range c.Deliveries {
				states = append(states, d.State)
			}
		})
		ep := w.register("hook", "https://169.254.169.254/x")
		w.emit("a", ep)
		pass(100 * time.Hour)
		diff(t, "outcomes", []gateway.DeliveryState{gateway.Blocked}, states)
		if n := w.pending(ep); n != 0 {
			t.Errorf("%d deliveries still wait", n)
		}
		got := w.lastAttempt(ep)
		if got.Verdict != gateway.AttemptBlocked || !strings.HasPrefix(got.Error, "refused to connect: 169.254.169.254 is a link-local") {
			t.Errorf("last attempt: %+v", got)
		}
	})
}

func TestPanicIsAFailedAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		first := true
		w.rcv.set(func(*http.Request) (*http.Response, error) {
			if first {
				first = false
				var none []int
				_ = none[w.events] // panics
			}
			return status(200, ""), nil
		})
		w.emit("a", ep)
		synctest.Wait()
		if got, want := w.lastAttempt(ep).Error, "internal error: runtime error: index out of range [1] with length 0"; got != want {
			t.Errorf("error %q, want %q", got, want)
		}
		pass(time.Hour)
		hits := w.rcv.take()
		if len(hits) != 2 || hits[1].attempt != "2" {
			t.Errorf("got %+v, want a second attempt", hits)
		}
	})
}

func TestPanicOfUnknownTypeIsNotQuoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(func(*http.Request) (*http.Response, error) { panic("the text of an SMS") })
		w.emit("a", ep)
		synctest.Wait()
		if got, want := w.lastAttempt(ep).Error, "internal error: panic of type string"; got != want {
			t.Errorf("error %q, want %q", got, want)
		}
	})
}

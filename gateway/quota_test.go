package gateway_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
)

// ask submits a text of user to n recipients and returns the error.
func (w *world) ask(user string, n int) error {
	w.t.Helper()
	s := gateway.Submission{User: user, Text: "hi"}
	for i := range n {
		s.Numbers = append(s.Numbers, fmt.Sprintf("+49151200%05d", i))
	}
	m, err := w.gw.Submit(w.t.Context(), s)
	if err == nil && m.User != user {
		w.t.Errorf("the message is of user %q, want %q", m.User, user)
	}
	return err
}

// refused checks that err asks to wait for d.
func (w *world) refused(err error, d time.Duration, sentence string) {
	w.t.Helper()
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Code != gateway.TooSoon || e.After != d || e.Message != sentence {
		w.t.Errorf("got %+v, want a wait of %v: %s", err, d, sentence)
	}
}

func TestQuota(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.opts.Quotas = map[string]gateway.Quota{"shop": {PerMinute: 3, PerHour: 5}, "free": {}}
		w.start()
		allowed := func(user string, n int) {
			t.Helper()
			if err := w.ask(user, n); err != nil {
				t.Errorf("%d of %s: %v", n, user, err)
			}
		}
		allowed("shop", 1)
		w.pass(20 * time.Second)
		allowed("shop", 2)
		w.refused(w.ask("shop", 1), 40*time.Second, "user shop may send 3 SMS a minute and has sent 3: try again in 40 s")
		w.refused(w.ask("shop", 2), time.Minute, "user shop may send 3 SMS a minute and has sent 3: try again in 60 s")
		if err := w.ask("shop", 4); gateway.CodeOf(err) != gateway.Invalid || !strings.Contains(err.Error(), "4 recipients") {
			t.Errorf("got %v for more than there ever can be", err)
		}
		allowed("free", 10) // has no limits
		allowed("", 10)     // nor has who is not named
		w.pass(40 * time.Second)
		allowed("shop", 1) // what was refused does not count
		w.refused(w.ask("shop", 1), 20*time.Second, "user shop may send 3 SMS a minute and has sent 3: try again in 20 s")
		w.pass(20 * time.Second)
		allowed("shop", 1)
		w.pass(time.Minute)
		w.refused(w.ask("shop", 1), time.Hour-140*time.Second, "user shop may send 5 SMS an hour and has sent 5: try again in 3460 s")

		// It is known after a restart, however the machine was switched off.
		w.crash()
		w.start()
		w.refused(w.ask("shop", 1), time.Hour-140*time.Second, "user shop may send 5 SMS an hour and has sent 5: try again in 3460 s")
		w.pass(time.Hour - 140*time.Second)
		allowed("shop", 1)
		w.refused(w.ask("shop", 1), 20*time.Second, "user shop may send 5 SMS an hour and has sent 5: try again in 20 s")
	})
}

// What is refused otherwise, or cannot be stored, is not counted.
func TestQuotaOfRefused(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.opts.Quotas = map[string]gateway.Quota{"shop": {PerDay: 2}}
		w.start()
		send := func(id string, want gateway.Code) {
			t.Helper()
			s := gateway.Submission{User: "shop", ID: id, Text: "hi", Numbers: []string{"+4915112345678"}}
			if _, err := w.gw.Submit(w.t.Context(), s); gateway.CodeOf(err) != want {
				t.Errorf("%s: got %v, want code %q", id, err, want)
			}
		}
		send("a", "")
		for range 3 {
			send("a", gateway.Conflict)
		}
		send("b", "")
		send("c", gateway.TooSoon)
	})
}

// A batch counts whole: it is accepted if there is room for all of it.
func TestQuotaOfBatch(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.opts.Quotas = map[string]gateway.Quota{"shop": {PerMinute: 3}}
		w.start()
		batch := func(n int) gateway.Code {
			b := gateway.Batch{User: "shop"}
			for i := range n {
				s := gateway.Submission{Text: "hi", Numbers: []string{fmt.Sprintf("+49151200%05d", i)}}
				b.Items = append(b.Items, gateway.BatchItem{Submission: s})
			}
			_, err := w.gw.SubmitBatch(w.t.Context(), b)
			return gateway.CodeOf(err)
		}
		for i, tt := range []struct {
			n    int
			want gateway.Code
		}{{4, gateway.Invalid}, {2, ""}, {2, gateway.TooSoon}, {1, ""}, {1, gateway.TooSoon}} {
			if got := batch(tt.n); got != tt.want {
				t.Errorf("batch %d, of %d: got %q, want %q", i, tt.n, got, tt.want)
			}
		}
		if _, total, err := w.gw.Messages(gateway.MessageQuery{Limit: 9}); err != nil || total != 3 {
			t.Errorf("got %d messages, %v, want 3", total, err)
		}
	})
}

// Those who send at the same time get no more than those who send in turn.
func TestQuotaCountsConcurrent(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.opts.Quotas = map[string]gateway.Quota{"shop": {PerMinute: 7}}
		w.start()
		var sent atomic.Int32
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if w.ask("shop", 1) == nil {
					sent.Add(1)
				}
			})
		}
		wg.Wait()
		if got := sent.Load(); got != 7 {
			t.Errorf("got %d accepted, want 7", got)
		}
	})
}

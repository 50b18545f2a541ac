package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
)

// keyed is a request with a key, of each kind there is.
type keyed struct {
	name string
	send int // SMS it leads to
	// do asks for it and returns the answer, and whether it is that of the first time.
	do func(w *world) (answer string, replayed bool, err error)
}

func onceFor(name string) *gateway.Once {
	return &gateway.Once{Key: "key of " + name, Digest: [32]byte{1}, Answer: func(r *gateway.BatchResult) ([]byte, error) {
		var ids []string
		for i := range r.Messages {
			ids = append(ids, r.Messages[i].ID)
		}
		return []byte(strings.Join(ids, " ")), nil
	}}
}

func keyedBatch(name string, numbers ...string) keyed {
	return keyed{name, len(numbers), func(w *world) (string, bool, error) {
		b := gateway.Batch{Once: onceFor(name)}
		for _, n := range numbers {
			b.Items = append(b.Items, gateway.BatchItem{Submission: gateway.Submission{Text: name, Numbers: []string{n}}})
		}
		r, err := w.gw.SubmitBatch(w.t.Context(), b)
		if err != nil || r.Replayed != nil {
			return string(r.Replayed), true, err
		}
		answer, err := b.Once.Answer(&r)
		return string(answer), false, err
	}}
}

func keyedRequests() []keyed {
	return []keyed{
		keyedBatch("message", "+4915110000001"),
		keyedBatch("batch", "+4915110000002", "+4915110000003", "+4915110000004"),
		{"retry", 1, func(w *world) (string, bool, error) {
			m, replayed, err := w.gw.Resubmit(w.t.Context(), "", "failed", onceFor("retry"))
			if replayed != nil {
				return string(replayed), true, err
			}
			return m.ID, false, err
		}},
	}
}

// prepare has a message fail that can be sent again.
func (w *world) prepareRetry() {
	w.t.Helper()
	const number = "+4915110000009"
	w.modems[0].script = refuses(map[string]bool{number: true})
	w.submit(gateway.Submission{ID: "failed", Numbers: []string{number}})
	w.settle()
	w.wantState("failed", gateway.Failed)
	w.modems[0].script = refuses(nil)
}

// A request whose answer got lost in a crash is sent exactly once if it is repeated, and
// answered alike, whether or not it was stored.
func TestKeySurvivesCrash(t *testing.T) {
	for _, stored := range []bool{false, true} {
		for _, k := range keyedRequests() {
			t.Run(fmt.Sprintf("%s, stored %t", k.name, stored), func(t *testing.T) {
				bubble(t, 1, func(w *world) {
					w.start()
					w.prepareRetry()
					before := len(w.ledger.all())
					w.stop()
					w.wrap = func(s gateway.Store) gateway.Store {
						return &faultyStore{Store: s, mu: new(sync.Mutex), n: new(int), k: 0, after: stored}
					}
					w.start()
					if w.gw == nil {
						t.Fatal("the start was the commit that failed")
					}
					w.settle()
					if _, _, err := k.do(w); !errors.Is(err, gateway.ErrStoreFailed) {
						t.Fatalf("got %v, want that the store failed", err)
					}
					w.stopFailed()
					w.wrap = nil
					w.start()
					first, replayed, err := k.do(w)
					if err != nil || replayed != stored {
						t.Fatalf("repeated: got %q, replayed %t, %v", first, replayed, err)
					}
					w.settle()
					w.kill()
					w.start()
					if again, replayed, err := k.do(w); again != first || !replayed || err != nil {
						t.Errorf("repeated once more: got %q, replayed %t, %v, want %q", again, replayed, err, first)
					}
					w.settle()
					if n := len(w.ledger.all()) - before; n != k.send {
						t.Errorf("%d SMS were sent, want %d", n, k.send)
					}
				})
			})
		}
	}
}

// After its time a key is as good as new, by the timeline: a wall clock that jumps does
// not make it so.
func TestKeyExpires(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.RememberFor = 3 * time.Hour
		w.start()
		k := keyedBatch("message", "+4915110000001")
		is := func(want bool) {
			t.Helper()
			if _, replayed, err := k.do(w); replayed != want || err != nil {
				t.Errorf("replayed %t, %v, want %t", replayed, err, want)
			}
		}
		is(false)
		w.pass(2 * time.Hour)
		w.jump(100 * time.Hour)
		is(true)
		w.stop()
		w.pass(30 * time.Minute)
		w.start()
		is(true)
		w.pass(31 * time.Minute)
		is(false)
		is(true)
	})
}

// Whoever gives a request up and repeats it gets what it led to.
func TestKeyOfGivenUpRequest(t *testing.T) {
	bubble(t, 1, func(w *world) {
		slow := make(chan struct{})
		w.wrap = func(s gateway.Store) gateway.Store { return &slowStore{s, slow, make(chan struct{}, 1)} }
		w.start()
		w.settle()
		ctx, cancel := context.WithCancel(w.t.Context())
		b := gateway.Batch{Once: onceFor("x"), Items: []gateway.BatchItem{{Submission: gateway.Submission{Text: "x", Numbers: []string{to}}}}}
		ended := make(chan error)
		go func() {
			_, err := w.gw.SubmitBatch(ctx, b)
			ended <- err
		}()
		w.settle()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want that it was given up", err)
		}
		repeated := make(chan gateway.BatchResult)
		go func() {
			r, err := w.gw.SubmitBatch(w.t.Context(), b)
			if err != nil {
				t.Error(err)
			}
			repeated <- r
		}()
		w.settle()
		close(slow)
		if r := <-repeated; r.Replayed == nil {
			t.Errorf("got %+v, want what was answered to the first", r)
		}
		w.settle()
		if n := len(w.ledger.all()); n != 1 {
			t.Errorf("%d SMS were sent, want 1", n)
		}
	})
}

// slowStore takes changes of requests with a key, in their order, and writes them when
// slow is closed.
type slowStore struct {
	gateway.Store
	slow chan struct{}
	turn chan struct{} // capacity 1: held by who writes
}

func (s *slowStore) Commit(ctx context.Context, c gateway.Change) error {
	if len(c.Requests) == 0 {
		return s.Store.Commit(ctx, c)
	}
	done := make(chan error, 1)
	go func() {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		<-s.slow
		done <- s.Store.Commit(context.WithoutCancel(ctx), c)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tetherd/gateway"
)

func setting(key, value string) gateway.Change {
	return gateway.Change{Settings: map[string]string{key: value}}
}

func TestWaitingCommitsShareATransaction(t *testing.T) {
	db := openTest(t)
	const n = 300
	release := hold(t, db)
	before := commits(t, db)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			c := gateway.Change{Messages: []gateway.Message{newMessage(fmt.Sprint("m", i))}}
			if i == n/2 {
				c.Messages[0].Rev, c.Messages[0].Seq = 1, 77 // refused alone
			}
			errs[i] = db.Commit(context.Background(), c)
		})
	}
	waitQueued(db, n-1) // the refused one does not get that far
	release()
	wg.Wait()
	for i, err := range errs {
		if i == n/2 {
			if !errors.Is(err, gateway.ErrConflict) {
				t.Errorf("got %v, want ErrConflict", err)
			}
		} else if err != nil {
			t.Errorf("commit %d: %v", i, err)
		}
	}
	if got := commits(t, db) - before; got != 2 {
		t.Errorf("got %d transactions, want 2: that which was held, and one for all", got)
	}
	if _, total, err := db.Messages(gateway.MessageQuery{}); total != n-1 || err != nil {
		t.Errorf("got %d messages, %v, want %d", total, err, n-1)
	}
}

// Of many that replace the same row at once, each Rev is won by one.
func TestReplaceIsSerial(t *testing.T) {
	db := openTest(t)
	m := put(t, db, newMessage("m1"))
	const n = 8
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for {
				m, err := db.MessageBySeq(m.Seq)
				if err != nil {
					t.Error(err)
					return
				}
				m.Recipients[0].Attempts++
				err = db.Commit(context.Background(), gateway.Change{Messages: []gateway.Message{m}})
				if err == nil {
					return
				}
				if !errors.Is(err, gateway.ErrConflict) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	got, err := db.MessageBySeq(m.Seq)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rev != n+1 || got.Recipients[0].Attempts != n {
		t.Errorf("got Rev %d after %d increments, want %d after %d", got.Rev, got.Recipients[0].Attempts, n+1, n)
	}
}

func TestObserversSeeChangesInOrder(t *testing.T) {
	db := openTest(t)
	var first, second []uint64
	returned := make(map[string]bool)
	var mu sync.Mutex // guards returned
	db.OnCommit(func(c gateway.Change) {
		for _, m := range c.Messages {
			got, err := db.MessageBySeq(m.Seq) // it is readable by now
			if err != nil || got.Rev != m.Rev {
				t.Errorf("observed message %d, Rev %d: got Rev %d, %v", m.Seq, m.Rev, got.Rev, err)
			}
			mu.Lock()
			if returned[m.ID] {
				t.Errorf("commit of %s returned before it was observed", m.ID)
			}
			mu.Unlock()
			first = append(first, m.Seq)
		}
	})
	db.OnCommit(func(c gateway.Change) {
		for _, m := range c.Messages {
			second = append(second, m.Seq)
		}
	})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			m := newMessage(fmt.Sprint("m", i))
			if err := db.Commit(context.Background(), gateway.Change{Messages: []gateway.Message{m}}); err != nil {
				t.Error(err)
			}
			mu.Lock()
			returned[m.ID] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(first) != 50 || !slices.IsSorted(first) {
		t.Errorf("got %v, want 1 to 50", first)
	}
	diff(t, "second observer", first, second)
	if err := db.Commit(context.Background(), gateway.Change{Messages: []gateway.Message{newMessage("m0")}}); err == nil {
		t.Error("a message was stored twice")
	}
	if len(first) != 50 {
		t.Error("a refused change was observed")
	}
}

func TestEmptyChangeWritesNothing(t *testing.T) {
	db := openTest(t)
	db.OnCommit(func(gateway.Change) { t.Error("observed") })
	before := commits(t, db)
	commit(t, db, gateway.Change{})
	if got := commits(t, db); got != before {
		t.Errorf("got %d transactions, want none", got-before)
	}
}

func TestCommitWhoseContextEnds(t *testing.T) {
	db := openTest(t)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- db.Commit(ctx, setting("k", "v")) }()
	waitQueued(db, 1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	release()
	commit(t, db, setting("other", "v")) // behind it in the queue
	if v, err := db.Setting("k"); v != "" || err != nil {
		t.Errorf("got %q, %v: a commit that was withdrawn in the queue was written", v, err)
	}
}

func TestCloseWritesWhatIsQueued(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	release := hold(t, db)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = db.Commit(context.Background(), setting(fmt.Sprint("k", i), "v")) })
	}
	waitQueued(db, len(errs))
	closed := make(chan error)
	go func() { closed <- db.Close() }()
	<-db.closing
	if err := db.Commit(context.Background(), setting("late", "v")); !errors.Is(err, ErrClosed) {
		t.Errorf("commit after Close: got %v, want ErrClosed", err)
	}
	release()
	wg.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	db = openAt(t, path, newClock())
	for i, err := range errs {
		v, _ := db.Setting(fmt.Sprint("k", i))
		if err != nil || v != "v" {
			t.Errorf("commit %d queued before Close: got %q, %v", i, v, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestFailureIsFinal(t *testing.T) {
	tests := []struct {
		name string
		fail func(*DB)
		want string
	}{
		{"the file cannot grow", func(db *DB) {
			release := hold(t, db)
			db.bolt.MaxSize = 1 // the writer is held: it does not look now
			release()
			err := db.Commit(context.Background(), setting("big", strings.Repeat("x", 1<<20)))
			if !errors.Is(err, gateway.ErrStoreFailed) {
				t.Errorf("got %v, want ErrStoreFailed", err)
			}
		}, "maximum size"},
		{"panic", func(db *DB) {
			o := &op{apply: func(*txn) error { panic("boom") }}
			if err := db.submit(context.Background(), o); err == nil {
				t.Error("a panic was not reported")
			}
		}, "boom"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t)
			commit(t, db, setting("k", "v"))
			observed := false
			db.mu.Lock()
			db.observers = append(db.observers, func(gateway.Change) { observed = true })
			db.mu.Unlock()
			if err := db.Failed(); err != nil {
				t.Fatal(err)
			}
			tt.fail(db)
			for range 2 {
				err := db.Commit(context.Background(), setting("k", "w"))
				if !errors.Is(err, gateway.ErrStoreFailed) || gateway.CodeOf(err) != gateway.Unavailable {
					t.Errorf("got %v, want ErrStoreFailed", err)
				}
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want the cause, %q", err, tt.want)
				}
			}
			if observed {
				t.Error("a change that was not stored was observed")
			}
			if !errors.Is(db.Failed(), gateway.ErrStoreFailed) {
				t.Errorf("Failed: got %v, want ErrStoreFailed", db.Failed())
			}
			if v, err := db.Setting("k"); v != "v" || err != nil {
				t.Errorf("got %q, %v, want what was stored before", v, err)
			}
		})
	}
}

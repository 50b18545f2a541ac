package store

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"tetherd/gateway"
)

// fillQueue queues n messages of one recipient, not tried yet.
func fillQueue(t testing.TB, db *DB, n int) {
	t.Helper()
	var c gateway.Change
	for i := range n {
		m := newMessage(fmt.Sprint("m", i))
		m.Recipients[0].Due = 0
		c.Messages = append(c.Messages, m)
		if len(c.Messages) == 1000 || i == n-1 {
			commit(t, db, c)
			c.Messages = nil
		}
	}
}

// What is looked at to find the next message does not depend on how many wait, nor on
// how many of them, in front, are known to be passed over.
func TestNextDoesNotScan(t *testing.T) {
	lengths := []int{100, 10_000}
	if os.Getenv("TETHERD_SCALE") != "" {
		lengths = append(lengths, 1_000_000)
	}
	for _, n := range lengths {
		t.Run(fmt.Sprint(n, " rows"), func(t *testing.T) {
			db := openTest(t)
			fillQueue(t, db, n)
			for _, newest := range []bool{false, true} {
				place := func(i int) uint64 { // Seq of the message that is i-th to be sent, from 0
					if newest {
						return uint64(n - i)
					}
					return uint64(i + 1)
				}
				const inHand = 3
				q := gateway.QueueQuery{Serves: serving(gateway.Lane{}), Now: 1, Least: -128, Newest: newest}
				q.Skip = func(r gateway.QueueRow) gateway.Passing {
					return gateway.Passing{Over: r.Seq == place(0) || r.Seq == place(1) || r.Seq == place(2)}
				}
				wantNext(t, db, q, place(inHand), inHand+2)

				var known gateway.QueueRun
				q.Passed = func(_ int, run gateway.QueueRun) { known = run }
				q.Skip = func(r gateway.QueueRow) gateway.Passing {
					p := gateway.Passing{Over: r.Seq != place(n-1)}
					if p.Over {
						p.Reason, p.Run = 1, known
					}
					return p
				}
				wantNext(t, db, q, place(n-1), int64(n+1))
				wantNext(t, db, q, place(n-1), 3)
			}
		})
	}
}

// wantNext looks for what is next, and checks how many rows are looked at.
func wantNext(t *testing.T, db *DB, q gateway.QueueQuery, want uint64, most int64) {
	t.Helper()
	before := db.steps.Load()
	ref, ok, _, err := db.NextQueued(q)
	if err != nil || !ok || ref.Seq != want {
		t.Fatalf("newest %t: got %v, %t, %v, want message %d", q.Newest, ref, ok, err, want)
	}
	if got := db.steps.Load() - before; got > most {
		t.Errorf("newest %t: looked at %d rows, want at most %d", q.Newest, got, most)
	}
}

// Runs of rows that are passed over change what is looked at, never what is found.
func TestQueueRuns(t *testing.T) {
	db := openTest(t)
	fillQueue(t, db, 40)
	for i := range uint64(40) { // some were tried before
		if m, err := db.MessageBySeq(i + 1); err != nil {
			t.Fatal(err)
		} else if i%5 == 0 {
			m.Recipients[0].Due = gateway.Tick(i%3 + 1)
			commit(t, db, gateway.Change{Messages: []gateway.Message{m}})
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		reasons := make([]int, 41) // by Seq; 0 is not passed over, 3 is without a reason
		runs := make(map[int][]gateway.QueueRun)
		for range 12 {
			for range rapid.IntRange(1, 8).Draw(t, "rows") {
				if i := rapid.IntRange(1, 40).Draw(t, "row"); reasons[i] == 0 {
					reasons[i] = rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "reason")
				}
			}
			plain := gateway.QueueQuery{
				Serves: serving(gateway.Lane{}), Now: gateway.Tick(rapid.IntRange(0, 3).Draw(t, "now")), Least: -128,
				Newest: rapid.Bool().Draw(t, "newest"),
				Skip:   func(r gateway.QueueRow) gateway.Passing { return gateway.Passing{Over: reasons[r.Seq] != 0} },
			}
			fast := plain
			fast.Skip = func(r gateway.QueueRow) gateway.Passing {
				reason := reasons[r.Seq]
				if reason == 0 || reason == 3 {
					return gateway.Passing{Over: reason == 3}
				}
				p := gateway.Passing{Over: true, Reason: reason}
				for _, run := range runs[reason] {
					if !r.QueuePlace.Before(run.First) && !run.Last.Before(r.QueuePlace) {
						p.Run = run
					}
				}
				return p
			}
			fast.Passed = func(reason int, run gateway.QueueRun) { runs[reason] = append(runs[reason], run) }
			wantRef, wantOK, wantNext, err := db.NextQueued(plain)
			if err != nil {
				t.Fatal(err)
			}
			ref, ok, next, err := db.NextQueued(fast)
			if err != nil || ref != wantRef || ok != wantOK || !ok && next != wantNext {
				t.Fatalf("got %v, %t, %d, %v, want %v, %t, %d", ref, ok, next, err, wantRef, wantOK, wantNext)
			}
		}
	})
}

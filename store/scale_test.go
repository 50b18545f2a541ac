package store

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// queue stores n events that wait for an endpoint, due at due and later.
func queue(t testing.TB, db *DB, num uint32, n int, due gateway.Tick) {
	t.Helper()
	for n > 0 {
		var c gateway.Change
		for range min(n, 1000) {
			e := sentEvent(gateway.NewID())
			e.Subject = ""
			c.Emissions = append(c.Emissions, gateway.Emission{
				Event: e, Deliveries: []gateway.Delivery{{ID: gateway.NewID(), Endpoint: num, Due: due}},
			})
			n--
			due++
		}
		commit(t, db, c)
	}
}

// What is looked at to find the next deliveries does not depend on how many wait.
func TestDispatchDoesNotScan(t *testing.T) {
	lengths := []int{100, 10_000}
	if os.Getenv("TETHERD_SCALE") != "" { // takes as long as all other tests together
		lengths = append(lengths, 1_000_000)
	}
	const slots, inHand = 4, 3
	for _, n := range lengths {
		t.Run(fmt.Sprint(n, " rows"), func(t *testing.T) {
			db := openTest(t)
			ep := addEndpoint(t, db, "one")
			queue(t, db, ep.Num, n, 1)
			now := gateway.Tick(n/2 + 1) // half of them are due
			tests := []struct {
				name string
				read func(uint32, gateway.Tick, int, func(uint64) bool, func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error)
			}{{"oldest", db.DueDeliveries}, {"newest", db.NewestDue}}
			for _, tt := range tests {
				before := db.steps.Load()
				passed := 0
				ds, _, _, err := tt.read(ep.Num, now, slots, func(uint64) bool { passed++; return passed <= inHand }, nil)
				if err != nil || len(ds) != slots {
					t.Fatalf("%s: got %d rows, %v", tt.name, len(ds), err)
				}
				if got, most := db.steps.Load()-before, int64(slots+inHand+2); got > most {
					t.Errorf("%s: looked at %d rows, want at most %d", tt.name, got, most)
				}
			}
		})
	}
}

// Commits that wait at the same time share their fsyncs: two for each transaction,
// of the rows and of the root.
func TestGroupCommit(t *testing.T) {
	db, err := Open(tempFile(t), Options{Clock: newClock().source(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer closeChecked(t, db)
	ep := addEndpoint(t, db, "one")
	before := commits(t, db)
	emit(t, db, "single", 1, ep.Num)
	if got := commits(t, db) - before; got != 1 {
		t.Errorf("got %d transactions for one event, want 1", got)
	}

	const events = 1000
	before = commits(t, db)
	release := hold(t, db)
	var all sync.WaitGroup
	for i := range events {
		all.Go(func() { emit(t, db, fmt.Sprint("e", i), 1, ep.Num) })
	}
	waitQueued(db, maxBatch)
	release()
	all.Wait()
	if got := commits(t, db) - before; got > events/20 {
		t.Errorf("got %d transactions for %d events at a time, want one for 20 at most", got, events)
	}
}

// A reader that stays for long, such as a backup, does not keep commits waiting when
// the file grows.
func TestGrowthBesideReader(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	tx, err := db.bolt.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	before := tx.Size()
	big := strings.Repeat("x", 1<<20)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // else it would wait for ever
	defer cancel()
	for i := range 40 {
		if err := db.Commit(ctx, setting(fmt.Sprint(i), big)); err != nil {
			t.Fatalf("commit %d beside a reader: %v", i, err)
		}
	}
	var after int64
	if err := db.bolt.View(func(tx *bolt.Tx) error { after = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	if after < before+32<<20 {
		t.Errorf("the file grew from %d to %d bytes, want more for this test", before, after)
	}
}

// drain ends everything that waits for an endpoint, and prunes it.
func drain(t testing.TB, db *DB, num uint32, clock *testClock) {
	t.Helper()
	for {
		ds, _, _, err := db.DueDeliveries(num, 1<<62, 1000, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) == 0 {
			break
		}
		for i := range ds {
			ds[i].State, ds[i].Attempts = gateway.Succeeded, 1
		}
		commit(t, db, gateway.Change{Deliveries: ds})
	}
	clock.boot += day
	pruneAll(t, db, PruneLimits{Deliveries: time.Hour})
}

// bytesPerCommit returns how many bytes of pages the commit of one event writes.
func bytesPerCommit(t testing.TB, db *DB, num uint32) int64 {
	t.Helper()
	const n = 20
	queue(t, db, num, 100, 1) // as if in the middle of work
	before := db.bolt.Stats()
	for range n {
		queue(t, db, num, 1, 1)
	}
	after := db.bolt.Stats()
	return (after.TxStats.GetPageAlloc() - before.TxStats.GetPageAlloc()) / n
}

// After a long queue was delivered, the list of free pages does not make each commit
// large. Here something else leaves as many.
func TestCommitsStaySmall(t *testing.T) {
	db := openTest(t)
	ep := addEndpoint(t, db, "one")
	big := strings.Repeat("x", 1<<20)
	for i := range 40 {
		commit(t, db, setting(fmt.Sprint(i), big))
	}
	for i := range 40 {
		commit(t, db, setting(fmt.Sprint(i), ""))
	}
	free := db.bolt.Stats().FreePageN
	if free < 8192 {
		t.Fatalf("got %d free pages, want more for this test", free)
	}
	if got := bytesPerCommit(t, db, ep.Num); got > 64<<10 {
		t.Errorf("a commit writes %d bytes with %d free pages, want at most 64 KiB", got, free)
	}
}

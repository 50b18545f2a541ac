package store

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// openLimited opens a store in which only so much may wait.
func openLimited(t testing.TB, path string, pending int, bytes int64) *DB {
	t.Helper()
	db, err := Open(path, Options{Clock: newClock().source(), Log: zerolog.Nop(), noSync: true, MaxPending: pending, MaxWaiting: bytes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeChecked(t, db) })
	return db
}

// dropped returns a list of the events of the deliveries that are dropped from now
// on, by endpoint.
func dropped(db *DB) map[uint32][]uint64 {
	gone := make(map[uint32][]uint64)
	db.OnCommit(func(c gateway.Change) {
		for _, d := range c.Dropped {
			gone[d.Endpoint] = append(gone[d.Endpoint], d.Event)
		}
	})
	return gone
}

func waiting(t testing.TB, db *DB, num uint32) (events []uint64) {
	t.Helper()
	ds, _, _, err := db.DueDeliveries(num, math.MaxInt64, 1_000_000, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ds {
		events = append(events, d.Event)
	}
	slices.Sort(events)
	return events
}

func TestOldestIsDropped(t *testing.T) {
	path := tempFile(t)
	db := openLimited(t, path, 3, 0)
	gone := dropped(db)
	one, two := addEndpoint(t, db, "one"), addEndpoint(t, db, "two")
	own := []gateway.Endpoint{{ID: "own", Events: []gateway.EventType{gateway.EventSent}, MaxPending: 1}}
	commit(t, db, gateway.Change{Endpoints: own})

	first := emit(t, db, "e1", 1, one.Num, two.Num)
	emit(t, db, "e2", 1, one.Num, two.Num)
	arrived := first.Deliveries[1] // at the second webhook
	arrived.State = gateway.Succeeded
	commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{arrived}})
	// The oldest is the one of the first event, not the one that is due first.
	late := first.Deliveries[0]
	late.Due, late.Attempts = 1000, 7
	commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{late}})
	emit(t, db, "e3", 1, one.Num, two.Num, own[0].Num)
	emit(t, db, "e4", 1, one.Num, two.Num, own[0].Num)
	diff(t, "dropped", map[uint32][]uint64{one.Num: {1}, own[0].Num: {3}}, gone)
	diff(t, "waiting for the first", []uint64{2, 3, 4}, waiting(t, db, one.Num))
	diff(t, "waiting for the second", []uint64{2, 3, 4}, waiting(t, db, two.Num))
	diff(t, "waiting for the third", []uint64{4}, waiting(t, db, own[0].Num))

	d, _, err := db.Delivery(one.Num, late.ID)
	if err != nil || d.State != gateway.Dropped || d.LastErr != overflowed || d.Attempts != 7 || d.Ended == 0 {
		t.Errorf("got %+v, %v", d, err)
	}
	loads, err := db.EndpointLoads()
	if err != nil || loads[one.Num].Dead != 1 || loads[one.Num].Pending != 3 {
		t.Errorf("got %+v, %v", loads[one.Num], err)
	}
	// Both limits hold after a restart, and for what is replayed.
	closeChecked(t, db)
	db = openLimited(t, path, 3, 0)
	gone = dropped(db)
	emit(t, db, "e5", 1, own[0].Num)
	d.State, d.Replays = gateway.Undelivered, 1
	commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{d}})
	diff(t, "dropped after a restart", map[uint32][]uint64{one.Num: {1}, own[0].Num: {4}}, gone)
	own[0].MaxPending = 0
	commit(t, db, gateway.Change{Endpoints: own})
	emit(t, db, "e6", 1, own[0].Num)
	diff(t, "waiting without a limit of its own", []uint64{5, 6}, waiting(t, db, own[0].Num))
}

// Of too many bytes those of the longest queue go, and an event counts once however
// many webhooks it waits for.
func TestTooManyBytes(t *testing.T) {
	size := func(id string) int64 {
		e := sentEvent(id)
		v, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return int64(len(v))
	}("e1")
	db := openLimited(t, tempFile(t), 0, 4*size)
	gone := dropped(db)
	long, short := addEndpoint(t, db, "long"), addEndpoint(t, db, "short")
	emit(t, db, "e1", 1, long.Num, short.Num)
	for i := range 3 {
		emit(t, db, fmt.Sprint("e", 2+i), 1, long.Num)
	}
	diff(t, "dropped at the limit", map[uint32][]uint64{}, gone)
	// The first drop gives nothing back: its event waits for the other webhook.
	emit(t, db, "e5", 1, long.Num)
	diff(t, "dropped behind the limit", map[uint32][]uint64{long.Num: {1, 2}}, gone)
	diff(t, "waiting for the short queue", []uint64{1}, waiting(t, db, short.Num))
	commit(t, db, gateway.Change{DropEndpoints: []string{"long"}})
	emit(t, db, "e6", 1, short.Num)
	diff(t, "dropped after a webhook was deleted", map[uint32][]uint64{long.Num: {1, 2}}, gone)
}

// A queue that is much too long, after the limit was lowered, gets shorter step by
// step, and the search passes over what was delivered once.
func TestOverflowInSteps(t *testing.T) {
	path := tempFile(t)
	db := openLimited(t, path, 0, 0)
	ep := addEndpoint(t, db, "one")
	emitMany(t, db, maxSearch+1, ep.Num)
	for from := 1; from <= maxSearch; from += 5000 {
		var c gateway.Change
		for i := range 5000 {
			c.Deliveries = append(c.Deliveries, gateway.Delivery{
				ID: fmt.Sprint("d", from+i-1), Endpoint: ep.Num, Event: uint64(from + i), State: gateway.Succeeded,
			})
		}
		commit(t, db, c)
	}
	emitMany(t, db, 3000, ep.Num)
	closeChecked(t, db)
	db = openLimited(t, path, 10, 0)
	gone := dropped(db)
	var counts []int
	for range 6 {
		before := len(gone[ep.Num])
		emit(t, db, "e", 1, ep.Num)
		counts = append(counts, len(gone[ep.Num])-before)
	}
	// The first search finds nothing among as many rows as it looks at.
	diff(t, "dropped with each event", []int{0, maxDrop, maxDrop, 995, 1, 1}, counts)
}

func TestTransactionSurvivesOverflowOfDamagedRow(t *testing.T) {
	db := openLimited(t, tempFile(t), 2, 0)
	ep := addEndpoint(t, db, "one")
	emit(t, db, "e1", 1, ep.Num)
	spoil(t, db, (*bolt.Cursor).First, bktDelivery)
	for i := range 4 {
		emit(t, db, fmt.Sprint("e", 2+i), 1, ep.Num)
	}
	if err := db.Failed(); err != nil {
		t.Fatal(err)
	}
	diff(t, "waiting", []uint64{4, 5}, waiting(t, db, ep.Num))
}

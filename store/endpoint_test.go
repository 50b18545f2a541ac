package store

import (
	"fmt"
	"math"
	"testing"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func TestEndpoints(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	b, a := addEndpoint(t, db, "b"), addEndpoint(t, db, "a")
	if b.Num != 1 || a.Num != 2 {
		t.Errorf("got numbers %d, %d, want 1, 2", b.Num, a.Num)
	}
	changed := []gateway.Endpoint{{ID: "b", Num: 9, URL: "https://example.org/new", Events: []gateway.EventType{gateway.EventFailed}}}
	commit(t, db, gateway.Change{Endpoints: changed})
	if changed[0].Num != b.Num {
		t.Errorf("got number %d after a change, want %d", changed[0].Num, b.Num)
	}
	list := func(want ...gateway.Endpoint) {
		t.Helper()
		got, err := db.Endpoints()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "endpoints", want, got)
	}
	list(changed[0], a)

	commit(t, db, gateway.Change{DropEndpoints: []string{"a", "unknown", ""}})
	list(changed[0])
	closeChecked(t, db)
	db = openAt(t, path, newClock())
	if again := addEndpoint(t, db, "a"); again.Num != 3 {
		t.Errorf("got number %d, want 3: numbers are never used twice", again.Num)
	}
}

// rowCount returns how many rows a bucket has.
func rowCount(t tb, db *DB, bucket string) (n int) {
	t.Helper()
	err := db.bolt.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// emitMany stores n events with a delivery to each endpoint.
func emitMany(t tb, db *DB, n int, endpoints ...uint32) {
	t.Helper()
	var c gateway.Change
	for i := range n {
		em := gateway.Emission{Event: sentEvent(fmt.Sprint("e", i))}
		for _, num := range endpoints {
			em.Deliveries = append(em.Deliveries, gateway.Delivery{ID: fmt.Sprint("d", i), Endpoint: num})
		}
		c.Emissions = append(c.Emissions, em)
	}
	commit(t, db, c)
}

func TestDropEndpoint(t *testing.T) {
	for _, n := range []int{1, maxReap - 1, maxReap, 3*maxReap + 1} {
		t.Run(fmt.Sprint(n, " rows"), func(t *testing.T) {
			path := tempFile(t)
			db := openAt(t, path, newClock())
			kept, gone := addEndpoint(t, db, "kept"), addEndpoint(t, db, "gone")
			emitMany(t, db, n, kept.Num, gone.Num)
			commit(t, db, gateway.Change{DropEndpoints: []string{"gone"}})
			if left := rowCount(t, db, bktDelivery) - n; n < maxReap && left > 0 {
				t.Errorf("%d rows are left after the commit, want none", left)
			}

			ds, _, next, err := db.DueDeliveries(gone.Num, math.MaxInt64, 10, nil, nil)
			if err != nil || len(ds) > 0 || next != 0 {
				t.Errorf("got %d deliveries, next %d, %v, want none of a deleted endpoint", len(ds), next, err)
			}
			loads, err := db.EndpointLoads()
			if err != nil {
				t.Fatal(err)
			}
			want := map[uint32]gateway.EndpointLoad{kept.Num: {Pending: n}}
			diff(t, "loads", want, loads)

			// The result of an attempt that was under way.
			commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{{Endpoint: gone.Num, Event: uint64(n)}}})

			closeChecked(t, db) // perhaps before all rows are deleted
			db = openAt(t, path, newClock())
			for range n/maxReap + 2 {
				commit(t, db, setting("k", "v")) // each takes some rows along
			}
			if got := rowCount(t, db, bktDelivery); got != n {
				t.Errorf("got %d rows, want the %d of the other endpoint", got, n)
			}
			if got := rowCount(t, db, bktReap); got != 0 {
				t.Errorf("%d endpoints are still to be cleared", got)
			}
			if got := rowCount(t, db, bktDue); got != n {
				t.Errorf("got %d due rows, want %d", got, n)
			}
		})
	}
}

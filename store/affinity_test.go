package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestAffinity(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	want := func(key, modem string) {
		t.Helper()
		if got, err := db.Affinity(key); got != modem || err != nil {
			t.Errorf("%s was held on %q, %v; want %q", key, got, err, modem)
		}
	}
	want("15112345", "")
	commit(t, db, gateway.Change{Affinities: []gateway.Affinity{{Key: "15112345", Modem: "a"}, {Key: "22912", Modem: "b"}}})
	want("15112345", "a")
	commit(t, db, gateway.Change{Affinities: []gateway.Affinity{{Key: "15112345", Modem: "b"}, {Key: "15112345", Modem: "c"}}})
	want("15112345", "c")
	clock.boot += 2 * affinityAge
	commit(t, db, gateway.Change{Affinities: []gateway.Affinity{{Key: "15112345", Modem: "c"}}})
	closeChecked(t, db)
	db = openAt(t, path, clock)
	want("15112345", "c")
	want("22912", "b")
	want("2912", "")
	for _, bad := range []gateway.Affinity{{Key: "", Modem: "a"}, {Key: "1", Modem: ""}, {Key: string(make([]byte, maxKey+1)), Modem: "a"}} {
		if err := db.Commit(t.Context(), gateway.Change{Affinities: []gateway.Affinity{bad}}); err == nil {
			t.Errorf("key of %d bytes and modem %q were stored", len(bad.Key), bad.Modem)
		}
	}
}

// The conversation that was held last the longest ago is forgotten first.
func TestAffinitiesAreBounded(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	for i := range 6 {
		commit(t, db, gateway.Change{Affinities: []gateway.Affinity{{Key: fmt.Sprint("k", i), Modem: "a"}}})
		clock.boot += time.Minute
	}
	commit(t, db, gateway.Change{Affinities: []gateway.Affinity{{Key: "k0", Modem: "b"}}})
	err := db.submit(context.Background(), &op{apply: func(t *txn) error { return t.forgetAffinities(3) }})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"b", "", "", "", "a", "a"} {
		if got, err := db.Affinity(fmt.Sprint("k", i)); got != want || err != nil {
			t.Errorf("k%d: got %q, %v; want %q", i, got, err, want)
		}
	}
}

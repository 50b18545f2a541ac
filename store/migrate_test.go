package store

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tetherd/gateway"
)

// unpack returns the path of a store that an earlier version wrote.
func unpack(t *testing.T, name string) string {
	t.Helper()
	in, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tetherd.db")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, z)
	if err := errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// The file has the events a to e. Webhooks one and two have deliveries of a that
// arrived and of d that wait; of b that of two waits and that of one is exhausted, of
// c that of one is blocked. Webhook gone waits for d. Nothing is about e.
func TestLayout1(t *testing.T) {
	path := unpack(t, "layout1.db.gz")
	if err := CheckFile(context.Background(), path); err != nil {
		t.Errorf("before: %v", err)
	}
	db := openAt(t, path, newClock())
	eps, err := db.Endpoints()
	if err != nil || len(eps) != 3 {
		t.Fatalf("got %d webhooks, %v", len(eps), err)
	}
	want := gateway.Endpoint{
		ID: "one", Num: 1, URL: "https://example.org/one", Events: []gateway.EventType{gateway.EventSent},
		Secrets: []gateway.Secret{{Key: "s3cret", Since: date}}, CreatedAt: date,
	}
	diff(t, "webhook", want, eps[0])
	loads, err := db.EndpointLoads()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "loads", map[uint32]gateway.EndpointLoad{
		1: {Pending: 1, Dead: 2, NextDue: 7}, 2: {Pending: 2, NextDue: 5}, 3: {Pending: 1, NextDue: 7},
	}, loads)
	ds, es, err := db.Deliveries(gateway.DeliveryQuery{
		Endpoint: 1, Limit: 9, States: []gateway.DeliveryState{gateway.Exhausted, gateway.Blocked},
	})
	if err != nil || len(ds) != 2 || es[0].ID != "c" || ds[1].Attempts != 15 || ds[1].LastErr != "busy" {
		t.Fatalf("got %+v of %v, %v, want those of c and b", ds, es, err)
	}
	if d, _, err := db.Delivery(1, "bd"); err != nil || d.State != gateway.Exhausted {
		t.Errorf("got %+v, %v", d, err)
	}

	// Old rows take part in all that came later.
	ds[1].State, ds[1].Replays = gateway.Undelivered, 1
	commit(t, db, gateway.Change{
		Deliveries: ds[1:], Missed: []gateway.Delivery{{ID: "x", Endpoint: 2, Event: 3}}, DropEndpoints: []string{"gone"},
	})
	closeChecked(t, db)
	clock := newClock()
	clock.boot += day
	db = openAt(t, path, clock)
	// What ended: both of a with the event, that of c, and e.
	if n, _ := pruneAll(t, db, PruneLimits{Deliveries: 1}); n != 5 {
		t.Errorf("got %d deleted, want 5", n)
	}
	diff(t, "waiting for two", []uint64{2, 3, 4}, waiting(t, db, 2))
}

package store

import (
	"errors"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestRequests(t *testing.T) {
	clock := newClock()
	path := tempFile(t)
	db := openAt(t, path, clock)
	now := db.Timeline().Now()
	r := gateway.Request{Key: gateway.NewRequestKey("", "k"), Digest: [32]byte{1}, Until: now.Add(time.Hour), Answer: []byte(`{"a":1}`)}
	if _, err := db.Request(r.Key); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	commit(t, db, gateway.Change{Messages: []gateway.Message{newMessage("m1")}, Requests: []gateway.Request{r}})
	is := func(want gateway.Request) {
		t.Helper()
		got, err := db.Request(want.Key)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "request", want, got)
	}
	is(r)
	again := gateway.Change{Messages: []gateway.Message{newMessage("m2")}, Requests: []gateway.Request{r}}
	if err := db.Commit(t.Context(), again); !errors.Is(err, gateway.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if _, err := db.Message("m2"); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v: a refused change left its message", err)
	}
	closeChecked(t, db)

	db = openAt(t, path, clock)
	is(r)
	clock.boot += 30 * time.Minute
	if n, _, err := db.Prune(t.Context(), PruneLimits{}); n != 0 || err != nil {
		t.Errorf("got %d pruned, %v, want none", n, err)
	}
	clock.boot += 30 * time.Minute
	r.Until, r.Answer = r.Until.Add(time.Hour), []byte(`{}`) // its time has run out, nobody pruned it
	again.Requests = []gateway.Request{r}
	commit(t, db, again)
	is(r)
	clock.boot += time.Hour
	if n, _, err := db.Prune(t.Context(), PruneLimits{}); n != 1 || err != nil {
		t.Errorf("got %d pruned, %v, want 1", n, err)
	}
	if _, err := db.Request(r.Key); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

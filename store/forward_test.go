package store

import (
	"testing"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
	"tetherd/gateway/filter"
)

func TestForwards(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	wants, err := filter.Parse([]byte(`{"type":"device","device_ids":["a"]}`))
	if err != nil {
		t.Fatal(err)
	}
	list := func(want ...gateway.Forward) {
		t.Helper()
		got, err := db.Forwards()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "forwards", want, got)
	}
	b := []gateway.Forward{{ID: "b", Filter: wants, Events: []gateway.EventType{gateway.EventSent}, Webhook: "x", CreatedAt: date, UpdatedAt: date}}
	a := []gateway.Forward{{ID: "a", NotifyAdmin: true, Exclusive: true, Disabled: true, Name: "n"}}
	commit(t, db, gateway.Change{Forwards: b})
	commit(t, db, gateway.Change{Forwards: a})
	if b[0].Seq != 1 || a[0].Seq != 2 {
		t.Errorf("got numbers %d, %d, want 1, 2", b[0].Seq, a[0].Seq)
	}
	list(b[0], a[0])
	changed := []gateway.Forward{{ID: "b", Seq: 9, Name: "new"}}
	commit(t, db, gateway.Change{Forwards: changed, DropForwards: []string{"unknown", ""}})
	if changed[0].Seq != 1 {
		t.Errorf("got number %d after a change, want 1", changed[0].Seq)
	}
	closeChecked(t, db)
	db = openAt(t, path, newClock())
	list(changed[0], a[0])
	commit(t, db, gateway.Change{DropForwards: []string{"a"}})
	list(changed[0])
	again := []gateway.Forward{{ID: "a"}}
	commit(t, db, gateway.Change{Forwards: again})
	if again[0].Seq != 3 {
		t.Errorf("got number %d, want 3: numbers are never used twice", again[0].Seq)
	}
	if err := db.Commit(t.Context(), gateway.Change{Forwards: []gateway.Forward{{}}}); err == nil {
		t.Error("a forward without an ID was stored")
	}
	closeChecked(t, db)
}

// A row that cannot be read does not keep the others from being read, and can be
// replaced.
func TestForwardDamaged(t *testing.T) {
	db := openAt(t, tempFile(t), newClock())
	commit(t, db, gateway.Change{Forwards: []gateway.Forward{{ID: "a"}, {ID: "b"}}})
	err := db.bolt.Update(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktForward)).Put([]byte("a"), []byte(`{"id":"a","filter":{"type":"none"}}`))
	})
	if err != nil {
		t.Fatal(err)
	}
	fs, err := db.Forwards()
	if err != nil || len(fs) != 1 || fs[0].ID != "b" {
		t.Errorf("got %+v, %v, want the other one", fs, err)
	}
	if rows, _ := db.Damage(); rows != 1 {
		t.Errorf("%d damaged rows were found, want 1", rows)
	}
	if err := db.Check(t.Context()); err == nil {
		t.Error("the check does not find it")
	}
	commit(t, db, gateway.Change{Forwards: []gateway.Forward{{ID: "a"}}})
	closeChecked(t, db)
}

package store

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// A message is found by each of its keys until a newer one has the same, or it is
// pruned.
func TestInboundByKey(t *testing.T) {
	db := openTest(t)
	find := func(k byte) string {
		t.Helper()
		in, err := db.InboundByKey(gateway.InboundKey{k})
		if errors.Is(err, gateway.ErrNotFound) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		return in.Text
	}
	a, b := received("a", date), received("b", date)
	a.Keys = []gateway.InboundKey{{1}, {2}}
	b.Keys = []gateway.InboundKey{{2}, {3}}
	for i, want := range []string{"aa", "abb"} {
		commit(t, db, gateway.Change{Inbound: []gateway.Inbound{[]gateway.Inbound{a, b}[i]}})
		if got := find(1) + find(2) + find(3) + find(4); got != want {
			t.Errorf("after %d messages: got %q, want %q", i+1, got, want)
		}
	}
	a.Text = "c"
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{a, a}})
	if got := find(1) + find(2) + find(3); got != "ccb" {
		t.Errorf("after two at once: got %q, want ccb", got)
	}
}

func TestInboundIsReplaced(t *testing.T) {
	db := openTest(t)
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{received("a", date), received("b", date)}})
	next := received("c", date)
	next.Replaces = 1
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{next}})
	gone := received("d", date)
	gone.Replaces = 99
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{gone}})
	ins, _, err := db.InboundMessages(gateway.InboundQuery{Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string][2]uint64)
	for _, in := range ins {
		got[in.Text] = [2]uint64{in.Replaces, in.ReplacedBy}
	}
	diff(t, "replaced", map[string][2]uint64{"a": {0, 3}, "b": {}, "c": {1, 0}, "d": {99, 0}}, got)
}

// A damaged row holds up neither the search nor what comes after it.
func TestDamagedInboundIsPassedOver(t *testing.T) {
	db, err := Open(tempFile(t), Options{Clock: newClock().source(), noSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // not checked: it is damaged
	old := received("old", date)
	old.Keys = []gateway.InboundKey{{1}}
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{old}})
	err = db.bolt.Update(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktInbox)).Put(u64Key(1), []byte("{"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.InboundByKey(gateway.InboundKey{1}); !errors.Is(err, gateway.ErrDamaged) {
		t.Errorf("by key: got %v, want ErrDamaged", err)
	}
	young := received("young", date)
	young.Replaces = 1
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{young}})
	if in, err := inboundBySeq(db, 2); err != nil || in.Text != "young" {
		t.Errorf("got %q, %v, want the young one", in.Text, err)
	}
}

func TestPruneForgetsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := Open(tempFile(t), Options{Clock: newClock().source(), noSync: true})
		if err != nil {
			t.Fatal(err)
		}
		old, young := received("old", time.Now().Add(-day)), received("young", time.Now())
		old.Keys = []gateway.InboundKey{{1}, {2}}
		young.Keys = []gateway.InboundKey{{2}}
		young.Replaces = 1
		commit(t, db, gateway.Change{Inbound: []gateway.Inbound{old}})
		commit(t, db, gateway.Change{Inbound: []gateway.Inbound{young}})
		if n, _ := pruneAll(t, db, PruneLimits{Inbound: time.Hour}); n != 1 {
			t.Errorf("got %d deleted, want 1", n)
		}
		if _, err := db.InboundByKey(gateway.InboundKey{1}); !errors.Is(err, gateway.ErrNotFound) {
			t.Errorf("by the key of what was deleted: got %v, want ErrNotFound", err)
		}
		if in, err := db.InboundByKey(gateway.InboundKey{2}); err != nil || in.Text != "young" {
			t.Errorf("by the key of both: got %q, %v, want the young one", in.Text, err)
		}
		closeChecked(t, db)
	})
}

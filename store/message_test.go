package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func TestMessageIsReadAsWritten(t *testing.T) {
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3*chunk + 2} {
		t.Run(fmt.Sprint(n, " recipients"), func(t *testing.T) {
			db := openTest(t)
			m := newMessage("m1")
			m.Recipients = nil
			for i := range n {
				m.Recipients = append(m.Recipients, queuedTo(fmt.Sprintf("+49151%07d", i))...)
			}
			m = put(t, db, m)
			if m.Seq != 1 || m.Rev != 1 {
				t.Errorf("got Seq %d, Rev %d, want 1, 1", m.Seq, m.Rev)
			}
			got, err := db.Message("m1")
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "by ID", m, got)
			if got, err = db.MessageBySeq(1); err != nil {
				t.Fatal(err)
			}
			diff(t, "by Seq", m, got)
		})
	}
}

func TestMessageIsReplaced(t *testing.T) {
	db := openTest(t)
	m := newMessage("m1")
	m.Recipients = nil
	for i := range 3 * chunk {
		m.Recipients = append(m.Recipients, queuedTo(fmt.Sprintf("+49151%07d", i))...)
	}
	m = put(t, db, m)
	for _, i := range []int{0, chunk, 3*chunk - 1} {
		m.Recipients[i].Phase, m.Recipients[i].State = gateway.Active, gateway.Processed
		m = put(t, db, m)
	}
	if m.Rev != 4 {
		t.Errorf("got Rev %d, want 4", m.Rev)
	}
	got, err := db.Message("m1")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "message", m, got)

	m.Recipients = m.Recipients[:chunk+1] // the rows behind must go, Check says if not
	m = put(t, db, m)
	if got, err = db.Message("m1"); err != nil {
		t.Fatal(err)
	}
	diff(t, "shortened message", m, got)
}

// A message to many must not be written whole each time one recipient changes.
func TestUnchangedRecipientsAreNotWritten(t *testing.T) {
	db := openTest(t)
	m := newMessage("m1")
	m.Recipients = nil
	for i := range 1000 {
		m.Recipients = append(m.Recipients, queuedTo(fmt.Sprintf("+49151%07d", i))...)
	}
	m = put(t, db, m)
	m.Recipients[500].Phase, m.Recipients[500].State = gateway.Active, gateway.Processed
	p, err := db.prepare(gateway.Change{Messages: []gateway.Message{m}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "chunks to write", []int{500/chunk - 1}, p.messages[0].stale)
	after := keysOf(p.messages[0].Message)
	shared := 0
	for _, k := range after {
		if _, ok := slices.BinarySearch(p.messages[0].oldKeys, k); ok {
			shared++
		}
	}
	if got, want := len(after)-shared, 1; got != want {
		t.Errorf("got %d new index rows, want %d", got, want)
	}
	commit(t, db, gateway.Change{Messages: []gateway.Message{m}})
}

func TestMissingMessage(t *testing.T) {
	db := openTest(t)
	if _, err := db.Message("m1"); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("by ID: got %v, want ErrNotFound", err)
	}
	if _, err := db.MessageBySeq(1); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("by Seq: got %v, want ErrNotFound", err)
	}
}

func TestConflicts(t *testing.T) {
	stored := func(edit func(*gateway.Message)) func(gateway.Message) []gateway.Message {
		return func(m gateway.Message) []gateway.Message {
			edit(&m)
			return []gateway.Message{m}
		}
	}
	tests := []struct {
		name   string
		change func(stored gateway.Message) []gateway.Message
		want   error
	}{
		{"same ID", stored(func(m *gateway.Message) { m.Seq, m.Rev = 0, 0 }), gateway.ErrExists},
		{"old revision", stored(func(m *gateway.Message) { m.Rev-- }), gateway.ErrConflict},
		{"revision to come", stored(func(m *gateway.Message) { m.Rev++ }), gateway.ErrConflict},
		{"no such row", stored(func(m *gateway.Message) { m.ID, m.Seq = "m9", 9 }), gateway.ErrConflict},
		{"new twice", func(gateway.Message) []gateway.Message {
			return []gateway.Message{newMessage("m2"), newMessage("m2")}
		}, gateway.ErrExists},
		{"replaced twice", func(m gateway.Message) []gateway.Message { return []gateway.Message{m, m} }, gateway.ErrConflict},
		{"behind a good one", func(m gateway.Message) []gateway.Message {
			m.Rev--
			return []gateway.Message{newMessage("m2"), m}
		}, gateway.ErrConflict},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t)
			m := put(t, db, put(t, db, newMessage("m1")))
			err := db.Commit(context.Background(), gateway.Change{
				Messages: tt.change(m),
				Settings: map[string]string{"k": "v"},
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if v, err := db.Setting("k"); v != "" || err != nil {
				t.Errorf("got setting %q, %v after a refusal, want none", v, err)
			}
			got, total, err := db.Messages(gateway.MessageQuery{Limit: 10})
			if err != nil || total != 1 {
				t.Fatalf("got %d messages, %v, want 1", total, err)
			}
			diff(t, "messages", []gateway.Message{m}, got)
		})
	}
}

// Two changes of one batch see each other.
func TestSameIDInOneBatch(t *testing.T) {
	db := openTest(t)
	release := hold(t, db)
	before := commits(t, db)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.Commit(context.Background(), gateway.Change{Messages: []gateway.Message{newMessage("m1")}})
		})
	}
	waitQueued(db, len(errs))
	release()
	wg.Wait()
	stored := 0
	for _, err := range errs {
		switch {
		case err == nil:
			stored++
		case !errors.Is(err, gateway.ErrExists):
			t.Errorf("got %v, want ErrExists", err)
		}
	}
	if stored != 1 {
		t.Errorf("got %d commits of one ID, want 1", stored)
	}
	if got := commits(t, db) - before; got != 2 {
		t.Errorf("got %d transactions, want 2: that which was held, and one for all", got)
	}
}

func TestImpossibleMessages(t *testing.T) {
	tests := []struct {
		name string
		edit func(*gateway.Message)
		want string
	}{
		{"no ID", func(m *gateway.Message) { m.ID = "" }, "id has 0 bytes"},
		{"long ID", func(m *gateway.Message) { m.ID = strings.Repeat("x", maxKey+1) }, "id has 1025 bytes"},
		{"negative slot", func(m *gateway.Message) { m.SIM = -1 }, "slot -1"},
		{"unprintable time", func(m *gateway.Message) { m.ValidUntil = date.AddDate(9000, 0, 0) }, "year"},
		{"long SIM identity", func(m *gateway.Message) {
			m.Recipients[0].Parts = []gateway.Part{{SIMID: strings.Repeat("x", maxKey+1)}}
		}, "SIM identity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t)
			m := newMessage("m1")
			tt.edit(&m)
			err := db.Commit(context.Background(), gateway.Change{Messages: []gateway.Message{m}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			put(t, db, newMessage("m2")) // the store goes on
		})
	}
}

func TestDamagedRowIsAnError(t *testing.T) {
	db := openTest(t)
	m := put(t, db, newMessage("m1"))
	good, bad := []byte(nil), []byte("short")
	err := db.bolt.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bktMessage))
		good = append(good, b.Get(u64Key(m.Seq))...)
		return b.Put(u64Key(m.Seq), bad)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Message("m1"); err == nil || errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v, want an error that is not ErrNotFound", err)
	}
	err = db.bolt.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bktMessage)).Put(u64Key(m.Seq), good) })
	if err != nil {
		t.Fatal(err)
	}
}

// A part that was sent without a reference, and whose first copy may have left by
// the same SIM, stands in the index once: what is left of it when a report settles
// one of the two is still found.
func TestPartsUnknownTwice(t *testing.T) {
	db := openTest(t)
	m := newMessage("m1")
	m.DeliveryReport = true
	r := &m.Recipients[0]
	r.State, r.Phase = gateway.Sent, gateway.Finished
	r.Parts = []gateway.Part{{Fate: gateway.Accepted, MR: -1, SIMID: "sim"}}
	r.Lost = &gateway.LostCopy{Part: 0, SIMID: "sim"}
	m = put(t, db, m)
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	m.Recipients[0].Lost = nil
	put(t, db, m)
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if got, err := db.UnknownParts("sim"); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v, want the part", got, err)
	}
}

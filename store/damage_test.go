package store

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// Each kind of reading passes over rows that are damaged and returns the others,
// and each damaged row is logged once.
func TestReadersPassOverDamage(t *testing.T) {
	var log bytes.Buffer
	clock := newClock()
	db, err := Open(tempFile(t), Options{Clock: clock.source(), Log: zerolog.New(&log), noSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	good := newMessage("good")
	good.CreatedAt = date.Add(time.Minute)
	put(t, db, newMessage("bad"))
	put(t, db, good)
	addEndpoint(t, db, "bad")
	ep := addEndpoint(t, db, "one")
	emit(t, db, "e1", 1, ep.Num)
	emit(t, db, "e2", 1, ep.Num)
	emit(t, db, "e3", 1, ep.Num)
	group := gateway.GroupKey{SIMID: "8949", Total: 3}
	commit(t, db, gateway.Change{
		Inbound:   []gateway.Inbound{received("a", date), received("b", date.Add(time.Minute))},
		Fragments: []gateway.StoredFragment{part(group, 1, 5), part(group, 2, 5)},
		Park:      []gateway.ParkedReport{{Report: gateway.Report{SIMID: "8949"}}, {Report: gateway.Report{SIMID: "8949"}}},
	})
	spoil(t, db, (*bolt.Cursor).First, bktMessage, bktInbox, bktFragment, bktParked, bktWebhook, bktDelivery)
	spoil(t, db, (*bolt.Cursor).Last, bktEvent)

	for range 2 {
		if _, err := db.Message("bad"); !isDamaged(err) {
			t.Errorf("message: got %v, want that it is damaged", err)
		}
		if _, err := db.MessageBySeq(1); !isDamaged(err) {
			t.Errorf("message by number: got %v, want that it is damaged", err)
		}
		ms, total, err := db.Messages(gateway.MessageQuery{Limit: 10})
		if err != nil || len(ms) != 1 || ms[0].ID != "good" || total != 2 {
			t.Errorf("messages: got %d of %d, %v; want the good one of 2", len(ms), total, err)
		}
		ins, _, err := db.InboundMessages(gateway.InboundQuery{Limit: 10})
		if err != nil || len(ins) != 1 || ins[0].From != received("b", date).From {
			t.Errorf("incoming messages: got %+v, %v; want the second", ins, err)
		}
		if fs, err := db.Fragments(group); err != nil || len(fs) != 1 {
			t.Errorf("fragments: got %d, %v; want one", len(fs), err)
		}
		if ps, err := db.ParkedReports("8949"); err != nil || len(ps) != 1 {
			t.Errorf("parked reports: got %d, %v; want one", len(ps), err)
		}
		if es, err := db.Endpoints(); err != nil || len(es) != 1 {
			t.Errorf("webhooks: got %d, %v; want one", len(es), err)
		}
		// The first delivery is damaged, and so is the event of the last, which is told
		// so that the delivery can be ended.
		ds, evs, _, err := db.DueDeliveries(ep.Num, 10, 10, nil, nil)
		if err != nil || len(ds) != 2 || evs[0].Payload == nil || evs[1].Payload != nil || evs[1].Seq != 3 {
			t.Errorf("deliveries: got %v of %v, %v; want two, the second of an event without a payload", ds, evs, err)
		}
		if _, evs, err := db.Deliveries(gateway.DeliveryQuery{Endpoint: ep.Num, Limit: 9}); err != nil || len(evs) != 2 || evs[0].Payload != nil {
			t.Errorf("history: got %v, %v; want two, the first of an event without a payload", evs, err)
		}
		if evs, gap, err := db.EventsAfter(0, 9); err != nil || len(evs) != 2 || !gap {
			t.Errorf("events: got %d, gap %v, %v; want two and a gap", len(evs), gap, err)
		}
	}
	clock.boot += 400 * 24 * time.Hour
	day := 24 * time.Hour
	if _, _, err := db.Prune(t.Context(), PruneLimits{Messages: day, Inbound: day, Seen: day, Parked: day, Deliveries: day}); err != nil {
		t.Errorf("prune: %v", err)
	}
	for _, id := range []string{"bad", "one"} {
		if err := db.Commit(context.Background(), gateway.Change{DropEndpoints: []string{id}}); err != nil {
			t.Errorf("delete webhook %s: %v", id, err)
		}
	}
	if err := db.Commit(context.Background(), gateway.Change{Settings: map[string]string{"a": "b"}}); err != nil {
		t.Errorf("commit: %v", err)
	}
	rows, first := db.Damage()
	if rows != 7 || !strings.Contains(first, "msg is damaged") {
		t.Errorf("damage: got %d rows, the first %q; want 7", rows, first)
	}
	if n := strings.Count(log.String(), "cannot be read"); n != rows {
		t.Errorf("%d lines of log for %d rows:\n%s", n, rows, log.String())
	}
}

// A panic over a page that is damaged ends the reading, not the process.
func TestPanicWhileReading(t *testing.T) {
	db := openTest(t)
	err := db.view("something", func(*bolt.Tx) error { panic("page 7: invalid type") })
	if !isDamaged(err) {
		t.Errorf("got %v, want that something is damaged", err)
	}
	put(t, db, newMessage("a")) // the transaction was closed
}

func isDamaged(err error) bool {
	return errors.Is(err, gateway.ErrDamaged)
}

// spoil makes one row of each bucket unreadable.
func spoil(t *testing.T, db *DB, which func(*bolt.Cursor) (k, v []byte), buckets ...string) {
	t.Helper()
	err := db.bolt.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			b := tx.Bucket([]byte(name))
			k, v := which(b.Cursor())
			if len(v) < 4 {
				t.Fatalf("bucket %s has no row to spoil", name)
			}
			if err := b.Put(bytes.Clone(k), bytes.Clone(v[:len(v)-2])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spoilRandom alters the value of a row that is chosen by chance: it is cut, emptied
// or filled with noise.
func spoilRandom(t *testing.T, db *DB, rnd *rand.Rand, bucket string) {
	t.Helper()
	err := db.bolt.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		rows := firstRows(b, nil, 1000)
		r := rows[rnd.IntN(len(rows))]
		switch rnd.IntN(3) {
		case 0:
			r.value = r.value[:rnd.IntN(len(r.value)+1)]
		case 1:
			r.value = []byte{}
		default:
			for i := range r.value {
				r.value[i] = byte(rnd.Uint32())
			}
		}
		return b.Put(r.key, r.value)
	})
	if err != nil {
		t.Fatal(err)
	}
}

package store

import (
	"context"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// fillAll puts at least one row into every index.
func fillAll(t *testing.T, db *DB) {
	t.Helper()
	var rs []gateway.Recipient
	for i := range chunk + 5 {
		rs = append(rs, queuedTo("+49151")...)
		rs[i].Phase = gateway.Phase(i % 5)
		rs[i].State = gateway.Processed
		rs[i].Parts = []gateway.Part{
			{Fate: gateway.Accepted, MR: i, SIMID: "8949"},
			{Fate: gateway.Unknown, MR: -1, SIMID: "8949"},
		}
	}
	m := newMessage("m1")
	m.Recipients, m.DeliveryReport, m.ScheduleAt = rs, true, date
	put(t, db, m)
	ep := addEndpoint(t, db, "one")
	emit(t, db, "e1", 5, ep.Num)
	dead := emit(t, db, "e2", 5, ep.Num).Deliveries
	dead[0].State = gateway.Exhausted
	commit(t, db, gateway.Change{
		Deliveries: dead, Attempts: []gateway.Attempt{attemptAt(ep.Num, "e2d", 1)},
		EndpointStates: []gateway.EndpointState{{Endpoint: ep.Num, Failed: 1}},
	})
	in := received("a", date)
	in.Keys = []gateway.InboundKey{{1}, {2}}
	commit(t, db, gateway.Change{
		Inbound:   []gateway.Inbound{in},
		Fragments: []gateway.StoredFragment{part(gateway.GroupKey{SIMID: "8949", Total: 2}, 1, 5)},
		Seen:      []gateway.FragmentKey{{1}},
		Park:      []gateway.ParkedReport{{Report: gateway.Report{SIMID: "8949"}}},
	})
}

// Check finds every row that is missing, and every row too many.
func TestCheckFindsFaults(t *testing.T) {
	names := []string{
		bktMsgID, bktRcpt, bktList, bktOut, bktTimer, bktActive, bktMR, bktUnknown, bktInList, bktInKey, bktStale,
		bktSeenAge, bktParkSIM, bktEPNum, bktDue, bktDead, bktCounters, bktEvent, bktAttempt, bktEPState,
	}
	for _, name := range names {
		if name != bktInKey && name != bktEPState { // a newer message can have taken it along; nothing need be known
			t.Run(name+" row missing", func(t *testing.T) {
				tampered(t, name, func(b *bolt.Bucket, k, _ []byte) error { return b.Delete(k) })
			})
		}
		if name == bktEvent {
			continue // an event may stand alone
		}
		t.Run(name+" row too many", func(t *testing.T) {
			tampered(t, name, func(b *bolt.Bucket, k, v []byte) error {
				more := append([]byte(nil), k...)
				more[len(more)-1]++
				return b.Put(more, append([]byte{}, v...))
			})
		})
	}
	t.Run("counter wrong", func(t *testing.T) {
		tampered(t, bktCounters, func(b *bolt.Bucket, k, _ []byte) error { return b.Put(k, u64Key(9)) })
	})
	t.Run("sequence behind", func(t *testing.T) {
		tampered(t, bktMessage, func(b *bolt.Bucket, _, _ []byte) error { return b.SetSequence(0) })
	})
}

// tampered alters the last row of a bucket and wants Check to name the bucket.
func tampered(t *testing.T, name string, alter func(b *bolt.Bucket, k, v []byte) error) {
	t.Helper()
	db, err := Open(tempFile(t), Options{Clock: newClock().source(), noSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fillAll(t, db)
	if err := db.Check(context.Background()); err != nil {
		t.Fatalf("before: %v", err)
	}
	err = db.bolt.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(name))
		k, v := b.Cursor().Last()
		return alter(b, k, v)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Check(context.Background())
	want := name
	switch name {
	case bktRcpt:
		want = bktActive // the index rows of the recipients in it
	case bktEvent:
		want = "has no event"
	case bktAttempt:
		want = bktCounters
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a fault in %s", err, want)
	}
}

func TestCheckStops(t *testing.T) {
	db := openTest(t)
	put(t, db, newMessage("m1"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := db.Check(ctx); err == nil {
		t.Error("got nil, want the error of the context")
	}
}

package gateway_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// tamper alters the file of the closed store, which is then not checked at the
// end.
func (w *world) tamper(alter func(tx *bolt.Tx) error) {
	w.t.Helper()
	w.damaged = true
	db, err := bolt.Open(w.path, 0o600, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := db.Update(alter); err != nil {
		w.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// rowsOf returns the keys of an index that name a message.
func rowsOf(b *bolt.Bucket, seq uint64) (keys [][]byte) {
	name := binary.BigEndian.AppendUint64(nil, seq)
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if bytes.Contains(k, name) {
			keys = append(keys, bytes.Clone(k))
		}
	}
	return keys
}

// Whatever row is damaged, all other messages are sent, and all other timers
// handled; health names the damage.
func TestDamageStopsNothingElse(t *testing.T) {
	const b = 2 // Seq of the message that is damaged
	key := binary.BigEndian.AppendUint64(nil, b)
	head := func(alter func(v []byte) []byte) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			rows := tx.Bucket([]byte("msg"))
			return rows.Put(key, alter(bytes.Clone(rows.Get(key))))
		}
	}
	// misled makes the rows of an index name a recipient that b does not have.
	misled := func(index string) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			rows := tx.Bucket([]byte(index))
			keys := rowsOf(rows, b)
			if len(keys) == 0 {
				return fmt.Errorf("%s has no row of the message", index)
			}
			for _, k := range keys {
				k[len(k)-1] = 9
				if err := rows.Put(k, []byte{}); err != nil {
					return err
				}
			}
			return nil
		}
	}
	garbage := func(index string) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			for _, k := range []string{"\x00", "\x01\x02", "\x00\x00\x00\x00\x00\x00\x00???", "\x03????????????????????????????????", "\xff\xff\xff\xff\xff\xff"} {
				if err := tx.Bucket([]byte(index)).Put([]byte(k), []byte{}); err != nil {
					return err
				}
			}
			return nil
		}
	}
	tests := map[string]struct {
		alter func(tx *bolt.Tx) error
		bToo  bool // b itself can be sent
	}{
		"row is no JSON":      {alter: head(func(v []byte) []byte { return v[:len(v)-3] })},
		"row is too short":    {alter: head(func(v []byte) []byte { return v[:5] })},
		"row is gone":         {alter: func(tx *bolt.Tx) error { return tx.Bucket([]byte("msg")).Delete(key) }},
		"contradicts itself":  {alter: head(func(v []byte) []byte { return bytes.ReplaceAll(v, []byte("Pending"), []byte("Sent")) })},
		"without a recipient": {alter: head(func(v []byte) []byte { return bytes.Replace(v, []byte(`"to":`), []byte(`"ot":`), 1) })},
		"queue is garbage":    {alter: garbage("out"), bToo: true},
		"queue is misled":     {alter: misled("out"), bToo: true},
		"timers are garbage":  {alter: garbage("timer"), bToo: true},
		"timers are misled": {alter: func(tx *bolt.Tx) error {
			// A timer of evidence for a message that awaits none.
			k := append([]byte{byte(gateway.TimerGrace), 0x80, 0, 0, 0, 0, 0, 0, 1}, key...)
			return tx.Bucket([]byte("timer")).Put(append(k, 0, 0, 0, 0), []byte{})
		}, bToo: true},
		"active without parts": {alter: func(tx *bolt.Tx) error {
			err := head(func(v []byte) []byte {
				return bytes.Replace(v, []byte(`"state":"Pending","phase":1`), []byte(`"state":"Processed","phase":2`), 1)
			})(tx)
			if err != nil {
				return err
			}
			return tx.Bucket([]byte("active")).Put(append(bytes.Clone(key), 0, 0, 0, 0), []byte{})
		}},
		"active is garbage": {alter: garbage("active"), bToo: true},
		"active is misled": {alter: func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("active")).Put(append(bytes.Clone(key), 0, 0, 0, 7), []byte{})
		}, bToo: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				w.modems[0].set(gateway.ModemAbsent)
				w.modems[1].set(gateway.ModemAbsent)
				w.start()
				w.submit(gateway.Submission{ID: "a"})
				w.submit(gateway.Submission{ID: "b", TTL: time.Hour})
				w.submit(gateway.Submission{ID: "c", Numbers: numbers("+49151", 3)})
				w.submit(gateway.Submission{ID: "d", SIM: 2, TTL: 90 * time.Minute})
				w.submit(gateway.Submission{ID: "e", ScheduleAt: time.Now().Add(2 * time.Hour)})
				w.settle()
				w.stop()
				w.tamper(tt.alter)
				w.modems[0].set(gateway.ModemReady)
				w.start()
				w.settle()
				w.wantState("a", gateway.Sent)
				w.wantState("c", gateway.Sent)
				if tt.bToo {
					w.wantState("b", gateway.Sent)
				}
				w.pass(3 * time.Hour)
				w.wantState("d", gateway.Failed)
				w.wantState("e", gateway.Sent)
				want := 5
				if tt.bToo {
					want++
				}
				if got := len(w.ledger.all()); got != want {
					t.Errorf("the network has %d PDUs, want %d: %s", got, want, w.ledger.parts())
				}
				c := w.gw.Health().Checks["store:damaged"]
				if needed := !strings.HasPrefix(name, "active is misled"); needed && (c.Status != gateway.Warn || c.ObservedValue == 0) {
					t.Errorf("health: got %+v, want a warning", c)
				}
				if ms, _, err := w.gw.Messages(gateway.MessageQuery{Limit: 10}); err != nil || len(ms) < 4 {
					t.Errorf("%d messages can be listed, %v; want 4 at least", len(ms), err)
				}
			})
		})
	}
}

func TestNoDamage(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.submit(gateway.Submission{ID: "a", TTL: time.Hour})
		cancelled := w.submit(gateway.Submission{SIM: 1, ScheduleAt: time.Now().Add(time.Hour)})
		if _, err := w.gw.Cancel(w.t.Context(), cancelled.ID); err != nil {
			t.Fatal(err)
		}
		w.pass(2 * time.Hour)
		if c := w.gw.Health().Checks["store:damaged"]; c.Status != gateway.Pass || c.ObservedValue != 0 {
			t.Errorf("health: got %+v, want none", c)
		}
	})
}

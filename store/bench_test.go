package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// parallel calls do b.N times from n goroutines.
func parallel(b *testing.B, n int, do func(i int64) error) {
	b.Helper()
	var (
		i  atomic.Int64
		wg sync.WaitGroup
	)
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for k := i.Add(1); k <= int64(b.N); k = i.Add(1) {
				if err := do(k); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

// BenchmarkCommit stores new messages as the daemon does, and for comparison
// puts rows of the same sizes into bare bbolt, one transaction each.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("store/goroutines=%d", n), func(b *testing.B) {
			db, err := Open(tempFile(b), Options{Clock: newClock().source(), Log: zerolog.Nop()})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { closeChecked(b, db) })
			before := commits(b, db)
			parallel(b, n, func(i int64) error {
				m := newMessage(fmt.Sprint("m", i))
				return db.Commit(context.Background(), gateway.Change{Messages: []gateway.Message{m}})
			})
			b.ReportMetric(float64(b.N)/float64(commits(b, db)-before), "changes/fsync")
		})
		b.Run(fmt.Sprintf("bbolt/goroutines=%d", n), func(b *testing.B) {
			benchmarkBare(b, n)
		})
	}
}

func benchmarkBare(b *testing.B, n int) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{
		InitialMmapSize: 1 << 30, FreelistType: bolt.FreelistMapType,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	m := newMessage("m")
	rows, err := encodeMessage(&m, 1)
	if err != nil {
		b.Fatal(err)
	}
	type put struct {
		bucket string
		value  []byte
	}
	puts := []put{{bktMessage, rows.head}, {bktMsgID, u64Key(1)}, {bktMeta, make([]byte, 140)}}
	for _, k := range keysOf(&m) {
		puts = append(puts, put{indexBucket(k[0]), []byte(k)})
	}
	parallel(b, n, func(i int64) error {
		return db.Update(func(tx *bolt.Tx) error {
			for _, p := range puts {
				bkt, err := tx.CreateBucketIfNotExists([]byte(p.bucket))
				if err != nil {
					return err
				}
				if err := bkt.Put(u64Key(uint64(i)), p.value); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// BenchmarkNextQueued looks for the next recipient in outboxes of several sizes,
// of which all but one row are not due yet.
func BenchmarkNextQueued(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			if testing.Short() && n > 10_000 {
				b.Skip("filling takes too long for -short")
			}
			db, err := Open(tempFile(b), Options{Clock: newClock().source(), noSync: true})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			fillOutbox(b, db, n)
			lanes := []gateway.Lane{{}, {SIM: 1}}
			b.ResetTimer()
			for b.Loop() {
				if _, ok, _, err := db.NextQueued(gateway.QueueQuery{Serves: serving(lanes...), Now: 1, Least: -128}); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

// BenchmarkNextQueuedLanes looks for the next recipient where each modem has a
// lane of its own, as it does when modems are used in turn.
func BenchmarkNextQueuedLanes(b *testing.B) {
	for _, n := range []int{1, 10, 250} {
		b.Run(fmt.Sprintf("lanes=%d", n), func(b *testing.B) {
			db, err := Open(tempFile(b), Options{Clock: newClock().source(), noSync: true})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			m := newMessage("m")
			for len(m.Recipients) < 1000 {
				m.Recipients = append(m.Recipients, m.Recipients[0])
			}
			for i := range m.Recipients {
				m.Recipients[i].Prefer = fmt.Sprint("modem", i%n)
			}
			put(b, db, m)
			serves := serving(gateway.Lane{}, gateway.Lane{Prefer: "modem0"})
			for b.Loop() {
				if _, ok, _, err := db.NextQueued(gateway.QueueQuery{Serves: serves, Now: 1, Least: -128}); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

// fillOutbox queues n recipients in three priorities; the last is due.
func fillOutbox(b *testing.B, db *DB, n int) {
	b.Helper()
	const each = 100 // recipients of a message
	var c gateway.Change
	for i := range n / each {
		m := newMessage(fmt.Sprint("m", i))
		m.Priority = int8(i % 3)
		for len(m.Recipients) < each {
			m.Recipients = append(m.Recipients, m.Recipients[0])
		}
		for j := range m.Recipients {
			m.Recipients[j].Due = 1000
		}
		if i == n/each-1 {
			m.Recipients[each-1].Due = 1
		}
		if c.Messages = append(c.Messages, m); len(c.Messages) == 100 {
			commit(b, db, c)
			c.Messages = nil
		}
	}
	commit(b, db, c)
}

// BenchmarkNextQueuedNewest looks for the newest of many recipients, of which none or
// many were tried before.
func BenchmarkNextQueuedNewest(b *testing.B) {
	for _, tried := range []int{0, 1000, 10_000} {
		b.Run(fmt.Sprintf("tried=%d", tried), func(b *testing.B) {
			db, err := Open(tempFile(b), Options{Clock: newClock().source(), noSync: true})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			var c gateway.Change
			for i := range 200 {
				m := newMessage(fmt.Sprint("m", i))
				for len(m.Recipients) < 500 {
					m.Recipients = append(m.Recipients, m.Recipients[0])
				}
				for j := range m.Recipients {
					if m.Recipients[j].Due = 0; i*500+j < tried {
						m.Recipients[j].Due = 1
					}
				}
				c.Messages = append(c.Messages, m)
			}
			commit(b, db, c)
			q := gateway.QueueQuery{Serves: serving(gateway.Lane{}), Now: 1, Least: -128, Newest: true}
			for b.Loop() {
				if _, ok, _, err := db.NextQueued(q); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

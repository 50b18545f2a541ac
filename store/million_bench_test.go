package store

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// BenchmarkMillionPending queues a million deliveries and reports what they cost: the
// file, the time to open it after a stop and after a crash, the memory, the search
// for what is due, a commit, and then what a commit writes once all were delivered.
func BenchmarkMillionPending(b *testing.B) {
	const rows = 1_000_000
	for range b.N {
		path, clock := tempFile(b), newClock()
		open := func() (*DB, time.Duration) {
			begin := time.Now()
			db, err := Open(path, Options{Clock: clock.source(), Log: zerolog.Nop(), MaxPending: rows, noSync: true})
			if err != nil {
				b.Fatal(err)
			}
			return db, time.Since(begin)
		}
		db, _ := open()
		ep := addEndpoint(b, db, "one")
		begin := time.Now()
		queue(b, db, ep.Num, rows, 1)
		b.ReportMetric(time.Since(begin).Seconds(), "fill-s")
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(fileSize(b, path))/(1<<20), "file-MiB")

		before := heap()
		db, took := open()
		b.ReportMetric(float64(took.Microseconds())/1e3, "open-ms")
		b.ReportMetric(float64(heap()-before)/(1<<20), "heap-MiB")
		b.ReportMetric(perCall(b, 10_000, func() error {
			_, _, _, err := db.DueDeliveries(ep.Num, rows/2, 4, nil, nil)
			return err
		}), "µs/dispatch")
		b.ReportMetric(perCall(b, 3, func() error { // no such delivery: all rows are looked at
			if _, _, err := db.Delivery(ep.Num, gateway.NewID()); !errors.Is(err, gateway.ErrNotFound) {
				return errors.New("found what is not there")
			}
			return nil
		})/1e3, "ms/find")
		b.ReportMetric(perCall(b, 200, func() error {
			return db.Commit(context.Background(), gateway.Change{Emissions: []gateway.Emission{{
				Event: sentEvent("e"), Deliveries: []gateway.Delivery{{ID: "d", Endpoint: ep.Num, Due: 1}},
			}}})
		}), "µs/drop") // one comes, the oldest goes

		begin = time.Now()
		drain(b, db, ep.Num, clock)
		b.ReportMetric(time.Since(begin).Seconds(), "drain-s")
		b.ReportMetric(float64(bytesPerCommit(b, db, ep.Num))/1024, "KiB/commit")
		if err := db.bolt.Close(); err != nil { // as in a crash
			b.Fatal(err)
		}
		db, took = open()
		b.ReportMetric(float64(took.Microseconds())/1e3, "reopen-ms")
		used, _, err := usage(db.bolt)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(used)/(1<<20), "compacted-MiB")
		closeChecked(b, db)
	}
	b.ReportMetric(0, "ns/op")
}

// perCall returns how long a call takes, in µs.
func perCall(b *testing.B, n int, do func() error) float64 {
	b.Helper()
	begin := time.Now()
	for range n {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(begin).Nanoseconds()) / 1e3 / float64(n)
}

// heap returns the bytes of the objects that are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

package webhook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	producers = 64  // that wait for their commits
	bodySize  = 350 // bytes of a delivery, about
)

// BenchmarkCeiling measures what the parts of BenchmarkDelivery can do alone: bare
// bbolt with one fsync for all that waits, a bare HTTP client, and both after each
// other, which is what a delivery cannot do without.
func BenchmarkCeiling(b *testing.B) {
	b.Run("bbolt", func(b *testing.B) {
		commit := groupCommit(b)
		each(b, func(i int) { commit(i) })
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("http", func(b *testing.B) {
		post := barePost(b)
		each(b, func(int) { post() })
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
	})
	b.Run("both", func(b *testing.B) {
		commit, post := groupCommit(b), barePost(b)
		each(b, func(i int) {
			commit(2 * i)
			post()
			commit(2*i + 1)
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
	})
}

// each calls do b.N times from as many goroutines as BenchmarkDelivery has
// producers.
func each(b *testing.B, do func(i int)) {
	var n atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range producers {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				do(int(i))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

// groupCommit returns a function that puts one row and returns when it is durable;
// rows that wait share a transaction.
func groupCommit(b *testing.B) func(i int) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType, InitialMmapSize: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	type op struct {
		key  int
		done chan struct{}
	}
	queue := make(chan op, producers)
	var writer sync.WaitGroup
	writer.Go(func() {
		value := make([]byte, bodySize)
		for first := range queue {
			ops := []op{first}
			for len(queue) > 0 {
				ops = append(ops, <-queue)
			}
			err := db.Update(func(tx *bolt.Tx) error {
				bkt, err := tx.CreateBucketIfNotExists([]byte("rows"))
				if err != nil {
					return err
				}
				for _, o := range ops {
					if err := bkt.Put(fmt.Appendf(nil, "%012d", o.key), value); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Error(err)
			}
			for _, o := range ops {
				close(o.done)
			}
		}
	})
	b.Cleanup(func() {
		close(queue)
		writer.Wait()
		db.Close()
	})
	return func(i int) {
		done := make(chan struct{})
		queue <- op{i, done}
		<-done
	}
}

// barePost returns a function that posts a body like that of a delivery.
func barePost(b *testing.B) func() {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
	}))
	b.Cleanup(srv.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: producers, MaxIdleConnsPerHost: producers}}
	b.Cleanup(client.CloseIdleConnections)
	body := make([]byte, bodySize)
	return func() {
		resp, err := client.Post(srv.URL, "application/json", bytes.NewReader(body))
		if err != nil {
			b.Error(err)
			return
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

// BenchmarkPaced measures the time from the commit of an event to its arrival at
// the receiver while 100 events a second are stored, whatever becomes of the ones
// before.
func BenchmarkPaced(b *testing.B) {
	var mu sync.Mutex
	committed := make(map[string]time.Time)
	arrived := make(map[string]time.Time)
	var waiting sync.WaitGroup
	waiting.Add(b.N)
	w, eps := benchWorld(b, 1, func(id string) {
		mu.Lock()
		arrived[id] = time.Now()
		mu.Unlock()
		waiting.Done()
	})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var emitting sync.WaitGroup
	for n := range b.N {
		<-tick.C
		emitting.Go(func() {
			c := gateway.Change{Emissions: []gateway.Emission{w.emission(n, "", eps...)}}
			if err := w.db.Commit(context.Background(), c); err != nil {
				b.Error(err)
			}
			mu.Lock()
			committed[c.Emissions[0].Event.ID] = time.Now()
			mu.Unlock()
		})
	}
	emitting.Wait()
	waiting.Wait()
	took := make([]time.Duration, 0, b.N)
	for id, at := range arrived {
		took = append(took, max(at.Sub(committed[id]), 0)) // it can arrive before Commit is back
	}
	reportPercentiles(b, took)
}

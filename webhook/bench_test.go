package webhook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
)

// benchWorld is a worker on a real store with fsync, and webhooks to a real
// receiver on loopback that reports each arrival to seen.
func benchWorld(b *testing.B, webhooks int, seen func(id string)) (*world, []gateway.Endpoint) {
	b.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		seen(r.Header.Get("Webhook-Event-Id"))
	}))
	b.Cleanup(srv.Close)
	w := &world{t: b, path: filepath.Join(b.TempDir(), "tetherd.db")}
	w.o = Options{DeviceID: "device-0000000000000x", Tuning: Tuning{SigningKey: "12345678"}}
	b.Cleanup(w.close)
	w.start()
	var eps []gateway.Endpoint
	for i := range webhooks {
		eps = append(eps, w.register(fmt.Sprint("hook", i), srv.URL+"/x"))
	}
	return w, eps
}

// BenchmarkDelivery measures deliveries from the durable event to the durable
// outcome, with many producers that wait for their commits.
func BenchmarkDelivery(b *testing.B) {
	for _, webhooks := range []int{1, 10} {
		b.Run(fmt.Sprint("webhooks=", webhooks), func(b *testing.B) {
			var arrived sync.WaitGroup
			w, eps := benchWorld(b, webhooks, func(string) { arrived.Done() })
			arrived.Add(b.N * webhooks)
			b.ResetTimer()
			jobs := make(chan int)
			var running sync.WaitGroup
			for range producers {
				running.Go(func() {
					for n := range jobs {
						w.commit(gateway.Change{Emissions: []gateway.Emission{w.emission(n, fmt.Sprint(n), eps...)}})
					}
				})
			}
			for n := range b.N {
				jobs <- n
			}
			close(jobs)
			running.Wait()
			arrived.Wait()
			w.stop() // waits for the outcomes
			b.StopTimer()
			b.ReportMetric(float64(b.N*webhooks)/b.Elapsed().Seconds(), "deliveries/s")
			for _, e := range eps {
				if n := w.pending(e); n != 0 {
					b.Fatalf("%d deliveries still wait", n)
				}
			}
		})
	}
}

// BenchmarkLatency measures the time from the commit of an event to its arrival
// at the receiver, one event at a time.
func BenchmarkLatency(b *testing.B) {
	came := make(chan time.Time, 1)
	w, eps := benchWorld(b, 1, func(string) { came <- time.Now() })
	var took []time.Duration
	for n := range b.N {
		c := gateway.Change{Emissions: []gateway.Emission{w.emission(n, "", eps...)}}
		if err := w.db.Commit(context.Background(), c); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		took = append(took, (<-came).Sub(start))
	}
	reportPercentiles(b, took)
}

func reportPercentiles(b *testing.B, took []time.Duration) {
	p50, p99 := percentiles(took)
	b.ReportMetric(p50, "p50-µs")
	b.ReportMetric(p99, "p99-µs")
}

// percentiles returns the median and the 99th percentile in µs.
func percentiles(took []time.Duration) (p50, p99 float64) {
	slices.Sort(took)
	return float64(took[len(took)/2].Microseconds()), float64(took[len(took)*99/100].Microseconds())
}

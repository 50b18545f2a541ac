package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"tetherd/gateway"
)

// BenchmarkAPIScale measures what looking at messages costs beside a thousand and beside a
// million of them, and how long the gateway takes to start. A message a second was sent,
// one of a hundred failed.
func BenchmarkAPIScale(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			if testing.Short() && n > 1000 {
				b.Skip("filling takes too long for -short")
			}
			path := filepath.Join(b.TempDir(), "tetherd.db")
			first := time.Now().Add(-time.Duration(n) * time.Second).Truncate(time.Second)
			w := newAPIWorld(b, path)
			fillMessages(b, w, n, first)
			w.close(b)
			begin := time.Now()
			w = newAPIWorld(b, path)
			b.ReportMetric(ms(time.Since(begin)), "start-ms")
			defer w.close(b)

			at := func(share float64) string {
				return first.Add(time.Duration(share*float64(n)) * time.Second).UTC().Format(time.RFC3339)
			}
			for _, q := range []struct{ name, path string }{
				{"list", "/messages?limit=50"},
				{"state", "/messages?state=Failed&limit=10"},
				{"page", fmt.Sprintf("/messages?limit=50&offset=%d", min(n/2, 500))},
				{"deep-page", fmt.Sprintf("/messages?limit=50&offset=%d", n/2)},
				{"deep-state", fmt.Sprintf("/messages?limit=50&state=Sent&offset=%d", n/2)},
				{"search", "/messages?limit=50&search=way"},
				{"search-one", "/messages?limit=50&search=" + fmt.Sprintf("order+%d+is", n/2)},
				{"search-none", "/messages?limit=50&search=nowhere"},
				{"total", "/messages?limit=1&from=" + at(0.1) + "&to=" + at(0.9)},
				{"state-total", "/messages?limit=1&state=Failed&from=" + at(0.1) + "&to=" + at(0.9)},
				{"id", fmt.Sprintf("/messages/m%07d", n/2)},
			} {
				b.ReportMetric(w.time(b, q.path), q.name+"-ms")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// time returns how long a GET takes, in milliseconds: the best of several, since what else
// the machine does only adds to it.
func (w *apiWorld) time(b *testing.B, path string) float64 {
	b.Helper()
	best := time.Hour
	for range 20 {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.SetBasicAuth(rigUser, rigPassword)
		rec := httptest.NewRecorder()
		begin := time.Now()
		w.handler.ServeHTTP(rec, req)
		best = min(best, time.Since(begin))
		if rec.Code != http.StatusOK {
			b.Fatalf("GET %s: got %d %s", path, rec.Code, rec.Body)
		}
	}
	return ms(best)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// fillMessages stores messages that were sent, or have failed.
func fillMessages(b *testing.B, w *apiWorld, n int, first time.Time) {
	b.Helper()
	const chunk = 10_000
	for done := 0; done < n; done += chunk {
		var c gateway.Change
		for i := done; i < min(done+chunk, n); i++ {
			at := first.Add(time.Duration(i) * time.Second)
			state := gateway.Sent
			if i%100 == 0 {
				state = gateway.Failed
			}
			c.Messages = append(c.Messages, gateway.Message{
				ID: fmt.Sprintf("m%07d", i), Text: fmt.Sprintf("Your order %d is on its way.", i), CreatedAt: at,
				FirstReached: map[gateway.State]time.Time{gateway.Pending: at, state: at.Add(time.Second)},
				Recipients:   []gateway.Recipient{{Number: "+4917012345678", Address: "+4917012345678", State: state, Phase: gateway.Finished}},
			})
		}
		if err := w.db.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}

package main_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/rest"
	"tetherd/store"
)

// benchBody is a message of a common length.
const benchBody = `{"textMessage":{"text":"Your code is 482913. It is good for ten minutes."},"phoneNumbers":["+4917012345678"],"withDeliveryReport":true}`

// apiWorld is the API on the real store, without modems: what it takes on stays queued.
type apiWorld struct {
	path    string // of the store
	db      *store.DB
	gateway *gateway.Gateway
	handler http.Handler
}

// noWebhooks stands in for what sends webhooks, which requests to send have no use for.
type noWebhooks struct{ rest.Webhooks }

// benchUser is one who may do what [rigUser] may, with the same password.
const benchUser = "second"

// newAPIWorld opens a world. see is told of every commit before anybody else is.
func newAPIWorld(b *testing.B, path string, see ...func(gateway.Change)) *apiWorld {
	b.Helper()
	w := &apiWorld{path: path}
	booted := time.Now()
	var err error
	w.db, err = store.Open(path, store.Options{Log: zerolog.Nop(), Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(booted), "bench" },
	}})
	if err != nil {
		b.Fatal(err)
	}
	for _, see := range see {
		w.db.OnCommit(see)
	}
	if w.gateway, err = gateway.New(b.Context(), gateway.Options{Store: w.db, Region: "DE", Log: zerolog.Nop()}); err != nil {
		b.Fatal(err)
	}
	w.handler, err = rest.New(rest.Options{
		Gateway: w.gateway, Webhooks: noWebhooks{}, Username: rigUser, Password: rigPassword, Log: zerolog.Nop(),
		Accounts: []access.Account{{Name: benchUser, Password: rigPassword, Role: access.Admin}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

func (w *apiWorld) close(b *testing.B) {
	b.Helper()
	if err := w.db.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAPISend measures how many messages a second clients on connections of their own
// have accepted durably, how long each waits, and what that takes of the processors, beside
// three things that are measured in the same run with rows of the same sizes: what bbolt's
// own group commit does, DB.Batch as it comes; what bbolt can do at best, in the order of
// the keys and with all who wait in one transaction; and the latter behind the least that
// answers HTTP. Clients and server share the processors.
func BenchmarkAPISend(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(200)) // as in the daemon
	rows := rowsOfMessage(b)
	for _, clients := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			b.StopTimer()
			bare := newBareStore(b, rows, clients)
			ceiling := each(b, clients, func() func() error { return bare.put })
			b.ReportMetric(ceiling.rate, "bbolt/s")
			var batch pace
			if clients >= 64 { // with few it waits 10 ms for each message
				batch = each(b, clients, func() func() error { return bare.batch })
				b.ReportMetric(batch.rate, "bbolt-batch/s")
			}

			bare.commits = 0
			least := overHTTP(b, clients, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					b.Error(err)
				}
				if err := bare.put(); err != nil {
					b.Error(err)
				}
				out.WriteHeader(http.StatusAccepted)
			}))
			atOnce := float64(b.N) / float64(bare.commits)
			bare.close()

			w := newAPIWorld(b, filepath.Join(b.TempDir(), "tetherd.db"))
			b.StartTimer()
			got := overHTTP(b, clients, w.handler)
			b.StopTimer()
			w.close(b)
			b.ReportMetric(got.rate, "messages/s")
			b.ReportMetric(got.cpu, "cpu-µs")
			b.ReportMetric(least.cpu, "bbolt+http-cpu-µs")
			b.ReportMetric(ceiling.cpu, "bbolt-cpu-µs")
			if batch.rate > 0 {
				b.ReportMetric(got.rate/batch.rate, "of-bbolt-batch")
			}
			b.ReportMetric(got.rate/ceiling.rate, "of-bbolt")
			b.ReportMetric(got.rate/least.rate, "of-bbolt+http")
			b.ReportMetric(float64(b.N)/float64(commitsOf(b, w.path)), "messages/fsync")
			b.ReportMetric(atOnce, "bare-messages/fsync")
			b.ReportMetric(got.quantile(0.50), "p50-ms")
			b.ReportMetric(got.quantile(0.99), "p99-ms")
		})
	}
}

// pace is how fast something was done.
type pace struct {
	rate float64 // a second
	cpu  float64 // µs for each, of all processors, that of the clients too
	took []time.Duration
}

// cpuTime returns how much time processors have spent on this process.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// quantile returns how long some share took at most, in milliseconds.
func (p *pace) quantile(share float64) float64 {
	return float64(p.took[int(share*float64(len(p.took)-1))].Microseconds()) / 1000
}

// each does something b.N times from as many goroutines as there are clients, each of
// which has a function of its own for it.
func each(b *testing.B, clients int, make func() func() error) pace {
	b.Helper()
	took := [][]time.Duration{}
	dos := []func() error{}
	for range clients {
		dos, took = append(dos, make()), append(took, nil)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	used, begin := cpuTime(b), time.Now()
	for i, do := range dos {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				at := time.Now()
				if err := do(); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(at))
			}
		})
	}
	wg.Wait()
	p := pace{rate: float64(b.N) / time.Since(begin).Seconds(), took: slices.Concat(took...)}
	p.cpu = float64((cpuTime(b) - used).Microseconds()) / float64(b.N)
	slices.SortFunc(p.took, cmp.Compare)
	return p
}

// overHTTP has clients post messages to h, each on a connection of its own.
func overHTTP(b *testing.B, clients int, h http.Handler) pace {
	b.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	return each(b, clients, func() func() error {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		conns = append(conns, conn)
		return poster(conn)
	})
}

// poster returns a function that posts a message on a connection. It is less of a client
// than that of net/http, which would be measured along with the server.
func poster(conn net.Conn) func() error {
	request := fmt.Appendf(nil, "POST /messages HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		basicAuth(rigUser, rigPassword), len(benchBody), benchBody)
	in := bufio.NewReader(conn)
	return func() error {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusAccepted {
			return fmt.Errorf("got HTTP %d", resp.StatusCode)
		}
		return nil
	}
}

// BenchmarkAPIBatch measures how long a batch of 10,000 messages takes until all are
// stored durably and answered.
func BenchmarkAPIBatch(b *testing.B) {
	w := newAPIWorld(b, filepath.Join(b.TempDir(), "tetherd.db"))
	defer w.close(b)
	s := httptest.NewServer(w.handler)
	defer s.Close()
	var entries []string
	for i := range gateway.MaxSubmissions {
		entries = append(entries, fmt.Sprintf(`{"textMessage":{"text":"Hello, number %d"},"phoneNumbers":["+4917%08d"]}`, i, i))
	}
	body := `{"messages":[` + strings.Join(entries, ",") + `]}`
	for b.Loop() {
		req, err := http.NewRequest(http.MethodPost, s.URL+"/messages/batch", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.SetBasicAuth(rigUser, rigPassword)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusAccepted {
			b.Fatalf("got HTTP %d, %v: %.300s", resp.StatusCode, err, answer)
		}
	}
	b.ReportMetric(float64(b.N*gateway.MaxSubmissions)/b.Elapsed().Seconds(), "messages/s")
}

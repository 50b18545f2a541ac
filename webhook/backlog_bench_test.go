package webhook

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
)

const (
	paceEvents = 500                   // that the child emits
	paceGap    = 10 * time.Millisecond // between them
	backlog    = 1_000_000             // deliveries to a dead endpoint; BACKLOG in the environment overrides it
)

// BenchmarkBacklog compares a process that delivers with nothing queued to one with
// a million deliveries queued for an endpoint that is dead: the memory it needs, the
// time from its start to the first delivery to another webhook, and how long
// deliveries to that take.
func BenchmarkBacklog(b *testing.B) {
	rows := backlog
	if s := os.Getenv("BACKLOG"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatalf("BACKLOG: %v", err)
		}
		rows = n
	}
	for range b.N {
		empty := measurePace(b, 0)
		full := measurePace(b, rows)
		b.ReportMetric(0, "ns/op")
		for name, v := range map[string]float64{
			"start-ms": full.start, "heap-MiB": full.heap, "anon-MiB": full.anon, "file-MiB": full.file,
			"p50-µs": full.p50, "p99-µs": full.p99, "empty-p99-µs": empty.p99, "p99-ratio": full.p99 / empty.p99,
			"empty-heap-MiB": empty.heap, "empty-anon-MiB": empty.anon, "empty-start-ms": empty.start, "fill-s": full.fill,
		} {
			b.ReportMetric(v, name)
		}
	}
}

// paced is what was measured of one child.
type paced struct{ start, heap, anon, file, p50, p99, fill float64 }

// measurePace queues rows for a dead endpoint and has a child deliver to a healthy
// one.
func measurePace(b *testing.B, rows int) (out paced) {
	var mu sync.Mutex
	arrived := make(map[string]time.Time)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		arrived[r.Header.Get("Webhook-Event-Id")] = time.Now()
		mu.Unlock()
	}))
	defer srv.Close()
	dead := httptest.NewServer(nil)
	deadURL := dead.URL
	dead.Close() // connections to it are refused
	w := &world{t: b, path: filepath.Join(b.TempDir(), "tetherd.db")}
	w.open()
	w.register("well", srv.URL)
	ep := w.register("dead", deadURL)
	started := time.Now()
	for n := 0; n < rows; {
		var c gateway.Change
		for range min(1000, rows-n) {
			c.Emissions = append(c.Emissions, w.emission(n, "", ep))
			n++
		}
		w.commit(c)
	}
	out.fill = time.Since(started).Seconds()
	if err := w.db.Close(); err != nil {
		b.Fatal(err)
	}
	if info, err := os.Stat(w.path); err == nil {
		out.file = float64(info.Size()) / (1 << 20)
	}

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), paceFile+"="+w.path)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	launched := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	committed := make(map[string]time.Time)
	var order []string
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		switch f := strings.Fields(lines.Text()); f[0] {
		case "event":
			ns, _ := strconv.ParseInt(f[2], 10, 64)
			committed[f[1]] = time.Unix(0, ns)
			order = append(order, f[1])
		case "memory":
			fmt.Sscan(f[1], &out.heap)
			fmt.Sscan(f[2], &out.anon)
		}
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	var took []time.Duration
	for i, id := range order {
		at, ok := arrived[id]
		if !ok {
			b.Fatalf("event %d of %d never arrived", i+1, len(order))
		}
		if i == 0 {
			out.start = float64(at.Sub(launched).Microseconds()) / 1000
			continue
		}
		took = append(took, max(at.Sub(committed[id]), 0))
	}
	out.p50, out.p99 = percentiles(took)
	return out
}

// pace emits events for the first webhook and prints when each was durable, and how
// much memory the process needs.
func pace(c *child) error {
	tick := time.NewTicker(paceGap)
	defer tick.Stop()
	for i := range paceEvents {
		em := c.emission(i, "", c.endpoints[0])
		if err := c.db.Commit(context.Background(), gateway.Change{Emissions: []gateway.Emission{em}}); err != nil {
			return err
		}
		fmt.Println("event", em.Event.ID, time.Now().UnixNano())
		<-tick.C
	}
	for {
		loads, err := c.db.EndpointLoads()
		if err != nil {
			return err
		}
		if loads[c.endpoints[0].Num].Pending == 0 {
			break
		}
		<-tick.C
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	anon, err := rssAnon()
	if err != nil {
		return err
	}
	fmt.Println("memory", float64(m.HeapInuse)/(1<<20), anon)
	return nil
}

// rssAnon returns the anonymous resident memory of this process in MiB: pages of the
// file that is mapped are none of it.
func rssAnon() (float64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(b), "RssAnon:")
	var kB float64
	if _, err := fmt.Sscan(after, &kB); err != nil {
		return 0, fmt.Errorf("read RssAnon: %w", err)
	}
	return kB / 1024, nil
}

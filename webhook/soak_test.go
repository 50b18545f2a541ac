package webhook

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

const (
	soakGap    = 100 * time.Millisecond // between events
	soakSample = 2 * time.Second
	soakDrain  = 10 * time.Minute // for what waits when no more events come
	soakMoody  = 4                // webhooks whose receivers misbehave
)

// A process delivers ten events a second to receivers of which most misbehave, each
// in all the ways that receivers do. Everything arrives in the end, and nothing
// grows. SOAK is for how long.
func TestSoak(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("runs for long: make soak")
	}
	length, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		t.Fatalf("SOAK: %v", err)
	}
	s := &soak{hold: make(chan struct{})}
	srv := httptest.NewServer(http.HandlerFunc(s.receive))
	defer srv.Close()
	w := newWorld(t, Options{})
	w.open()
	w.register("well", srv.URL+"/well")
	for i := range soakMoody {
		w.register(fmt.Sprint("moody", i), srv.URL+fmt.Sprint("/moody", i))
	}
	path := w.path
	w.close()

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), soakFile+"="+path)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	s.follow(t, stdout, length)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("child: %v", err)
	}
	s.report(t)
}

type soak struct {
	hold chan struct{} // closed when receivers begin to behave

	mu   sync.Mutex // guards the rest
	run  invariant.Run
	kind bool
	ways map[string]int // how often a receiver misbehaved, by way
	file int64          // size of the store, bytes
}

// follow takes in what the child prints until it ends.
func (s *soak) follow(t *testing.T, from io.Reader, length time.Duration) {
	began, shown := time.Now(), time.Now()
	for lines := bufio.NewScanner(from); lines.Scan(); {
		var u invariant.Usage
		s.mu.Lock()
		f := strings.Fields(lines.Text())
		switch f[0] {
		case "owed":
			s.run.Owed = append(s.run.Owed, invariant.Owed{Webhook: f[1], EventID: f[2], DeliveryID: f[3]})
		case "usage":
			fmt.Sscan(strings.Join(f[1:], " "), &u.Goroutines, &u.Files, &u.Memory, &s.file)
			s.run.Usage = append(s.run.Usage, u)
			if time.Since(shown) > time.Minute {
				shown = time.Now()
				t.Logf("%v of %v: %d deliveries owed, %d requests, %d goroutines, %d files, %d KiB, store %d KiB",
					time.Since(began).Round(time.Second), length, len(s.run.Owed), len(s.run.Hits), u.Goroutines, u.Files, u.Memory>>10, s.file>>10)
			}
		case "emitted":
			s.kind = true
			close(s.hold)
		}
		s.mu.Unlock()
	}
}

func (s *soak) report(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Logf("%d deliveries owed, %d requests, store %d KiB, receivers misbehaved: %v", len(s.run.Owed), len(s.run.Hits), s.file>>10, s.ways)
	if v := s.run.Violations(); len(v) > 0 {
		t.Errorf("broken promises:\n%s", strings.Join(v[:min(len(v), 50)], "\n"))
	}
	if len(s.run.Usage) < 8 {
		t.Errorf("%d samples are too few to show that nothing grows", len(s.run.Usage))
	}
}

// ways are how receivers misbehave. They are done before the answer is written, or
// instead of it.
var ways = []struct {
	name string
	do   func(s *soak, rw http.ResponseWriter, r *http.Request)
}{
	{"error", func(_ *soak, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) }},
	{"busy", func(_ *soak, rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Retry-After", "0.5")
		rw.WriteHeader(503)
	}},
	{"moved", func(_ *soak, rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "http://127.0.0.1:1/", http.StatusFound)
	}},
	{"silence", func(s *soak, rw http.ResponseWriter, r *http.Request) {
		select {
		case <-s.hold:
			rw.WriteHeader(500)
		case <-r.Context().Done():
		}
	}},
	{"reset", func(_ *soak, _ http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }},
	{"endless", func(s *soak, rw http.ResponseWriter, r *http.Request) {
		rw.WriteHeader(500)
		page := make([]byte, 32<<10)
		for r.Context().Err() == nil {
			if _, err := rw.Write(page); err != nil {
				return
			}
		}
	}},
	{"headers", func(_ *soak, rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Much", strings.Repeat("x", 1<<20))
		rw.WriteHeader(200)
	}},
}

func (s *soak) receive(rw http.ResponseWriter, r *http.Request) {
	h, err := hitOf(r)
	if err != nil {
		return
	}
	way := -1
	s.mu.Lock()
	if h.Webhook != "well" && !s.kind && rand.IntN(3) == 0 {
		way = rand.IntN(len(ways))
		h.OK = false
		if s.ways == nil {
			s.ways = make(map[string]int)
		}
		s.ways[ways[way].name]++
	}
	s.run.Hits = append(s.run.Hits, h)
	s.mu.Unlock()
	if way >= 0 {
		ways[way].do(s, rw, r)
	}
}

// endure emits events for SOAK, tells what they owe and what the process needs, and
// then waits until everything was delivered.
func endure(c *child) error {
	length, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		return err
	}
	tick, sample := time.NewTicker(soakGap), time.NewTicker(soakSample)
	defer tick.Stop()
	defer sample.Stop()
	usage := func() error {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			return err
		}
		anon, err := rssAnon()
		if err != nil {
			return err
		}
		info, err := os.Stat(c.path)
		if err != nil {
			return err
		}
		fmt.Println("usage", runtime.NumGoroutine(), len(fds), int64(anon*(1<<20)), info.Size())
		return nil
	}
	emitting := time.After(length)
	var draining <-chan time.Time
	for i := 0; ; i++ {
		select {
		case <-tick.C:
			if draining != nil {
				if left := c.pendingAll(); left == 0 {
					return nil
				}
				continue
			}
			change := gateway.Change{Emissions: []gateway.Emission{c.emission(i, fmt.Sprint(i%7), c.endpoints...)}}
			if err := c.db.Commit(context.Background(), change); err != nil {
				return err
			}
			for j, d := range change.Emissions[0].Deliveries {
				fmt.Println("owed", c.endpoints[j].ID, change.Emissions[0].Event.ID, d.ID)
			}
		case <-sample.C:
			if draining == nil {
				if err := usage(); err != nil {
					return err
				}
			}
		case <-emitting:
			fmt.Println("emitted")
			draining = time.After(soakDrain)
		case <-draining:
			return fmt.Errorf("%d deliveries were not made within %v", c.pendingAll(), soakDrain)
		}
	}
}

// pendingAll returns how many deliveries wait, -1 if that cannot be read.
func (c *child) pendingAll() (n int) {
	loads, err := c.db.EndpointLoads()
	if err != nil {
		return -1
	}
	for _, l := range loads {
		n += l.Pending
	}
	return n
}

package webhook

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

// deliverForEver emits events for all webhooks from several goroutines and prints
// what each owes once its commit returned, until it is killed.
func deliverForEver(c *child) error {
	var out sync.Mutex
	failed := make(chan error)
	for g := range 4 {
		go func() {
			for i := 0; ; i++ {
				if loads, err := c.db.EndpointLoads(); err == nil && loads[c.endpoints[0].Num].Pending > 500 {
					<-time.After(time.Millisecond) // else most is never attempted
					continue
				}
				change := gateway.Change{Emissions: []gateway.Emission{c.emission(i, fmt.Sprint(g), c.endpoints...)}}
				if err := c.db.Commit(context.Background(), change); err != nil {
					failed <- err
					return
				}
				out.Lock()
				for j, d := range change.Emissions[0].Deliveries {
					fmt.Println(c.endpoints[j].ID, change.Emissions[0].Event.ID, d.ID)
				}
				out.Unlock()
			}
		}()
	}
	return <-failed
}

// kills is how often TestKill kills; KILLS in the environment overrides it.
const kills = 8

// The process is killed at random moments while it stores and delivers events.
// Whatever it had accepted arrives, always under its id, and nothing is attempted
// again that was stored as delivered.
func TestKill(t *testing.T) {
	rounds := kills
	if s := os.Getenv("KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("KILLS: %v", err)
		}
		rounds = n
	}
	k := newKiller(t)
	for i := range rounds {
		k.round()
		if rounds > 50 && (i+1)%50 == 0 {
			t.Logf("%d of %d kills, %d deliveries owed, %d requests", i+1, rounds, len(k.run.Owed), len(k.run.Hits))
		}
	}
	k.finish()
	t.Logf("%d kills, %d deliveries owed, %d requests, %d of them refused by the receivers",
		rounds, len(k.run.Owed), len(k.run.Hits), k.refused)
	if v := k.run.Violations(); len(v) > 0 {
		t.Errorf("broken promises:\n%s", strings.Join(v[:min(len(v), 50)], "\n"))
	}
	if len(k.run.Owed) < 10*rounds || k.refused == 0 {
		t.Errorf("%d deliveries and %d refusals are too few to show anything", len(k.run.Owed), k.refused)
	}
}

type killer struct {
	t    *testing.T
	path string
	rnd  *rand.Rand
	srv  *httptest.Server
	eps  []gateway.Endpoint

	mu      sync.Mutex // guards the rest
	run     invariant.Run
	refused int
	kind    bool            // nothing is refused any more
	owed    map[string]bool // delivery IDs that were not known to have ended
}

func newKiller(t *testing.T) *killer {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	k := &killer{t: t, path: t.TempDir() + "/tetherd.db", rnd: rand.New(rand.NewPCG(seed, 0)), owed: make(map[string]bool)}
	k.srv = httptest.NewServer(http.HandlerFunc(k.receive))
	t.Cleanup(k.srv.Close)
	w := newWorld(t, Options{})
	w.path = k.path
	w.open()
	for _, id := range []string{"well", "moody"} {
		k.eps = append(k.eps, w.register(id, k.srv.URL+"/"+id))
	}
	w.close()
	return k
}

// receive answers for both webhooks; the moody one refuses a third.
func (k *killer) receive(rw http.ResponseWriter, r *http.Request) {
	h, err := hitOf(r)
	if err != nil {
		return // killed while it sent
	}
	k.mu.Lock()
	if h.Webhook == "moody" && !k.kind && len(k.run.Hits)%3 == 0 {
		h.OK = false
		k.refused++
	}
	k.run.Hits = append(k.run.Hits, h)
	k.mu.Unlock()
	if !h.OK {
		rw.WriteHeader(http.StatusInternalServerError)
	}
}

// round runs a child until it has told of some events, kills it, and looks at what
// it left.
func (k *killer) round() {
	k.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killFile+"="+k.path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	told, enough := 0, 20+k.rnd.IntN(400)
	for lines := bufio.NewScanner(stdout); lines.Scan(); told++ {
		f := strings.Fields(lines.Text())
		if len(f) != 3 || len(f[2]) != len(gateway.NewID()) {
			continue // cut off by the kill
		}
		k.run.Owed = append(k.run.Owed, invariant.Owed{Webhook: f[0], EventID: f[1], DeliveryID: f[2]})
		k.owed[f[2]] = true
		if told == enough {
			if err := cmd.Process.Kill(); err != nil {
				k.t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || told < enough {
		k.t.Fatalf("child told of %d deliveries, want %d, and ended with %v: %s", told, enough, err, &stderr)
	}
	w := newWorld(k.t, Options{})
	w.path = k.path
	w.open()
	k.look(w)
	w.close()
}

// look notes which deliveries the store knows to be at their end.
func (k *killer) look(w *world) {
	pending := make(map[string]bool)
	for _, e := range k.eps {
		ds, _, _, err := w.db.DueDeliveries(e.Num, 1<<62, 1<<30, nil, nil)
		if err != nil {
			k.t.Fatal(err)
		}
		for i := range ds {
			pending[ds[i].ID] = true
		}
	}
	s := invariant.Settled{At: time.Now(), Deliveries: make(map[string]bool)}
	for id := range k.owed {
		if !pending[id] {
			s.Deliveries[id] = true
			delete(k.owed, id) // those before are in the Settled of then
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.run.Settled = append(k.run.Settled, s)
}

// finish delivers what is left and checks the store.
func (k *killer) finish() {
	k.t.Helper()
	k.mu.Lock()
	k.kind = true
	k.mu.Unlock()
	w := newWorld(k.t, Options{RetryBase: childRetry, Tuning: Tuning{Retries: childRetries}})
	w.path, w.rcv = k.path, nil
	w.start()
	for _, e := range k.eps {
		for deadline := time.Now().Add(time.Minute); w.pending(e) > 0; <-time.After(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				k.t.Fatalf("%d deliveries still wait for %s", w.pending(e), e.ID)
			}
		}
	}
	w.stop()
	k.look(w)
	if len(k.owed) > 0 {
		k.t.Errorf("%d deliveries are not at their end", len(k.owed))
	}
	w.close()
}

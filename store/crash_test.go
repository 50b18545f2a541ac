package store

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// crashFile names, in the environment, the file that a child of the crash test
// writes to.
const crashFile = "TETHERD_STORE_CRASH_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if path := os.Getenv(compactFile); path != "" {
		fmt.Fprintln(os.Stderr, dieCompacting(path, os.Getenv(compactStep)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver commits messages, events, deliveries and what became of them from several goroutines
// and prints the ID of each message whose commit returned, until it is killed.
func writeForEver(path string) error {
	db, err := Open(path, Options{Clock: newClock().source(), Log: zerolog.Nop(), MaxPending: 20})
	if err != nil {
		return err
	}
	ctx := context.Background()
	eps := []gateway.Endpoint{{ID: "one"}}
	if err := db.Commit(ctx, gateway.Change{Endpoints: eps}); err != nil {
		return err
	}
	var out sync.Mutex
	errs := make(chan error)
	for g := range 4 {
		go func() {
			for i := 0; ; i++ {
				ms := []gateway.Message{newMessage(fmt.Sprintf("%d-%d-%d", os.Getpid(), g, i))}
				requests := []gateway.Request{{Key: gateway.NewRequestKey("", ms[0].ID), Until: 1 << 62, Answer: []byte(ms[0].ID)}}
				for range 3 { // insert, then replace twice
					e := sentEvent("e")
					c := gateway.Change{Messages: ms, Emissions: []gateway.Emission{{
						Event: e, Deliveries: []gateway.Delivery{{ID: "d", Endpoint: eps[0].Num}},
					}}, Requests: requests}
					requests = nil
					if err := db.Commit(ctx, c); err != nil {
						errs <- err
						return
					}
					ds := c.Emissions[0].Deliveries
					ds[0].State = gateway.DeliveryState(i % 3)
					if err := db.Commit(ctx, gateway.Change{
						Deliveries: ds, Attempts: []gateway.Attempt{{Endpoint: ds[0].Endpoint, Delivery: ds[0].ID}},
						EndpointStates: []gateway.EndpointState{{Endpoint: ds[0].Endpoint, Failed: uint64(i)}},
					}); err != nil {
						errs <- err
						return
					}
					ms[0].Recipients[0].Attempts++
					out.Lock()
					fmt.Printf("%s %d\n", ms[0].ID, ms[0].Rev)
					out.Unlock()
				}
			}
		}()
	}
	return <-errs
}

func TestCommitsSurviveKill(t *testing.T) {
	path := tempFile(t)
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	acked := make(map[string]uint64) // Rev by ID
	for range rounds {
		killAfter(t, path, 1+rnd.IntN(300), acked)

		db := openAt(t, path, newClock())
		for id, rev := range acked {
			if m, err := db.Message(id); err != nil || m.Rev < rev {
				t.Errorf("message %s: got Rev %d, %v, want at least %d", id, m.Rev, err, rev)
			}
		}
		checkRemembered(t, db)
		closeChecked(t, db)
	}
}

// checkRemembered proves that there is a request for each message and a message for
// each request.
func checkRemembered(t *testing.T, db *DB) {
	t.Helper()
	ms, _, err := db.Messages(gateway.MessageQuery{Limit: math.MaxInt})
	if err != nil {
		t.Fatal(err)
	}
	for i := range ms {
		if r, err := db.Request(gateway.NewRequestKey("", ms[i].ID)); err != nil || string(r.Answer) != ms[i].ID {
			t.Errorf("message %s: got request %q, %v", ms[i].ID, r.Answer, err)
		}
	}
	err = db.bolt.View(func(tx *bolt.Tx) error {
		if n := tx.Bucket([]byte(bktOnce)).Stats().KeyN; n != len(ms) {
			t.Errorf("got %d requests, want one for each of %d messages", n, len(ms))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// killAfter starts a child that writes to path, kills it when it has told of n
// commits, and adds all those it told of to acked.
func killAfter(t *testing.T, path string, n int, acked map[string]uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashFile+"="+path)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := 0
	for lines := bufio.NewScanner(stdout); lines.Scan(); told++ {
		var (
			id  string
			rev uint64
		)
		if _, err := fmt.Sscan(lines.Text(), &id, &rev); err != nil {
			continue // cut off by the kill
		}
		acked[id] = rev
		if told == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || told < n {
		t.Fatalf("child told of %d commits, want %d, and ended with %v: %s", told, n, err, &stderr)
	}
}

// The tests above do not wait for the disk; the daemon does.
func TestCommitsAreSynced(t *testing.T) {
	db, err := Open(tempFile(t), Options{Clock: newClock().source(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer closeChecked(t, db)
	if db.bolt.NoSync || db.bolt.NoGrowSync {
		t.Error("commits do not wait for the disk")
	}
}

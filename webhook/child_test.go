package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
	"tetherd/store"
	"tetherd/webhook/egress"
)

// Tests that need a process of its own start this binary again, with the store it
// is to work on in one of these variables of the environment.
const (
	killFile = "TETHERD_WEBHOOK_KILL_FILE" // of TestKill
	paceFile = "TETHERD_WEBHOOK_PACE_FILE" // of BenchmarkBacklog
	soakFile = "TETHERD_WEBHOOK_SOAK_FILE" // of TestSoak
)

func TestMain(m *testing.M) {
	for name, c := range map[string]struct {
		o    Options
		work func(*child) error
	}{
		killFile: {Options{RetryBase: childRetry, Tuning: Tuning{Retries: childRetries}}, deliverForEver},
		paceFile: {Options{}, pace},
		soakFile: {Options{RetryBase: childRetry, Tuning: Tuning{Retries: childRetries}, Timeout: 3 * time.Second}, endure},
	} {
		path := os.Getenv(name)
		if path == "" {
			continue
		}
		if err := runChild(path, c.o, c.work); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a store with a worker on it, and the webhooks that are registered.
type child struct {
	world
	endpoints []gateway.Endpoint
}

// runChild opens the store at path, delivers from it, and does some work beside.
func runChild(path string, o Options, work func(*child) error) error {
	db, err := store.Open(path, store.Options{Clock: childClock(), Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	client, err := egress.New(egress.Options{Clock: db.Timeline().Wall})
	if err != nil {
		return err
	}
	o.Queue, o.Client, o.DeviceID, o.SigningKey = db, client, "device-0000000000000x", "12345678"
	w, err := New(o)
	if err != nil {
		return err
	}
	db.OnCommit(w.Observe)
	c := &child{world: world{db: db, path: path}}
	if c.endpoints, err = db.Endpoints(); err != nil {
		return err
	}
	soft, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(soft, context.Background()) }()
	err = work(c)
	stop()
	return errors.Join(err, <-ended, db.Close())
}

// TestKill retries soon and for long: what is refused shall arrive in the end.
const (
	childRetry   = 50 * time.Millisecond
	childRetries = 50
)

// childClock is a clock that goes on over restarts.
func childClock() gateway.ClockSource {
	return gateway.ClockSource{Boot: func() (time.Duration, string) { return time.Since(epoch), "boot" }}
}

// hitOf returns what a request to the webhook that its path names says, as taken by the
// receiver. The error is that of a request that did not come whole.
func hitOf(r *http.Request) (invariant.Hit, error) {
	body, err := io.ReadAll(r.Body)
	digest := sha256.Sum256(body)
	return invariant.Hit{
		At: time.Now(), Webhook: strings.TrimPrefix(r.URL.Path, "/"), OK: true,
		EventID: r.Header.Get("Webhook-Event-Id"), DeliveryID: r.Header.Get("Webhook-Id"), Body: hex.EncodeToString(digest[:]),
	}, err
}

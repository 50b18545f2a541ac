package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/webhook/egress"
)

// Queue is what the worker needs of the store. See [gateway.Reader] and
// [gateway.Store] for what the methods do.
type Queue interface {
	Timeline() *gateway.Timeline
	Endpoints() ([]gateway.Endpoint, error)
	EndpointLoads() (map[uint32]gateway.EndpointLoad, error)
	DueDeliveries(endpoint uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error)
	// NewestDue is DueDeliveries with the greatest Due first.
	NewestDue(endpoint uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error)
	// FirstDelivery returns the Undelivered row of an endpoint with the smallest
	// Event that is not before from, and its event, or ErrNotFound.
	FirstDelivery(endpoint uint32, from uint64) (gateway.Delivery, gateway.Event, error)
	EndpointStates() (map[uint32]gateway.EndpointState, error)
	Commit(ctx context.Context, c gateway.Change) error
}

// Options configure a [Worker]. The zero value of a field means its default.
type Options struct {
	Queue    Queue          // required
	Client   *egress.Client // makes the requests; required
	DeviceID string         // identity of this gateway, shown in every body
	Version  string         // for the User-Agent

	Tuning // as of the start; see [Worker.Tune]
	// RetryBase is the delay before the first retry; it doubles with each further
	// one, up to 24 h. Default 10 s.
	RetryBase time.Duration
	// Timeout bounds an attempt from the DNS query to the end of the answer.
	// Default 30 s.
	Timeout time.Duration
	// Health returns what a ping reports. Nil: nothing. It is called from Run and
	// must not block.
	Health func() gateway.Health
	// Slots is how many attempts may be under way to one webhook that does not say.
	// Default 4.
	Slots int
	// GlobalSlots is how many may be under way in all. Default 64.
	GlobalSlots int
	// RecoveryRate is how many attempts are started within a second at a webhook
	// that works again, while deliveries wait that are overdue. Default 0: as many as
	// the slots allow.
	RecoveryRate float64
	// Attempts says which attempts are kept for the log of their webhook. Default
	// LogAll.
	Attempts AttemptLog

	// Local returns what serves a URL of this gateway itself that webhooks may be
	// sent to: it is called instead of a connection being made. Nil: for the URL, or
	// for all, there is none. It must be safe for concurrent use.
	Local func(*url.URL) http.Handler

	// Pause stores that the webhook with the given ID is paused. Nil: no webhook is
	// paused, however it answers.
	Pause func(ctx context.Context, id string, p gateway.Pause) error
	// Raise stores an event about a webhook, for all others than the one with the ID
	// besides. Nil: there are none. Both are called from goroutines of their own.
	Raise func(ctx context.Context, subject string, p gateway.Payload, besides string) error

	Log zerolog.Logger
}

// defaultRetries take 45 hours with the usual delays.
const defaultRetries = 14

func (o *Options) setDefaults() {
	setDefault(&o.Retries, defaultRetries)
	setDefault(&o.RetryBase, 10*time.Second)
	setDefault(&o.Timeout, 30*time.Second)
	setDefault(&o.Slots, 4)
	setDefault(&o.GlobalSlots, 64)
	setDefault(&o.Attempts, LogAll)
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

func (o *Options) check() error {
	switch {
	case o.Queue == nil:
		return errors.New("no queue")
	case o.Client == nil:
		return errors.New("no client")
	case o.Retries < 0, o.RetryBase < 0, o.Timeout < 0, o.PingInterval < 0, o.Slots < 0, o.GlobalSlots < 0, o.RecoveryRate < 0:
		return errors.New("a number or duration is negative")
	case o.Attempts != LogAll && o.Attempts != LogFailures && o.Attempts != LogOff:
		return fmt.Errorf("unknown webhooks.log %q: it must be %s, %s or %s", string(o.Attempts), LogAll, LogFailures, LogOff)
	}
	return nil
}

// Worker delivers. It is safe for concurrent use.
type Worker struct {
	o     Options
	log   zerolog.Logger
	queue Queue
	clock *gateway.Timeline
	agent string         // User-Agent
	local *egress.Client // for what o.Local serves; nil if that is

	tuning atomic.Pointer[Tuning] // written by Tune

	kick chan struct{} // capacity 1; written by Observe and Tune, read by the scheduler

	trials chan struct{} // capacity maxTrials; holds one for each test under way

	mu   sync.Mutex // guards the rest
	seen hints      // written by Observe, taken by the scheduler
}

// New returns a worker. It delivers while Run runs.
func New(o Options) (*Worker, error) {
	o.setDefaults()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("set up webhooks: %w", err)
	}
	w := &Worker{
		o: o, log: o.Log, queue: o.Queue, clock: o.Queue.Timeline(),
		kick:   make(chan struct{}, 1),
		trials: make(chan struct{}, maxTrials),
		seen:   newHints(),
	}
	w.tuning.Store(&o.Tuning)
	if o.Local != nil {
		var err error
		if w.local, err = egress.New(egress.Options{Clock: w.clock.Wall, RoundTripper: localTransport{o.Local}}); err != nil {
			return nil, fmt.Errorf("set up webhooks: %w", err)
		}
	}
	w.agent = "tetherd"
	if o.Version != "" {
		w.agent += "/" + o.Version
	}
	return w, nil
}

// Run delivers until soft ends: then it starts nothing new, waits up to 10 s for
// the attempts under way, cancels the rest, which are not counted, and returns
// nil once every outcome is stored. When hard ends it cancels all at once; what
// is not stored then is delivered again after the next start. It fails only if
// the webhooks cannot be read at its start. It must not be called twice.
func (w *Worker) Run(soft, hard context.Context) error {
	defer w.o.Client.CloseIdleConnections()
	s := newScheduler(w, hard)
	if err := s.load(); err != nil {
		return err
	}
	s.run(soft)
	return nil
}

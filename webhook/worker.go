package webhook

import (
	"context"
	"errors"
	"fmt"
	"sync"
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
	DueDeliveries(endpoint uint32, now gateway.Tick, max int, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error)
	Commit(ctx context.Context, c gateway.Change) error
}

// Options configure a [Worker]. The zero value of a field means its default.
type Options struct {
	Queue    Queue          // required
	Client   *egress.Client // makes the requests; required
	DeviceID string         // identity of this gateway, shown in every body
	Version  string         // for the User-Agent

	// SigningKey signs for webhooks without a secret of their own. Empty: what is
	// sent to them is not signed.
	SigningKey string
	// Retries is how many attempts may follow a failed first one. Default 14.
	Retries int
	// RetryBase is the delay before the first retry; it doubles with each further
	// one, up to 24 h. Default 10 s.
	RetryBase time.Duration
	// Timeout bounds an attempt from the DNS query to the end of the answer.
	// Default 30 s.
	Timeout time.Duration
	// PingInterval is the time between two system:ping events; the first is sent
	// at the start. Default 0: none.
	PingInterval time.Duration
	// Health returns what a ping reports. Nil: nothing. It is called from Run and
	// must not block.
	Health func() gateway.Health
	// Slots is how many attempts may be under way to one webhook. Default 4.
	Slots int
	// GlobalSlots is how many may be under way in all. Default 64.
	GlobalSlots int

	Log zerolog.Logger
}

func (o *Options) setDefaults() {
	setDefault(&o.Retries, 14)
	setDefault(&o.RetryBase, 10*time.Second)
	setDefault(&o.Timeout, 30*time.Second)
	setDefault(&o.Slots, 4)
	setDefault(&o.GlobalSlots, 64)
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
	case o.Retries < 0, o.RetryBase < 0, o.Timeout < 0, o.PingInterval < 0, o.Slots < 0, o.GlobalSlots < 0:
		return errors.New("a number or duration is negative")
	}
	return nil
}

// Worker delivers. It is safe for concurrent use.
type Worker struct {
	o     Options
	log   zerolog.Logger
	queue Queue
	clock *gateway.Timeline
	agent string // User-Agent

	kick chan struct{} // capacity 1; written by Observe, read by the scheduler

	mu    sync.Mutex        // guards the rest
	seen  hints             // written by Observe, taken by the scheduler
	marks map[uint32]record // by Endpoint.Num; written by the scheduler, read by Status
}

// hints are where the scheduler should look after a commit. They say nothing of
// what is there.
type hints struct {
	endpoints bool                // the list of webhooks changed
	nums      map[uint32]struct{} // webhooks for which rows may be due; bounded by their number
	fresh     []fresh             // new deliveries of events with a subject; at most maxPlaces
}

// fresh is a new delivery, in the order of storing.
type fresh struct {
	num     uint32 // Endpoint.Num
	event   uint64 // Event.Seq
	subject string
}

// New returns a worker. It delivers while Run runs.
func New(o Options) (*Worker, error) {
	o.setDefaults()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("set up webhooks: %w", err)
	}
	w := &Worker{
		o: o, log: o.Log, queue: o.Queue, clock: o.Queue.Timeline(),
		kick:  make(chan struct{}, 1),
		seen:  hints{nums: make(map[uint32]struct{})},
		marks: make(map[uint32]record),
	}
	w.agent = "tetherd"
	if o.Version != "" {
		w.agent += "/" + o.Version
	}
	return w, nil
}

// Observe takes note of a stored Change. It is for [gateway.Store.OnCommit] and
// never blocks.
func (w *Worker) Observe(c gateway.Change) {
	w.mu.Lock()
	looked := false
	if len(c.Endpoints) > 0 || len(c.DropEndpoints) > 0 {
		w.seen.endpoints, looked = true, true
	}
	for i := range c.Emissions {
		for j := range c.Emissions[i].Deliveries {
			d := &c.Emissions[i].Deliveries[j]
			w.seen.nums[d.Endpoint] = struct{}{}
			looked = true
			if d.Subject != "" && d.Attempts == 0 && len(w.seen.fresh) < maxPlaces {
				w.seen.fresh = append(w.seen.fresh, fresh{d.Endpoint, d.Event, d.Subject})
			}
		}
	}
	for i := range c.Deliveries {
		if c.Deliveries[i].State == gateway.Undelivered {
			w.seen.nums[c.Deliveries[i].Endpoint] = struct{}{}
			looked = true
		}
	}
	w.mu.Unlock()
	if looked {
		select {
		case w.kick <- struct{}{}:
		default:
		}
	}
}

// takeHints returns what was observed since the last call.
func (w *Worker) takeHints() hints {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.seen.endpoints && len(w.seen.nums) == 0 {
		return hints{}
	}
	h := w.seen
	w.seen = hints{nums: make(map[uint32]struct{})}
	return h
}

// Run delivers until soft ends: then it starts nothing new, waits up to 10 s for
// the attempts under way, cancels the rest, which are not counted, and returns
// nil once every outcome is stored. When hard ends it cancels all at once; what
// is not stored then is delivered again after the next start. It fails only if
// the webhooks cannot be read at its start. It must not be called twice.
func (w *Worker) Run(soft, hard context.Context) error {
	defer w.o.Client.CloseIdleConnections()
	s := newScheduler(w, hard)
	if err := s.reload(); err != nil {
		return err
	}
	s.run(soft)
	return nil
}

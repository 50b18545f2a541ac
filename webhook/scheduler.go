package webhook

import (
	"context"
	"sync"
	"time"

	"tetherd/gateway"
)

const (
	drainTime = 10 * time.Second // for attempts under way at a soft stop
	// maxUnstored is how many outcomes may wait to be stored before nothing new is
	// started.
	maxUnstored = 512
	// again is when something the store refused is tried again.
	again = 10 * time.Second
	// longestSleep bounds the sleep while something waits: the timeline may be put
	// forward, when the clock is learnt after the machine was off.
	longestSleep = time.Minute
)

// scheduler decides what is attempted when. One goroutine, that of [Worker.Run],
// owns all of it but the channels.
type scheduler struct {
	*Worker
	hard   context.Context // of commits
	ctx    context.Context // of attempts; ends with hard, or when draining took too long
	cancel context.CancelFunc

	states    map[uint32]gateway.EndpointState // as of the start, by Endpoint.Num
	endpoints []*endpoint                      // oldest first
	byNum     map[uint32]*endpoint
	lines     map[string]*line // by origin, of the endpoints there are
	turn      int              // index of the endpoint that is served first next
	busy      int              // attempts under way
	reloadAt  gateway.Tick     // reading the endpoints failed: try again; 0 if not

	running  sync.WaitGroup // attempts and the commit under way
	over     chan *attempt  // written by attempts, read by run; holds all there can be
	unstored []*attempt     // over, but not stored
	storing  []*attempt     // in the commit under way
	stored   chan error     // written by the commit under way, read by run; capacity 1
	storeAt  gateway.Tick   // a commit failed: try again; 0 if not

	tasks int           // work under way beside the loop
	did   chan func()   // written by that work, read by run
	ended chan struct{} // closed by run

	loads   map[uint32]gateway.EndpointLoad // what waits, as of loadsAt
	loadsAt gateway.Tick

	pingEvery time.Duration // that pingAt goes by

	pingAt   gateway.Tick // next ping; 0 if none
	lookedAt gateway.Tick // when dispatch last found nothing to start
	stopping bool         // start nothing new
}

func newScheduler(w *Worker, hard context.Context) *scheduler {
	s := &scheduler{
		Worker: w, hard: hard,
		byNum:  make(map[uint32]*endpoint),
		over:   make(chan *attempt, w.o.GlobalSlots),
		stored: make(chan error, 1),
		did:    make(chan func()),
		ended:  make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(hard)
	return s
}

// run is the loop; it returns when all goroutines it started have ended.
func (s *scheduler) run(soft context.Context) {
	defer s.running.Wait()
	defer close(s.ended)
	defer s.cancel()
	timer := time.NewTimer(longestSleep)
	defer timer.Stop()
	softDone := soft.Done()
	var drained <-chan time.Time
	for {
		s.lookUp()
		s.store()
		if !s.stopping {
			s.raisePings()
			s.dispatch()
		} else if s.finished() {
			return
		}
		s.arm(timer)
		select {
		case <-s.kick:
		case <-timer.C:
		case a := <-s.over:
			s.collect(a)
		case err := <-s.stored:
			s.noteStored(err)
		case then := <-s.did:
			s.tasks--
			then()
		case <-softDone:
			softDone = nil
			s.stopping = true
			drained = time.After(drainTime)
		case <-drained:
			s.cancel()
		case <-s.hard.Done():
			return
		}
	}
}

// finished reports whether a soft stop is complete. Outcomes the store refuses
// are not waited for.
func (s *scheduler) finished() bool {
	if s.busy > 0 || s.storing != nil || s.tasks > 0 {
		return false
	}
	return s.storeAt != 0 || len(s.unstored) == 0 && !s.lastWords()
}

// arm sets timer to when time alone makes something to do.
func (s *scheduler) arm(timer *time.Timer) {
	var next gateway.Tick
	earliest := func(t gateway.Tick) {
		if t != 0 && (next == 0 || t < next) {
			next = t
		}
	}
	earliest(s.reloadAt)
	if !s.stopping {
		earliest(s.storeAt)
		earliest(s.pingAt)
	}
	if s.open() {
		for _, e := range s.endpoints {
			if t := e.wake(s.lookedAt, s.o.Slots); t > s.lookedAt { // else it waits for slots, not for time
				earliest(t)
			}
		}
	}
	if next == 0 {
		timer.Stop()
		return
	}
	timer.Reset(min(max(s.clock.Now().Until(next), 0), longestSleep))
}

// lookUp acts on what was observed since the last time.
func (s *scheduler) lookUp() {
	h := s.takeHints()
	for num := range h.nums {
		if e := s.byNum[num]; e != nil {
			e.look = true
		}
	}
	for num, event := range h.earliest {
		if e := s.byNum[num]; e != nil {
			e.first = min(e.first, event)
		}
	}
	now := s.clock.Now()
	for _, f := range h.fresh {
		if e := s.byNum[f.num]; e != nil {
			e.line.enter(f.subject, place{f.event, f.num, now.Add(maxWait)}, now)
		}
	}
	for num, n := range h.dropped {
		if e := s.byNum[num]; e != nil {
			e.state.Dropped += uint64(n)
			e.dirty = true
			s.tellDead(e, "more deliveries waited than are allowed, the oldest were dropped", 0)
		}
	}
	if h.endpoints || s.reloadAt != 0 && now >= s.reloadAt {
		repeated := s.reloadAt != 0
		s.reloadAt = 0
		if err := s.reload(); err != nil {
			s.reloadAt = now.Add(again)
			if !repeated {
				s.log.Error().Err(err).Msg("webhook list not read, the old one stays in use")
			}
		}
	}
}

// start makes an attempt in a goroutine of its own.
func (s *scheduler) start(a *attempt) {
	a.to = a.webhook.Endpoint
	a.to.Rendering = a.to.RenderingOf(a.delivery.Rev)
	a.webhook.take(a, s.clock.Now())
	s.busy++
	s.running.Go(func() {
		a.run(s.ctx, s.Worker)
		s.over <- a
	})
}

package modem

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// maxDirect bounds the messages that wait to be taken in after the modem handed
// them over without storing them.
const maxDirect = 4096

// direct is a PDU the modem handed over without storing it.
type direct struct {
	from   origin
	digits string
	ack    chan<- struct{} // the session's, if the modem waits for +CNMA; else nil
}

// intake takes in what modems hand over directly, in order, beside a session that
// may be busy with a PDU for minutes. What it holds exists nowhere else, so it
// outlives sessions and keeps trying.
type intake struct {
	m    *Modem
	more chan struct{} // capacity 1; written by add, read by run

	mu    sync.Mutex // guards the rest
	from  origin     // of what comes in
	queue []direct
}

func newIntake(m *Modem) *intake {
	return &intake{m: m, more: make(chan struct{}, 1), from: origin{sim: "modem:" + m.o.Name, own: m.o.Number}}
}

func (q *intake) setSIM(id string) {
	q.mu.Lock()
	q.from.sim = id
	q.mu.Unlock()
}

func (q *intake) setOwn(number string) {
	q.mu.Lock()
	q.from.own = number
	q.mu.Unlock()
}

// add queues a PDU without blocking; false if there are too many.
func (q *intake) add(digits string, ack chan<- struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) >= maxDirect {
		return false
	}
	q.queue = append(q.queue, direct{q.from, digits, ack})
	kick(q.more)
	return true
}

// next returns the oldest PDU.
func (q *intake) next() (d direct, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		return direct{}, false
	}
	return q.queue[0], true
}

// waiting returns how many PDUs were not taken in yet.
func (q *intake) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.queue)
}

func (q *intake) drop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue[0] = direct{}
	if q.queue = q.queue[1:]; len(q.queue) == 0 {
		q.queue = nil
	}
}

// run takes PDUs in until ctx ends, then makes one last attempt at each.
func (q *intake) run(ctx context.Context) {
	delays := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(100*time.Millisecond), backoff.WithMaxInterval(10*time.Second), backoff.WithMaxElapsedTime(0))
	for {
		d, ok := q.next()
		if !ok {
			select {
			case <-q.more:
				continue
			case <-ctx.Done():
				q.last()
				return
			}
		}
		if _, err := q.m.deliver(ctx, d.from, d.digits); err != nil {
			if ctx.Err() != nil {
				q.last()
				return
			}
			q.m.log.Error().Err(err).Msg("cannot store a message that the modem keeps no copy of: trying again")
			rest(ctx, delays.NextBackOff())
			continue
		}
		delays.Reset()
		q.drop()
		if d.ack != nil {
			select {
			case d.ack <- struct{}{}:
			default: // the session is far behind, and the modem's patience over
			}
		}
	}
}

// lastLimit is the time left for what is queued when the gateway stops.
const lastLimit = 5 * time.Second

func (q *intake) last() {
	ctx, cancel := context.WithTimeout(context.Background(), lastLimit)
	defer cancel()
	for d, ok := q.next(); ok; d, ok = q.next() {
		if _, err := q.m.deliver(ctx, d.from, d.digits); err != nil {
			q.m.log.Error().Err(err).Msg("a message that the modem keeps no copy of is lost")
		}
		q.drop()
	}
}

// takeDirect queues a PDU for the intake. It is called from the goroutine that
// reads the port.
func (s *session) takeDirect(digits string) {
	var ack chan<- struct{}
	s.m.mu.Lock()
	if l := s.m.link; l != nil && s.acks.Load() {
		ack = l.acks
	}
	s.m.mu.Unlock()
	if !s.m.intake.add(digits, ack) {
		s.log.Error().Msg("too many messages at once: one that the modem keeps no copy of is lost")
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	// maxBatch and maxBatchBytes bound what one transaction takes, and with it
	// the memory it needs and the time the first Change waits for the last.
	maxBatch      = 512
	maxBatchBytes = 4 << 20

	// The free list is rewritten in every commit. While it is long the writer
	// leaves it out; then the next open has to find the free pages, if the store
	// is not closed in order.
	manyFreePages = 2048
	fewFreePages  = 1024
)

// The states of an op. Whoever swaps opQueued for another state owns it.
const (
	opQueued int32 = iota
	opTaken
	opWithdrawn
)

// An op is something to write.
type op struct {
	check  func(*txn) error // refuses the op; writes nothing. May be nil
	apply  func(*txn) error // an error is fatal to the store
	change *gateway.Change  // for the observers; nil if they are not to know
	size   int              // bytes of values, about

	state atomic.Int32
	err   error         // written by run before done is closed
	done  chan struct{} // closed by run
}

// submit queues o and waits until it is durable or refused.
func (db *DB) submit(ctx context.Context, o *op) error {
	o.done = make(chan struct{})
	if err := db.Failed(); err != nil {
		return err
	}
	select {
	case <-db.closing:
		return ErrClosed
	default:
	}
	select {
	case db.queue <- o:
	case <-db.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		o.state.CompareAndSwap(opQueued, opWithdrawn)
		return ctx.Err()
	case <-db.done:
	}
	select {
	case <-o.done:
		return o.err
	default:
		return ErrClosed // queued behind the writer's back
	}
}

// run writes until the store is closed and the queue is empty.
func (db *DB) run() {
	defer close(db.done)
	for {
		var first *op
		if db.reaping {
			select {
			case first = <-db.queue:
			case <-db.closing:
			default:
			}
		} else {
			select {
			case first = <-db.queue:
			case <-db.closing:
			}
		}
		ops := db.collect(first)
		select {
		case <-db.closing:
			if len(ops) == 0 {
				return
			}
		default:
		}
		db.turn(ops)
	}
}

// collect returns first, if it is not nil, and what else is waiting.
func (db *DB) collect(first *op) []*op {
	var (
		ops  []*op
		size int
	)
	take := func(o *op) {
		if o != nil && o.state.CompareAndSwap(opQueued, opTaken) {
			ops = append(ops, o)
			size += o.size
		}
	}
	take(first)
	for len(ops) < maxBatch && size < maxBatchBytes {
		select {
		case o := <-db.queue:
			take(o)
		default:
			return ops
		}
	}
	return ops
}

// turn writes ops, tells the observers, and releases the waiters.
func (db *DB) turn(ops []*op) {
	err := db.Failed()
	if err == nil {
		if err = db.write(ops); err != nil {
			err = db.fail(err)
		}
	}
	db.mu.Lock()
	observers := db.observers
	db.mu.Unlock()
	for _, o := range ops {
		if o.err != nil {
			continue
		}
		if o.err = err; err == nil && o.change != nil {
			for _, see := range observers {
				see(*o.change)
			}
		}
	}
	for _, o := range ops {
		close(o.done)
	}
}

// errNothing rolls back a transaction in which nothing was written.
var errNothing = errors.New("nothing to write")

// write stores ops in one transaction. Those that are refused have err set. The
// error it returns is fatal.
func (db *DB) write(ops []*op) (err error) {
	defer func() {
		if p := recover(); p != nil {
			db.log.Error().Bytes("stack", debug.Stack()).Msg("panic in a commit")
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	switch free := db.bolt.Stats().FreePageN; {
	case free > manyFreePages:
		db.bolt.NoFreelistSync = true
	case free < fewFreePages:
		db.bolt.NoFreelistSync = false
	}
	err = db.bolt.Update(func(btx *bolt.Tx) error {
		t := newTxn(btx, db.clock.Now(), &db.queues)
		wrote := db.reaping
		for _, o := range ops {
			if o.check != nil {
				if o.err = o.check(t); o.err != nil {
					continue
				}
			}
			if err := o.apply(t); err != nil {
				return err
			}
			wrote = true
		}
		if !wrote {
			return errNothing
		}
		if err := t.reap(&db.reaping); err != nil {
			return fmt.Errorf("delete rows of a deleted webhook: %w", err)
		}
		if err := t.saveCounts(); err != nil {
			return fmt.Errorf("save counters: %w", err)
		}
		return saveTimeline(btx, db.clock)
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// fail makes cause the reason for which nothing is written any more.
func (db *DB) fail(cause error) error {
	err := fmt.Errorf("%w: %w", gateway.ErrStoreFailed, cause)
	db.failed.Store(&err)
	db.reaping = false
	db.log.Error().Err(cause).Msg("store cannot be written; no more work is accepted")
	return err
}

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

var _ gateway.Store = (*DB)(nil)

// ErrClosed is returned by everything that writes once [DB.Close] was called.
var ErrClosed = &gateway.Error{Code: gateway.Unavailable, Message: "the store is closed"}

// Options configure a [DB].
type Options struct {
	Clock gateway.ClockSource // of the timeline; Clock.Boot is required
	Log   zerolog.Logger

	// InitialMmapSize is how many bytes of address space are set aside for the
	// file. A file that outgrows it makes a commit wait for all readers. Default
	// 1 GiB, or 128 MiB where addresses have 32 bits.
	InitialMmapSize int

	// MaxPending is how many deliveries may wait for a webhook that does not say itself
	// how many; of more the oldest are dropped. Zero is any number.
	MaxPending int
	// MaxWaiting is how many bytes of events may wait to be delivered to any webhook;
	// of more the oldest deliveries are dropped, of the webhook for which most wait.
	// Zero is any number.
	MaxWaiting int64

	noSync     bool             // tests only: do not wait for the disk
	compacting func(*compactor) // tests only: alters how the file is made smaller
}

// DB is the store. It is safe for concurrent use.
type DB struct {
	bolt  *bolt.DB
	log   zerolog.Logger
	clock *gateway.Timeline

	queue   chan *op      // written by submit, read by run
	closing chan struct{} // closed by Close
	done    chan struct{} // closed by run when it ends
	failed  atomic.Pointer[error]

	closeOnce sync.Once
	closeErr  error

	mu        sync.Mutex // guards observers
	observers []func(gateway.Change)

	queues  queues // run's own
	reaping bool   // run's own: rows of deleted endpoints are left

	damage damage
	steps  atomic.Int64 // rows of indexes that searches for due deliveries and queued recipients looked at; for tests

	pruning sync.Mutex // held while pruning; guards pruned
	pruned  uint64     // Event.Seq up to which Prune has looked in this round
}

// Open opens the store in the file at path, and makes the file and its folder
// if they do not exist. It fails if another process has the file open, if the
// file is damaged, or if a newer version wrote it. Close must be called.
func Open(path string, o Options) (*DB, error) {
	db, err := open(path, o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	go db.run()
	return db, nil
}

func open(path string, o Options) (*DB, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file := bolt.Options{InitialMmapSize: o.InitialMmapSize, NoSync: o.noSync}
	b, err := openBolt(path, file)
	if err != nil {
		return nil, err
	}
	if err := b.View(refuse); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	c := newCompactor(file, o.Log)
	c.noSync = o.noSync
	if o.compacting != nil {
		o.compacting(&c)
	}
	if b, err = c.run(context.Background(), b, path); err != nil {
		return nil, err
	}
	db := &DB{
		bolt: b, log: o.Log,
		queues:  queues{mostPending: o.MaxPending, mostWaiting: o.MaxWaiting},
		queue:   make(chan *op, maxBatch),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	if err := db.load(dir, o); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return db, nil
}

// load continues the timeline and makes the file ready to be written.
func (db *DB) load(dir string, o Options) error {
	var h header
	err := db.bolt.View(func(tx *bolt.Tx) (err error) {
		h, err = readHeader(tx)
		return err
	})
	if err != nil {
		return err
	}
	if !h.fresh && !h.clean {
		db.log.Info().Msg("store was not closed in order; every finished commit is there")
	}
	db.clock = gateway.NewTimeline(o.Clock, h.saved)
	err = db.bolt.Update(func(tx *bolt.Tx) error {
		if err := db.upgrade(tx, h); err != nil {
			return err
		}
		k, _ := tx.Bucket([]byte(bktReap)).Cursor().First()
		db.reaping = k != nil
		return nil
	})
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if h.fresh && !o.noSync {
		return syncDir(dir)
	}
	return nil
}

// Close writes what is queued, saves the timeline, and closes the file. It
// waits for readers. Commits that come later fail with [ErrClosed].
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		close(db.closing)
		<-db.done
		if db.Failed() == nil {
			// The free list is written so that only a crash pays for finding it.
			db.bolt.NoFreelistSync = false
			err := db.bolt.Update(func(tx *bolt.Tx) error { return finish(tx, db.clock) })
			if err != nil {
				db.closeErr = fmt.Errorf("close store: %w", err)
			}
		}
		if err := db.bolt.Close(); err != nil {
			db.closeErr = errors.Join(db.closeErr, fmt.Errorf("close store: %w", err))
		}
	})
	return db.closeErr
}

// Timeline implements [gateway.Store].
func (db *DB) Timeline() *gateway.Timeline { return db.clock }

// Failed returns why nothing can be written any more, as an error that wraps
// [gateway.ErrStoreFailed] and the cause, or nil.
func (db *DB) Failed() error {
	if err := db.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// errDangling stands for ErrNotFound where an index says that the row exists.
var errDangling = errors.New("an index row has no entity")

// indexed returns err, which came from reading the row that an index row named.
func indexed(err error, index string, key []byte) error {
	if errors.Is(err, gateway.ErrNotFound) {
		return damaged(index, key, errDangling)
	}
	return err
}

// view runs fn in a read transaction. What fn returns is described as a failure
// to read what, unless it says that a row does not exist. A row that is damaged is
// noted.
func (db *DB) view(what string, fn func(*bolt.Tx) error) (err error) {
	err = db.safely(what, fn)
	if err == nil || errors.Is(err, gateway.ErrNotFound) {
		return err
	}
	db.passOver(err)
	return fmt.Errorf("read %s: %w", what, err)
}

func (db *DB) safely(what string, fn func(*bolt.Tx) error) (err error) {
	defer db.rescued(what, &err)
	return db.bolt.View(fn)
}

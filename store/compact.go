package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"
)

const (
	// compactAbove is how many bytes of free pages make compaction pay, if they are
	// more than half of all.
	compactAbove = 32 << 20
	// compactBudget bounds for how long the copying may keep the gateway from starting.
	compactBudget = 10 * time.Second
	// compactBatch is how many bytes of rows one transaction copies.
	compactBatch = 8 << 20
	// compactSuffix is added to the name of the file to name its copy.
	compactSuffix = ".compact"
)

// The steps of a compaction, in order. A crash behind any of them leaves a whole
// store in its place: the old file up to stepSynced, the new one from stepRenamed.
const (
	stepCreated = "created" // the copy exists
	stepCopying = "copying" // some of the rows are in it
	stepSynced  = "synced"  // all of them, on the disk
	stepRenamed = "renamed" // it took the place of the old file
)

// A compactor makes the file of a store smaller by writing it anew: bbolt reuses
// the pages of rows that were deleted, but never gives them back to the disk.
type compactor struct {
	file    bolt.Options // how the copy is opened
	log     zerolog.Logger
	always  bool          // even if it does not pay
	budget  time.Duration // for the copying; 0: any time
	above   int64
	noSync  bool                           // tests only
	room    func(dir string) (int64, bool) // bytes that are free on a disk, if that is known
	reached func(step string)              // tests only; may be nil
}

func newCompactor(file bolt.Options, log zerolog.Logger) compactor {
	return compactor{file: file, log: log, budget: compactBudget, above: compactAbove, room: roomOn}
}

// run returns the store to go on with: src, which is the open file at path, or, if
// that was worth it, a smaller one in its place; then src is closed. An error
// closes both.
func (c *compactor) run(ctx context.Context, src *bolt.DB, path string) (*bolt.DB, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	temp := path + compactSuffix
	if err := removeFile(temp); err != nil { // left by a crash
		return nil, errors.Join(fmt.Errorf("remove unfinished copy: %w", err), src.Close())
	}
	used, free, err := usage(src)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	if !c.always && (free <= c.above || free <= used/2) {
		return src, nil
	}
	begin := time.Now()
	dst, err := c.copy(ctx, src, path, temp, used-free)
	if err == nil {
		if err = os.Rename(temp, path); err != nil {
			err = errors.Join(err, dst.Close())
		}
	}
	if err != nil {
		err = errors.Join(err, removeFile(temp))
		if c.always {
			return nil, errors.Join(fmt.Errorf("compact: %w", err), src.Close())
		}
		c.log.Warn().Err(err).Int64("size", used).Int64("free", free).Msg("store not compacted, it stays as it is")
		return src, nil
	}
	// From here on the new file is the store.
	c.at(stepRenamed)
	if !c.noSync {
		err = syncDir(filepath.Dir(path))
	}
	if err = errors.Join(err, src.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("put the compacted file in place: %w", err), dst.Close())
	}
	after, _, err := usage(dst)
	if err != nil {
		return nil, errors.Join(err, dst.Close())
	}
	c.log.Info().Int64("before", used).Int64("after", after).Dur("took", time.Since(begin)).Msg("store compacted")
	return dst, nil
}

// copy makes a copy of src at temp that can take the place of the file at path,
// and is on the disk. It needs about size bytes.
func (c *compactor) copy(ctx context.Context, src *bolt.DB, path, temp string, size int64) (_ *bolt.DB, err error) {
	need := size + size/4 + 16<<20
	if room, ok := c.room(filepath.Dir(path)); ok && room < need {
		return nil, fmt.Errorf("the disk has %d MiB left, the copy may need %d", room>>20, need>>20)
	}
	if c.budget > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.budget, fmt.Errorf("it takes longer than %v", c.budget))
		defer cancel()
	}
	o := c.file
	o.NoSync = true // until all is there
	dst, err := openBolt(temp, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, dst.Close())
		}
	}()
	if err := likeFile(temp, path); err != nil {
		return nil, fmt.Errorf("give the copy the owner and mode of the file: %w", err)
	}
	c.at(stepCreated)
	if err := src.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error { return c.copyBucket(ctx, dst, name, b) })
	}); err != nil {
		return nil, err
	}
	if dst.NoSync = c.noSync; !c.noSync {
		if err := dst.Sync(); err != nil {
			return nil, fmt.Errorf("sync: %w", err)
		}
	}
	c.at(stepSynced)
	return dst, nil
}

var errNested = errors.New("it holds buckets in buckets, which this version does not know")

// copyBucket copies the rows of b, and what it counts, in several transactions.
func (c *compactor) copyBucket(ctx context.Context, dst *bolt.DB, name []byte, b *bolt.Bucket) error {
	from := b.Cursor()
	k, v := from.First()
	for first := true; first || k != nil; first = false {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := dst.Update(func(tx *bolt.Tx) error {
			to, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			if err := to.SetSequence(b.Sequence()); err != nil {
				return err
			}
			to.FillPercent = 0.95
			for size := 0; k != nil && size < compactBatch; k, v = from.Next() {
				if v == nil {
					return errNested
				}
				if err := to.Put(k, v); err != nil {
					return err
				}
				size += len(k) + len(v)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("copy bucket %s: %w", name, err)
		}
		c.at(stepCopying)
	}
	return nil
}

func (c *compactor) at(step string) {
	if c.reached != nil {
		c.reached(step)
	}
}

// usage returns how many bytes of an open file are in use, and how many of those
// are free pages.
func usage(b *bolt.DB) (used, free int64, err error) {
	err = b.View(func(tx *bolt.Tx) error {
		used = tx.Size()
		return nil
	})
	return used, int64(b.Stats().FreePageN) * int64(b.Info().PageSize), err
}

// removeFile removes a file, if it is there.
func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

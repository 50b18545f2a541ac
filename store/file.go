package store

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long Open waits for another process to let go of the file.
const lockTimeout = time.Second

// ErrInUse is the reason for which a file cannot be opened while it is served.
var ErrInUse = errors.New("the file is in use by another tetherd")

// openBolt opens and locks the file at path. It turns the panics with which bbolt
// meets some kinds of damage into errors.
func openBolt(path string, o bolt.Options) (b *bolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the file is damaged: %v", p)
		}
	}()
	o.Timeout = lockTimeout
	o.FreelistType = bolt.FreelistMapType
	if o.InitialMmapSize == 0 {
		o.InitialMmapSize = 128 << 20
		if math.MaxInt > math.MaxInt32 {
			o.InitialMmapSize = 1 << 30
		}
	}
	openFile := o.OpenFile
	if openFile == nil {
		openFile = os.OpenFile
	}
	// Whoever held the lock may have put a compacted file in the place of the one
	// that this process opened: what is written to that one would be lost.
	for range 3 {
		var f *os.File
		o.OpenFile = func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
			f, err = openFile(name, flag, mode)
			return f, err
		}
		b, err = bolt.Open(path, 0o600, &o)
		switch {
		case errors.Is(err, berrors.ErrTimeout):
			return nil, ErrInUse
		case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
			return nil, fmt.Errorf("the file is damaged or holds something else: %w", err)
		case err != nil:
			return nil, err
		}
		opened, err1 := f.Stat()
		named, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(opened, named) {
			return b, nil
		}
		if err := errors.Join(err1, err2, b.Close()); err != nil {
			return nil, err
		}
	}
	return nil, ErrInUse
}

// syncDir makes the names of the files in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync folder: %w", err), d.Close())
	}
	return d.Close()
}

package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"
)

// CheckFile proves what [DB.Check] does of the store in a file that no daemon has
// open. It writes nothing.
func CheckFile(ctx context.Context, path string) error {
	return offline(path, func(tx *bolt.Tx) error { return check(ctx, tx) })
}

// BackupFile copies the store in a file that no daemon has open. The copy is on the
// disk when it returns nil; a file at to is never replaced.
func BackupFile(ctx context.Context, path, to string) (size int64, err error) {
	err = offline(path, func(tx *bolt.Tx) error {
		size = tx.Size()
		return writeFile(to, func(w io.Writer) error { return backup(ctx, tx, w) })
	})
	return size, err
}

// CompactFile writes the store in a file that no daemon has open anew, without its
// free pages, and returns its size before and after.
func CompactFile(ctx context.Context, path string) (before, after int64, err error) {
	b, err := openExisting(path, bolt.Options{})
	if err != nil {
		return 0, 0, err
	}
	if before, _, err = usage(b); err != nil {
		return 0, 0, errors.Join(err, b.Close())
	}
	c := newCompactor(bolt.Options{}, zerolog.Nop())
	c.always, c.budget = true, 0
	if b, err = c.run(ctx, b, path); err != nil {
		return before, before, err
	}
	after, _, err = usage(b)
	return before, after, errors.Join(err, b.Close())
}

// openExisting opens the store in a file, which it does not make.
func openExisting(path string, o bolt.Options) (*bolt.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	b, err := openBolt(path, o)
	if err == nil {
		err = b.View(func(tx *bolt.Tx) error {
			h, err := readHeader(tx)
			if err == nil && h.fresh {
				err = errForeign
			}
			return err
		})
		if err == nil {
			return b, nil
		}
		err = errors.Join(err, b.Close())
	}
	return nil, fmt.Errorf("open store %s: %w", path, err)
}

// offline calls do with a file that nobody writes to.
func offline(path string, do func(*bolt.Tx) error) error {
	b, err := openExisting(path, bolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(b.View(do), b.Close())
}

// writeFile makes a file that is there, durably, if and only if it is whole.
func writeFile(path string, write func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("write %s: %w: choose another name or move it away", path, os.ErrExist)
	}
	temp := path + ".partial"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, removeFile(temp))
	}
	return syncDir(filepath.Dir(path))
}

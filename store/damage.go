package store

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"tetherd/gateway"
)

// maxDamage is how many damaged rows are kept apart.
const maxDamage = 1000

// damage remembers rows that cannot be read, so that each is told once.
type damage struct {
	mu    sync.Mutex
	rows  map[string]struct{} // bucket and key; at most maxDamage
	first string              // what is wrong with the first
}

// A damagedRow is a row that cannot be read. It is a [gateway.ErrDamaged].
type damagedRow struct {
	bucket string
	key    []byte
	cause  error
}

func damaged(bucket string, key []byte, cause error) error {
	return &damagedRow{bucket, append([]byte(nil), key...), cause}
}

func (e *damagedRow) Error() string {
	return fmt.Sprintf("row %x of %s is damaged: %v", e.key, e.bucket, e.cause)
}

func (e *damagedRow) Unwrap() []error { return []error{gateway.ErrDamaged, e.cause} }

// passOver notes a row that is damaged, and reports whether err says no more than
// that one is: then whoever reads many rows goes on with the next.
func (db *DB) passOver(err error) bool {
	row, ok := errors.AsType[*damagedRow](err)
	if !ok {
		return false
	}
	d := &db.damage
	d.mu.Lock()
	name := row.bucket + "\x00" + string(row.key)
	_, known := d.rows[name]
	if known = known || len(d.rows) >= maxDamage; !known {
		if d.rows == nil {
			d.rows, d.first = make(map[string]struct{}), row.Error()
		}
		d.rows[name] = struct{}{}
	}
	d.mu.Unlock()
	if !known {
		db.log.Error().Err(err).Msg("a stored row cannot be read, passing over it")
	}
	return true
}

// Damage implements [gateway.Reader].
func (db *DB) Damage() (rows int, first string) {
	db.damage.mu.Lock()
	defer db.damage.mu.Unlock()
	return len(db.damage.rows), db.damage.first
}

// rescued turns a panic over a damaged page into an error. It is to be deferred.
func (db *DB) rescued(what string, err *error) {
	if p := recover(); p != nil {
		db.log.Error().Bytes("stack", debug.Stack()).Msg("panic while reading the store")
		*err = damaged("page", []byte(what), fmt.Errorf("panic: %v", p))
	}
}

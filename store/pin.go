package store

import (
	"context"
	"crypto/sha256"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// pinKey identifies a PIN of a SIM without containing it. That keeps PINs out of
// sight, not from somebody who tries all ten thousand.
func pinKey(simID, pin string) []byte {
	h := sha256.New()
	h.Write(appendStr(nil, simID))
	h.Write([]byte(pin))
	return h.Sum(appendStr(nil, simID))
}

// PINTried reports whether the PIN was recorded for the SIM as tried.
func (db *DB) PINTried(simID, pin string) (tried bool, err error) {
	err = db.view("tried PINs", func(tx *bolt.Tx) error {
		tried = tx.Bucket([]byte(bktPIN)).Get(pinKey(simID, pin)) != nil
		return nil
	})
	return tried, err
}

// RecordPIN remembers, durably when it returns nil, that the PIN is about to be
// tried on the SIM. The PIN itself is not stored.
func (db *DB) RecordPIN(ctx context.Context, simID, pin string) error {
	if len(simID) > maxKey {
		return fmt.Errorf("record PIN: SIM identity may have %d bytes", maxKey)
	}
	err := db.submit(ctx, &op{apply: func(t *txn) error {
		return t.put(bktPIN, pinKey(simID, pin), nil)
	}})
	if err != nil {
		return fmt.Errorf("record PIN: %w", err)
	}
	return nil
}

// ClearPIN forgets that the PIN was tried on the SIM.
func (db *DB) ClearPIN(ctx context.Context, simID, pin string) error {
	err := db.submit(ctx, &op{apply: func(t *txn) error {
		return t.delete(bktPIN, pinKey(simID, pin))
	}})
	if err != nil {
		return fmt.Errorf("clear PIN: %w", err)
	}
	return nil
}

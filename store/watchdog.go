package store

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// settingWatchdog precedes the name of a modem in the key under which is kept what
// its watchdog knows.
const settingWatchdog = "watchdog/"

// Watchdog returns what was recorded for a modem last; nil if nothing was.
func (db *DB) Watchdog(modem string) (b []byte, err error) {
	err = db.view("watchdog record", func(tx *bolt.Tx) error {
		b = bytes.Clone(tx.Bucket([]byte(bktSettings)).Get([]byte(settingWatchdog + modem)))
		return nil
	})
	return b, err
}

// RecordWatchdog keeps what the watchdog of a modem knows. It is durable when it
// returns nil.
func (db *DB) RecordWatchdog(ctx context.Context, modem string, b []byte) error {
	if len(modem) > maxKey-len(settingWatchdog) {
		return fmt.Errorf("record watchdog: name of modem may have %d bytes", maxKey-len(settingWatchdog))
	}
	err := db.submit(ctx, &op{apply: func(t *txn) error {
		return t.put(bktSettings, []byte(settingWatchdog+modem), b)
	}})
	if err != nil {
		return fmt.Errorf("record watchdog: %w", err)
	}
	return nil
}

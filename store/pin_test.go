package store

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func TestPINs(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	ctx := context.Background()
	tried := func(simID, pin string, want bool) {
		t.Helper()
		if got, err := db.PINTried(simID, pin); got != want || err != nil {
			t.Errorf("%s on %s: got %v, %v, want %v", pin, simID, got, err, want)
		}
	}
	tried("8949", "4711", false)
	if err := db.RecordPIN(ctx, "8949", "4711"); err != nil {
		t.Fatal(err)
	}
	closeChecked(t, db)
	db = openAt(t, path, newClock())
	tried("8949", "4711", true)
	tried("8949", "4712", false)
	tried("89494", "711", false)
	var dump bytes.Buffer
	copyTo(t, db, &dump)
	if bytes.Contains(dump.Bytes(), []byte("4711")) {
		t.Error("the PIN is in the file")
	}
	if err := db.ClearPIN(ctx, "8949", "4711"); err != nil {
		t.Fatal(err)
	}
	tried("8949", "4711", false)
	if err := db.RecordPIN(ctx, strings.Repeat("x", maxKey+1), "4711"); err == nil {
		t.Error("a SIM identity that is too long was recorded")
	}
}

// copyTo writes a copy of an open store.
func copyTo(t testing.TB, db *DB, w io.Writer) {
	t.Helper()
	if err := db.bolt.View(func(tx *bolt.Tx) error { return backup(context.Background(), tx, w) }); err != nil {
		t.Fatal(err)
	}
}

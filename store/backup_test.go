package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tetherd/gateway"
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
	if err := db.Backup(ctx, &dump); err != nil {
		t.Fatal(err)
	}
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

func TestBackup(t *testing.T) {
	db := openTest(t)
	m := put(t, db, newMessage("m1"))
	path := filepath.Join(t.TempDir(), "backup.db")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Backup(context.Background(), f), f.Close()); err != nil {
		t.Fatal(err)
	}
	put(t, db, newMessage("m2")) // not in the copy
	got, total, err := openAt(t, path, newClock()).Messages(gateway.MessageQuery{Limit: 5})
	if err != nil || total != 1 {
		t.Fatalf("got %d messages, %v, want 1", total, err)
	}
	diff(t, "messages", []gateway.Message{m}, got)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := db.Backup(ctx, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
}

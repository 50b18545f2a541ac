package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"tetherd/gateway"
	"tetherd/store"
)

// The commands work on a database that is closed, and say what to do about one that
// is not.
func TestDatabaseCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), databaseName)
	db, err := store.Open(file, store.Options{Clock: clockSource(builtAt())})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(context.Background(), gateway.Change{Settings: map[string]string{"k": "v"}}); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	commands := [][]string{{"db", "check", "--db", file}, {"db", "backup", backup, "--db", file}, {"db", "compact", "--db", file}}

	var stderr bytes.Buffer
	if got := run(t.Context(), commands[1], nil, &stderr, &stderr); got != exitFailure ||
		!strings.Contains(stderr.String(), `stop the gateway first, for example with "systemctl stop tetherd"`) {
		t.Errorf("while it is open: got status %d and %q", got, &stderr)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{" is in order.\n", "backup.db is ready, 0.", " MiB now.\n"} {
		if got := runCLI(t, nil, commands[i]...); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q in it", commands[i], got, want)
		}
	}
	for _, name := range []string{file, backup} {
		db, err := store.Open(name, store.Options{Clock: clockSource(builtAt())})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := db.Setting("k"); v != "v" || err != nil {
			t.Errorf("%s: got %q, %v", name, v, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	stderr.Reset()
	if got := run(t.Context(), commands[1], nil, &stderr, &stderr); got != exitFailure || !strings.Contains(stderr.String(), "choose another name") {
		t.Errorf("in the place of another backup: got status %d and %q", got, &stderr)
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
	"tetherd/store"
)

// openBook returns a store for what is logged.
func openBook(t *testing.T, path string) *store.DB {
	t.Helper()
	started := time.Now()
	db, err := store.Open(path, store.Options{
		Clock:           gateway.ClockSource{Boot: func() (time.Duration, string) { return time.Since(started), "boot" }},
		InitialMmapSize: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// booked returns what is stored, in words.
func booked(t *testing.T, db *store.DB) (out []string) {
	t.Helper()
	es, _, err := db.Log(gateway.LogQuery{Max: 5000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		if e.At.IsZero() {
			t.Errorf("an entry has no time: %+v", e)
		}
		out = append(out, fmt.Sprintf("%s %s: %s %s", e.Level, e.Module, e.Message, e.Context))
	}
	return out
}

// TestLogbook has the log stored from level info on, whatever is written elsewhere,
// in few commits, and to the end.
func TestLogbook(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db := openBook(t, filepath.Join(dir, "tetherd.db"))
		defer db.Close()
		var shown bytes.Buffer
		book := &logbook{}
		log, err := newLogger(config.Log{Level: "warn", Format: "json"}, &shown, "", book)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- book.run(ctx, db) }()

		log.Debug().Str("text", "secret").Msg("not kept")
		engine := log.With().Str("part", "engine").Logger()
		engine.Info().Int64("n", 12345678901).Str("modem", "office").Msg("one")
		engine.Warn().Err(errors.New("cannot reach +4915112345678")).Msg("two")
		log.Error().Msg("three")
		synctest.Wait()
		if got := booked(t, db); got != nil {
			t.Errorf("stored at once, which wears the disk: %v", got)
		}
		time.Sleep(bookInterval)
		synctest.Wait()
		want := []string{
			`INFO engine: one {"modem":"office","n":12345678901}`,
			`WARN engine: two {"error":"cannot reach +…78"}`,
			`ERROR gateway: three `,
		}
		got := booked(t, db)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored (-want +got)\n%s", diff)
		}
		if lines := strings.Count(shown.String(), "\n"); lines != 2 || strings.Contains(shown.String(), "one") {
			t.Errorf("shown at level warn: %q", shown.String())
		}
		log.Info().Msg("the last words")
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := booked(t, db); len(got) != 4 || got[3] != "INFO gateway: the last words " {
			t.Errorf("after the end: %v", got)
		}
	})
}

// TestLogbookIsBounded has a storm of lines, and lines that are too long, cut.
func TestLogbookIsBounded(t *testing.T) {
	db := openBook(t, filepath.Join(t.TempDir(), "tetherd.db"))
	defer db.Close()
	book := &logbook{}
	log, err := newLogger(config.Log{Level: "info", Format: "json"}, &bytes.Buffer{}, "", book)
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Str("part", strings.Repeat("\x01", 10000)).Msg(strings.Repeat("ü", 10000))
	log.Info().Str("much", strings.Repeat("\"", 10000)).Msg("context")
	for range bookSize + 5 {
		log.Info().Msg("storm")
	}
	book.flush(t.Context(), db)
	got := booked(t, db)
	if len(got) != bookSize+1 {
		t.Fatalf("got %d entries, want %d and one that says what is missing", len(got), bookSize)
	}
	if !strings.HasPrefix(got[1], `INFO gateway: context {"omitted"`) {
		t.Errorf("got %q", got[1])
	}
	if last := got[bookSize]; !strings.HasPrefix(last, "WARN log: ") || !strings.HasSuffix(last, `{"lines":7}`) {
		t.Errorf("got %q last", last)
	}
	es, _, _ := db.Log(gateway.LogQuery{Max: 5000})
	for _, e := range es {
		if len(e.Context) > 0 && (e.Context[0] != '{' || !json.Valid(e.Context)) {
			t.Errorf("context is no object: %s", e.Context)
		}
	}
}

package store

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"tetherd/gateway"
)

// A tb is a *testing.T, *testing.B or *rapid.T.
type tb interface {
	rapid.TB
	Cleanup(func())
}

// date is a wall time with a fraction that milliseconds cannot hold.
var date = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// A testClock is a machine whose time stands still until it is told to go on.
type testClock struct {
	boot time.Duration
	id   string
}

func newClock() *testClock { return &testClock{boot: time.Hour, id: "boot"} }

func (c *testClock) source() gateway.ClockSource {
	return gateway.ClockSource{Boot: func() (time.Duration, string) { return c.boot, c.id }}
}

// openAt opens the store at path without waiting for the disk. When the test
// ends the store is checked and closed, if it was not before.
func openAt(t tb, path string, clock *testClock) *DB {
	t.Helper()
	db, err := Open(path, Options{Clock: clock.source(), Log: zerolog.Nop(), noSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeChecked(t, db) })
	return db
}

func openTest(t testing.TB) *DB {
	t.Helper()
	return openAt(t, tempFile(t), newClock())
}

func tempFile(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "tetherd.db") }

func closeChecked(t tb, db *DB) {
	t.Helper()
	select {
	case <-db.closing:
		return
	default:
	}
	if err := db.Check(context.Background()); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// commit commits c, in which the store fills in what it assigns.
func commit(t tb, db *DB, c gateway.Change) {
	t.Helper()
	if err := db.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

// put commits one message and returns it with Seq and Rev.
func put(t tb, db *DB, m gateway.Message) gateway.Message {
	t.Helper()
	ms := []gateway.Message{m}
	commit(t, db, gateway.Change{Messages: ms})
	return ms[0]
}

// diff fails the test if got is not what is wanted; nil and empty are the same.
func diff(t tb, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// hold keeps the writer inside a transaction until release is called, so that
// what is submitted meanwhile shares the next one.
func hold(t tb, db *DB) (release func()) {
	t.Helper()
	entered, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.submit(context.Background(), &op{apply: func(*txn) error {
			close(entered)
			<-leave
			return nil
		}})
	}()
	<-entered
	return func() {
		t.Helper()
		close(leave)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// commits returns how many transactions were written so far.
func commits(t tb, db *DB) int {
	t.Helper()
	n := 0
	if err := db.bolt.View(func(tx *bolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func queuedTo(numbers ...string) []gateway.Recipient {
	var rs []gateway.Recipient
	for _, n := range numbers {
		rs = append(rs, gateway.Recipient{Number: n, Address: n, State: gateway.Pending, Phase: gateway.Queued, Due: 1})
	}
	return rs
}

func newMessage(id string) gateway.Message {
	return gateway.Message{
		ID: id, Text: "hello", Recipients: queuedTo("+4915112345678"), CreatedAt: date,
		FirstReached: map[gateway.State]time.Time{gateway.Pending: date},
	}
}

// waitQueued returns when n ops wait for the writer.
func waitQueued(db *DB, n int) {
	for len(db.queue) < n {
		runtime.Gosched()
	}
}

// inboundBySeq returns an incoming message by its Seq.
func inboundBySeq(db *DB, seq uint64) (in gateway.Inbound, err error) {
	err = db.view("incoming message", func(tx *bolt.Tx) error {
		in, err = readInbound(tx, seq)
		return err
	})
	return in, err
}

// serving returns a function that serves the given lanes.
func serving(lanes ...gateway.Lane) func(gateway.Lane) bool {
	return func(l gateway.Lane) bool { return slices.Contains(lanes, l) }
}

// fileSize returns how many bytes a file has.
func fileSize(t testing.TB, path string) int64 {
	t.Helper()
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fi.Size()
}

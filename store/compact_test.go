package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// hollow makes a store of which more than half is free pages, with one message and
// one event that waits, and returns its file.
func hollow(t *testing.T) string {
	t.Helper()
	path := tempFile(t)
	db := openAt(t, path, newClock())
	put(t, db, newMessage("m1"))
	emit(t, db, "e1", 5, addEndpoint(t, db, "one").Num)
	big := strings.Repeat("x", 64<<10)
	for i := range 40 {
		commit(t, db, setting(fmt.Sprint("big", i), big))
	}
	for i := range 40 {
		commit(t, db, setting(fmt.Sprint("big", i), ""))
	}
	closeChecked(t, db)
	return path
}

// openCompacting opens the store as the daemon does, but compacts from 1 MiB on.
func openCompacting(t *testing.T, path string, log *bytes.Buffer, alter func(*compactor)) *DB {
	t.Helper()
	db, err := Open(path, Options{Clock: newClock().source(), Log: zerolog.New(log), compacting: func(c *compactor) {
		c.above = 1 << 20
		if alter != nil {
			alter(c)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeChecked(t, db) })
	return db
}

// wantWhole fails the test unless db holds what hollow put in, and goes on counting
// behind it.
func wantWhole(t *testing.T, db *DB) {
	t.Helper()
	if _, err := db.Message("m1"); err != nil {
		t.Error(err)
	}
	if ds, es, _, err := db.DueDeliveries(1, 5, 10, nil, nil); err != nil || len(ds) != 1 || es[0].ID != "e1" {
		t.Errorf("got deliveries %v, %v, want one", ds, err)
	}
	if m := put(t, db, newMessage("m"+gateway.NewID())); m.Seq < 2 {
		t.Errorf("got Seq %d for a new message, want a number that was not used", m.Seq)
	}
}

// usedBytes returns how many bytes of a file that nobody has open are in use; the
// rest is room to grow.
func usedBytes(t *testing.T, path string) (used int64) {
	t.Helper()
	err := offline(path, func(tx *bolt.Tx) error { used = tx.Size(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func TestCompactAtOpen(t *testing.T) {
	path := hollow(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	before := usedBytes(t, path)
	var log bytes.Buffer
	db := openCompacting(t, path, &log, nil)
	if !strings.Contains(log.String(), `"message":"store compacted"`) || strings.Contains(log.String(), "in order") {
		t.Errorf("got log %s", &log)
	}
	if db.bolt.NoSync {
		t.Error("commits do not wait for the disk after a compaction")
	}
	wantWhole(t, db)
	closeChecked(t, db)
	if after := usedBytes(t, path); after > before/4 {
		t.Errorf("got %d bytes after compacting %d", after, before)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o640 {
		t.Errorf("got mode %v, %v, want that of the old file", fi.Mode(), err)
	}
	log.Reset()
	wantWhole(t, openCompacting(t, path, &log, nil))
	if log.Len() > 0 {
		t.Errorf("the second time it did not pay, got log %s", &log)
	}
}

// What stands in the way of a compaction does not keep the store from opening.
func TestCompactSkipped(t *testing.T) {
	tests := []struct {
		name, want string
		alter      func(*compactor)
	}{
		{"disk full", "the disk has 1 MiB left", func(c *compactor) {
			c.room = func(string) (int64, bool) { return 1 << 20, true }
		}},
		{"too slow", "it takes longer than 1ns", func(c *compactor) { c.budget = 1 }},
		{"too little free", "", func(c *compactor) { c.above = 1 << 30 }},
		{"nothing known of the disk", "store compacted", func(c *compactor) {
			c.room = func(string) (int64, bool) { return 0, false }
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := hollow(t)
			var log bytes.Buffer
			wantWhole(t, openCompacting(t, path, &log, tt.alter))
			if got := log.String(); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got log %q, want %q", got, tt.want)
			}
			if _, err := os.Stat(path + compactSuffix); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the copy is still there: %v", err)
			}
		})
	}
}

// A link to the store on another disk stays a link.
func TestCompactBehindLink(t *testing.T) {
	path := hollow(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	before := usedBytes(t, path)
	var log bytes.Buffer
	db := openCompacting(t, link, &log, nil)
	wantWhole(t, db)
	closeChecked(t, db)
	if fi, err := os.Lstat(link); err != nil || fi.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("got %v, %v, want a link", fi.Mode(), err)
	}
	if after := usedBytes(t, path); after > before/4 {
		t.Errorf("got %d bytes after compacting %d", after, before)
	}
}

// compactStep and compactFile tell, in the environment, a child of the test below
// at which step of compacting which file it is to die.
const (
	compactStep = "TETHERD_STORE_COMPACT_STEP"
	compactFile = "TETHERD_STORE_COMPACT_FILE"
)

// dieCompacting opens the store in a file and is killed at a step.
func dieCompacting(path, step string) error {
	db, err := Open(path, Options{Clock: newClock().source(), compacting: func(c *compactor) {
		c.above = 1 << 20
		c.reached = func(at string) {
			if at == step {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
	}})
	if err != nil {
		return err
	}
	return errors.Join(db.Close(), errors.New("it was not killed"))
}

// A compaction that is cut short leaves the old store or the new one, and the next
// start clears up.
func TestCompactSurvivesKill(t *testing.T) {
	for _, step := range []string{stepCreated, stepCopying, stepSynced, stepRenamed} {
		t.Run(step, func(t *testing.T) {
			path := hollow(t)
			before := usedBytes(t, path)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), compactStep+"="+step, compactFile+"="+path)
			out, err := cmd.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != -1 {
				t.Fatalf("child: got %v, want that it was killed: %s", err, out)
			}
			after := usedBytes(t, path)
			if renamed := after < before; renamed != (step == stepRenamed) {
				t.Errorf("got %d bytes, before %d", after, before)
			}
			if _, err := os.Stat(path + compactSuffix); (err == nil) != (step != stepRenamed) {
				t.Errorf("the copy: %v", err)
			}
			var log bytes.Buffer
			db := openCompacting(t, path, &log, func(c *compactor) { c.above = 1 << 30 })
			wantWhole(t, db)
			if _, err := os.Stat(path + compactSuffix); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the copy was not cleared up: %v", err)
			}
		})
	}
}

// A process that waited for the lock of the file that was replaced does not write
// to a file that has no name any more.
func TestOpenWhileCompacted(t *testing.T) {
	path := hollow(t)
	old, err := openBolt(path, bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		b   *bolt.DB
		err error
	}
	waiting := make(chan result)
	opened := make(chan struct{}, 10)
	go func() {
		b, err := openBolt(path, bolt.Options{NoSync: true, OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag, mode)
			opened <- struct{}{}
			return f, err
		}})
		waiting <- result{b, err}
	}()
	<-opened
	c := newCompactor(bolt.Options{}, zerolog.Nop())
	c.always = true
	db, err := c.run(context.Background(), old, path)
	if err != nil {
		t.Fatal(err)
	}
	if r := <-waiting; !errors.Is(r.err, ErrInUse) {
		t.Errorf("got %v, want that the file is in use", r.err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOffline(t *testing.T) {
	ctx := context.Background()
	path := hollow(t)
	if err := CheckFile(ctx, path); err != nil {
		t.Error(err)
	}
	to := filepath.Join(t.TempDir(), "backup.db")
	if size, err := BackupFile(ctx, path, to); err != nil || size != usedBytes(t, to) {
		t.Errorf("backup: got %d bytes, %v", size, err)
	}
	if _, err := BackupFile(ctx, path, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v for a backup in the place of another, want ErrExist", err)
	}
	if before, after, err := CompactFile(ctx, to); err != nil || after > before/4 {
		t.Errorf("compact: got %d bytes of %d, %v", after, before, err)
	}
	for _, name := range []string{path, to} {
		db := openAt(t, name, newClock())
		wantWhole(t, db)
	}
}

// Offline work neither makes nor alters files that it cannot use.
func TestOfflineRefused(t *testing.T) {
	ctx := context.Background()
	served := tempFile(t)
	openAt(t, served, newClock())
	damaged := tempFile(t)
	db := openAt(t, damaged, newClock())
	put(t, db, newMessage("m1"))
	if err := db.bolt.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bktMsgID)).Delete([]byte("m1")) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := CheckFile(ctx, damaged); err == nil || !strings.Contains(err.Error(), bktMsgID) {
		t.Errorf("check of a damaged file: got %v", err)
	}
	missing := filepath.Join(t.TempDir(), "missing.db")
	synctest.Test(t, func(t *testing.T) { // the lock is waited for
		for path, want := range map[string]string{served: "in use", missing: "no such file"} {
			_, backupErr := BackupFile(ctx, path, filepath.Join(t.TempDir(), "backup.db"))
			_, _, compactErr := CompactFile(ctx, path)
			for _, err := range []error{CheckFile(ctx, path), backupErr, compactErr} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		}
	})
	if _, err := os.Stat(missing); err == nil {
		t.Error("a file was made")
	}
	ctx, cancel := context.WithTimeout(ctx, -time.Second)
	defer cancel()
	to := filepath.Join(t.TempDir(), "backup.db")
	if _, err := BackupFile(ctx, damaged, to); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that time is up", err)
	}
	if left, err := os.ReadDir(filepath.Dir(to)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func TestStoreIsKept(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	m := put(t, db, newMessage("m1"))
	ep := addEndpoint(t, db, "one")
	emit(t, db, "e1", 5, ep.Num)
	commit(t, db, setting("k", "v"))
	closeChecked(t, db)

	db = openAt(t, path, newClock())
	got, err := db.Message("m1")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "message", m, got)
	ref, ok, _, err := db.NextQueued(gateway.QueueQuery{Serves: serving(gateway.Lane{}), Now: 1, Least: -128})
	diff(t, "next queued", []any{gateway.RecipientRef{Seq: m.Seq}, true, nil}, []any{ref, ok, err})
	if _, es, _, err := db.DueDeliveries(ep.Num, 5, 1, nil, nil); err != nil || len(es) != 1 {
		t.Errorf("got %d deliveries, %v, want 1", len(es), err)
	}
	if v, err := db.Setting("k"); v != "v" || err != nil {
		t.Errorf("got setting %q, %v", v, err)
	}
	commit(t, db, setting("k", ""))
	if v, err := db.Setting("k"); v != "" || err != nil {
		t.Errorf("got setting %q, %v after it was deleted", v, err)
	}
	if m := put(t, db, newMessage("m2")); m.Seq != 2 {
		t.Errorf("got Seq %d, want 2", m.Seq)
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := tempFile(t)
	openAt(t, path, newClock())
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		fi, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fi.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
}

func TestTimelineContinues(t *testing.T) {
	tests := []struct {
		name  string
		pause func(*testClock)
		want  time.Duration // of the timeline during the pause
	}{
		{"the daemon was down", func(c *testClock) { c.boot += 10 * time.Minute }, 10 * time.Minute},
		{"the machine was down", func(c *testClock) { c.boot, c.id = time.Second, "next" }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, clock := tempFile(t), newClock()
			db := openAt(t, path, clock)
			clock.boot += time.Hour
			commit(t, db, setting("k", "v"))
			before := db.Timeline().Now()
			closeChecked(t, db)
			tt.pause(clock)
			if got := before.Until(openAt(t, path, clock).Timeline().Now()); got != tt.want {
				t.Errorf("got %v of timeline in between, want %v", got, tt.want)
			}
		})
	}
}

// Each commit saves the timeline, so that a crash does not set it back.
func TestTimelineIsSavedWithEachCommit(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	clock.boot += time.Hour
	commit(t, db, setting("k", "v"))
	var saved gateway.ClockSnapshot
	err := db.bolt.View(func(tx *bolt.Tx) error {
		return json.Unmarshal(tx.Bucket([]byte(bktMeta)).Get([]byte(metaTimeline)), &saved)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := saved.Tick, db.Timeline().Now(); got != want {
		t.Errorf("got tick %d, want %d", got, want)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	bucket := func(name string, schema uint32) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			b, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = b.Update(func(tx *bolt.Tx) error {
				bkt, err := tx.CreateBucket([]byte(name))
				if err != nil {
					return err
				}
				return bkt.Put([]byte(metaSchema), u32Key(schema))
			})
			if err = errors.Join(err, b.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	text := func(s string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"newer", bucket(bktMeta, schema+1), "newer tetherd"},
		{"another program's", bucket("images", 1), "another program"},
		{"torn", func(t *testing.T, path string) {
			if err := openAt(t, path, newClock()).Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			clear(b[2*os.Getpagesize():]) // all but the two meta pages
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "damaged"},
		{"text", text(strings.Repeat("not a database\n", 1000)), "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tetherd.db")
			tt.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			db, err := Open(path, Options{Clock: newClock().source(), Log: zerolog.Nop()})
			if err == nil {
				t.Fatalf("opened, %v", db.Close())
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want it to name %q and the file", err, tt.want)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was altered, %v", err)
			}
		})
	}
}

func TestFileInUse(t *testing.T) {
	path := tempFile(t)
	openAt(t, path, newClock())
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := Open(path, Options{Clock: newClock().source(), Log: zerolog.Nop()})
		if err == nil || !strings.Contains(err.Error(), "in use by another tetherd") {
			t.Errorf("got %v, want that it is in use", err)
		}
		if took := time.Since(start); took > lockTimeout {
			t.Errorf("it took %v, want at most %v", took, lockTimeout)
		}
	})
}

// The long free list is left out of commits, and written when the store is
// closed.
func TestFreeListPolicy(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	big := strings.Repeat("x", 64<<10)
	for i := range 200 {
		commit(t, db, setting(string(rune('a'+i)), big))
	}
	for i := range 200 {
		commit(t, db, setting(string(rune('a'+i)), ""))
	}
	commit(t, db, setting("k", "v"))
	if free := db.bolt.Stats().FreePageN; free <= manyFreePages {
		t.Fatalf("got %d free pages, want more than %d for this test", free, manyFreePages)
	}
	commit(t, db, setting("k", "w"))
	if got := freelistPage(t, path); got != math.MaxUint64 {
		t.Error("the long free list is still written in each commit")
	}
	closeChecked(t, db)
	if got := freelistPage(t, path); got == math.MaxUint64 {
		t.Error("the free list was not written when the store was closed")
	}
}

// freelistPage returns the number of the page with the free list, as the newer
// meta page of the file says; MaxUint64 if the list was left out.
func freelistPage(t *testing.T, path string) uint64 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const header, freelist, txid = 16, 32, 48 // offsets
	var newest, page uint64
	for i := range 2 {
		meta := b[i*os.Getpagesize()+header:]
		if id := binary.NativeEndian.Uint64(meta[txid:]); id >= newest {
			newest, page = id, binary.NativeEndian.Uint64(meta[freelist:])
		}
	}
	return page
}

// A store that was not closed in order says so once, when it is opened again.
func TestCleanFlag(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	commit(t, db, setting("k", "v"))
	crashed := filepath.Join(t.TempDir(), "crashed.db")
	f, err := os.Create(crashed)
	if err != nil {
		t.Fatal(err)
	}
	copyTo(t, db, f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	closeChecked(t, db)
	for name, want := range map[string]bool{path: false, crashed: true} {
		var log bytes.Buffer
		db, err := Open(name, Options{Clock: newClock().source(), Log: zerolog.New(&log), noSync: true})
		if err != nil {
			t.Fatal(err)
		}
		closeChecked(t, db)
		if got := strings.Contains(log.String(), "not closed in order"); got != want {
			t.Errorf("%s: got log %q, want it to say so: %v", name, &log, want)
		}
	}
}

package main_test

import (
	"encoding/base64"
	bin "encoding/binary"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func basicAuth(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// bareRow is a row that one message writes.
type bareRow struct {
	bucket, key string
	value       []byte
	fixed       bool // its key is the same for every message
}

// rowsOfMessage returns what the store writes for a message: what a second one changes.
func rowsOfMessage(b *testing.B) []bareRow {
	b.Helper()
	path := filepath.Join(b.TempDir(), "tetherd.db")
	send := func() map[string]string {
		w := newAPIWorld(b, path)
		if _, err := w.gateway.Submit(b.Context(), gateway.Submission{
			Text: "Your code is 482913. It is good for ten minutes.", Numbers: []string{"+4917012345678"}, DeliveryReport: true,
		}); err != nil {
			b.Fatal(err)
		}
		w.close(b)
		return dump(b, path)
	}
	before, after := send(), send()
	var rows []bareRow
	for at, value := range after {
		was, fixed := before[at]
		if fixed && was == value {
			continue
		}
		bucket, key, _ := strings.Cut(at, "\x00/")
		rows = append(rows, bareRow{bucket, key, []byte(value), fixed})
	}
	return rows
}

// dump returns all rows of a closed store, by bucket and key.
func dump(b *testing.B, path string) map[string]string {
	b.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	rows := make(map[string]string)
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bkt *bolt.Bucket) error {
			return walk(bkt, string(name), rows)
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

// commitsOf returns how many transactions were written to a closed store.
func commitsOf(b *testing.B, path string) (n int) {
	b.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		b.Fatal(err)
	}
	return n
}

func walk(bkt *bolt.Bucket, path string, rows map[string]string) error {
	return bkt.ForEach(func(k, v []byte) error {
		if inner := bkt.Bucket(k); inner != nil {
			return walk(inner, path+"."+string(k), rows)
		}
		rows[path+"\x00/"+string(k)] = string(v)
		return nil
	})
}

// bareStore is bbolt alone, to which messages are written row by row as the store writes
// them, all that wait in one transaction.
type bareStore struct {
	db      *bolt.DB
	rows    []bareRow
	nth     atomic.Uint64 // message that was written last
	queue   chan chan error
	done    sync.WaitGroup
	close   func()
	commits int // of the writer; to be read while nobody puts anything
}

func newBareStore(b *testing.B, rows []bareRow, clients int) *bareStore {
	b.Helper()
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType, InitialMmapSize: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	s := &bareStore{db: db, rows: rows, queue: make(chan chan error, clients)}
	s.close = func() {
		close(s.queue)
		s.done.Wait()
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}
	s.done.Go(func() {
		for first := range s.queue {
			waiting := []chan error{first}
			for len(s.queue) > 0 {
				waiting = append(waiting, <-s.queue)
			}
			err := db.Update(func(tx *bolt.Tx) error {
				for range waiting {
					if err := putRows(tx, rows, s.nth.Add(1)); err != nil {
						return err
					}
				}
				return nil
			})
			s.commits++
			for _, w := range waiting {
				w <- err
			}
		}
	})
	return s
}

// putRows writes the rows of the nth message, in the order of their keys, which is the
// best for bbolt.
func putRows(tx *bolt.Tx, rows []bareRow, n uint64) error {
	for _, r := range rows {
		bkt, err := tx.CreateBucketIfNotExists([]byte(r.bucket))
		if err != nil {
			return err
		}
		key := []byte(r.key)
		if !r.fixed {
			for len(key) < 8 {
				key = append(key, 0)
			}
			bin.BigEndian.PutUint64(key[len(key)-8:], n)
		}
		if err := bkt.Put(key, r.value); err != nil {
			return err
		}
	}
	return nil
}

// batch writes one message by the group commit that bbolt comes with.
func (s *bareStore) batch() error {
	n := s.nth.Add(1)
	return s.db.Batch(func(tx *bolt.Tx) error { return putRows(tx, s.rows, n) })
}

// put writes one message and returns when it is durable.
func (s *bareStore) put() error {
	done := make(chan error, 1)
	s.queue <- done
	return <-done
}

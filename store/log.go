package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	// maxLog is how many entries of the log are kept; of more the oldest go.
	maxLog = 20000
	// MaxLogEntry bounds an entry of the log as it is stored, in bytes.
	MaxLogEntry = 4 << 10
)

// AppendLog stores entries behind the others in one commit, for which it is best
// called with several. The oldest go if there are too many. An entry that is larger
// than [MaxLogEntry] is an error, and nothing is stored.
func (db *DB) AppendLog(ctx context.Context, entries []gateway.LogEntry) error {
	rows, size := make([][]byte, len(entries)), 0
	now := db.clock.Now()
	for i := range entries {
		b, err := json.Marshal(&entries[i])
		if err != nil {
			return fmt.Errorf("append to log: encode: %w", err)
		}
		if len(b) > MaxLogEntry {
			return fmt.Errorf("append to log: an entry has %d bytes, the most is %d", len(b), MaxLogEntry)
		}
		rows[i] = append(appendTime(appendTick(nil, now), entries[i].At), b...)
		size += len(rows[i])
	}
	if len(rows) == 0 {
		return nil
	}
	err := db.submit(ctx, &op{size: size, apply: func(t *txn) error {
		b := t.bucket(bktLog)
		for _, row := range rows {
			seq, err := b.NextSequence()
			if err != nil {
				return fmt.Errorf("number entry of the log: %w", err)
			}
			if err := t.put(bktLog, u64Key(seq), row); err != nil {
				return err
			}
		}
		return t.trimLog(b)
	}})
	if err != nil {
		return fmt.Errorf("append to log: %w", err)
	}
	return nil
}

// trimLog deletes the oldest entries if there are too many.
func (t *txn) trimLog(b *bolt.Bucket) error {
	last := b.Sequence()
	if last <= maxLog {
		return nil
	}
	var old [][]byte
	c := b.Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, u64Key(last-maxLog)) <= 0; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := t.delete(bktLog, k); err != nil {
			return err
		}
	}
	return nil
}

// Log returns the selected entries, oldest first, and how many match in all. Which
// match is judged by the wall clock as it was when they were written.
func (db *DB) Log(q gateway.LogQuery) (entries []gateway.LogEntry, total int, err error) {
	err = db.view("log", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktLog)).Cursor()
		for k, v := c.Last(); k != nil; k, v = c.Prev() {
			key, r := reader{b: k}, reader{b: v}
			seq := key.u64()
			r.tick()
			at := r.time()
			if r.err != nil {
				db.passOver(damaged(bktLog, k, r.err))
				continue
			}
			if !q.From.IsZero() && at.Before(q.From) || !q.To.IsZero() && at.After(q.To) {
				continue
			}
			if total++; total > q.Max {
				continue
			}
			e, err := decodeLog(seq, r.b)
			if err != nil {
				db.passOver(damaged(bktLog, k, err))
				total--
				continue
			}
			entries = append(entries, e)
		}
		return nil
	})
	slices.Reverse(entries)
	return entries, total, err
}

func decodeLog(seq uint64, b []byte) (e gateway.LogEntry, err error) {
	err = json.Unmarshal(b, &e)
	e.Seq = seq
	return e, err
}

// findLog finds entries that were stored by then.
func (p *pruner) findLog(by gateway.Tick) {
	c := p.tx.Bucket([]byte(bktLog)).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if r := (reader{b: v}); r.tick() > by && r.err == nil || !p.take(1) {
			return
		}
		p.logs = append(p.logs, bytes.Clone(k))
	}
}

// applyLog deletes what was found. An entry never changes.
func (p *pruner) applyLog(t *txn) error {
	for _, k := range p.logs {
		if t.get(bktLog, k) == nil {
			continue
		}
		if err := t.delete(bktLog, k); err != nil {
			return err
		}
		p.deleted++
	}
	return nil
}

// logs proves that entries can be read, and that there are not too many.
func (c *checker) logs() error {
	n := 0
	err := c.each(bktLog, func(key *reader, _, v []byte) error {
		seq := key.u64()
		c.sequence(bktLog, seq)
		r := reader{b: v}
		r.tick()
		r.time()
		if r.err != nil {
			return r.err
		}
		n++
		_, err := decodeLog(seq, r.b)
		return err
	})
	if n > maxLog {
		c.fault("%s: there are %d entries, the most is %d", bktLog, n, maxLog)
	}
	return err
}

package store

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// listKeyLen is the length of the keys of the buckets list and inlist: a code,
// a time, a sequence number.
const listKeyLen = 1 + 12 + 8

// A page selects rows of a list, newest first unless oldest is set.
type page struct {
	code          byte
	from, to      time.Time // inclusive; zero: open
	oldest        bool
	limit, offset int
}

func (p *page) open() bool { return p.from.IsZero() && p.to.IsZero() }

// read returns the sequence numbers of the rows on the page, and how many rows
// match in all. Known is that number if it is known already, else -1; then rows
// are counted by their keys.
func (p *page) read(b *bolt.Bucket, known int) (seqs []uint64, total int) {
	low := []byte{p.code}
	if !p.from.IsZero() {
		low = appendTime(low, p.from)
	}
	high := []byte{p.code + 1}
	if !p.to.IsZero() {
		high = appendU64(appendTime([]byte{p.code}, p.to), math.MaxUint64)
	}
	left, skip := max(p.limit, 0), max(p.offset, 0)
	if known >= 0 && (left == 0 || skip >= known) {
		return nil, known
	}
	k, next := p.first(b.Cursor(), low, high)
	for ; len(k) == listKeyLen && bytes.Compare(k, low) >= 0 && bytes.Compare(k, high) < 0; k, _ = next() {
		total++
		switch {
		case skip > 0:
			skip--
		case left > 0:
			left--
			seqs = append(seqs, binary.BigEndian.Uint64(k[listKeyLen-8:]))
		}
		if known >= 0 && left == 0 {
			break
		}
	}
	if known >= 0 {
		total = known
	}
	return seqs, total
}

// first returns the first of the rows from low to below high, and what leads to the
// next ones.
func (p *page) first(c *bolt.Cursor, low, high []byte) (k []byte, next func() (k, v []byte)) {
	if p.oldest {
		k, _ = c.Seek(low)
		return k, c.Next
	}
	if k, _ = c.Seek(high); k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	return k, c.Prev
}

// Messages implements [gateway.Reader].
func (db *DB) Messages(q gateway.MessageQuery) (ms []gateway.Message, total int, err error) {
	code := stateCode(q.State)
	if code == 0 && q.State != "" {
		return nil, 0, nil
	}
	p := page{code: code, from: q.From, to: q.To, oldest: q.Oldest, limit: q.Limit, offset: q.Offset}
	err = db.view("messages", func(tx *bolt.Tx) error {
		known := -1
		if p.open() {
			known = 0
			for _, s := range gateway.States {
				if q.State == "" || q.State == s {
					known += counter(tx, messageCounter(stateCode(s)))
				}
			}
		}
		var seqs []uint64
		seqs, total = p.read(tx.Bucket([]byte(bktList)), known)
		for _, seq := range seqs {
			m, _, err := readMessage(tx, seq)
			if err = indexed(err, bktList, u64Key(seq)); db.passOver(err) {
				continue
			} else if err != nil {
				return err
			}
			ms = append(ms, m)
		}
		return nil
	})
	return ms, total, err
}

// CountMessages implements [gateway.Reader].
func (db *DB) CountMessages() (map[gateway.State]int, error) {
	n := make(map[gateway.State]int)
	err := db.view("counters", func(tx *bolt.Tx) error {
		for _, s := range gateway.States {
			if v := counter(tx, messageCounter(stateCode(s))); v > 0 {
				n[s] = v
			}
		}
		return nil
	})
	return n, err
}

// InboundAfter implements [gateway.Reader].
func (db *DB) InboundAfter(at time.Time, seq uint64, to time.Time, max int) (ins []gateway.Inbound, err error) {
	err = db.view("incoming messages", func(tx *bolt.Tx) error {
		end := appendU64(appendTime([]byte{anyCode}, to), math.MaxUint64)
		from := appendU64(appendTime([]byte{anyCode}, at), seq)
		c := tx.Bucket([]byte(bktInList)).Cursor()
		k, _ := c.Seek(from)
		if bytes.Equal(k, from) {
			k, _ = c.Next()
		}
		for ; len(ins) < max && len(k) == listKeyLen && bytes.Compare(k, end) <= 0; k, _ = c.Next() {
			seq := binary.BigEndian.Uint64(k[listKeyLen-8:])
			in, err := readInbound(tx, seq)
			if err = indexed(err, bktInList, k); db.passOver(err) {
				continue
			} else if err != nil {
				return err
			}
			ins = append(ins, in)
		}
		return nil
	})
	return ins, err
}

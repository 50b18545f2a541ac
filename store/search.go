package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// lookOften is how many rows a search looks at before it looks at the time.
const lookOften = 64

// A search goes through a list from the newest row to the oldest.
type search struct {
	gateway.Search
	lower string   // Text in lower case
	need  []byte   // a part of lower that each row has as it is stored, in whatever case
	owner [][]byte // of which each row has one as it is stored; empty: any will do
	until time.Time
	next  gateway.Place
	found int
}

func newSearch(q gateway.Search) *search {
	s := &search{Search: q, lower: strings.ToLower(q.Text)}
	s.need = literal(s.lower)
	if q.Modem != "" {
		s.owner = ownedBy(q.Modem, q.Slot)
	}
	if q.Patience > 0 {
		s.until = time.Now().Add(q.Patience)
	}
	return s
}

// literal returns the longest part of a text that JSON writes as it is, and that has no
// case but that of ASCII.
func literal(lower string) []byte {
	var longest, run []byte
	for i := range len(lower) {
		c := lower[i]
		if c < ' ' || c > '~' || strings.IndexByte(`"\<>&`, c) >= 0 {
			run = nil
			continue
		}
		if run = append(run, c); len(run) > len(longest) {
			longest = run
		}
	}
	return longest
}

// ownedBy returns what JSON writes of a modem that has a message, or that was chosen for
// it, or of a slot that is asked for: each row for which [gateway.Message.Concerns] holds
// has one of them.
func ownedBy(modem string, slot int) [][]byte {
	name, err := json.Marshal(modem)
	if err != nil {
		return nil // a text always can be written
	}
	return [][]byte{
		append([]byte(`"modem":`), name...), append([]byte(`"prefer":`), name...), fmt.Appendf(nil, `"sim":%d`, slot),
	}
}

// maybeOwned reports whether a row can be that of the modem. Nearly all that cannot are
// told apart without being decoded.
func (s *search) maybeOwned(row []byte) bool {
	return len(s.owner) == 0 || slices.ContainsFunc(s.owner, func(b []byte) bool { return bytes.Contains(row, b) })
}

// maybeText reports whether a row can contain the text, likewise.
func (s *search) maybeText(row []byte) bool {
	n := len(s.need)
	if n == 0 {
		return true
	}
	first := s.need[0]
	for i := 0; i+n <= len(row); i++ {
		if lowerASCII(row[i]) == first && equalFold(row[i+1:i+n], s.need[1:]) {
			return true
		}
	}
	return false
}

func equalFold(b, lower []byte) bool {
	for i := range b {
		if lowerASCII(b[i]) != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// run calls visit, which says whether a row was found, with the rows of a list until
// enough were, nothing is left, or there is no more time. Then next is the place behind
// which to go on; zero if nothing is left.
func (s *search) run(b *bolt.Bucket, code byte, visit func(seq uint64) (found bool, err error)) error {
	if s.Limit <= 0 {
		return nil
	}
	low, high := []byte{code}, []byte{code + 1}
	if !s.From.IsZero() {
		low = appendTime(low, s.From)
	}
	if !s.To.IsZero() {
		high = appendU64(appendTime([]byte{code}, s.To), math.MaxUint64)
	}
	if !s.Before.IsZero() {
		if k := appendU64(appendTime([]byte{code}, s.Before.At), s.Before.Seq); bytes.Compare(k, high) < 0 {
			high = k
		}
	}
	k, next := (&page{}).first(b.Cursor(), low, high)
	for looked := 1; len(k) == listKeyLen && bytes.Compare(k, low) >= 0; looked++ {
		found, err := visit(binary.BigEndian.Uint64(k[listKeyLen-8:]))
		if err != nil {
			return err
		}
		if found {
			s.found++
		}
		r := reader{b: k[1:]}
		here := gateway.Place{At: r.time(), Seq: r.u64()}
		if k, _ = next(); len(k) != listKeyLen || bytes.Compare(k, low) < 0 {
			return nil
		}
		if s.found >= s.Limit || !s.until.IsZero() && looked%lookOften == 0 && time.Now().After(s.until) {
			s.next = here
			return nil
		}
	}
	return nil
}

// SearchMessages implements [gateway.Reader].
func (db *DB) SearchMessages(q gateway.Search) (ms []gateway.Message, next gateway.Place, err error) {
	code := stateCode(q.State)
	if code == 0 && q.State != "" {
		return nil, next, nil
	}
	s := newSearch(q)
	err = db.view("messages", func(tx *bolt.Tx) error {
		heads, more := tx.Bucket([]byte(bktMessage)), tx.Bucket([]byte(bktRcpt)).Cursor()
		return s.run(tx.Bucket([]byte(bktList)), code, func(seq uint64) (bool, error) {
			key := u64Key(seq)
			// The text and the modem may be in rows of their own.
			head := heads.Get(key)
			text, owned := s.maybeText(head), s.maybeOwned(head)
			if !text || !owned {
				for k, v := more.Seek(key); bytes.HasPrefix(k, key); k, v = more.Next() {
					text, owned = text || s.maybeText(v), owned || s.maybeOwned(v)
				}
			}
			if !text || !owned {
				return false, nil
			}
			m, _, err := readMessage(tx, seq)
			if err = indexed(err, bktList, key); db.passOver(err) {
				return false, nil
			} else if err != nil || s.lower != "" && !m.Matches(s.lower) || s.Modem != "" && !m.Concerns(s.Modem, s.Slot) {
				return false, err
			}
			ms = append(ms, m)
			return true, nil
		})
	})
	return ms, s.next, err
}

// SearchInbound implements [gateway.Reader].
func (db *DB) SearchInbound(q gateway.Search) (ins []gateway.Inbound, next gateway.Place, err error) {
	code := typeCode(q.Type)
	if code == 0 && q.Type != "" {
		return nil, next, nil
	}
	s := newSearch(q)
	err = db.view("incoming messages", func(tx *bolt.Tx) error {
		rows := tx.Bucket([]byte(bktInbox))
		return s.run(tx.Bucket([]byte(bktInList)), code, func(seq uint64) (bool, error) {
			// The ID is made of the key and does not stand in the row.
			row := rows.Get(u64Key(seq))
			if !s.maybeOwned(row) || !s.maybeText(row) && !strings.Contains(gateway.InboundID(seq), s.lower) {
				return false, nil
			}
			in, err := readInbound(tx, seq)
			if err = indexed(err, bktInList, u64Key(seq)); db.passOver(err) {
				return false, nil
			} else if err != nil || s.lower != "" && !in.Matches(s.lower) || s.Modem != "" && in.Modem != s.Modem {
				return false, err
			}
			ins = append(ins, in)
			return true, nil
		})
	})
	return ins, s.next, err
}

package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func readForward(tx *bolt.Tx, id []byte) (f gateway.Forward, err error) {
	v := tx.Bucket([]byte(bktForward)).Get(id)
	if v == nil {
		return f, gateway.ErrNotFound
	}
	if err := json.Unmarshal(v, &f); err != nil {
		return f, damaged(bktForward, id, err)
	}
	return f, nil
}

// Forwards implements [gateway.Reader]. There are few: they need no index.
func (db *DB) Forwards() (fs []gateway.Forward, err error) {
	err = db.view("forwards", func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktForward)).ForEach(func(id, _ []byte) error {
			f, err := readForward(tx, id)
			if db.passOver(err) {
				return nil
			} else if err != nil {
				return err
			}
			fs = append(fs, f)
			return nil
		})
	})
	slices.SortFunc(fs, func(a, b gateway.Forward) int { return cmp.Compare(a.Seq, b.Seq) })
	return fs, err
}

func (p *prepared) prepareForwards() error {
	for i := range p.Forwards {
		if n := len(p.Forwards[i].ID); n == 0 || n > maxKey {
			return fmt.Errorf("prepare forward: id has %d bytes, allowed are 1 to %d", n, maxKey)
		}
		// It is encoded when its number is known; that must not fail then.
		if _, err := json.Marshal(&p.Forwards[i]); err != nil {
			return fmt.Errorf("prepare forward: %w", err)
		}
	}
	return nil
}

func (p *prepared) applyForwards(t *txn) error {
	for i := range p.Forwards {
		if err := t.putForward(&p.Forwards[i]); err != nil {
			return err
		}
	}
	for _, id := range p.DropForwards {
		if id == "" {
			continue
		}
		if err := t.delete(bktForward, []byte(id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) putForward(f *gateway.Forward) error {
	id := []byte(f.ID)
	old, err := readForward(t.Tx, id)
	if f.Seq = old.Seq; err != nil { // none, or one that cannot be read
		if f.Seq, err = t.bucket(bktForward).NextSequence(); err != nil {
			return err
		}
	}
	v, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.put(bktForward, id, v)
}

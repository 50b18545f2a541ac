package store

import (
	"bytes"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// optOutKey is such that numbers which differ only in how they are written lie side
// by side.
func optOutKey(o *gateway.OptOut) []byte {
	return append(appendStr(nil, o.Affinity()), o.Number...)
}

func readOptOut(k, v []byte) (o gateway.OptOut, err error) {
	if err := json.Unmarshal(v, &o); err != nil {
		return o, damaged(bktOptOut, k, err)
	}
	return o, nil
}

// optOut returns what a row says. Of one that is damaged the number is known all the
// same: nobody is sent messages because of that.
func (db *DB) optOut(k, v []byte) gateway.OptOut {
	o, err := readOptOut(k, v)
	if db.passOver(err) {
		r := reader{b: k}
		_ = r.str()
		return gateway.OptOut{Number: string(r.b)}
	}
	return o
}

// OptOutsOf implements [gateway.Reader].
func (db *DB) OptOutsOf(key string) (os []gateway.OptOut, err error) {
	prefix := appendStr(nil, key)
	err = db.view("opt-outs", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktOptOut)).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			os = append(os, db.optOut(k, v))
		}
		return nil
	})
	return os, err
}

// OptOuts implements [gateway.Reader].
func (db *DB) OptOuts(limit, offset int) (os []gateway.OptOut, total int, err error) {
	err = db.view("opt-outs", func(tx *bolt.Tx) error {
		total = counter(tx, []byte{countOptOuts})
		c := tx.Bucket([]byte(bktOptOut)).Cursor()
		for k, v := c.First(); k != nil && len(os) < limit; k, v = c.Next() {
			if offset--; offset >= 0 {
				continue
			}
			os = append(os, db.optOut(k, v))
		}
		return nil
	})
	return os, total, err
}

func (p *prepared) prepareOptOuts() error {
	for i := range p.OptOuts {
		o := &p.OptOuts[i]
		if n := len(o.Number); o.Affinity() == "" || n > maxKey {
			return fmt.Errorf("prepare opt-out: it needs a number of %d bytes at most", maxKey)
		}
		v, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("prepare opt-out: %w", err)
		}
		p.optOuts = append(p.optOuts, row{optOutKey(o), v})
	}
	return nil
}

func (p *prepared) applyOptOuts(t *txn) error {
	for _, r := range p.optOuts {
		if t.get(bktOptOut, r.key) == nil {
			t.count([]byte{countOptOuts}, 1)
		}
		if err := t.put(bktOptOut, r.key, r.value); err != nil {
			return err
		}
	}
	for _, number := range p.DropOptOuts {
		k := optOutKey(&gateway.OptOut{Number: number})
		if t.get(bktOptOut, k) == nil {
			continue
		}
		t.count([]byte{countOptOuts}, -1)
		if err := t.delete(bktOptOut, k); err != nil {
			return err
		}
	}
	return nil
}

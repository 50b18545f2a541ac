package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// groupPrefix returns what all generations of a group have in common.
func groupPrefix(g gateway.GroupKey) []byte {
	b := appendStr(appendStr(nil, g.SIMID), g.From)
	wide := byte(0)
	if g.Wide {
		wide = 1
	}
	return appendU32(appendU16(append(b, g.TOA, wide), g.Ref), uint32(g.Total))
}

func groupKey(g gateway.GroupKey) []byte { return appendU32(groupPrefix(g), g.Gen) }

func (r *reader) group() gateway.GroupKey {
	return gateway.GroupKey{
		SIMID: r.str(), From: r.str(), TOA: r.u8(), Wide: r.u8() != 0,
		Ref: r.u16(), Total: r.idx(), Gen: r.u32(),
	}
}

func staleKey(newest gateway.Tick, group []byte) []byte {
	return append(appendTick(nil, newest), group...)
}

// Fragments implements [gateway.Reader].
func (db *DB) Fragments(g gateway.GroupKey) (fs []gateway.StoredFragment, err error) {
	prefix := groupPrefix(g)
	err = db.view("fragments", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktFragment)).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			key, val := reader{b: k}, reader{b: v}
			f := gateway.StoredFragment{Group: key.group(), Since: val.tick()}
			err := errors.Join(key.err, val.err)
			if err == nil {
				err = json.Unmarshal(val.b, &f.Fragment)
			}
			if err != nil {
				db.passOver(damaged(bktFragment, k, err))
				continue
			}
			fs = append(fs, f)
		}
		return nil
	})
	return fs, err
}

// CountFragments implements [gateway.Reader].
func (db *DB) CountFragments(simID, from string, max int) (ofSender, all int, err error) {
	prefix := appendStr(appendStr(nil, simID), from)
	err = db.view("fragments", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktFragment)).Cursor()
		for k, _ := c.First(); k != nil && all < max; k, _ = c.Next() {
			all++
		}
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && ofSender < max; k, _ = c.Next() {
			ofSender++
		}
		return nil
	})
	return ofSender, all, err
}

// StaleFragments implements [gateway.Reader]. The stalest group comes first.
func (db *DB) StaleFragments(before gateway.Tick, max int) (gs []gateway.GroupKey, err error) {
	err = db.view("fragments", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktStale)).Cursor()
		for k, _ := c.First(); k != nil && len(gs) < max; k, _ = c.Next() {
			r := reader{b: k}
			newest := r.tick()
			g := r.group()
			if err := r.end(); err != nil {
				db.passOver(damaged(bktStale, k, err))
				continue
			}
			if newest >= before {
				break
			}
			gs = append(gs, g)
		}
		return nil
	})
	return gs, err
}

func (p *prepared) prepareFragments() error {
	for _, g := range p.DropFragments {
		if err := checkGroup(g); err != nil {
			return err
		}
	}
	for i := range p.Fragments {
		f := &p.Fragments[i]
		if err := checkGroup(f.Group); err != nil {
			return err
		}
		if f.Fragment.Concat == nil {
			return errors.New("prepare fragment: it belongs to no concatenated message")
		}
		v, err := json.Marshal(&f.Fragment)
		if err != nil {
			return fmt.Errorf("prepare fragment: %w", err)
		}
		p.fragments = append(p.fragments, row{
			key:   appendU32(groupKey(f.Group), uint32(f.Fragment.Concat.Part)),
			value: append(appendTick(nil, f.Since), v...),
		})
	}
	return nil
}

func checkGroup(g gateway.GroupKey) error {
	if len(g.SIMID) > maxKey || len(g.From) > maxKey {
		return fmt.Errorf("prepare fragment: SIM identity and sender may have %d bytes", maxKey)
	}
	return nil
}

// applyFragments drops before it adds: a Change may put a group anew.
func (p *prepared) applyFragments(t *txn) error {
	for _, g := range p.DropFragments {
		if err := t.dropGroup(groupKey(g)); err != nil {
			return err
		}
	}
	for i, r := range p.fragments {
		group := groupKey(p.Fragments[i].Group)
		if err := t.putFragment(group, r, p.Fragments[i].Since); err != nil {
			return err
		}
	}
	for _, k := range p.Seen {
		if err := t.see(k); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) putFragment(group []byte, r row, since gateway.Tick) error {
	keys, before := t.group(group)
	if err := t.put(bktFragment, r.key, r.value); err != nil {
		return err
	}
	_, newest := t.group(group)
	if len(keys) > 0 && before == newest {
		return nil
	}
	if len(keys) > 0 {
		if err := t.delete(bktStale, staleKey(before, group)); err != nil {
			return err
		}
	}
	return t.put(bktStale, staleKey(newest, group), nil)
}

func (t *txn) dropGroup(group []byte) error {
	keys, newest := t.group(group)
	if len(keys) == 0 {
		return nil
	}
	for _, k := range keys {
		if err := t.delete(bktFragment, k); err != nil {
			return err
		}
	}
	return t.delete(bktStale, staleKey(newest, group))
}

// group returns the keys of the fragments of a group, and when the newest of
// them was stored.
func (t *txn) group(group []byte) (keys [][]byte, newest gateway.Tick) {
	return groupRows(t.Tx, group)
}

func groupRows(tx *bolt.Tx, group []byte) (keys [][]byte, newest gateway.Tick) {
	c := tx.Bucket([]byte(bktFragment)).Cursor()
	for k, v := c.Seek(group); bytes.HasPrefix(k, group); k, v = c.Next() {
		r := reader{b: v}
		if since := r.tick(); len(keys) == 0 || since > newest {
			newest = since
		}
		keys = append(keys, bytes.Clone(k))
	}
	return keys, newest
}

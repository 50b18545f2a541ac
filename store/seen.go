package store

import (
	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// Seen implements [gateway.Reader].
func (db *DB) Seen(k gateway.FragmentKey) (seen bool, err error) {
	err = db.view("seen fragments", func(tx *bolt.Tx) error {
		seen = tx.Bucket([]byte(bktSeen)).Get(k[:]) != nil
		return nil
	})
	return seen, err
}

func seenAgeKey(at gateway.Tick, k []byte) []byte { return append(appendTick(nil, at), k...) }

// see remembers k from now on.
func (t *txn) see(k gateway.FragmentKey) error {
	if err := t.forget(k[:]); err != nil {
		return err
	}
	if err := t.put(bktSeen, k[:], appendTick(nil, t.now)); err != nil {
		return err
	}
	return t.put(bktSeenAge, seenAgeKey(t.now, k[:]), nil)
}

func (t *txn) forget(k []byte) error {
	v := t.get(bktSeen, k)
	if v == nil {
		return nil
	}
	r := reader{b: v}
	if err := t.delete(bktSeenAge, seenAgeKey(r.tick(), k)); err != nil {
		return err
	}
	return t.delete(bktSeen, k)
}

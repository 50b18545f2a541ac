package store

import (
	"bytes"
	"crypto/sha256"
	"errors"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// onceAgeKey is the key under which a request is found once its time ran out.
func onceAgeKey(until gateway.Tick, key []byte) []byte { return append(appendTick(nil, until), key...) }

func encodeRequest(r *gateway.Request) []byte {
	return append(append(appendTick(nil, r.Until), r.Digest[:]...), r.Answer...)
}

func readRequest(tx *bolt.Tx, key []byte) (r gateway.Request, err error) {
	v := tx.Bucket([]byte(bktOnce)).Get(key)
	if v == nil {
		return r, gateway.ErrNotFound
	}
	val := reader{b: v}
	copy(r.Key[:], key)
	r.Until = val.tick()
	copy(r.Digest[:], val.take(sha256.Size))
	if val.err != nil {
		return r, damaged(bktOnce, key, val.err)
	}
	r.Answer = bytes.Clone(val.b)
	return r, nil
}

// Request implements [gateway.Reader].
func (db *DB) Request(key gateway.RequestKey) (r gateway.Request, err error) {
	err = db.view("request", func(tx *bolt.Tx) error {
		r, err = readRequest(tx, key[:])
		return err
	})
	return r, err
}

// checkRequests refuses requests that are remembered. One that is damaged keeps its
// place: what it led to is not known.
func (p *prepared) checkRequests(t *txn) error {
	for i := range p.Requests {
		old, err := readRequest(t.Tx, p.Requests[i].Key[:])
		if errors.Is(err, gateway.ErrNotFound) || err == nil && old.Until <= t.now {
			continue
		}
		return gateway.ErrConflict
	}
	return nil
}

func (p *prepared) applyRequests(t *txn) error {
	for i := range p.Requests {
		r := &p.Requests[i]
		if old, err := readRequest(t.Tx, r.Key[:]); err == nil {
			if err := t.delete(bktOnceAge, onceAgeKey(old.Until, r.Key[:])); err != nil {
				return err
			}
		}
		if err := t.put(bktOnce, r.Key[:], encodeRequest(r)); err != nil {
			return err
		}
		if err := t.put(bktOnceAge, onceAgeKey(r.Until, r.Key[:]), nil); err != nil {
			return err
		}
	}
	return nil
}

// findRequests finds those whose time ran out.
func (p *pruner) findRequests(now gateway.Tick) {
	c := p.tx.Bucket([]byte(bktOnceAge)).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r := reader{b: k}
		if r.tick() > now || !p.take(2) {
			return
		}
		p.requests = append(p.requests, bytes.Clone(k))
	}
}

func (p *pruner) applyRequests(t *txn) error {
	for _, k := range p.requests {
		if t.get(bktOnceAge, k) == nil {
			continue // it took effect anew
		}
		if err := errors.Join(t.delete(bktOnceAge, k), t.delete(bktOnce, k[8:])); err != nil {
			return err
		}
		p.deleted++
	}
	return nil
}

func (c *checker) requests() error {
	return c.each(bktOnce, func(key *reader, k, _ []byte) error {
		key.take(sha256.Size)
		r, err := readRequest(c.tx, k)
		if err != nil {
			return err
		}
		c.expect(bktOnceAge, onceAgeKey(r.Until, k), nil)
		return nil
	})
}

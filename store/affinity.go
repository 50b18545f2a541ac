package store

import (
	"bytes"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	// maxAffinities bounds the conversations that are remembered.
	maxAffinities = 100_000
	// affinityAge is for how long a conversation that goes on is not written anew.
	affinityAge = 24 * time.Hour
)

// An affinity row holds when it was written, and the modem.
func affinityRow(at gateway.Tick, modem string) []byte { return append(appendTick(nil, at), modem...) }

func talkAgeKey(at gateway.Tick, key []byte) []byte { return append(appendTick(nil, at), key...) }

// Affinity implements [gateway.Reader].
func (db *DB) Affinity(key string) (modem string, err error) {
	err = db.view("conversation", func(tx *bolt.Tx) error {
		if v := tx.Bucket([]byte(bktTalk)).Get([]byte(key)); len(v) > 8 {
			modem = string(v[8:])
		}
		return nil
	})
	return modem, err
}

func (p *prepared) prepareAffinities() error {
	for _, a := range p.Affinities {
		if n := len(a.Key); n == 0 || n > maxKey || a.Modem == "" {
			return fmt.Errorf("prepare conversation: key has %d bytes, allowed are 1 to %d, and modem %q", n, maxKey, a.Modem)
		}
	}
	return nil
}

func (p *prepared) applyAffinities(t *txn) error {
	for _, a := range p.Affinities {
		if err := t.putAffinity([]byte(a.Key), a.Modem); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) putAffinity(key []byte, modem string) error {
	old := reader{b: t.get(bktTalk, key)}
	if len(old.b) > 0 {
		at := old.tick()
		if old.err == nil && string(old.b) == modem && at.Until(t.now) < affinityAge {
			return nil
		}
		if err := t.delete(bktTalkAge, talkAgeKey(at, key)); err != nil {
			return err
		}
		t.count([]byte{countAffinities}, -1)
	}
	if err := t.put(bktTalk, key, affinityRow(t.now, modem)); err != nil {
		return err
	}
	if err := t.put(bktTalkAge, talkAgeKey(t.now, key), nil); err != nil {
		return err
	}
	t.count([]byte{countAffinities}, 1)
	return t.forgetAffinities(maxAffinities)
}

// forgetAffinities deletes the oldest conversations beyond most.
func (t *txn) forgetAffinities(most int) error {
	n := counter(t.Tx, []byte{countAffinities}) + int(t.counts[string([]byte{countAffinities})])
	for ; n > most; n-- {
		k, _ := t.bucket(bktTalkAge).Cursor().First()
		if len(k) <= 8 {
			return nil
		}
		k = bytes.Clone(k)
		if err := t.delete(bktTalkAge, k); err != nil {
			return err
		}
		if err := t.delete(bktTalk, k[8:]); err != nil {
			return err
		}
		t.count([]byte{countAffinities}, -1)
	}
	return nil
}

package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// typeCode is how a type is written in keys, 0 if there is no such type. The
// codes are for ever.
func typeCode(t gateway.InboundType) byte {
	switch t {
	case gateway.InboundSMS:
		return 1
	case gateway.InboundData:
		return 2
	case gateway.InboundMMS:
		return 3
	}
	return 0
}

// inboundKeys returns the rows of in in the bucket inlist.
func inboundKeys(in *gateway.Inbound) [2][]byte {
	arrived := appendU64(appendTime(nil, in.ArrivedAt), in.Seq)
	return [2][]byte{
		append([]byte{anyCode}, arrived...),
		append([]byte{typeCode(in.Type)}, arrived...),
	}
}

func readInbound(tx *bolt.Tx, seq uint64) (in gateway.Inbound, err error) {
	v := tx.Bucket([]byte(bktInbox)).Get(u64Key(seq))
	if v == nil {
		return in, gateway.ErrNotFound
	}
	if err := json.Unmarshal(v, &in); err != nil {
		return in, damaged(bktInbox, u64Key(seq), err)
	}
	in.Seq = seq
	return in, nil
}

// InboundMessages implements [gateway.Reader].
func (db *DB) InboundMessages(q gateway.InboundQuery) (ins []gateway.Inbound, total int, err error) {
	code := typeCode(q.Type)
	if code == 0 && q.Type != "" {
		return nil, 0, nil
	}
	p := page{code: code, from: q.From, to: q.To, limit: q.Limit, offset: q.Offset}
	err = db.view("incoming messages", func(tx *bolt.Tx) error {
		known := -1
		if p.open() {
			known = 0
			for _, t := range gateway.InboundTypes {
				if q.Type == "" || q.Type == t {
					known += counter(tx, inboundCounter(typeCode(t)))
				}
			}
		}
		var seqs []uint64
		seqs, total = p.read(tx.Bucket([]byte(bktInList)), known)
		for _, seq := range seqs {
			in, err := readInbound(tx, seq)
			if err = indexed(err, bktInList, u64Key(seq)); db.passOver(err) {
				continue
			} else if err != nil {
				return err
			}
			ins = append(ins, in)
		}
		return nil
	})
	return ins, total, err
}

// Inbound implements [gateway.Reader].
func (db *DB) Inbound(seq uint64) (in gateway.Inbound, err error) {
	err = db.view("incoming message", func(tx *bolt.Tx) error {
		in, err = readInbound(tx, seq)
		return err
	})
	return in, err
}

// InboundByKey implements [gateway.Reader].
func (db *DB) InboundByKey(k gateway.InboundKey) (in gateway.Inbound, err error) {
	err = db.view("incoming message", func(tx *bolt.Tx) error {
		v := tx.Bucket([]byte(bktInKey)).Get(k[:])
		if v == nil {
			return gateway.ErrNotFound
		}
		r := reader{b: v}
		seq := r.u64()
		if err := r.end(); err != nil {
			return err
		}
		in, err = readInbound(tx, seq)
		return indexed(err, bktInKey, k[:])
	})
	return in, err
}

func (p *prepared) prepareInbound() error {
	for i := range p.Inbound {
		in := p.Inbound[i]
		if typeCode(in.Type) == 0 {
			return fmt.Errorf("prepare incoming message: unknown type %q", in.Type)
		}
		in.Seq = 0 // the key
		v, err := json.Marshal(&in)
		if err != nil {
			return fmt.Errorf("prepare incoming message: %w", err)
		}
		p.inbound = append(p.inbound, v)
	}
	return nil
}

func (p *prepared) applyInbound(t *txn) (err error) {
	for i := range p.Inbound {
		in := &p.Inbound[i]
		if in.Seq, err = t.bucket(bktInbox).NextSequence(); err != nil {
			return err
		}
		if err := t.put(bktInbox, u64Key(in.Seq), p.inbound[i]); err != nil {
			return err
		}
		for _, k := range inboundKeys(in) {
			if err := t.put(bktInList, k, nil); err != nil {
				return err
			}
		}
		for _, k := range in.Keys {
			if err := t.put(bktInKey, k[:], u64Key(in.Seq)); err != nil {
				return err
			}
		}
		if in.Replaces != 0 {
			if err := t.replaceInbound(in.Replaces, in.Seq); err != nil {
				return err
			}
		}
		t.count(inboundCounter(typeCode(in.Type)), 1)
	}
	return nil
}

// replaceInbound notes in a message, if it is still there and can be read, which
// one took its place.
func (t *txn) replaceInbound(old, by uint64) error {
	in, err := readInbound(t.Tx, old)
	if errors.Is(err, gateway.ErrNotFound) || errors.Is(err, gateway.ErrDamaged) {
		return nil
	}
	if err != nil {
		return err
	}
	in.Seq, in.ReplacedBy = 0, by
	v, err := json.Marshal(&in)
	if err != nil {
		return err
	}
	return t.put(bktInbox, u64Key(old), v)
}

func (t *txn) deleteInbound(in *gateway.Inbound) error {
	t.count(inboundCounter(typeCode(in.Type)), -1)
	for _, k := range inboundKeys(in) {
		if err := t.delete(bktInList, k); err != nil {
			return err
		}
	}
	for _, k := range in.Keys {
		if !bytes.Equal(t.get(bktInKey, k[:]), u64Key(in.Seq)) {
			continue // of a newer one
		}
		if err := t.delete(bktInKey, k[:]); err != nil {
			return err
		}
	}
	return t.delete(bktInbox, u64Key(in.Seq))
}

package store

import (
	"bytes"
	"encoding/binary"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// A pruner first finds rows while others write, then deletes those that did not
// change meanwhile.
type pruner struct {
	db   *DB
	tx   *bolt.Tx
	left int // rows that may still be found
	look int // events that may still be looked at
	more bool

	messages   []oldMessage
	inbound    []gateway.Inbound
	seen       []gateway.FragmentKey
	seenBy     gateway.Tick // seen are those last stored by then
	parked     []uint64
	silent     [][]byte // keys of the bucket convage
	deliveries [][]byte // keys
	events     []uint64
	from       uint64 // the last event looked at; 0 to start again

	deleted int
}

type oldMessage struct {
	gateway.Message
	keys   []string
	chunks int
}

func (p *pruner) find(l PruneLimits, clock *gateway.Timeline) error {
	now := clock.Now()
	if wall, plausible := clock.Wall(); plausible {
		if l.Messages > 0 {
			if err := p.findMessages(wall.Add(-l.Messages)); err != nil {
				return err
			}
		}
		if l.Inbound > 0 {
			if err := p.findInbound(wall.Add(-l.Inbound)); err != nil {
				return err
			}
		}
	}
	if l.Seen > 0 {
		p.findSeen(now.Add(-l.Seen))
	}
	if l.Parked > 0 {
		p.findParked(now.Add(-l.Parked))
	}
	if l.Conversations > 0 {
		p.findSilent(now.Add(-l.Conversations))
	}
	if l.Deliveries > 0 {
		return p.findEvents(now.Add(-l.Deliveries))
	}
	return nil
}

// take reports whether n more rows may be deleted.
func (p *pruner) take(n int) bool {
	if p.left <= 0 {
		p.more = true
		return false
	}
	p.left -= n
	return true
}

// list calls visit with each row of a list that is older than before, oldest
// first, until it returns false.
func list(b *bolt.Bucket, code byte, before time.Time, visit func(seq uint64) (bool, error)) error {
	end := appendTime([]byte{code}, before)
	c := b.Cursor()
	for k, _ := c.Seek([]byte{code}); len(k) == listKeyLen && bytes.Compare(k, end) < 0; k, _ = c.Next() {
		if ok, err := visit(binary.BigEndian.Uint64(k[listKeyLen-8:])); err != nil || !ok {
			return err
		}
	}
	return nil
}

// findMessages looks only at states in which most messages are finished, so
// that it does not pass over a long outbox each time.
func (p *pruner) findMessages(before time.Time) error {
	for _, s := range []gateway.State{gateway.Cancelled, gateway.Sent, gateway.Delivered, gateway.Failed} {
		err := list(p.tx.Bucket([]byte(bktList)), stateCode(s), before, func(seq uint64) (bool, error) {
			m, rows, err := readMessage(p.tx, seq)
			if err = indexed(err, bktList, u64Key(seq)); p.db.passOver(err) {
				return true, nil
			} else if err != nil {
				return false, err
			}
			for i := range m.Recipients {
				if m.Recipients[i].Phase != gateway.Finished {
					return true, nil
				}
			}
			old := oldMessage{Message: m, keys: keysOf(&m), chunks: len(rows.chunks)}
			if !p.take(2 + old.chunks + len(old.keys)) {
				return false, nil
			}
			p.messages = append(p.messages, old)
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pruner) findInbound(before time.Time) error {
	return list(p.tx.Bucket([]byte(bktInList)), anyCode, before, func(seq uint64) (bool, error) {
		in, err := readInbound(p.tx, seq)
		if err = indexed(err, bktInList, u64Key(seq)); p.db.passOver(err) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		if !p.take(3) {
			return false, nil
		}
		p.inbound = append(p.inbound, in)
		return true, nil
	})
}

func (p *pruner) findSeen(by gateway.Tick) {
	p.seenBy = by
	c := p.tx.Bucket([]byte(bktSeenAge)).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r := reader{b: k}
		if r.tick() > by || len(r.b) != len(gateway.FragmentKey{}) || !p.take(2) {
			return
		}
		p.seen = append(p.seen, gateway.FragmentKey(r.b))
	}
}

func (p *pruner) findParked(by gateway.Tick) {
	c := p.tx.Bucket([]byte(bktParked)).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		key, val := reader{b: k}, reader{b: v}
		seq := key.u64()
		if _, err := readParked(p.tx, seq); p.db.passOver(err) {
			continue
		}
		if val.tick() > by || !p.take(2) {
			return
		}
		p.parked = append(p.parked, seq)
	}
}

func (p *pruner) findSilent(by gateway.Tick) {
	c := p.tx.Bucket([]byte(bktConversationAge)).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		r := reader{b: k}
		if r.tick() > by || !p.take(2) {
			return
		}
		p.silent = append(p.silent, bytes.Clone(k))
	}
}

// findEvents goes on where it stopped the last time, so that undelivered events
// are not looked at over and over.
func (p *pruner) findEvents(by gateway.Tick) error {
	nums := endpointNums(p.tx)
	rows := p.tx.Bucket([]byte(bktDelivery))
	c := p.tx.Bucket([]byte(bktEvent)).Cursor()
	for k, v := c.Seek(u64Key(p.from + 1)); k != nil; k, v = c.Next() {
		key, val := reader{b: k}, reader{b: v}
		seq := key.u64()
		if val.tick() > by {
			break
		}
		if p.look--; p.look < 0 || p.left <= 0 {
			p.more = true
			return nil
		}
		waiting := false
		for _, num := range nums {
			dk := deliveryKey(num, seq)
			v := rows.Get(dk)
			if v == nil {
				continue
			}
			d, err := decodeDelivery(dk, v)
			if err != nil {
				p.db.passOver(damaged(bktDelivery, dk, err))
				waiting = true
				continue
			}
			if d.State == gateway.Undelivered {
				waiting = true
				continue
			}
			p.left--
			p.deliveries = append(p.deliveries, dk)
		}
		if !waiting {
			p.left--
			p.events = append(p.events, seq)
		}
		p.from = seq
	}
	p.from = 0
	return nil
}

// endpointNums returns the numbers under which there may be deliveries.
func endpointNums(tx *bolt.Tx) (nums []uint32) {
	for _, name := range []string{bktEPNum, bktReap} {
		c := tx.Bucket([]byte(name)).Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			r := reader{b: k}
			nums = append(nums, r.u32())
		}
	}
	return nums
}

func (p *pruner) apply(t *txn) error {
	for i := range p.messages {
		m := &p.messages[i]
		if rev(t.get(bktMessage, u64Key(m.Seq))) != m.Rev {
			continue
		}
		if err := t.deleteMessage(&m.Message, m.keys, m.chunks); err != nil {
			return err
		}
		p.deleted++
	}
	for i := range p.inbound {
		if t.get(bktInbox, u64Key(p.inbound[i].Seq)) == nil {
			continue // gone; what is deleted with them never changes
		}
		if err := t.deleteInbound(&p.inbound[i]); err != nil {
			return err
		}
		p.deleted++
	}
	for _, k := range p.seen {
		r := reader{b: t.get(bktSeen, k[:])}
		if at := r.tick(); r.err != nil || at > p.seenBy {
			continue
		}
		if err := t.forget(k[:]); err != nil {
			return err
		}
		p.deleted++
	}
	for _, seq := range p.parked {
		if t.get(bktParked, u64Key(seq)) == nil {
			continue
		}
		if err := t.unpark(seq); err != nil {
			return err
		}
		p.deleted++
	}
	for _, k := range p.silent {
		if t.get(bktConversationAge, k) == nil {
			continue // it goes on
		}
		gone, err := t.forgetConversation(k)
		if err != nil {
			return err
		}
		if gone {
			p.deleted++
		}
	}
	return p.applyEvents(t)
}

func (p *pruner) applyEvents(t *txn) error {
	for _, k := range p.deliveries {
		v := t.get(bktDelivery, k)
		if v == nil {
			continue
		}
		d, err := decodeDelivery(k, v)
		if err != nil {
			return err
		}
		if d.State == gateway.Undelivered {
			continue
		}
		if err := t.deleteDelivery(&d); err != nil {
			return err
		}
		p.deleted++
	}
	nums := endpointNums(t.Tx)
events:
	for _, seq := range p.events {
		for _, num := range nums {
			if t.get(bktDelivery, deliveryKey(num, seq)) != nil {
				continue events
			}
		}
		if err := t.delete(bktEvent, u64Key(seq)); err != nil {
			return err
		}
		p.deleted++
	}
	return nil
}

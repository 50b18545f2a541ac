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
	attempts   [][]byte // keys
	logs       [][]byte // keys
	tokens     [][]byte // keys of the bucket tokenage
	requests   [][]byte // keys of the bucket onceage
	from       uint64   // the last event looked at; 0 to start again

	deleted int
}

type oldMessage struct {
	gateway.Message
	keys   []string
	chunks int
}

func (p *pruner) find(l PruneLimits, clock *gateway.Timeline) error {
	now := clock.Now()
	if _, plausible := clock.Wall(); plausible {
		wall := clock.Reached()
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
		if l.Tokens > 0 {
			p.findTokens(wall.Add(-l.Tokens))
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
	if l.Attempts > 0 {
		p.findAttempts(now.Add(-l.Attempts), now)
	}
	if l.Logs > 0 {
		p.findLog(now.Add(-l.Logs))
	}
	p.findRequests(now)
	return p.findEvents(l, now)
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
	for _, k := range p.attempts {
		if t.get(bktAttempt, k) == nil {
			continue
		}
		if err := t.delete(bktAttempt, k); err != nil {
			return err
		}
		r := reader{b: k}
		if num := r.u32(); t.get(bktEPNum, u32Key(num)) != nil {
			t.count(attemptCounter(num), -1)
		}
		p.deleted++
	}
	if err := p.applyLog(t); err != nil {
		return err
	}
	if err := p.applyTokens(t); err != nil {
		return err
	}
	if err := p.applyRequests(t); err != nil {
		return err
	}
	return p.applyEvents(t)
}

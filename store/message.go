package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// chunk is how many recipients share a row. A message to many is written once,
// then recipient by recipient: it must not be rewritten whole each time.
const chunk = 16

// maxKey bounds identifiers that become keys, in bytes.
const maxKey = 1024

// messageRows are the values of a message: the head with the first chunk of
// recipients, and the chunks behind it.
type messageRows struct {
	head   []byte
	chunks [][]byte
}

func encodeMessage(m *gateway.Message, rev uint64) (r messageRows, err error) {
	head, rest := *m, []gateway.Recipient(nil)
	if len(m.Recipients) > chunk {
		head.Recipients, rest = m.Recipients[:chunk], m.Recipients[chunk:]
	}
	head.Seq, head.Rev = 0, 0 // the one is the key, the other stands before the JSON
	v, err := json.Marshal(&head)
	if err != nil {
		return r, err
	}
	r.head = append(u64Key(rev), v...)
	for len(rest) > 0 {
		n := min(chunk, len(rest))
		if v, err = json.Marshal(rest[:n]); err != nil {
			return r, err
		}
		r.chunks = append(r.chunks, v)
		rest = rest[n:]
	}
	return r, nil
}

func chunkKey(seq uint64, i int) []byte { return appendU32(u64Key(seq), uint32(i+1)) }

// rev returns the revision that a head was stored with.
func rev(head []byte) uint64 {
	if len(head) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(head)
}

// readMessage returns the message and its rows, valid while tx is.
func readMessage(tx *bolt.Tx, seq uint64) (m gateway.Message, r messageRows, err error) {
	key := u64Key(seq)
	if r.head = tx.Bucket([]byte(bktMessage)).Get(key); r.head == nil {
		return m, r, gateway.ErrNotFound
	}
	if len(r.head) < 8 {
		return m, r, damaged(bktMessage, key, errors.New("it is too short"))
	}
	if err := json.Unmarshal(r.head[8:], &m); err != nil {
		return m, r, damaged(bktMessage, key, err)
	}
	m.Seq, m.Rev = seq, rev(r.head)
	if len(m.Recipients) < chunk {
		return m, r, nil
	}
	c := tx.Bucket([]byte(bktRcpt)).Cursor()
	for k, v := c.Seek(key); bytes.HasPrefix(k, key); k, v = c.Next() {
		var rs []gateway.Recipient
		if err := json.Unmarshal(v, &rs); err != nil {
			return m, r, damaged(bktRcpt, k, err)
		}
		m.Recipients = append(m.Recipients, rs...)
		r.chunks = append(r.chunks, v)
	}
	return m, r, nil
}

// Message implements [gateway.Reader].
func (db *DB) Message(id string) (m gateway.Message, err error) {
	err = db.view("message", func(tx *bolt.Tx) error {
		seq := tx.Bucket([]byte(bktMsgID)).Get([]byte(id))
		if seq == nil {
			return gateway.ErrNotFound
		}
		if len(seq) != 8 {
			return damaged(bktMsgID, []byte(id), errCorruptKey)
		}
		m, _, err = readMessage(tx, binary.BigEndian.Uint64(seq))
		return indexed(err, bktMsgID, []byte(id))
	})
	return m, err
}

// MessageBySeq implements [gateway.Reader].
func (db *DB) MessageBySeq(seq uint64) (m gateway.Message, err error) {
	err = db.view("message", func(tx *bolt.Tx) error {
		m, _, err = readMessage(tx, seq)
		return err
	})
	return m, err
}

// A preparedMessage is a message to insert or to replace.
type preparedMessage struct {
	*gateway.Message // in prepared.Messages
	rows             messageRows

	// Of the row to replace:
	old      bool
	oldKeys  []string
	oldState gateway.State
	// stale are the new chunks that differ from the old ones, by index; those
	// from len(rows.chunks) up to gone are no longer there.
	stale []int
	gone  int
}

func (p *preparedMessage) size() int {
	n := len(p.rows.head)
	for _, c := range p.rows.chunks {
		n += len(c)
	}
	return n
}

func (db *DB) prepareMessages(p *prepared) error {
	p.messages = make([]preparedMessage, len(p.Messages))
	for i := range p.Messages {
		m := &p.Messages[i]
		if err := db.prepareMessage(&p.messages[i], m); err != nil {
			if errors.Is(err, gateway.ErrConflict) {
				return err
			}
			return fmt.Errorf("prepare message: %w", err)
		}
	}
	return nil
}

func (db *DB) prepareMessage(p *preparedMessage, m *gateway.Message) (err error) {
	if err := checkMessage(m); err != nil {
		return err
	}
	p.Message = m
	if p.rows, err = encodeMessage(m, m.Rev+1); err != nil {
		return err
	}
	if m.Rev == 0 {
		return nil
	}
	// Only a commit raises Rev, and nobody learns of it before it is readable: a
	// stored row that differs now will differ when the writer looks again.
	p.old = true
	return db.view("message", func(tx *bolt.Tx) error {
		old, rows, err := readMessage(tx, m.Seq)
		if errors.Is(err, gateway.ErrNotFound) || err == nil && old.Rev != m.Rev {
			return gateway.ErrConflict
		}
		if err != nil {
			return err
		}
		if old.ID != m.ID {
			return errors.New("its id differs from that of the stored message")
		}
		p.oldKeys, p.oldState, p.gone = keysOf(&old), old.State(), len(rows.chunks)
		for i, c := range p.rows.chunks {
			if i >= len(rows.chunks) || !bytes.Equal(c, rows.chunks[i]) {
				p.stale = append(p.stale, i)
			}
		}
		return nil
	})
}

// checkMessage refuses what has no place in a key.
func checkMessage(m *gateway.Message) error {
	if len(m.ID) == 0 || len(m.ID) > maxKey {
		return fmt.Errorf("id has %d bytes, allowed are 1 to %d", len(m.ID), maxKey)
	}
	for i := range m.Recipients {
		lane := m.Lane(i)
		if lane.SIM < 0 || int64(lane.SIM) > maxLane {
			return fmt.Errorf("slot %d is not within 0–%d", lane.SIM, int64(maxLane))
		}
		if len(lane.Pin) > maxKey || len(lane.Rule) > maxKey || len(lane.Prefer) > maxKey {
			return fmt.Errorf("a modem or a rule has a name of more than %d bytes", maxKey)
		}
		for _, part := range m.Recipients[i].Parts {
			if len(part.SIMID) > maxKey {
				return fmt.Errorf("SIM identity has %d bytes, allowed are %d", len(part.SIMID), maxKey)
			}
		}
	}
	return nil
}

func (p *prepared) checkMessages(t *txn) error {
	first := make(map[string]*preparedMessage, len(p.messages))
	for i := range p.messages {
		m := &p.messages[i]
		if n := first[m.ID]; n != nil && !n.old && !m.old {
			return gateway.ErrExists
		} else if n != nil {
			return gateway.ErrConflict
		}
		first[m.ID] = m
		if !m.old {
			if t.get(bktMsgID, []byte(m.ID)) != nil {
				return gateway.ErrExists
			}
		} else if rev(t.get(bktMessage, u64Key(m.Seq))) != m.Rev {
			return gateway.ErrConflict
		}
	}
	return nil
}

func (p *prepared) applyMessages(t *txn) error {
	for i := range p.messages {
		if err := p.messages[i].apply(t); err != nil {
			return err
		}
	}
	return nil
}

func (p *preparedMessage) apply(t *txn) (err error) {
	if !p.old {
		if p.Seq, err = t.bucket(bktMessage).NextSequence(); err != nil {
			return err
		}
		if err := t.put(bktMsgID, []byte(p.ID), u64Key(p.Seq)); err != nil {
			return err
		}
		for i := range p.rows.chunks {
			p.stale = append(p.stale, i)
		}
	} else {
		t.count(messageCounter(stateCode(p.oldState)), -1)
	}
	p.Rev++
	t.count(messageCounter(stateCode(p.State())), 1)
	if err := t.put(bktMessage, u64Key(p.Seq), p.rows.head); err != nil {
		return err
	}
	for _, i := range p.stale {
		if err := t.put(bktRcpt, chunkKey(p.Seq, i), p.rows.chunks[i]); err != nil {
			return err
		}
	}
	for i := len(p.rows.chunks); i < p.gone; i++ {
		if err := t.delete(bktRcpt, chunkKey(p.Seq, i)); err != nil {
			return err
		}
	}
	return t.reindex(p.oldKeys, keysOf(p.Message))
}

// deleteMessage deletes a message whose index rows are keys.
func (t *txn) deleteMessage(m *gateway.Message, keys []string, chunks int) error {
	t.count(messageCounter(stateCode(m.State())), -1)
	if err := t.reindex(keys, nil); err != nil {
		return err
	}
	for i := range chunks {
		if err := t.delete(bktRcpt, chunkKey(m.Seq, i)); err != nil {
			return err
		}
	}
	if err := t.delete(bktMsgID, []byte(m.ID)); err != nil {
		return err
	}
	return t.delete(bktMessage, u64Key(m.Seq))
}

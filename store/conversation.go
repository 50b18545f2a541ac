package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	// maxConversations bounds the conversations that are remembered.
	maxConversations = 100_000
	// conversationAge is for how long a conversation that goes on keeps its place in
	// the order of age, so that not every message moves it.
	conversationAge = 24 * time.Hour
)

// conversationForm is the first byte of the rows of the bucket conv.
const conversationForm = 1

// A conversation is a row of the bucket conv.
type conversation struct {
	listed   gateway.Tick // its place in the bucket convage
	heard    gateway.Tick // of the latest message
	created  time.Time    // wall clock of the first message; zero if that is not known
	last     time.Time    // and of the latest
	messages uint64
}

func (c *conversation) encode() []byte {
	b := make([]byte, 0, 51)
	b = appendTick(appendTick(append(b, conversationForm), c.listed), c.heard)
	b = appendTime(appendTime(b, c.created), c.last)
	return binary.AppendUvarint(b, c.messages)
}

func decodeConversation(v []byte) (c conversation, err error) {
	r := reader{b: v}
	if form := r.u8(); r.err == nil && form != conversationForm {
		return c, fmt.Errorf("conversation row has unknown form %d", form)
	}
	c.listed, c.heard = r.tick(), r.tick()
	c.created, c.last = r.time(), r.time()
	c.messages = r.uvarint()
	return c, r.end()
}

// conversationKey is such that those which differ only in how the number of the other
// side is written, or in the modem, lie side by side.
func conversationKey(t *gateway.Talk) []byte {
	return append(appendStr(appendStr(nil, t.Affinity()), t.Peer), t.Modem...)
}

func conversationAgeKey(at gateway.Tick, key []byte) []byte {
	return append(appendTick(nil, at), key...)
}

// Affinity implements [gateway.Reader].
func (db *DB) Affinity(key string) (modem string, err error) {
	prefix := appendStr(nil, key)
	err = db.view("conversation", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktConversation)).Cursor()
		latest := gateway.Tick(0)
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			row, err := decodeConversation(v)
			if err != nil {
				db.passOver(damaged(bktConversation, k, err))
				continue
			}
			r := reader{b: k[len(prefix):]}
			if _ = r.str(); r.err == nil && (modem == "" || row.heard >= latest) {
				modem, latest = string(r.b), row.heard
			}
		}
		return nil
	})
	return modem, err
}

func checkTalk(t *gateway.Talk) error {
	if n := len(t.Peer) + len(t.Modem); t.ID == "" || t.Peer == "" || t.Modem == "" || n > maxKey {
		return fmt.Errorf("conversation needs an id, a number and a modem, the two of %d bytes at most", maxKey)
	}
	return nil
}

// converse keeps the conversation that an event of the given time belongs to, and
// returns how it stands. What became of a message begins none. One whose row is
// damaged begins anew.
func (t *txn) converse(talk *gateway.Talk, at time.Time) (*gateway.Conversation, error) {
	key := conversationKey(talk)
	v := t.get(bktConversation, key)
	row, err := decodeConversation(v)
	if err != nil {
		row = conversation{listed: unlisted}
	}
	if talk.Said {
		row.last, row.heard = at, t.now
		row.messages++
		if row.created.IsZero() {
			row.created = at
		}
		if v == nil {
			t.count([]byte{countConversations}, 1)
		}
		if err := t.putConversation(key, &row); err != nil {
			return nil, err
		}
	}
	if row.messages == 0 {
		row.created, row.last = at, at
	}
	return &gateway.Conversation{
		ID: talk.ID, Country: talk.Country,
		CreatedAt: row.created.UTC(), LastAt: row.last.UTC(), Messages: int(row.messages),
	}, nil
}

// unlisted is the place of a conversation that has none yet.
const unlisted = gateway.Tick(math.MinInt64)

func (t *txn) putConversation(key []byte, row *conversation) error {
	if row.listed != unlisted && row.listed.Until(t.now) < conversationAge {
		return t.put(bktConversation, key, row.encode())
	}
	if row.listed != unlisted {
		if err := t.delete(bktConversationAge, conversationAgeKey(row.listed, key)); err != nil {
			return err
		}
	}
	row.listed = t.now
	if err := t.put(bktConversation, key, row.encode()); err != nil {
		return err
	}
	if err := t.put(bktConversationAge, conversationAgeKey(t.now, key), nil); err != nil {
		return err
	}
	return t.forgetConversations(maxConversations)
}

// forgetConversations deletes the oldest conversations beyond most.
func (t *txn) forgetConversations(most int) error {
	n := counter(t.Tx, []byte{countConversations}) + int(t.counts[string([]byte{countConversations})])
	for n > most {
		k, _ := t.bucket(bktConversationAge).Cursor().First()
		if len(k) <= 8 {
			return nil
		}
		gone, err := t.forgetConversation(bytes.Clone(k))
		if err != nil {
			return err
		}
		if gone {
			n--
		}
	}
	return nil
}

// forgetConversation deletes a conversation by its key in the bucket convage. It
// reports whether there was one at that place.
func (t *txn) forgetConversation(k []byte) (bool, error) {
	place := reader{b: k}
	at, key := place.tick(), place.b
	if err := t.delete(bktConversationAge, k); err != nil {
		return false, err
	}
	v := t.get(bktConversation, key)
	if row, err := decodeConversation(v); v == nil || err == nil && row.listed != at {
		return false, nil // left by a row that was damaged
	}
	t.count([]byte{countConversations}, -1)
	return true, t.delete(bktConversation, key)
}

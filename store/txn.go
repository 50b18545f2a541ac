package store

import (
	"encoding/binary"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// A txn is the transaction of one turn of the writer.
type txn struct {
	*bolt.Tx
	*queues
	now    gateway.Tick
	counts map[string]int64 // changes of the counters, by key
}

func newTxn(tx *bolt.Tx, now gateway.Tick, q *queues) *txn {
	return &txn{Tx: tx, queues: q, now: now, counts: make(map[string]int64)}
}

func (t *txn) bucket(name string) *bolt.Bucket {
	b := t.Bucket([]byte(name))
	switch name {
	case bktInbox, bktInList, bktSeenAge, bktEvent, bktDelivery, bktAttempt, bktLog, bktCharge:
		b.FillPercent = 0.95 // rows are appended, and grow little if at all
	}
	return b
}

// put stores v, or an index row if v is nil. v must not be changed until the
// transaction ends.
func (t *txn) put(name string, k, v []byte) error {
	if v == nil {
		v = []byte{} // bbolt cannot tell a nil value from a row that is missing
	}
	return t.bucket(name).Put(k, v)
}

func (t *txn) get(name string, k []byte) []byte { return t.Bucket([]byte(name)).Get(k) }

func (t *txn) delete(name string, k []byte) error { return t.bucket(name).Delete(k) }

// The first bytes of the keys of counters.
const (
	countMessages      = 'm'
	countInbound       = 'i'
	countDeliveries    = 'd'
	countLane          = 'q' // Queued recipients
	countHeld          = 'h' // messages with Held recipients
	countConversations = 'a'
	countOptOuts       = 'o'
	countDead          = 'x' // deliveries that ended without having arrived
	countAttempts      = 't'
	countEvents        = 'e' // sum of the sizes of all events
	countTokens        = 'k' // all of them, or with a user behind it
	countWaits         = 'w' // sum of the sizes of the events that wait for an endpoint
)

func messageCounter(code byte) []byte   { return []byte{countMessages, code} }
func inboundCounter(code byte) []byte   { return []byte{countInbound, code} }
func deliveryCounter(num uint32) []byte { return appendU32([]byte{countDeliveries}, num) }

func deadCounter(num uint32) []byte    { return appendU32([]byte{countDead}, num) }
func attemptCounter(num uint32) []byte { return appendU32([]byte{countAttempts}, num) }

var (
	eventBytes   = []byte{countEvents}
	waitingBytes = []byte{countWaits}
)

// tokenCounter counts the tokens of a user, or all if user is empty.
func tokenCounter(user string) []byte { return append([]byte{countTokens}, user...) }

func laneCounter(lane []byte) []byte { return append([]byte{countLane}, lane...) }

// total returns the value of a counter with what the transaction changes.
func (t *txn) total(key []byte) int { return counter(t.Tx, key) + int(t.counts[string(key)]) }

// empty sets a counter to zero when the transaction ends, if nothing is added.
func (t *txn) empty(key []byte) { t.counts[string(key)] = -int64(counter(t.Tx, key)) }

// count adds n to a counter when the transaction ends.
func (t *txn) count(key []byte, n int64) { t.counts[string(key)] += n }

func (t *txn) saveCounts() error {
	for key, n := range t.counts {
		if n == 0 {
			continue
		}
		k := []byte(key)
		n += int64(counter(t.Tx, k))
		if n <= 0 {
			if err := t.delete(bktCounters, k); err != nil {
				return err
			}
			continue
		}
		if err := t.put(bktCounters, k, u64Key(uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

// counter returns the value of a counter, 0 if there is none.
func counter(tx *bolt.Tx, key []byte) int {
	v := tx.Bucket([]byte(bktCounters)).Get(key)
	if len(v) != 8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(v))
}

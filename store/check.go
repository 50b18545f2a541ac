package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// maxFaults is how many faults Check reports.
const maxFaults = 20

// Check proves that the pages of the file, the entities, their index rows and
// the counters agree with each other, or returns an error that names what does
// not. Nothing can be written while it runs.
func (db *DB) Check(ctx context.Context) error {
	// The free list holds still only for the one that could write.
	tx, err := db.bolt.Begin(true)
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	defer tx.Rollback() // nothing was written
	return check(ctx, tx)
}

// check finds faults in the store that tx sees, which nobody may write to meanwhile.
func check(ctx context.Context, tx *bolt.Tx) error {
	h, err := readHeader(tx)
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	c := checker{ctx: ctx, layout: h.layout, tx: tx, rows: make(map[string]int), counts: make(map[string]int), waits: make(map[uint64]bool)}
	for err := range tx.Check() {
		c.fault("page: %v", err)
	}
	if len(c.faults) == 0 { // else following the pages may fail in worse ways
		for _, check := range []func() error{
			c.messages, c.inbound, c.inboundKeys, c.fragments, c.seen, c.parked, c.endpoints, c.forwards, c.optOuts, c.deliveries, c.events, c.attempts, c.states, c.logs, c.conversations, c.tokens, c.requests, c.totals,
		} {
			if err := check(); err != nil {
				c.fault("%w", err)
			}
		}
	}
	if len(c.faults) > 0 {
		return fmt.Errorf("check store: %w", errors.Join(c.faults...))
	}
	return nil
}

// A checker counts the rows that entities call for. If all of them exist and
// there are no others, every index agrees with its entities.
type checker struct {
	ctx    context.Context
	tx     *bolt.Tx
	layout uint32
	rows   map[string]int  // by bucket
	counts map[string]int  // by key of the counter
	waits  map[uint64]bool // Event.Seq of those that wait for an endpoint
	faults []error
}

func (c *checker) fault(format string, args ...any) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, fmt.Errorf(format, args...))
	}
}

// expect finds fault if the row is missing, or has another value; nil is any.
func (c *checker) expect(bucket string, key, value []byte) {
	c.rows[bucket]++
	v := c.get(bucket, key)
	if v == nil {
		c.fault("%s: row %x is missing", bucket, key)
	} else if value != nil && !bytes.Equal(v, value) {
		c.fault("%s: row %x has value %x, want %x", bucket, key, v, value)
	}
}

// get returns a row, nil if it or its bucket is missing: an older version did not
// make all buckets.
func (c *checker) get(bucket string, key []byte) []byte {
	if b := c.tx.Bucket([]byte(bucket)); b != nil {
		return b.Get(key)
	}
	return nil
}

// each calls check with the rows of a bucket and the reader of their keys.
func (c *checker) each(bucket string, check func(key *reader, k, v []byte) error) error {
	b := c.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.ForEach(func(k, v []byte) error {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		key := reader{b: k}
		if err := check(&key, k, v); err != nil {
			return fmt.Errorf("%s: row %x: %w", bucket, k, err)
		}
		if err := key.end(); err != nil {
			return fmt.Errorf("%s: row %x: %w", bucket, k, err)
		}
		return nil
	})
}

func (c *checker) sequence(bucket string, n uint64) {
	if last := c.tx.Bucket([]byte(bucket)).Sequence(); n > last {
		c.fault("%s: number %d is behind the last one given, %d", bucket, n, last)
	}
}

func (c *checker) messages() error {
	return c.each(bktMessage, func(key *reader, k, _ []byte) error {
		seq := key.u64()
		c.sequence(bktMessage, seq)
		m, rows, err := readMessage(c.tx, seq)
		if err != nil {
			return err
		}
		c.rows[bktRcpt] += len(rows.chunks)
		c.expect(bktMsgID, []byte(m.ID), k)
		for _, row := range keysOf(&m) {
			c.expect(indexBucket(row[0]), []byte(row[1:]), nil)
			if counter := tallyKey(row); counter != nil {
				c.counts[string(counter)]++
			}
		}
		c.counts[string(messageCounter(stateCode(m.State())))]++
		return nil
	})
}

func (c *checker) inbound() error {
	return c.each(bktInbox, func(key *reader, _, _ []byte) error {
		seq := key.u64()
		c.sequence(bktInbox, seq)
		in, err := readInbound(c.tx, seq)
		if err != nil {
			return err
		}
		for _, k := range inboundKeys(&in) {
			c.expect(bktInList, k, nil)
		}
		c.counts[string(inboundCounter(typeCode(in.Type)))]++
		return nil
	})
}

// inboundKeys checks the rows by which messages are found: each names one that
// has the key. A message whose row was taken by a newer one has none.
func (c *checker) inboundKeys() error {
	return c.each(bktInKey, func(key *reader, k, v []byte) error {
		key.take(len(gateway.InboundKey{}))
		if key.err != nil {
			return key.err
		}
		r := reader{b: v}
		in, err := readInbound(c.tx, r.u64())
		if err == nil {
			err = r.end()
		}
		if err == nil && !slices.Contains(in.Keys, gateway.InboundKey(k[:len(gateway.InboundKey{})])) {
			err = fmt.Errorf("message %d has no such key", in.Seq)
		}
		return err
	})
}

func (c *checker) fragments() error {
	var last []byte
	return c.each(bktFragment, func(key *reader, k, _ []byte) error {
		key.group()
		key.u32()
		group := k[:len(k)-4]
		if bytes.Equal(group, last) {
			return nil
		}
		last = bytes.Clone(group)
		_, newest := groupRows(c.tx, group)
		c.expect(bktStale, staleKey(newest, group), nil)
		return nil
	})
}

func (c *checker) seen() error {
	return c.each(bktSeen, func(key *reader, k, v []byte) error {
		key.take(len(gateway.FragmentKey{}))
		r := reader{b: v}
		c.expect(bktSeenAge, seenAgeKey(r.tick(), k), nil)
		return r.end()
	})
}

func (c *checker) parked() error {
	return c.each(bktParked, func(key *reader, _, _ []byte) error {
		seq := key.u64()
		c.sequence(bktParked, seq)
		p, err := readParked(c.tx, seq)
		if err != nil {
			return err
		}
		c.expect(bktParkSIM, parkSIMKey(p.Report.SIMID, seq), nil)
		return nil
	})
}

func (c *checker) forwards() error {
	return c.each(bktForward, func(key *reader, k, _ []byte) error {
		key.take(len(k))
		f, err := readForward(c.tx, k)
		if err != nil {
			return err
		}
		c.sequence(bktForward, f.Seq)
		if f.ID != string(k) {
			return fmt.Errorf("it is that of %q", f.ID)
		}
		return nil
	})
}

func (c *checker) optOuts() error {
	return c.each(bktOptOut, func(key *reader, k, v []byte) error {
		key.take(len(k))
		o, err := readOptOut(k, v)
		if err != nil {
			return err
		}
		if !bytes.Equal(optOutKey(&o), k) {
			return fmt.Errorf("it is that of another number")
		}
		c.counts[string([]byte{countOptOuts})]++
		return nil
	})
}

func (c *checker) conversations() error {
	return c.each(bktConversation, func(key *reader, k, v []byte) error {
		key.take(len(k))
		row, err := decodeConversation(v)
		if err != nil {
			return err
		}
		c.expect(bktConversationAge, conversationAgeKey(row.listed, k), nil)
		c.counts[string([]byte{countConversations})]++
		return nil
	})
}

// totals compares what was counted with what is there.
func (c *checker) totals() error {
	for _, bucket := range []string{
		bktRcpt, bktMsgID, bktList, bktOut, bktTimer, bktActive, bktMR, bktUnknown,
		bktInList, bktStale, bktSeenAge, bktParkSIM, bktEPNum, bktDue, bktDead, bktConversationAge, bktTokenAge, bktOnceAge,
	} {
		n := 0
		if b := c.tx.Bucket([]byte(bucket)); b != nil {
			cur := b.Cursor()
			for k, _ := cur.First(); k != nil; k, _ = cur.Next() {
				n++
			}
		}
		if n != c.rows[bucket] {
			c.fault("%s: there are %d rows, entities call for %d", bucket, n, c.rows[bucket])
		}
	}
	err := c.tx.Bucket([]byte(bktCounters)).ForEach(func(k, v []byte) error {
		if c.layout < schema && k[0] == countConversations {
			return nil // its rows had another form
		}
		want := c.counts[string(k)]
		if len(v) != 8 || binary.BigEndian.Uint64(v) != uint64(want) {
			c.fault("%s: %x has value %x, want %d", bktCounters, k, v, want)
		}
		delete(c.counts, string(k))
		return nil
	})
	for k, n := range c.counts {
		c.fault("%s: %x is missing, want %d", bktCounters, k, n)
	}
	return err
}

package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

const (
	// maxAttempts is how many attempts are kept of an endpoint. It is less if there
	// are many endpoints, so that all together keep maxAllAttempts.
	maxAttempts    = 1000
	maxAllAttempts = 100_000
	minAttempts    = 20
)

func attemptKey(num uint32, seq uint64) []byte { return appendU64(u32Key(num), seq) }

// An attempt row holds when it ended, and the attempt.
func decodeAttempt(k, v []byte) (a gateway.Attempt, err error) {
	key, r := reader{b: k}, reader{b: v}
	num, seq := key.u32(), key.u64()
	r.tick()
	if err := key.end(); err != nil {
		return a, damaged(bktAttempt, k, err)
	}
	if r.err == nil {
		r.err = json.Unmarshal(r.b, &a)
	}
	if r.err != nil {
		return a, damaged(bktAttempt, k, r.err)
	}
	a.Endpoint, a.Seq = num, seq
	return a, nil
}

// Attempts implements [gateway.Reader].
func (db *DB) Attempts(q gateway.AttemptQuery) (as []gateway.Attempt, err error) {
	name, err := json.Marshal(q.Delivery)
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	prefix := u32Key(q.Endpoint)
	if q.Before == 0 {
		q.Before = math.MaxUint64
	}
	err = db.view("attempts", func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bktEPNum)).Get(prefix) == nil {
			return nil
		}
		c := tx.Bucket([]byte(bktAttempt)).Cursor()
		for k, v := before(c, attemptKey(q.Endpoint, q.Before)); bytes.HasPrefix(k, prefix) && len(as) < q.Limit; k, v = c.Prev() {
			if q.Delivery != "" && !bytes.Contains(v, name) {
				continue
			}
			a, err := decodeAttempt(k, v)
			if db.passOver(err) {
				continue
			} else if err != nil {
				return err
			}
			if q.Delivery == "" || a.Delivery == q.Delivery {
				as = append(as, a)
			}
		}
		return nil
	})
	return as, err
}

// before moves c to the row before key, and returns it.
func before(c *bolt.Cursor, key []byte) (k, v []byte) {
	if k, _ := c.Seek(key); k == nil {
		return c.Last()
	}
	return c.Prev()
}

func (p *prepared) prepareAttempts() error {
	for i := range p.Attempts {
		a := &p.Attempts[i]
		if len(a.Body) > gateway.MaxAttemptBody {
			return fmt.Errorf("prepare attempt: its answer has %d bytes, allowed are %d", len(a.Body), gateway.MaxAttemptBody)
		}
		v, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("prepare attempt: %w", err)
		}
		p.attempts = append(p.attempts, append(appendTick(make([]byte, 0, 8+len(v)), a.Tick), v...))
	}
	return nil
}

func (p *prepared) applyAttempts(t *txn) (err error) {
	for i := range p.Attempts {
		a := &p.Attempts[i]
		if t.get(bktEPNum, u32Key(a.Endpoint)) == nil {
			continue
		}
		if a.Seq, err = t.bucket(bktAttempt).NextSequence(); err != nil {
			return err
		}
		if err := t.put(bktAttempt, attemptKey(a.Endpoint, a.Seq), p.attempts[i]); err != nil {
			return err
		}
		t.count(attemptCounter(a.Endpoint), 1)
		if err := t.forgetAttempts(a.Endpoint); err != nil {
			return err
		}
	}
	return nil
}

// forgetAttempts deletes the oldest attempts of an endpoint that are too many, a few
// more than came in at a time.
func (t *txn) forgetAttempts(num uint32) error {
	n := t.total(attemptCounter(num)) - t.mostAttempts()
	if n <= 0 {
		return nil
	}
	for _, r := range firstRows(t.Bucket([]byte(bktAttempt)), u32Key(num), min(n, 2)) {
		if err := t.delete(bktAttempt, r.key); err != nil {
			return err
		}
		t.count(attemptCounter(num), -1)
	}
	return nil
}

// applyStates implements the part of Change.EndpointStates.
func (p *prepared) applyStates(t *txn) error {
	for i := range p.EndpointStates {
		num := u32Key(p.EndpointStates[i].Endpoint)
		if t.get(bktEPNum, num) == nil {
			continue
		}
		if err := t.put(bktEPState, num, p.states[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *prepared) prepareStates() error {
	for i := range p.EndpointStates {
		v, err := json.Marshal(&p.EndpointStates[i])
		if err != nil {
			return fmt.Errorf("prepare state of webhook: %w", err)
		}
		p.states = append(p.states, v)
	}
	return nil
}

// EndpointStates implements [gateway.Reader].
func (db *DB) EndpointStates() (map[uint32]gateway.EndpointState, error) {
	states := make(map[uint32]gateway.EndpointState)
	err := db.view("states of webhooks", func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktEPState)).ForEach(func(k, v []byte) error {
			s, err := decodeState(k, v)
			if !db.passOver(err) && err == nil {
				states[s.Endpoint] = s
			}
			return nil
		})
	})
	return states, err
}

func decodeState(k, v []byte) (s gateway.EndpointState, err error) {
	key := reader{b: k}
	num := key.u32()
	if err = key.end(); err == nil {
		err = json.Unmarshal(v, &s)
	}
	if err != nil {
		return s, damaged(bktEPState, k, err)
	}
	s.Endpoint = num
	return s, nil
}

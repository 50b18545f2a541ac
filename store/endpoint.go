package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// maxReap is how many rows of deleted endpoints are deleted in one transaction.
const maxReap = 1000

func readEndpoint(tx *bolt.Tx, id []byte) (e gateway.Endpoint, err error) {
	v := tx.Bucket([]byte(bktWebhook)).Get(id)
	if v == nil {
		return e, gateway.ErrNotFound
	}
	if err := json.Unmarshal(v, &e); err != nil {
		return e, damaged(bktWebhook, id, err)
	}
	return e, nil
}

// endpointNum returns the number of a stored endpoint, even if its row is damaged;
// 0 if it has none.
func endpointNum(tx *bolt.Tx, id []byte) uint32 {
	if e, err := readEndpoint(tx, id); err == nil {
		return e.Num
	}
	c := tx.Bucket([]byte(bktEPNum)).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if bytes.Equal(v, id) {
			r := reader{b: k}
			return r.u32()
		}
	}
	return 0
}

// Endpoints implements [gateway.Reader].
func (db *DB) Endpoints() (es []gateway.Endpoint, err error) {
	err = db.view("webhooks", func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktEPNum)).ForEach(func(num, id []byte) error {
			e, err := readEndpoint(tx, id)
			if err = indexed(err, bktEPNum, num); db.passOver(err) {
				return nil
			} else if err != nil {
				return err
			}
			es = append(es, e)
			return nil
		})
	})
	return es, err
}

func (p *prepared) prepareEndpoints() error {
	for i := range p.Endpoints {
		if n := len(p.Endpoints[i].ID); n == 0 || n > maxKey {
			return fmt.Errorf("prepare webhook: id has %d bytes, allowed are 1 to %d", n, maxKey)
		}
		// It is encoded when its number is known; that must not fail then.
		if _, err := json.Marshal(&p.Endpoints[i]); err != nil {
			return fmt.Errorf("prepare webhook: %w", err)
		}
	}
	return nil
}

func (p *prepared) applyEndpoints(t *txn) error {
	for i := range p.Endpoints {
		if err := t.putEndpoint(&p.Endpoints[i]); err != nil {
			return err
		}
	}
	for _, id := range p.DropEndpoints {
		if err := t.dropEndpoint([]byte(id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *txn) putEndpoint(e *gateway.Endpoint) error {
	id := []byte(e.ID)
	if v := t.get(bktWebhook, id); v != nil {
		e.Num = endpointNum(t.Tx, id)
	} else {
		n, err := t.bucket(bktEPNum).NextSequence()
		if err != nil {
			return err
		}
		if n > math.MaxUint32 {
			return errors.New("webhook numbers are used up")
		}
		e.Num = uint32(n)
		t.endpoints++
		if err := t.put(bktEPNum, u32Key(e.Num), id); err != nil {
			return err
		}
	}
	t.limit(e)
	v, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return t.put(bktWebhook, id, v)
}

// dropEndpoint deletes an endpoint, if it is there, and leaves its rows to
// [txn.reap]. Readers do not see rows of a number that has no endpoint.
func (t *txn) dropEndpoint(id []byte) error {
	if len(id) == 0 || t.get(bktWebhook, id) == nil {
		return nil
	}
	n := endpointNum(t.Tx, id)
	num := u32Key(n)
	if err := t.delete(bktWebhook, id); err != nil {
		return err
	}
	if err := t.delete(bktEPNum, num); err != nil {
		return err
	}
	for _, key := range [][]byte{deliveryCounter(n), deadCounter(n), attemptCounter(n)} {
		t.empty(key)
	}
	if err := t.delete(bktEPState, num); err != nil {
		return err
	}
	t.leave(n)
	return t.put(bktReap, num, nil)
}

// reap deletes rows of deleted endpoints, and sets *more to whether there are
// any left.
func (t *txn) reap(more *bool) error {
	budget := maxReap
	var done [][]byte
	c := t.Bucket([]byte(bktReap)).Cursor()
	k, _ := c.First()
	for ; k != nil && budget > 0; k, _ = c.Next() {
		num := bytes.Clone(k)
		n, err := t.dropRows(num, budget)
		if err != nil {
			return err
		}
		if budget -= n; budget > 0 {
			done = append(done, num)
		}
	}
	for _, num := range done {
		if err := t.delete(bktReap, num); err != nil {
			return err
		}
	}
	k, _ = t.Bucket([]byte(bktReap)).Cursor().First()
	*more = k != nil
	return nil
}

// dropRows deletes up to limit deliveries and attempts of an endpoint and returns
// how many.
func (t *txn) dropRows(num []byte, limit int) (int, error) {
	rows := firstRows(t.Bucket([]byte(bktDelivery)), num, limit)
	for _, r := range rows {
		if err := t.deleteDelivery(r.key, r.value); err != nil {
			return 0, err
		}
	}
	attempts := firstRows(t.Bucket([]byte(bktAttempt)), num, limit-len(rows))
	for _, r := range attempts {
		if err := t.delete(bktAttempt, r.key); err != nil {
			return 0, err
		}
	}
	return len(rows) + len(attempts), nil
}

// firstRows returns up to limit rows whose keys begin with prefix. The values are
// those of the transaction.
func firstRows(b *bolt.Bucket, prefix []byte, limit int) (rows []row) {
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix) && len(rows) < limit; k, v = c.Next() {
		rows = append(rows, row{bytes.Clone(k), bytes.Clone(v)})
	}
	return rows
}

// deleteDelivery deletes the row of a delivery, even one that is damaged, and what
// points to it.
func (t *txn) deleteDelivery(key, value []byte) error {
	d, err := decodeDelivery(key, value)
	if err != nil {
		if d, err = t.indexedDelivery(key); err != nil {
			return t.delete(bktDelivery, key)
		}
	}
	counted := t.get(bktEPNum, u32Key(d.Endpoint)) != nil // else its counters are gone
	if d.State == gateway.Undelivered {
		if err := t.delete(bktDue, dueKey(&d)); err != nil {
			return err
		}
		if err := t.countWaiting(&d, nil); err != nil {
			return err
		}
		if counted {
			t.count(deliveryCounter(d.Endpoint), -1)
		}
	}
	if d.State.Dead() {
		if err := t.delete(bktDead, key); err != nil {
			return err
		}
		if counted {
			t.count(deadCounter(d.Endpoint), -1)
		}
	}
	return t.delete(bktDelivery, key)
}

// indexedDelivery returns what the indexes say of a delivery whose row is damaged. It
// looks at all that waits for the endpoint, which does not matter for so rare a case.
func (t *txn) indexedDelivery(key []byte) (d gateway.Delivery, err error) {
	r := reader{b: key}
	d.Endpoint, d.Event = r.u32(), r.u64()
	if err := r.end(); err != nil {
		return d, err
	}
	d.State = gateway.Succeeded
	if t.get(bktDead, key) != nil {
		d.State = gateway.Exhausted
	}
	prefix := u32Key(d.Endpoint)
	c := t.Bucket([]byte(bktDue)).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		row := reader{b: k[len(prefix):]}
		if due := row.tick(); row.u64() == d.Event && row.err == nil {
			d.State, d.Due = gateway.Undelivered, due
			break
		}
	}
	return d, nil
}

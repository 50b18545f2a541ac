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
		if err := t.put(bktEPNum, u32Key(e.Num), id); err != nil {
			return err
		}
	}
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
	key := deliveryCounter(n)
	t.counts[string(key)] = -int64(counter(t.Tx, key))
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

// dropRows deletes up to limit deliveries of an endpoint and returns how many.
func (t *txn) dropRows(num []byte, limit int) (int, error) {
	var (
		rows    []gateway.Delivery
		damaged [][]byte // keys
	)
	c := t.Bucket([]byte(bktDelivery)).Cursor()
	for k, v := c.Seek(num); bytes.HasPrefix(k, num) && len(rows)+len(damaged) < limit; k, v = c.Next() {
		d, err := decodeDelivery(k, v)
		if err != nil {
			damaged = append(damaged, bytes.Clone(k))
			continue
		}
		rows = append(rows, d)
	}
	for _, k := range damaged {
		if err := t.delete(bktDelivery, k); err != nil {
			return 0, err
		}
	}
	for i := range rows {
		if err := t.deleteDelivery(&rows[i]); err != nil {
			return 0, err
		}
	}
	return len(rows) + len(damaged), nil
}

func (t *txn) deleteDelivery(d *gateway.Delivery) error {
	if d.State == gateway.Undelivered {
		if err := t.delete(bktDue, dueKey(d)); err != nil {
			return err
		}
	}
	return t.delete(bktDelivery, deliveryKey(d.Endpoint, d.Event))
}

package store

import (
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// Charges implements [gateway.Reader].
func (db *DB) Charges() (cs []gateway.Charge, err error) {
	err = db.view("charges", func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bktCharge)).ForEach(func(k, v []byte) error {
			c, err := decodeCharge(k, v)
			if db.passOver(err) {
				return nil
			}
			cs = append(cs, c)
			return err
		})
	})
	return cs, err
}

func decodeCharge(k, v []byte) (c gateway.Charge, err error) {
	key := reader{b: k}
	num := key.u64()
	if err = key.end(); err == nil {
		err = json.Unmarshal(v, &c)
	}
	if err != nil {
		return c, damaged(bktCharge, k, err)
	}
	c.Num = num
	return c, nil
}

func (p *prepared) prepareCharges() error {
	for i := range p.Charges {
		v, err := json.Marshal(&p.Charges[i])
		if err != nil {
			return fmt.Errorf("prepare charge: %w", err)
		}
		p.charges = append(p.charges, v)
	}
	return nil
}

func (p *prepared) applyCharges(t *txn) error {
	for i := range p.Charges {
		c := &p.Charges[i]
		key := u64Key(c.Num)
		if c.Parts == 0 {
			if err := t.delete(bktCharge, key); err != nil {
				return err
			}
			continue
		}
		if err := t.put(bktCharge, key, p.charges[i]); err != nil {
			return err
		}
		if c.Open {
			if err := t.forgetCharges(); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetCharges deletes the oldest charges if they count no more, a few more than come
// in at a time.
func (t *txn) forgetCharges() error {
	for _, r := range firstRows(t.Bucket([]byte(bktCharge)), nil, 2) {
		c, err := decodeCharge(r.key, r.value)
		if err == nil && c.At.Add(gateway.ChargeAge) > t.now {
			return nil
		}
		if err := t.delete(bktCharge, r.key); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func parkSIMKey(simID string, seq uint64) []byte { return appendU64(appendStr(nil, simID), seq) }

func readParked(tx *bolt.Tx, seq uint64) (p gateway.ParkedReport, err error) {
	v := tx.Bucket([]byte(bktParked)).Get(u64Key(seq))
	if v == nil {
		return p, gateway.ErrNotFound
	}
	r := reader{b: v}
	p.Seq, p.Since = seq, r.tick()
	if r.err != nil {
		return p, damaged(bktParked, u64Key(seq), r.err)
	}
	if err := json.Unmarshal(r.b, &p.Report); err != nil {
		return p, damaged(bktParked, u64Key(seq), err)
	}
	return p, nil
}

// ParkedReports implements [gateway.Reader].
func (db *DB) ParkedReports(simID string) (ps []gateway.ParkedReport, err error) {
	prefix := appendStr(nil, simID)
	err = db.view("parked reports", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktParkSIM)).Cursor()
		for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			r := reader{b: k[len(prefix):]}
			seq := r.u64()
			if err := r.end(); err != nil {
				db.passOver(damaged(bktParkSIM, k, err))
				continue
			}
			p, err := readParked(tx, seq)
			if err = indexed(err, bktParkSIM, k); db.passOver(err) {
				continue
			} else if err != nil {
				return err
			}
			ps = append(ps, p)
		}
		return nil
	})
	return ps, err
}

func (p *prepared) prepareParked() error {
	for i := range p.Park {
		r := &p.Park[i]
		if len(r.Report.SIMID) > maxKey {
			return fmt.Errorf("prepare report: SIM identity may have %d bytes", maxKey)
		}
		v, err := json.Marshal(&r.Report)
		if err != nil {
			return fmt.Errorf("prepare report: %w", err)
		}
		p.parked = append(p.parked, append(appendTick(nil, r.Since), v...))
	}
	return nil
}

func (p *prepared) applyParked(t *txn) (err error) {
	for i := range p.Park {
		r := &p.Park[i]
		if r.Seq, err = t.bucket(bktParked).NextSequence(); err != nil {
			return err
		}
		if err := t.put(bktParked, u64Key(r.Seq), p.parked[i]); err != nil {
			return err
		}
		if err := t.put(bktParkSIM, parkSIMKey(r.Report.SIMID, r.Seq), nil); err != nil {
			return err
		}
	}
	for _, seq := range p.Unpark {
		if err := t.unpark(seq); err != nil {
			return err
		}
	}
	return nil
}

// unpark deletes a parked report, if it is there.
func (t *txn) unpark(seq uint64) error {
	r, err := readParked(t.Tx, seq)
	if errors.Is(err, gateway.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := t.delete(bktParkSIM, parkSIMKey(r.Report.SIMID, seq)); err != nil {
		return err
	}
	return t.delete(bktParked, u64Key(seq))
}

package store

import (
	"encoding/binary"
	"fmt"
	"math"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func deliveryKey(endpoint uint32, event uint64) []byte {
	return appendU64(u32Key(endpoint), event)
}

func dueKey(d *gateway.Delivery) []byte {
	return appendU64(appendTick(u32Key(d.Endpoint), d.Due), d.Event)
}

// deliveryForm is the first byte of the rows written here. Rows of form 1 end with
// LastErr.
const deliveryForm = 2

// encodeDelivery returns the row of d, without what its key says. There are many
// and they change often: JSON would be four times as long.
func encodeDelivery(d *gateway.Delivery) []byte {
	b := make([]byte, 0, 48+len(d.ID)+len(d.Subject)+len(d.LastErr))
	b = append(b, deliveryForm, byte(d.State))
	b = appendTick(b, d.Due)
	b = binary.AppendUvarint(b, uint64(d.Attempts))
	b = binary.AppendUvarint(b, uint64(d.LastCode))
	if d.LastAt.IsZero() {
		b = append(b, 0)
	} else {
		b = appendTime(append(b, 1), d.LastAt)
	}
	b = appendStr(b, d.ID)
	b = appendStr(b, d.Subject)
	b = appendStr(b, d.LastErr)
	b = binary.AppendUvarint(b, uint64(d.Rev))
	b = binary.AppendUvarint(b, uint64(d.Base))
	b = binary.AppendUvarint(b, uint64(d.Replays))
	return appendTick(b, d.Ended)
}

func decodeDelivery(k, v []byte) (d gateway.Delivery, err error) {
	key, r := reader{b: k}, reader{b: v}
	d.Endpoint, d.Event = key.u32(), key.u64()
	if err := key.end(); err != nil {
		return d, err
	}
	form := r.u8()
	if form < 1 || form > deliveryForm {
		return d, fmt.Errorf("delivery row has unknown form %d", form)
	}
	d.State, d.Due = gateway.DeliveryState(r.u8()), r.tick()
	d.Attempts, d.LastCode = int(r.uvarint()), int(r.uvarint())
	if r.u8() != 0 {
		d.LastAt = r.time()
	}
	d.ID, d.Subject, d.LastErr = r.str(), r.str(), r.str()
	if form > 1 {
		d.Rev, d.Base, d.Replays = uint32(r.uvarint()), int(r.uvarint()), int(r.uvarint())
		d.Ended = r.tick()
	}
	return d, r.end()
}

func checkDelivery(d *gateway.Delivery) error {
	if d.Attempts < 0 || d.LastCode < 0 || d.Base < 0 || d.Replays < 0 {
		return fmt.Errorf("delivery has %d attempts and status %d: neither may be negative", d.Attempts, d.LastCode)
	}
	return nil
}

// EndpointLoads implements [gateway.Reader]. Every endpoint has an entry.
func (db *DB) EndpointLoads() (map[uint32]gateway.EndpointLoad, error) {
	loads := make(map[uint32]gateway.EndpointLoad)
	err := db.view("deliveries", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktDue)).Cursor()
		return tx.Bucket([]byte(bktEPNum)).ForEach(func(k, _ []byte) error {
			r := reader{b: k}
			num := r.u32()
			load := gateway.EndpointLoad{Pending: counter(tx, deliveryCounter(num))}
			load.NextDue, _ = firstDue(c, num, math.MinInt64)
			loads[num] = load
			return r.end()
		})
	})
	return loads, err
}

func (p *prepared) prepareDeliveries() error {
	for i := range p.Deliveries {
		if err := checkDelivery(&p.Deliveries[i]); err != nil {
			return fmt.Errorf("prepare delivery: %w", err)
		}
	}
	return nil
}

func (p *prepared) applyDeliveries(t *txn) error {
	for i := range p.Deliveries {
		d := &p.Deliveries[i]
		key := deliveryKey(d.Endpoint, d.Event)
		v := t.get(bktDelivery, key)
		if v == nil || t.get(bktEPNum, u32Key(d.Endpoint)) == nil {
			continue
		}
		old, err := decodeDelivery(key, v)
		if err != nil {
			continue // it was passed over when it was due
		}
		if old.State != gateway.Undelivered && d.Replays <= old.Replays {
			continue // it ended meanwhile
		}
		if err := t.putDelivery(&old, d); err != nil {
			return err
		}
	}
	return nil
}

// putDelivery stores d in the place of old, which is nil if d is new.
func (t *txn) putDelivery(old, d *gateway.Delivery) error {
	was, is := old != nil && old.State == gateway.Undelivered, d.State == gateway.Undelivered
	if was && (!is || old.Due != d.Due) {
		if err := t.delete(bktDue, dueKey(old)); err != nil {
			return err
		}
	}
	if is && (!was || old.Due != d.Due) {
		if err := t.put(bktDue, dueKey(d), nil); err != nil {
			return err
		}
	}
	switch {
	case was && !is:
		t.count(deliveryCounter(d.Endpoint), -1)
	case is && !was:
		t.count(deliveryCounter(d.Endpoint), 1)
	}
	return t.put(bktDelivery, deliveryKey(d.Endpoint, d.Event), encodeDelivery(d))
}

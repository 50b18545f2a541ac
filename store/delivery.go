package store

import (
	"encoding/binary"
	"errors"
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

// deliveryForm is the first byte of the rows written here. Rows of form 1 have
// another order and less in them.
const deliveryForm = 2

// deliveryIDAt is where the ID begins in a row of form 2.
const deliveryIDAt = 1 + 1 + 8

// encodeDelivery returns the row of d, without what its key says. There are many
// and they change often: JSON would be four times as long.
func encodeDelivery(d *gateway.Delivery) []byte {
	b := make([]byte, 0, 48+len(d.ID)+len(d.Subject)+len(d.LastErr))
	b = append(b, deliveryForm, byte(d.State))
	b = appendTick(b, d.Due)
	b = appendStr(b, d.ID)
	b = binary.AppendUvarint(b, uint64(d.Attempts))
	b = binary.AppendUvarint(b, uint64(d.LastCode))
	b = binary.AppendUvarint(b, uint64(d.Rev))
	b = binary.AppendUvarint(b, uint64(d.Base))
	b = binary.AppendUvarint(b, uint64(d.Replays))
	b = binary.AppendVarint(b, int64(d.Ended))
	if d.LastAt.IsZero() {
		b = append(b, 0)
	} else {
		b = appendTime(append(b, 1), d.LastAt)
	}
	b = appendStr(b, d.Subject)
	return appendStr(b, d.LastErr)
}

func decodeDelivery(k, v []byte) (d gateway.Delivery, err error) {
	key, r := reader{b: k}, reader{b: v}
	d.Endpoint, d.Event = key.u32(), key.u64()
	if err := key.end(); err != nil {
		return d, err
	}
	switch form := r.u8(); form {
	case 1:
		d.State, d.Due = gateway.DeliveryState(r.u8()), r.tick()
		d.Attempts, d.LastCode = int(r.uvarint()), int(r.uvarint())
		d.LastAt = r.optionalTime()
		d.ID, d.Subject, d.LastErr = r.str(), r.str(), r.str()
	case deliveryForm:
		d.State, d.Due, d.ID = gateway.DeliveryState(r.u8()), r.tick(), r.str()
		d.Attempts, d.LastCode, d.Rev = int(r.uvarint()), int(r.uvarint()), uint32(r.uvarint())
		d.Base, d.Replays, d.Ended = int(r.uvarint()), int(r.uvarint()), gateway.Tick(r.varint())
		d.LastAt = r.optionalTime()
		d.Subject, d.LastErr = r.str(), r.str()
	default:
		return d, fmt.Errorf("delivery row has unknown form %d", form)
	}
	return d, r.end()
}

// skimDelivery reads what both forms begin with, all that decides which index rows
// there are; the rest of the row may be damaged.
func skimDelivery(k, v []byte) (d gateway.Delivery, err error) {
	key, r := reader{b: k}, reader{b: v}
	d.Endpoint, d.Event = key.u32(), key.u64()
	r.u8()
	d.State, d.Due = gateway.DeliveryState(r.u8()), r.tick()
	return d, errors.Join(key.end(), r.err)
}

// hasDeliveryID reports whether a row may be that of the delivery with an ID.
func hasDeliveryID(v []byte, id string) bool {
	if len(v) == 0 || v[0] != deliveryForm || len(v) < deliveryIDAt {
		return true // look closer
	}
	r := reader{b: v[deliveryIDAt:]}
	n := r.uvarint()
	return r.err == nil && n == uint64(len(id)) && n <= uint64(len(r.b)) && string(r.b[:n]) == id
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
			load := gateway.EndpointLoad{
				Pending: counter(tx, deliveryCounter(num)),
				Dead:    counter(tx, deadCounter(num)),
			}
			load.NextDue, _ = firstDue(c, num, math.MinInt64)
			loads[num] = load
			return r.end()
		})
	})
	return loads, err
}

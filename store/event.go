package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// eventForm is the first byte of the rows of events written here. Rows of the first
// form began with a tick, whose first byte is another, and had no list of endpoints.
const eventForm = 2

// An eventRow is a row of the bucket evt, taken apart as far as most need it.
type eventRow struct {
	stored    gateway.Tick
	endpoints []uint32 // to which there are deliveries, or were; not known if all is set
	all       bool     // any endpoint can have a delivery of it
	json      []byte   // of the event; its length is the size of the event
}

func (e *eventRow) encode() []byte {
	b := make([]byte, 0, 12+2*len(e.endpoints)+len(e.json))
	b = appendTick(append(b, eventForm), e.stored)
	b = binary.AppendUvarint(b, uint64(len(e.endpoints)))
	for _, num := range e.endpoints {
		b = binary.AppendUvarint(b, uint64(num))
	}
	return append(b, e.json...)
}

// of reports whether there can be a delivery to an endpoint.
func (e *eventRow) of(num uint32) bool { return e.all || slices.Contains(e.endpoints, num) }

func decodeEventRow(v []byte) (e eventRow, err error) {
	r := reader{b: v}
	if len(v) > 0 && v[0] == eventForm {
		r.u8()
		e.stored = r.tick()
		n := r.uvarint()
		if r.err == nil && n > uint64(len(r.b)) {
			return e, errCorruptKey
		}
		e.endpoints = make([]uint32, 0, n)
		for range n {
			e.endpoints = append(e.endpoints, uint32(r.uvarint()))
		}
	} else {
		e.stored, e.all = r.tick(), true
	}
	e.json = r.b
	return e, r.err
}

// readEventRow returns the row of an event.
func readEventRow(tx *bolt.Tx, seq uint64) (e eventRow, err error) {
	v := tx.Bucket([]byte(bktEvent)).Get(u64Key(seq))
	if v == nil {
		return e, gateway.ErrNotFound
	}
	if e, err = decodeEventRow(v); err != nil {
		return e, damaged(bktEvent, u64Key(seq), err)
	}
	return e, nil
}

func readEvent(tx *bolt.Tx, seq uint64) (e gateway.Event, err error) {
	row, err := readEventRow(tx, seq)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(row.json, &e); err != nil {
		return e, damaged(bktEvent, u64Key(seq), err)
	}
	e.Seq = seq
	return e, nil
}

// eventOf returns an event about subject. One that is gone or cannot be read has no
// payload.
func (db *DB) eventOf(tx *bolt.Tx, seq uint64, subject string) (gateway.Event, error) {
	e, err := readEvent(tx, seq)
	if err = indexed(err, bktEvent, u64Key(seq)); db.passOver(err) {
		return gateway.Event{Seq: seq, Subject: subject}, nil
	}
	return e, err
}

// EventsAfter implements [gateway.Reader].
func (db *DB) EventsAfter(after uint64, max int) (es []gateway.Event, gap bool, err error) {
	err = db.view("events", func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bktEvent))
		gap = after > b.Sequence() // it was given by another store
		last := after
		c := b.Cursor()
		k, _ := c.Seek(u64Key(after + 1))
		for ; k != nil && len(es) < max; k, _ = c.Next() {
			key := reader{b: k}
			seq := key.u64()
			if err := key.end(); err != nil {
				db.passOver(damaged(bktEvent, k, err))
				continue
			}
			if last > 0 && seq != last+1 {
				gap = true
			}
			last = seq
			e, err := db.eventOf(tx, seq, "")
			if err != nil {
				return err
			}
			if e.Payload == nil {
				gap = true
				continue
			}
			es = append(es, e)
		}
		if k == nil && len(es) < max && last > 0 && last < b.Sequence() {
			gap = true // the latest are not kept any more
		}
		return nil
	})
	return es, gap, err
}

// LatestEvent implements [gateway.Reader].
func (db *DB) LatestEvent() (seq uint64, err error) {
	err = db.view("latest event", func(tx *bolt.Tx) error {
		seq = tx.Bucket([]byte(bktEvent)).Sequence()
		return nil
	})
	return seq, err
}

// A preparedEmission is an event with its deliveries.
type preparedEmission struct {
	event []byte // JSON; of no use if more must be known, which the writer does
	rows  []preparedDelivery
}

// A preparedDelivery is a delivery of a new event.
type preparedDelivery struct {
	gateway.Delivery
	stored bool // its endpoint was there
}

func (p *prepared) prepareEmissions() error {
	for i := range p.Emissions {
		pe, err := prepareEmission(&p.Emissions[i], len(p.Inbound))
		if err != nil {
			return fmt.Errorf("prepare event: %w", err)
		}
		p.emissions = append(p.emissions, pe)
	}
	return nil
}

func prepareEmission(e *gateway.Emission, inbound int) (pe preparedEmission, err error) {
	switch {
	case e.Event.Payload == nil:
		return pe, errors.New("it has no payload")
	case e.Inbound < 0 || e.Inbound > inbound:
		return pe, errors.New("there is no incoming message for it")
	}
	if e.Talk != nil {
		if err := checkTalk(e.Talk); err != nil {
			return pe, err
		}
	}
	ev := e.Event
	ev.Seq = 0 // the key
	if pe.event, err = json.Marshal(ev); err != nil {
		return pe, err
	}
	for i, d := range e.Deliveries {
		for _, other := range e.Deliveries[:i] {
			if other.Endpoint == d.Endpoint {
				return pe, fmt.Errorf("two deliveries to webhook %d", d.Endpoint)
			}
		}
		if err := checkDelivery(&d); err != nil {
			return pe, err
		}
		pe.rows = append(pe.rows, preparedDelivery{Delivery: d})
	}
	return pe, nil
}

func (p *prepared) applyEmissions(t *txn) error {
	for i := range p.emissions {
		if err := p.applyEmission(t, &p.Emissions[i], &p.emissions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *prepared) applyEmission(t *txn, e *gateway.Emission, pe *preparedEmission) (err error) {
	ev := &e.Event
	ev.Seq = 0
	if e.Inbound > 0 {
		id := p.Inbound[e.Inbound-1].MessageID()
		ev.Payload = gateway.Identified(ev.Payload, id)
		if ev.Subject == "" {
			ev.Subject = id
		}
	}
	if e.Talk != nil {
		if ev.Conversation, err = t.converse(e.Talk, ev.At); err != nil {
			return err
		}
	}
	if e.Inbound > 0 || e.Talk != nil {
		if pe.event, err = json.Marshal(ev); err != nil {
			return err
		}
	}
	if ev.Seq, err = t.bucket(bktEvent).NextSequence(); err != nil {
		return err
	}
	row := eventRow{stored: t.now, json: pe.event}
	stored := make([]gateway.Delivery, 0, len(pe.rows))
	waits := false
	for i := range pe.rows {
		d := &pe.rows[i]
		d.Event = ev.Seq
		if d.Subject == "" {
			d.Subject = ev.Subject
		}
		if t.get(bktEPNum, u32Key(d.Endpoint)) == nil {
			continue
		}
		t.date(&d.Delivery)
		if err := t.putDelivery(nil, &d.Delivery); err != nil {
			return err
		}
		d.stored = true
		stored = append(stored, d.Delivery)
		row.endpoints = append(row.endpoints, d.Endpoint)
		waits = waits || d.State == gateway.Undelivered
	}
	e.Deliveries = slices.Clip(stored)
	t.count(eventBytes, int64(len(row.json)))
	if waits {
		t.count(waitingBytes, int64(len(row.json)))
	}
	return t.put(bktEvent, u64Key(ev.Seq), row.encode())
}

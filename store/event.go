package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func readEvent(tx *bolt.Tx, seq uint64) (e gateway.Event, stored gateway.Tick, err error) {
	v := tx.Bucket([]byte(bktEvent)).Get(u64Key(seq))
	if v == nil {
		return e, 0, gateway.ErrNotFound
	}
	r := reader{b: v}
	stored = r.tick()
	if r.err != nil {
		return e, 0, damaged(bktEvent, u64Key(seq), r.err)
	}
	if err := json.Unmarshal(r.b, &e); err != nil {
		return e, 0, damaged(bktEvent, u64Key(seq), err)
	}
	e.Seq = seq
	return e, stored, nil
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
	if err := t.put(bktEvent, u64Key(ev.Seq), append(appendTick(nil, t.now), pe.event...)); err != nil {
		return err
	}
	stored := make([]gateway.Delivery, 0, len(pe.rows))
	for i := range pe.rows {
		d := &pe.rows[i]
		d.Event = ev.Seq
		if d.Subject == "" {
			d.Subject = ev.Subject
		}
		if t.get(bktEPNum, u32Key(d.Endpoint)) == nil {
			continue
		}
		if err := t.putDelivery(nil, &d.Delivery); err != nil {
			return err
		}
		d.stored = true
		stored = append(stored, d.Delivery)
	}
	e.Deliveries = slices.Clip(stored)
	return nil
}

package store

import (
	"context"
	"fmt"
	"slices"

	"tetherd/gateway"
)

// Commit implements [gateway.Store]. It refuses with a plain error what cannot
// be stored at all, such as an empty ID. If it returns the error of ctx, c may
// still be on its way to the disk and what its slices and maps refer to must not
// be altered.
func (db *DB) Commit(ctx context.Context, c gateway.Change) error {
	if c.Empty() {
		return db.Failed()
	}
	p, err := db.prepare(c)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if err := db.submit(ctx, &op{check: p.check, apply: p.apply, change: &p.Change, size: p.size()}); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	p.tell(c)
	return nil
}

// OnCommit implements [gateway.Store].
func (db *DB) OnCommit(see func(gateway.Change)) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.observers = append(slices.Clone(db.observers), see)
}

// A prepared change is encoded as far as it can be without what the store
// assigns.
type prepared struct {
	// Change has slices of its own where the store fills something in: its
	// caller may be gone by then.
	gateway.Change

	messages  []preparedMessage
	fragments []row
	inbound   [][]byte
	parked    [][]byte
	emissions []preparedEmission
	attempts  [][]byte
	states    [][]byte
	charges   [][]byte
	optOuts   []row
	missed    []bool // which of Change.Missed were stored
}

// A row is the key and the value of an entity whose key is known beforehand.
type row struct{ key, value []byte }

func (db *DB) prepare(c gateway.Change) (*prepared, error) {
	p := &prepared{Change: c}
	p.Messages = slices.Clone(c.Messages)
	p.Inbound = slices.Clone(c.Inbound)
	p.Park = slices.Clone(c.Park)
	p.Endpoints = slices.Clone(c.Endpoints)
	p.Forwards = slices.Clone(c.Forwards)
	p.Emissions = slices.Clone(c.Emissions)
	p.Missed = slices.Clone(c.Missed)
	p.Attempts = slices.Clone(c.Attempts)
	for _, prepare := range []func() error{
		func() error { return db.prepareMessages(p) },
		p.prepareFragments, p.prepareInbound, p.prepareParked,
		p.prepareEmissions, p.prepareDeliveries, p.prepareAttempts, p.prepareCharges, p.prepareStates, p.prepareEndpoints, p.prepareForwards, p.prepareOptOuts, p.prepareTokens, p.prepareSettings,
	} {
		if err := prepare(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// size returns about how many bytes of values p writes.
func (p *prepared) size() int {
	n := 64*(len(p.Deliveries)+len(p.Missed)+len(p.Seen)+len(p.OptOuts)+len(p.Settings)) + 256*(len(p.Endpoints)+len(p.Forwards)+len(p.Tokens)+len(p.Revocations))
	for i := range p.messages {
		n += p.messages[i].size()
	}
	for _, r := range p.fragments {
		n += len(r.value)
	}
	for _, e := range p.emissions {
		n += len(e.event) + 64*len(e.rows)
	}
	for _, v := range slices.Concat(p.inbound, p.parked, p.attempts, p.states, p.charges) {
		n += len(v)
	}
	for i := range p.Requests {
		n += 128 + len(p.Requests[i].Answer)
	}
	return n
}

// check refuses p if a row it builds on is not as expected. It writes nothing.
func (p *prepared) check(t *txn) error {
	if err := p.checkMessages(t); err != nil {
		return err
	}
	if err := p.checkTokens(t); err != nil {
		return err
	}
	return p.checkRequests(t)
}

// apply writes p. What it refers to must be written before: endpoints before
// the deliveries to them, incoming messages before their events.
func (p *prepared) apply(t *txn) error {
	steps := []struct {
		what string
		do   func(*txn) error
	}{
		{"webhooks", p.applyEndpoints},
		{"forwards", p.applyForwards},
		{"opt-outs", p.applyOptOuts},
		{"messages", p.applyMessages},
		{"fragments", p.applyFragments},
		{"incoming messages", p.applyInbound},
		{"parked reports", p.applyParked},
		{"events", p.applyEmissions},
		{"deliveries", p.applyDeliveries},
		{"limits of webhooks", p.applyLimits},
		{"attempts", p.applyAttempts},
		{"charges", p.applyCharges},
		{"states of webhooks", p.applyStates},
		{"tokens", p.applyTokens},
		{"requests", p.applyRequests},
		{"settings", p.applySettings},
	}
	for _, s := range steps {
		if err := s.do(t); err != nil {
			return fmt.Errorf("write %s: %w", s.what, err)
		}
	}
	return nil
}

// tell fills in the caller's c what the store assigned.
func (p *prepared) tell(c gateway.Change) {
	copy(c.Messages, p.Messages)
	copy(c.Inbound, p.Inbound)
	copy(c.Park, p.Park)
	copy(c.Endpoints, p.Endpoints)
	copy(c.Forwards, p.Forwards)
	copy(c.Attempts, p.Attempts)
	for i, stored := range p.missed {
		if !stored {
			c.Missed[i].Event = 0
		}
	}
	for i, e := range p.Emissions {
		c.Emissions[i].Event = e.Event
		for j, row := range p.emissions[i].rows {
			if row.stored {
				c.Emissions[i].Deliveries[j].Event = e.Event.Seq
				c.Emissions[i].Deliveries[j].Subject = row.Subject
			}
		}
	}
}

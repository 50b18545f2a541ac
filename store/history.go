package store

import (
	"tetherd/gateway"
)

// Deliveries implements [gateway.Reader].
func (db *DB) Deliveries(q gateway.DeliveryQuery) ([]gateway.Delivery, []gateway.Event, error) {
	return nil, nil, nil
}

// Delivery implements [gateway.Reader].
func (db *DB) Delivery(endpoint uint32, id string) (gateway.Delivery, gateway.Event, error) {
	return gateway.Delivery{}, gateway.Event{}, gateway.ErrNotFound
}

// Attempts implements [gateway.Reader].
func (db *DB) Attempts(q gateway.AttemptQuery) ([]gateway.Attempt, error) { return nil, nil }

// EndpointStates implements [gateway.Reader].
func (db *DB) EndpointStates() (map[uint32]gateway.EndpointState, error) { return nil, nil }

// EventsAfter implements [gateway.Reader].
func (db *DB) EventsAfter(after uint64, max int) (es []gateway.Event, gap bool, err error) {
	return nil, false, nil
}

package gateway

import (
	"errors"
	"fmt"
)

// ErrNoEndpoint is the error for an ID that no webhook has; ErrNotFound is in its
// chain.
var ErrNoEndpoint = &Error{Code: NotFound, Message: "there is no webhook with this id; GET /webhooks lists them", Err: ErrNotFound}

// errNoDelivery is the error for an ID that no delivery to a webhook has.
var errNoDelivery = &Error{Code: NotFound, Message: "there is no delivery with this id to this webhook, or it is not kept any more"}

// known returns the webhook with the given ID.
func (g *Gateway) known(id string) (Endpoint, error) {
	e, ok := g.Endpoint(id)
	if !ok {
		return e, ErrNoEndpoint
	}
	return e, nil
}

// Delivery returns a delivery to the webhook with the given ID, and its event, which
// has no Payload if it is not kept any more.
func (g *Gateway) Delivery(webhook, delivery string) (Delivery, Event, error) {
	ep, err := g.known(webhook)
	if err != nil {
		return Delivery{}, Event{}, err
	}
	d, e, err := g.store.Delivery(ep.Num, delivery)
	if errors.Is(err, ErrNotFound) {
		err = errNoDelivery
	}
	return d, e, err
}

// Deliveries returns the selected deliveries to the webhook with the given ID, with
// their events; q.Endpoint is set by it.
func (g *Gateway) Deliveries(webhook string, q DeliveryQuery) ([]Delivery, []Event, error) {
	ep, err := g.known(webhook)
	if err != nil {
		return nil, nil, err
	}
	q.Endpoint = ep.Num
	return g.store.Deliveries(q)
}

// DeliveryAttempts returns the selected attempts at deliveries to the webhook with the given
// ID; q.Endpoint is set by it.
func (g *Gateway) DeliveryAttempts(webhook string, q AttemptQuery) ([]Attempt, error) {
	ep, err := g.known(webhook)
	if err != nil {
		return nil, err
	}
	q.Endpoint = ep.Num
	return g.store.Attempts(q)
}

// EndpointStatus is how a webhook has fared and what waits for it.
type EndpointStatus struct {
	EndpointState
	EndpointLoad
	LastCode int // HTTP status of the latest attempt that was logged; 0 if there was no answer
}

// EndpointStatus returns how one webhook, or each if id is empty, has fared, by its
// ID.
func (g *Gateway) EndpointStatus(id string) (map[string]EndpointStatus, error) {
	es := g.Endpoints()
	if id != "" {
		e, err := g.known(id)
		if err != nil {
			return nil, err
		}
		es = []Endpoint{e}
	}
	states, err := g.store.EndpointStates()
	if err != nil {
		return nil, fmt.Errorf("read states of webhooks: %w", err)
	}
	loads, err := g.store.EndpointLoads()
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	out := make(map[string]EndpointStatus, len(es))
	for i := range es {
		n := es[i].Num
		latest, err := g.store.Attempts(AttemptQuery{Endpoint: n, Limit: 1})
		if err != nil {
			return nil, fmt.Errorf("read attempts: %w", err)
		}
		st := EndpointStatus{EndpointState: states[n], EndpointLoad: loads[n]}
		if len(latest) > 0 {
			st.LastCode = latest[0].Code
		}
		out[es[i].ID] = st
	}
	return out, nil
}

package webhook

import (
	"context"
	"sync"
	"time"

	"tetherd/gateway"
)

// owner stands for the gateway: it stores pauses and events about webhooks, and
// keeps account of them.
type owner struct {
	w *world

	mu     sync.Mutex
	pauses []string
	raised []gateway.Payload
	times  []time.Time // of raised
	fail   error       // what a pause ends with
}

// owned makes w have an owner.
func owned(w *world) *owner {
	o := &owner{w: w}
	w.o.Pause, w.o.Raise = o.pause, o.raise
	return o
}

func (o *owner) endpoint(id string) gateway.Endpoint {
	es, err := o.w.db.Endpoints()
	if err != nil {
		o.w.t.Error(err)
	}
	for _, e := range es {
		if e.ID == id {
			return e
		}
	}
	return gateway.Endpoint{}
}

func (o *owner) pause(ctx context.Context, id string, p gateway.Pause) error {
	o.mu.Lock()
	fail := o.fail
	o.mu.Unlock()
	if fail != nil {
		return fail
	}
	e := o.endpoint(id)
	e.Paused = &p
	if err := o.w.db.Commit(ctx, saveEndpoint(e)); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pauses = append(o.pauses, id+" "+p.Reason)
	return nil
}

func (o *owner) raise(ctx context.Context, subject string, p gateway.Payload, besides string) error {
	es, err := o.w.db.Endpoints()
	if err != nil {
		return err
	}
	em := gateway.Emission{Event: gateway.Event{ID: gateway.NewID(), At: time.Now().Round(0), Subject: subject, Payload: p}}
	for _, e := range es {
		if e.ID != besides && e.HasEvent(p.EventType()) {
			em.Deliveries = append(em.Deliveries, gateway.Delivery{
				ID: gateway.NewID(), Endpoint: e.Num, Subject: subject, Due: o.w.db.Timeline().Now(),
			})
		}
	}
	o.mu.Lock()
	o.raised, o.times = append(o.raised, p), append(o.times, time.Now())
	o.mu.Unlock()
	return o.w.db.Commit(ctx, gateway.Change{Emissions: []gateway.Emission{em}})
}

// resume ends the pause of a webhook.
func (o *owner) resume(id string) {
	e := o.endpoint(id)
	e.Paused = nil
	o.w.commit(saveEndpoint(e))
}

// take returns the types of the events that were raised, and forgets them.
func (o *owner) take() (types []gateway.EventType, pauses []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.raised {
		types = append(types, p.EventType())
	}
	pauses = o.pauses
	o.raised, o.times, o.pauses = nil, nil, nil
	return types, pauses
}

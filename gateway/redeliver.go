package gateway

import (
	"context"
	"fmt"
)

// replayed returns d as it is to be stored to be attempted from due on: with the
// whole schedule before it again if it had ended, else a little earlier.
func (d Delivery) replayed(due Tick) Delivery {
	if d.State != Undelivered {
		d.State, d.Ended = Undelivered, 0
		d.Base = d.Attempts
		d.Replays++
	}
	d.Due = due
	return d
}

// Redeliver has a delivery to the webhook with the given ID attempted at once: one
// that ended begins anew, one that waits is moved forward. It keeps its ID, by which
// receivers know what they had, unless newID is set. It returns an error of code
// NotFound or Conflict.
func (g *Gateway) Redeliver(ctx context.Context, webhook, delivery string, newID bool) (Delivery, Event, error) {
	return g.editDelivery(ctx, webhook, delivery, func(d *Delivery, e *Event) error {
		if e.Payload == nil {
			return &Error{Code: Conflict, Message: "the event of this delivery is not kept any more, so it cannot be delivered again"}
		}
		*d = d.replayed(g.clock.Now())
		if newID {
			d.ID = NewID()
		}
		return nil
	})
}

// CancelDelivery ends a delivery that waits. It returns an error of code NotFound,
// or Conflict if it has ended. An attempt under way is not stopped.
func (g *Gateway) CancelDelivery(ctx context.Context, webhook, delivery string) (Delivery, Event, error) {
	return g.editDelivery(ctx, webhook, delivery, func(d *Delivery, _ *Event) error {
		if d.State != Undelivered {
			return &Error{Code: Conflict, Message: "this delivery does not wait any more, it is " + d.State.String()}
		}
		d.State, d.Ended = Withdrawn, g.clock.Now()
		return nil
	})
}

func (g *Gateway) editDelivery(ctx context.Context, webhook, delivery string, edit func(*Delivery, *Event) error) (Delivery, Event, error) {
	d, e, err := g.Delivery(webhook, delivery)
	if err != nil {
		return d, e, err
	}
	if err := edit(&d, &e); err != nil {
		return d, e, err
	}
	if err := g.commit(ctx, Change{Deliveries: []Delivery{d}}); err != nil {
		return d, e, fmt.Errorf("store delivery: %w", err)
	}
	return d, e, nil
}

package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// deadStates are those that a [RecoverQuery] selects if it names none.
var deadStates = []DeliveryState{Exhausted, Blocked, Dropped}

// RecoverQuery selects deliveries that ended without having reached their receiver.
type RecoverQuery struct {
	Since, Until time.Time       // by the time they ended, on the wall clock of now; zero: open
	States       []DeliveryState // empty: every one that is Dead; Withdrawn is allowed, too
}

// Recover starts a job that has the selected deliveries to a webhook begin anew. They
// are attempted in the order of their events.
func (g *Gateway) Recover(webhook string, q RecoverQuery) (Job, error) {
	ep, err := g.known(webhook)
	if err != nil {
		return Job{}, err
	}
	if len(q.States) == 0 {
		q.States = deadStates
	}
	for _, s := range q.States {
		if !s.Dead() && s != Withdrawn {
			return Job{}, Invalidf("state must be exhausted, blocked, dropped or cancelled, not %s", s)
		}
	}
	since, until := g.tickOf(q.Since), g.tickOf(q.Until)
	return g.start(webhook, JobRecover, func(ctx context.Context, do func(Change, int) error) error {
		dq := DeliveryQuery{Endpoint: ep.Num, States: q.States, Since: since, Limit: jobChunk}
		due := g.clock.Now() // of all, so that they go in the order of their events
		for ctx.Err() == nil {
			ds, es, err := g.store.Deliveries(dq)
			if err != nil {
				return fmt.Errorf("read deliveries: %w", err)
			}
			if len(ds) == 0 {
				return nil
			}
			dq.Before = ds[len(ds)-1].Event
			var c Change
			for i := range ds {
				d := &ds[i]
				if es[i].Payload == nil || d.Ended < since || until != 0 && d.Ended > until {
					continue
				}
				c.Deliveries = append(c.Deliveries, d.replayed(due))
			}
			if err := do(c, len(c.Deliveries)); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// ReplayMissing starts a job that gives a webhook deliveries of events it would be
// sent today and that it never had one of, such as those from before it was
// registered, as far as they are kept. Since is by the time of the events; zero is
// open.
func (g *Gateway) ReplayMissing(webhook string, since time.Time) (Job, error) {
	if _, err := g.known(webhook); err != nil {
		return Job{}, err
	}
	return g.start(webhook, JobReplay, func(ctx context.Context, do func(Change, int) error) error {
		due := g.clock.Now()
		for after := uint64(0); ctx.Err() == nil; {
			ep, err := g.known(webhook) // as it is now
			if err != nil {
				return err
			}
			es, _, err := g.store.EventsAfter(after, jobChunk)
			if err != nil {
				return fmt.Errorf("read events: %w", err)
			}
			if len(es) == 0 {
				return nil
			}
			after = es[len(es)-1].Seq
			es = slices.DeleteFunc(es, func(e Event) bool { return e.At.Before(since) || !g.reaches(&ep, &e) })
			var c Change
			for i := range es {
				c.Missed = append(c.Missed, Delivery{
					ID: NewID(), Endpoint: ep.Num, Event: es[i].Seq, Subject: es[i].Subject, Rev: ep.Rev, Due: due,
				})
			}
			if err := do(c, len(es)); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

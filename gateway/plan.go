package gateway

import (
	"context"

	"tetherd/gateway/sms"
)

// Plan says what would become of a submission now.
type Plan struct {
	Message    Message       // as it would be stored
	Segments   []sms.Segment // that each recipient would be sent
	Recipients []PlannedRecipient
	Cost       Money  // of all parts to all recipients
	Currency   string // of Cost; may be empty
}

// PlannedRecipient says what would become of one recipient of a [Plan].
type PlannedRecipient struct {
	Modem   string // ID of the one that would send now; empty: none can
	Waiting string // why none can, or why it would not be sent at once; may be empty
	Cost    Money
}

// Plan does what [Gateway.SubmitBatch] does but store, count or send anything, and
// says what would come of it: one Plan for each of BatchResult.Messages. The same
// submissions are refused. Of one that took effect before, by the key of b.Once, only
// BatchResult.Replayed is set.
func (g *Gateway) Plan(ctx context.Context, b Batch) (BatchResult, []Plan, error) {
	if err := g.checkBatch(&b); err != nil {
		return BatchResult{}, nil, err
	}
	if b.Once != nil {
		if err := b.Once.check(); err != nil {
			return BatchResult{}, nil, err
		}
		if answer, err := g.remembered(NewRequestKey(b.User, b.Once.Key), b.Once); answer != nil || err != nil {
			return BatchResult{Replayed: answer}, nil, err
		}
	}
	r, err := g.prepareBatch(ctx, &b)
	if err != nil {
		return BatchResult{}, nil, err
	}
	refund, err := g.quotas.take(b.User, r.recipients(), g.clock.Now())
	if err != nil {
		return BatchResult{}, nil, err
	}
	refund()
	plans, waits := make([]Plan, len(r.Messages)), g.Waits()
	for i := range r.Messages {
		if plans[i], err = g.plan(&r.Messages[i], waits); err != nil {
			return BatchResult{}, nil, err
		}
	}
	return r, plans, nil
}

func (g *Gateway) plan(m *Message, waits *Waits) (Plan, error) {
	p := Plan{Message: *m, Recipients: make([]PlannedRecipient, len(m.Recipients)), Currency: g.Protection.Currency}
	var err error
	if p.Segments, _, err = g.segments(m); err != nil {
		return p, err
	}
	for i := range m.Recipients {
		r := &p.Recipients[i]
		r.Waiting = waits.Recipient(m, i)
		if m.SIM > max(len(g.lanes), g.slots) {
			r.Waiting = noSlot(m.SIM)
		}
		if r.Waiting == "" {
			r.Modem = g.sender(m.Lane(i))
		}
		r.Cost = g.meter.protect.cost(m.Recipients[i].Address, len(p.Segments))
		p.Cost += r.Cost
		if r.Waiting == "" {
			r.Waiting = g.whyPassed(&passing{charge: Charge{
				Modem: r.Modem, Message: m.Seq, Priority: m.Priority, To: hashOf(m.Recipients[i].Address),
				Parts: len(p.Segments), Cost: r.Cost,
			}})
		}
	}
	return p, nil
}

// sender returns the ID of the first modem that can send what waits in a lane.
func (g *Gateway) sender(waits Lane) string {
	for _, l := range g.lanes {
		if g.serves(l, waits) && l.trouble() == "" {
			return l.modem.ID()
		}
	}
	return ""
}

// PreviewNumber returns how a number would be dialled, or an [Error] of code Invalid.
func (g *Gateway) PreviewNumber(number string, unchecked bool) (string, error) {
	address, err := g.dial(number, unchecked)
	if err != nil {
		return "", Invalidf("it cannot be sent to: %v", err)
	}
	if g.OptOut == nil {
		return address, nil
	}
	if _, out, err := g.optedOut(address); err != nil {
		return "", err
	} else if out {
		return "", Invalidf("it opted out of messages")
	}
	return address, nil
}

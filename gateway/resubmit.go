package gateway

import (
	"context"
	"errors"
	"fmt"
)

// Resubmit sends a message again, as a new one, to those recipients for whom it
// failed or was cancelled and that it was not sent to again before, and links the two.
// What was encrypted stays so. Of when to send only a ValidUntil that is still ahead is
// kept. once may be nil; a request that is repeated under its key returns what was
// answered before, in place of a message.
//
// Errors are those of [Gateway.SubmitBatch], and of code [Conflict] if nobody is left to
// send to, if the content is not kept, or if it is a canary; ErrNotFound if there is no
// such message.
func (g *Gateway) Resubmit(ctx context.Context, user, id string, once *Once) (m Message, replayed []byte, err error) {
	if g.stopping.Load() {
		return Message{}, nil, errStopping
	}
	key, unlock, err := g.keyOf(user, once)
	if err != nil {
		return Message{}, nil, err
	}
	defer unlock()
	const most = 10 // the message changes while this is done, such as by reports
	for range most {
		// Also later: the client may have given one up that was on its way to the disk.
		if replayed, err := g.remembered(key, once); replayed != nil || err != nil {
			return Message{}, replayed, err
		}
		if m, err = g.resubmit(ctx, user, id, key, once); !errors.Is(err, ErrConflict) {
			return m, nil, err
		}
	}
	return Message{}, nil, fmt.Errorf("send message again: %w", err)
}

func (g *Gateway) resubmit(ctx context.Context, user, id string, key RequestKey, once *Once) (Message, error) {
	old, err := g.store.Message(id)
	if err != nil {
		return Message{}, err
	}
	m, err := g.again(&old)
	if err != nil {
		return Message{}, err
	}
	m.User = user
	if err := g.route(&m); err != nil {
		return Message{}, err
	}
	refund, err := g.quotas.take(user, len(m.Recipients), g.clock.Now())
	if err != nil {
		return Message{}, err
	}
	c := Change{}
	if m.SIM > max(len(g.lanes), g.slots) {
		g.failAll(&m, &c, noSlot(m.SIM), "")
	}
	if once != nil {
		request, err := g.request(key, once, &BatchResult{Messages: []Message{m}, Items: []int{0}})
		if err != nil {
			refund()
			return Message{}, fmt.Errorf("make answer: %w", err)
		}
		c.Requests = []Request{request}
	}
	c.Messages = append([]Message{m, old}, c.Messages...)
	if err := g.commit(ctx, c); err != nil {
		if ctx.Err() == nil {
			refund()
		}
		return Message{}, err
	}
	return c.Messages[0], nil
}

// again returns the message that sends m again, and notes that in m.
func (g *Gateway) again(m *Message) (Message, error) {
	refuse := func(format string, args ...any) (Message, error) {
		return Message{}, &Error{Code: Conflict, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case m.Canary != "":
		return refuse("Message %s is a canary, which is not sent again: POST /canary/run sends another", m.ID)
	case m.Text == "" && m.Data == nil && m.Sealed == "":
		return refuse("Message %s cannot be sent again: its content is not kept any more", m.ID)
	}
	now := g.now()
	next := Message{
		ID: NewID(), RetryOf: m.ID, Text: m.Text, Sealed: m.Sealed, Encoding: m.Encoding, Data: m.Data, Ports: m.Ports,
		Flash: m.Flash, SMSC: m.SMSC, SIM: m.SIM, Priority: m.Priority, DeliveryReport: m.DeliveryReport, CreatedAt: now,
	}
	if m.ValidUntil.After(now) {
		next.ValidUntil = m.ValidUntil
	}
	before := ""
	for i := range m.Recipients {
		r := &m.Recipients[i]
		switch {
		case r.State != Failed && r.State != Cancelled:
			continue
		case r.RetriedBy != "":
			before = r.RetriedBy
			continue
		}
		if err := g.refuseOptedOut(i, r.Number, r.Address); err != nil {
			return Message{}, err
		}
		r.RetriedBy = next.ID
		next.Recipients = append(next.Recipients, Recipient{
			Number: r.Number, Address: r.Address, State: Pending, Phase: Queued, PossibleDuplicate: r.mayHaveArrived(),
		})
	}
	switch {
	case len(next.Recipients) > 0:
	case before != "":
		return refuse("Message %s was sent again already, as %s: retry that one", m.ID, before)
	default:
		return refuse("Message %s is %s: it has no recipient for whom it failed or was cancelled, so there is nothing to retry", m.ID, m.State())
	}
	m.RetriedBy = next.ID
	next.note(now)
	return next, nil
}

// mayHaveArrived reports whether all of it may have left for r, although it failed.
func (r *Recipient) mayHaveArrived() bool {
	if r.PossibleDuplicate || r.Lost != nil {
		return true
	}
	for i := range r.Parts {
		if f := r.Parts[i].Fate; f != Unknown && f != Accepted {
			return false
		}
	}
	return len(r.Parts) > 0
}

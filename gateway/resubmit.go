package gateway

import (
	"context"
	"errors"
	"fmt"
)

// Resubmit sends a message again, as a new one, to those recipients for whom it
// failed or was cancelled, and links the two. What was encrypted stays so. Of when to
// send only a ValidUntil that is still ahead is kept. Errors are those of [Submit],
// and of code [Conflict] if nobody is left to send to, if the message was sent again
// before, or if its content is not kept; ErrNotFound if there is no such message.
func (g *Gateway) Resubmit(ctx context.Context, user, id string) (Message, error) {
	if g.stopping.Load() {
		return Message{}, errStopping
	}
	const most = 10 // the message changes while this is done, such as by reports
	var err error
	for range most {
		var m Message
		if m, err = g.resubmit(ctx, user, id); !errors.Is(err, ErrConflict) {
			return m, err
		}
	}
	return Message{}, fmt.Errorf("send message again: %w", err)
}

func (g *Gateway) resubmit(ctx context.Context, user, id string) (Message, error) {
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
	old.RetriedBy = m.ID
	c := Change{}
	if m.SIM > max(len(g.lanes), g.slots) {
		g.failAll(&m, &c, noSlot(m.SIM), "")
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

// again returns the message that sends m again.
func (g *Gateway) again(m *Message) (Message, error) {
	refuse := func(format string, args ...any) (Message, error) {
		return Message{}, &Error{Code: Conflict, Message: fmt.Sprintf(format, args...)}
	}
	if m.RetriedBy != "" {
		return refuse("Message %s was sent again already, as %s: retry that one", m.ID, m.RetriedBy)
	}
	if m.Text == "" && m.Data == nil && m.Sealed == "" {
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
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if r.State != Failed && r.State != Cancelled {
			continue
		}
		if err := g.refuseOptedOut(i, r.Number, r.Address); err != nil {
			return Message{}, err
		}
		next.Recipients = append(next.Recipients, Recipient{Number: r.Number, Address: r.Address, State: Pending, Phase: Queued})
	}
	if len(next.Recipients) == 0 {
		return refuse("Message %s has no recipient for whom it failed or was cancelled: there is nothing to retry", m.ID)
	}
	next.note(now)
	return next, nil
}

package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// emit adds an event with a delivery to each matching webhook to c.
func (g *Gateway) emit(c *Change, subject string, at time.Time, p Payload) (id string) {
	return g.emitTo(c, subject, at, p, nil)
}

// emitTo is emit for the webhooks for which to returns true; nil stands for all.
func (g *Gateway) emitTo(c *Change, subject string, at time.Time, p Payload, to func(*Endpoint) bool) (id string) {
	e := Emission{Event: Event{ID: NewID(), At: at, Subject: subject, Payload: p}}
	endpoints := *g.endpoints.Load()
	for i := range endpoints {
		ep := &endpoints[i]
		if (to == nil || to(ep)) && g.wants(ep, &e.Event) {
			e.Deliveries = append(e.Deliveries, Delivery{
				ID: NewID(), Endpoint: ep.Num, Subject: subject, Rev: ep.Rev, Due: g.clock.Now(),
			})
		}
	}
	c.Emissions = append(c.Emissions, e)
	return e.Event.ID
}

// wants reports whether ep is to be told of e.
func (g *Gateway) wants(ep *Endpoint, e *Event) bool {
	t := e.Type()
	if !ep.HasEvent(t) {
		return false
	}
	if g.Carries != nil && !g.Carries(ep, t) {
		return false
	}
	if d, ok := e.Payload.(MessageDelivered); ok && ep.PerPart != (d.Part > 0) {
		return false
	}
	return len(ep.Modems) == 0 || slices.Contains(ep.Modems, modemOf(e.Payload))
}

// modemOf returns the modem that an event is about; empty if it is about none.
func modemOf(p Payload) string {
	switch p := p.(type) {
	case MessageReceived:
		return p.Modem
	case MessageMatched:
		return p.Modem
	case DataReceived:
		return p.Modem
	case MMSReceived:
		return p.Modem
	case CallReceived:
		return p.Modem
	case DeviceOnline:
		return p.Modem
	case DeviceOffline:
		return p.Modem
	case BalanceLow:
		return p.Modem
	case MessageSent:
		return p.Modem
	case MessageDelivered:
		return p.Modem
	case MessageFailed:
		return p.Modem
	case MessageCancelled:
		return p.Modem
	case OptedOut:
		return p.Modem
	case OptedIn:
		return p.Modem
	}
	return ""
}

// Raise stores an event that is not part of another change, for the webhooks that
// want it except the one with the ID besides; empty: no exception.
func (g *Gateway) Raise(ctx context.Context, subject string, p Payload, besides string) error {
	var c Change
	g.emitTo(&c, subject, g.now(), p, func(ep *Endpoint) bool { return besides == "" || ep.ID != besides })
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("store %s: %w", p.EventType(), err)
	}
	return nil
}

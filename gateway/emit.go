package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tetherd/gateway/filter"
)

// emit adds an event to c, with a delivery to each webhook that is to be told of it.
func (g *Gateway) emit(c *Change, subject string, at time.Time, p Payload) (id string) {
	return g.emitTo(c, subject, &happening{at: at, payload: p}, nil)
}

// emitTo is emit for the webhooks for which to returns true; nil stands for all.
func (g *Gateway) emitTo(c *Change, subject string, h *happening, to func(*Endpoint) bool) (id string) {
	e := Emission{Event: Event{ID: NewID(), At: h.at, Subject: subject, Payload: h.payload}}
	if !h.canary {
		e.Talk = g.talk(h.payload)
	}
	out := g.fanOut(h, to)
	for _, p := range out.posts {
		e.Deliveries = append(e.Deliveries, Delivery{
			ID: NewID(), Endpoint: p.endpoint.Num, Subject: subject, Rev: p.endpoint.Rev, Due: g.clock.Now(),
		})
	}
	c.Emissions = append(c.Emissions, e)
	for _, f := range out.matched {
		if f.NotifyAdmin {
			g.alert(c, f, h)
		}
	}
	return e.Event.ID
}

// wants reports whether ep, by what it is registered for, is to be told of h.
func (g *Gateway) wants(ep *Endpoint, h *happening) bool {
	if !ep.HasEvent(h.payload.EventType()) || !g.carries(ep, h) {
		return false
	}
	if d, ok := h.payload.(MessageDelivered); ok && ep.PerPart != (d.Part > 0) {
		return false
	}
	if len(ep.Modems) > 0 && !slices.Contains(ep.Modems, modemOf(h.payload)) {
		return false
	}
	return g.matches(ep.Filter, h)
}

// carries reports whether ep's format has a form for h.
func (g *Gateway) carries(ep *Endpoint, h *happening) bool {
	return g.Carries == nil || g.Carries(ep, h.payload.EventType())
}

// matches reports whether f wants h; nil wants everything.
func (g *Gateway) matches(f *filter.Filter, h *happening) bool {
	return f == nil || f.Match(g.factsOf(h))
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
	case LimitWarning:
		return p.Modem
	case LimitReached:
		return p.Modem
	case CanaryFailed:
		return p.Modem
	case CanaryRecovered:
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
	modem := ""
	for i, single := range Singles(p) {
		if m := modemOf(single); i == 0 || m == modem {
			modem = m
		} else {
			return ""
		}
	}
	return modem
}

// Raise stores an event that is not part of another change, for the webhooks that
// want it except the one with the ID besides; empty: no exception.
func (g *Gateway) Raise(ctx context.Context, subject string, p Payload, besides string) error {
	var c Change
	g.emitTo(&c, subject, &happening{at: g.now(), payload: p}, func(ep *Endpoint) bool { return besides == "" || ep.ID != besides })
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("store %s: %w", p.EventType(), err)
	}
	return nil
}

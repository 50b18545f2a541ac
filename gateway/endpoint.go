package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxEndpoints bounds the registered webhooks: each event is copied to all that
// match, in one commit.
const maxEndpoints = 1000

// Endpoints returns the registered webhooks, oldest first.
func (g *Gateway) Endpoints() []Endpoint {
	return slices.Clone(*g.endpoints.Load())
}

// SaveEndpoint registers e, or replaces the endpoint with its ID; an empty ID is
// filled in. It returns an [Invalid] error if the URL or event cannot be used.
func (g *Gateway) SaveEndpoint(ctx context.Context, e Endpoint) (Endpoint, error) {
	if !e.Event.Valid() {
		return e, &Error{Code: Invalid, Message: "Unsupported event"}
	}
	if len(e.URL) > 4096 || len(e.ID) > 128 || strings.ContainsFunc(e.ID+e.URL, isControl) {
		return e, Invalidf("id and url must be at most 128 and 4096 characters, without control characters")
	}
	if g.CheckEndpoint != nil {
		if err := g.CheckEndpoint(e); err != nil {
			return e, &Error{Code: Invalid, Message: err.Error()}
		}
	}
	known := *g.endpoints.Load()
	i := slices.IndexFunc(known, func(k Endpoint) bool { return k.ID == e.ID })
	switch {
	case e.ID == "":
		e.ID = NewID()
	case i >= 0:
		e.CreatedAt = known[i].CreatedAt
		if e.Secret == "" {
			e.Secret = known[i].Secret
		}
	}
	if i < 0 {
		if len(known) >= maxEndpoints {
			return e, Invalidf("there are %d webhooks already, the most that can be registered: delete one first", maxEndpoints)
		}
		e.CreatedAt = g.now()
	}
	c := Change{Endpoints: []Endpoint{e}}
	if err := g.commit(ctx, c); err != nil {
		return e, fmt.Errorf("store webhook: %w", err)
	}
	return c.Endpoints[0], nil
}

// DeleteEndpoint removes the webhook with the given ID and what waits to be
// delivered to it. An unknown ID is no error.
func (g *Gateway) DeleteEndpoint(ctx context.Context, id string) error {
	if !slices.ContainsFunc(*g.endpoints.Load(), func(e Endpoint) bool { return e.ID == id }) {
		return nil
	}
	if err := g.commit(ctx, Change{DropEndpoints: []string{id}}); err != nil {
		return fmt.Errorf("delete webhook: %w", err)
	}
	return nil
}

func (g *Gateway) loadEndpoints() error {
	es, err := g.store.Endpoints()
	if err != nil {
		return fmt.Errorf("read webhooks: %w", err)
	}
	g.endpoints.Store(&es)
	return nil
}

// noteEndpoints brings the snapshot up to date with a stored Change.
func (g *Gateway) noteEndpoints(c Change) {
	es := slices.Clone(*g.endpoints.Load())
	for _, e := range c.Endpoints {
		if i := slices.IndexFunc(es, func(k Endpoint) bool { return k.ID == e.ID }); i >= 0 {
			es[i] = e
		} else {
			es = append(es, e)
		}
	}
	es = slices.DeleteFunc(es, func(e Endpoint) bool { return slices.Contains(c.DropEndpoints, e.ID) })
	g.endpoints.Store(&es)
}

// emit adds an event with a delivery to each matching webhook to c.
func (g *Gateway) emit(c *Change, subject string, at time.Time, p Payload) (id string) {
	e := Emission{Event: Event{ID: NewID(), At: at, Subject: subject, Payload: p}}
	for _, ep := range *g.endpoints.Load() {
		if ep.Event == p.EventType() {
			e.Deliveries = append(e.Deliveries, Delivery{ID: NewID(), Endpoint: ep.Num, Subject: subject, Due: g.clock.Now()})
		}
	}
	c.Emissions = append(c.Emissions, e)
	return e.Event.ID
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// maxEndpoints bounds the registered webhooks: each event is copied to all that
// match, in one commit.
const maxEndpoints = 1000

// Endpoints returns the registered webhooks, oldest first.
func (g *Gateway) Endpoints() []Endpoint {
	return slices.Clone(*g.endpoints.Load())
}

// Endpoint returns the webhook with the given ID.
func (g *Gateway) Endpoint(id string) (e Endpoint, ok bool) {
	known := *g.endpoints.Load()
	i := slices.IndexFunc(known, func(k Endpoint) bool { return k.ID == id })
	if i < 0 {
		return e, false
	}
	return known[i], true
}

// SaveEndpoint registers e, or replaces the endpoint with its ID; an empty ID is
// filled in. A replaced one keeps its secrets, unless e has some, and its pause. It
// returns an [Invalid] error if e cannot be used.
func (g *Gateway) SaveEndpoint(ctx context.Context, e Endpoint) (Endpoint, error) {
	g.saving.Lock()
	defer g.saving.Unlock()
	known, ok := g.Endpoint(e.ID)
	if ok && len(e.Secrets) == 0 {
		e.Secrets = known.Secrets
	}
	if ok && e.Paused == nil {
		e.Paused = known.Paused
	}
	if err := g.vet(&e); err != nil {
		return e, err
	}
	return g.storeEndpoint(ctx, e)
}

// EditEndpoint has edit alter the endpoint with the given ID and stores it. It
// returns ErrNotFound if there is none, an [Invalid] error if what edit made of it
// cannot be used, or the error of edit.
func (g *Gateway) EditEndpoint(ctx context.Context, id string, edit func(*Endpoint) error) (Endpoint, error) {
	return g.editEndpoint(ctx, id, func(e *Endpoint) error {
		if err := edit(e); err != nil {
			return err
		}
		return g.vet(e)
	})
}

// editEndpoint is EditEndpoint for what needs no vetting: it must be possible, too,
// when what was registered would not be accepted any more.
func (g *Gateway) editEndpoint(ctx context.Context, id string, edit func(*Endpoint) error) (Endpoint, error) {
	g.saving.Lock()
	defer g.saving.Unlock()
	e, ok := g.Endpoint(id)
	if !ok {
		return e, ErrNoEndpoint
	}
	if err := edit(&e); err != nil {
		return e, err
	}
	e.ID = id
	return g.storeEndpoint(ctx, e)
}

// vet returns an [Invalid] error if e cannot be used.
func (g *Gateway) vet(e *Endpoint) error {
	if err := e.check(); err != nil {
		return err
	}
	if g.CheckEndpoint != nil {
		if err := g.CheckEndpoint(e); err != nil {
			if _, ok := errors.AsType[*Error](err); ok {
				return err
			}
			return &Error{Code: Invalid, Message: err.Error()}
		}
	}
	return e.checkEvents()
}

// storeEndpoint stores e; saving is locked.
func (g *Gateway) storeEndpoint(ctx context.Context, e Endpoint) (Endpoint, error) {
	e, err := g.stampEndpoint(e)
	if err != nil {
		return e, err
	}
	c := Change{Endpoints: []Endpoint{e}}
	if err := g.commit(ctx, c); err != nil {
		return e, fmt.Errorf("store webhook: %w", err)
	}
	return c.Endpoints[0], nil
}

// stampEndpoint returns e with what the gateway keeps track of, or an [Invalid] error
// if there are too many; saving is locked.
func (g *Gateway) stampEndpoint(e Endpoint) (Endpoint, error) {
	e.UpdatedAt = g.now()
	if known, ok := g.Endpoint(e.ID); ok {
		e.CreatedAt = known.CreatedAt
		e.Rendering, e.Former = e.Rendering.after(known.Rendering, known.Former)
	} else {
		if n := len(*g.endpoints.Load()); n >= maxEndpoints {
			return e, Invalidf("there are %d webhooks already, the most that can be registered: delete one first", n)
		}
		if e.ID == "" {
			e.ID = NewID()
		}
		e.CreatedAt, e.Former, e.Rev = e.UpdatedAt, nil, 1
	}
	return e, nil
}

// checkEvents vets the types that e is registered for, and lists each once.
func (e *Endpoint) checkEvents() error {
	if len(e.Events) == 0 && !e.Routed {
		return BadEvent(": event must name one, or events several")
	}
	var once []EventType
	for _, t := range e.Events {
		if !t.Valid() && t != EventMMSDownloaded && t != EventBatchMMSDownloaded {
			return BadEvent(" %q: event must be one of %s", string(t), eventNames())
		}
		if !slices.Contains(once, t) {
			once = append(once, t)
		}
	}
	e.Events = once
	return nil
}

// BadEvent returns an [Error] with code [Invalid] about the event of a webhook, in the
// words that clients know. The rest of the sentence says what is wrong with it.
func BadEvent(format string, args ...any) error {
	const known = "Unsupported event"
	return &Error{Code: Invalid, Message: known, Detail: known + fmt.Sprintf(format, args...), Field: "event"}
}

func eventNames() string {
	names := make([]string, len(EventTypes))
	for i, t := range EventTypes {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// DeleteEndpoint removes the webhook with the given ID and what waits to be
// delivered to it. An unknown ID is no error; one that a [Forward] sends to is one of
// code [Conflict].
func (g *Gateway) DeleteEndpoint(ctx context.Context, id string) error {
	g.saving.Lock()
	defer g.saving.Unlock()
	if !slices.ContainsFunc(*g.endpoints.Load(), func(e Endpoint) bool { return e.ID == id }) {
		return nil
	}
	if fs := g.usedBy(id); len(fs) > 0 {
		return &Error{Code: Conflict, Message: fmt.Sprintf("route %s sends to this webhook: delete the route, or let it send elsewhere, first", fs[0].ID)}
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

// noteEndpoints brings the snapshot up to date with a stored Change. It tells in the
// log where events go from now on, for owners who did not ask for it.
func (g *Gateway) noteEndpoints(c Change) {
	es := slices.Clone(*g.endpoints.Load())
	for _, e := range c.Endpoints {
		i := slices.IndexFunc(es, func(k Endpoint) bool { return k.ID == e.ID })
		switch {
		case i < 0:
			es = append(es, e)
			g.log.Info().Str("webhook", e.ID).Str("host", e.host()).Any("events", e.Events).Msg("webhook registered")
			continue
		case es[i].URL != e.URL:
			g.log.Info().Str("webhook", e.ID).Str("host", e.host()).Msg("webhook has another URL")
		}
		es[i] = e
	}
	for _, id := range c.DropEndpoints {
		g.log.Info().Str("webhook", id).Msg("webhook deleted")
	}
	es = slices.DeleteFunc(es, func(e Endpoint) bool { return slices.Contains(c.DropEndpoints, e.ID) })
	g.endpoints.Store(&es)
}

// host returns the part of e's URL that is no secret.
func (e *Endpoint) host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tetherd/gateway/filter"
)

// maxForwards bounds the forwards: each event is held against all of them.
const maxForwards = 1000

// Forward sends the events that its filter wants to a webhook, besides those that
// are registered for them, and may tell the admins. The API calls it a route.
type Forward struct {
	ID   string `json:"id"`
	Seq  uint64 `json:"seq"`            // order, given by the store; 0 until stored
	Name string `json:"name,omitempty"` // for people

	Filter *filter.Filter `json:"filter,omitempty"` // nil: every event of the types
	Events []EventType    `json:"events"`           // types it looks at; empty becomes EventReceived alone

	// Webhook is the Endpoint.ID that the events go to; empty: none. Of the events that
	// the endpoint is registered for, its modems and its filter, none counts here.
	Webhook string `json:"webhook,omitempty"`
	// URL is that of Webhook if it was made for forwards alone; empty if it was not. A
	// Forward with a new URL is given a webhook of its own, or that of another Forward
	// with this URL.
	URL string `json:"-"`
	// Format is that of the webhook that is made for URL; empty: the default, or that of
	// the one there is.
	Format Format `json:"-"`
	// NotifyAdmin tells the admins of an event, by SMS. See Options.AdminNumbers.
	NotifyAdmin bool `json:"admin,omitempty"`
	// Exclusive keeps the events from the webhooks that are registered for them. Those
	// of other forwards get them.
	Exclusive bool `json:"exclusive,omitempty"`
	Disabled  bool `json:"disabled,omitempty"`

	CreatedAt time.Time `json:"created"`
	UpdatedAt time.Time `json:"updated"`
}

// errNoForward is the error for an ID that no forward has.
var errNoForward = &Error{Code: NotFound, Message: "there is no route with this id; GET /routes lists them", Err: ErrNotFound}

// Forwards returns every forward, oldest first.
func (g *Gateway) Forwards() []Forward {
	fs := slices.Clone(*g.forwards.Load())
	for i := range fs {
		g.aimed(&fs[i])
	}
	return fs
}

// Forward returns the forward with the given ID.
func (g *Gateway) Forward(id string) (f Forward, ok bool) {
	for _, f := range *g.forwards.Load() {
		if f.ID == id {
			g.aimed(&f)
			return f, true
		}
	}
	return f, false
}

// aimed fills in what f's webhook is like, if that was made for forwards.
func (g *Gateway) aimed(f *Forward) {
	f.URL, f.Format = "", ""
	if e, ok := g.Endpoint(f.Webhook); ok && e.Routed {
		f.URL, f.Format = e.URL, e.Format.Or()
	}
}

// SaveForward stores f as a new forward, or in the place of the one with its ID; an
// empty ID is filled in. It returns an [Invalid] error, naming the field of the
// API's route, if f cannot be used.
func (g *Gateway) SaveForward(ctx context.Context, f Forward) (Forward, error) {
	g.saving.Lock()
	defer g.saving.Unlock()
	return g.storeForward(ctx, f)
}

// EditForward has edit alter the forward with the given ID and stores it. It returns
// ErrNotFound if there is none, an [Invalid] error if what edit made of it cannot be
// used, or the error of edit.
func (g *Gateway) EditForward(ctx context.Context, id string, edit func(*Forward) error) (Forward, error) {
	g.saving.Lock()
	defer g.saving.Unlock()
	f, ok := g.Forward(id)
	if !ok {
		return f, errNoForward
	}
	if err := edit(&f); err != nil {
		return f, err
	}
	f.ID = id
	return g.storeForward(ctx, f)
}

// storeForward vets and stores f; saving is locked.
func (g *Gateway) storeForward(ctx context.Context, f Forward) (Forward, error) {
	if err := f.vet(); err != nil {
		return f, err
	}
	old, known := g.Forward(f.ID)
	f.UpdatedAt = g.now()
	if known {
		f.Seq, f.CreatedAt = old.Seq, old.CreatedAt
	} else {
		if n := len(*g.forwards.Load()); n >= maxForwards {
			return f, Invalidf("there are %d routes already, the most that can be: delete one first", n)
		}
		if f.ID == "" {
			f.ID = NewID()
		}
		f.Seq, f.CreatedAt = 0, f.UpdatedAt
	}
	var c Change
	if err := g.aim(&f, &old, &c); err != nil {
		return f, err
	}
	if known {
		g.abandon(&c, &old, f.Webhook)
	}
	c.Forwards = []Forward{f}
	if err := g.commit(ctx, c); err != nil {
		return f, fmt.Errorf("store route: %w", err)
	}
	f.Seq = c.Forwards[0].Seq
	g.aimed(&f)
	return f, nil
}

// vet fills in what f leaves out, and refuses what cannot be.
func (f *Forward) vet() error {
	switch {
	case len(f.ID) > maxIDLength || strings.ContainsFunc(f.ID, isControl):
		return Invalidf("id must be at most %d characters, without control characters", maxIDLength)
	case len(f.Name) > maxIDLength || strings.ContainsFunc(f.Name, isControl):
		return Invalidf("name must be at most %d characters, without control characters", maxIDLength)
	case f.URL == "" && f.Webhook == "" && !f.NotifyAdmin:
		return Invalidf("action does nothing: give it webhook (a URL), webhookId or notify_admin")
	case f.URL == "" && f.Webhook == "" && f.Exclusive:
		return Invalidf("action.exclusive needs a webhook that gets the events instead: give webhook (a URL) or webhookId")
	}
	if len(f.Events) == 0 {
		f.Events = []EventType{EventReceived}
	}
	f.Events = slices.Compact(slices.Sorted(slices.Values(f.Events)))
	for i, t := range f.Events {
		switch {
		case !t.Valid():
			return Invalidf("events[%d] %q is not the name of an event: leave events out for %s", i, t, EventReceived)
		case t == EventPing:
			return Invalidf("events[%d]: %s goes to the webhooks that are registered for it, not through routes", i, t)
		}
	}
	return nil
}

// aim finds the endpoint that f, which takes the place of old, sends to, or adds it to
// c.
func (g *Gateway) aim(f, old *Forward, c *Change) error {
	if f.URL == "" {
		e, ok := g.Endpoint(f.Webhook)
		if f.Webhook != "" && !ok {
			return Invalidf("action.webhookId: there is no webhook %q: register it first, or give action.webhook, a URL", f.Webhook)
		}
		if e.Routed {
			f.URL = e.URL
		}
		return nil
	}
	there, own := g.routedTo(f.URL), g.ownEndpoint(old)
	var e Endpoint
	switch {
	case there != nil && (own == nil || own.ID != there.ID):
		if f.Format != "" && f.Format != there.Format.Or() {
			return Invalidf("action.format: the webhook %s of this URL has the format %s: leave format out, or change that of the webhook", there.ID, there.Format.Or())
		}
		f.Webhook = there.ID
		return nil
	case own != nil: // keeps its secret, its settings and what waits for it
		if e = *own; f.Format != "" && f.Format != e.Format.Or() {
			e.Format = f.Format
		}
		e.URL = f.URL
	default:
		e = Endpoint{
			URL: f.URL, Name: f.Name, Routed: true, Rendering: Rendering{Format: f.Format},
			Secrets: []Secret{{Key: NewSecret(), Since: g.now()}},
		}
	}
	err := g.vet(&e)
	if err == nil {
		e, err = g.stampEndpoint(e)
	}
	if CodeOf(err) == Invalid {
		return &Error{Code: Invalid, Message: "action.webhook: " + err.Error()}
	}
	if err != nil {
		return err
	}
	f.Webhook = e.ID
	c.Endpoints = append(c.Endpoints, e)
	return nil
}

// routedTo returns the webhook that was made for forwards to a URL; nil if there is
// none.
func (g *Gateway) routedTo(url string) *Endpoint {
	endpoints := *g.endpoints.Load()
	for i := range endpoints {
		if e := &endpoints[i]; e.Routed && e.URL == url {
			return e
		}
	}
	return nil
}

// ownEndpoint returns the webhook that was made for f if no other forward uses it,
// else nil.
func (g *Gateway) ownEndpoint(f *Forward) *Endpoint {
	e, ok := g.Endpoint(f.Webhook)
	if !ok || !e.Routed || len(g.usedBy(e.ID)) > 1 {
		return nil
	}
	return &e
}

// abandon adds to c that the webhook of a forward, which now sends to another one,
// goes, if it was made for forwards and none else uses it.
func (g *Gateway) abandon(c *Change, f *Forward, now string) {
	if e := g.ownEndpoint(f); e != nil && e.ID != now {
		c.DropEndpoints = append(c.DropEndpoints, e.ID)
	}
}

// DeleteForward removes the forward with the given ID, and its webhook if that was
// made for forwards and no other uses it. It returns ErrNotFound if there is none.
func (g *Gateway) DeleteForward(ctx context.Context, id string) error {
	g.saving.Lock()
	defer g.saving.Unlock()
	f, ok := g.Forward(id)
	if !ok {
		return errNoForward
	}
	c := Change{DropForwards: []string{id}, Settings: map[string]string{alertSetting(id): ""}}
	g.abandon(&c, &f, "")
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("delete route: %w", err)
	}
	g.alerts.forget(id)
	return nil
}

// usedBy returns the forwards that send to an endpoint.
func (g *Gateway) usedBy(endpoint string) []Forward {
	return slices.DeleteFunc(g.Forwards(), func(f Forward) bool { return f.Webhook != endpoint })
}

func (g *Gateway) loadForwards() error {
	fs, err := g.store.Forwards()
	if err != nil {
		return fmt.Errorf("read routes: %w", err)
	}
	g.forwards.Store(&fs)
	for i := range fs {
		if err := g.loadAlerts(fs[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// noteForwards brings the snapshot up to date with a stored Change.
func (g *Gateway) noteForwards(c Change) {
	fs := slices.Clone(*g.forwards.Load())
	for _, f := range c.Forwards {
		if i := slices.IndexFunc(fs, func(k Forward) bool { return k.ID == f.ID }); i >= 0 {
			fs[i] = f
		} else {
			fs = append(fs, f)
		}
	}
	fs = slices.DeleteFunc(fs, func(f Forward) bool { return slices.Contains(c.DropForwards, f.ID) })
	g.forwards.Store(&fs)
}

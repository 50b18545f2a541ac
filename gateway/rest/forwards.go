package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// listForwards is GET /routes.
func (s *server) listForwards(w http.ResponseWriter, _ *http.Request) error {
	fs := s.gateway.Forwards()
	out := make([]api.Route, len(fs))
	for i := range fs {
		r, err := s.apiRoute(&fs[i])
		if err != nil {
			return err
		}
		out[i] = r
	}
	return reply(w, http.StatusOK, out)
}

// getForward is GET /routes/{id}.
func (s *server) getForward(w http.ResponseWriter, r *http.Request) error {
	f, err := s.knownForward(r)
	if err != nil {
		return err
	}
	return s.replyForward(w, http.StatusOK, &f, "")
}

// readForward reads the body of a request that describes a route. It returns the
// object, too, which knows what was absent.
func readForward(w http.ResponseWriter, r *http.Request) (*object, gateway.Forward, error) {
	o, err := readObject(w, r)
	if err != nil {
		return nil, gateway.Forward{}, err
	}
	f, err := decodeForward(o)
	return o, f, err
}

// addForward is POST /routes.
func (s *server) addForward(w http.ResponseWriter, r *http.Request) error {
	_, f, err := readForward(w, r)
	if err != nil {
		return err
	}
	f, secret, err := s.saveForward(r, f)
	if err != nil {
		return err
	}
	w.Header().Set("Location", r.URL.EscapedPath()+"/"+url.PathEscape(f.ID))
	return s.replyForward(w, http.StatusCreated, &f, secret)
}

// replaceForward is PUT /routes/{id}. An unknown ID makes a new route.
func (s *server) replaceForward(w http.ResponseWriter, r *http.Request) error {
	_, f, err := readForward(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if f.ID != "" && f.ID != id {
		return gateway.Invalidf("id %q is not that of the path, %q: leave it out", f.ID, id)
	}
	status := http.StatusOK
	if _, known := s.gateway.Forward(id); !known {
		status = http.StatusCreated
	}
	f.ID = id
	f, secret, err := s.saveForward(r, f)
	if err != nil {
		return err
	}
	return s.replyForward(w, status, &f, secret)
}

// editForward is PATCH /routes/{id}: fields that are absent, also in the action, stay
// as they are, those that are null get their default.
func (s *server) editForward(w http.ResponseWriter, r *http.Request) error {
	o, change, err := readForward(w, r)
	if err != nil {
		return err
	}
	before := s.gateway.Endpoints()
	f, err := s.gateway.EditForward(r.Context(), r.PathValue("id"), func(f *gateway.Forward) error {
		if o.has("name") {
			f.Name = change.Name
		}
		if o.has("filter") {
			f.Filter = change.Filter
		}
		if o.has("events") {
			f.Events = change.Events
		}
		if o.has("enabled") {
			f.Disabled = change.Disabled
		}
		if action := o.object("action"); action != nil {
			editAction(f, action, &change)
		}
		return s.sameTarget(f)
	})
	if err != nil {
		return err
	}
	return s.replyForward(w, http.StatusOK, &f, s.newSecret(&f, before))
}

// editAction does with the action what editForward does. A URL takes the place of an
// ID, and the other way round.
func editAction(f *gateway.Forward, action *object, change *gateway.Forward) {
	if action.has("webhook") || action.has("webhookId") {
		f.URL, f.Webhook, f.Format = change.URL, change.Webhook, ""
	}
	if action.has("format") {
		f.Format = change.Format
	}
	if action.has("notify_admin") {
		f.NotifyAdmin = change.NotifyAdmin
	}
	if action.has("exclusive") {
		f.Exclusive = change.Exclusive
	}
}

// deleteForward is DELETE /routes/{id}.
func (s *server) deleteForward(w http.ResponseWriter, r *http.Request) error {
	if err := s.gateway.DeleteForward(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// tryForward is POST /routes/{id}/test. Nothing is sent.
func (s *server) tryForward(w http.ResponseWriter, r *http.Request) error {
	f, err := s.knownForward(r)
	if err != nil {
		return err
	}
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	sample := gateway.Sample{
		Event: gateway.EventType(value(o.text("event"))), Phone: value(o.text("phone")),
		Text: value(o.text("text")), Modem: value(o.text("deviceId")), At: value(o.time("at")).Time,
	}
	if err := o.problem(); err != nil {
		return err
	}
	tried, err := s.gateway.Try(sample)
	if err != nil {
		return err
	}
	out := api.RouteTest{
		Routes: []api.RouteTestRoute{}, Webhooks: []api.RouteTestWebhook{},
		NotifyAdmin: tried.Alert, Exclusive: tried.Exclusive,
	}
	for _, m := range tried.Matched {
		out.Matched = out.Matched || m.ID == f.ID
		out.Routes = append(out.Routes, api.RouteTestRoute{ID: m.ID, Name: m.Name})
	}
	for _, p := range tried.Posts {
		out.Webhooks = append(out.Webhooks, api.RouteTestWebhook{ID: p.Endpoint.ID, URL: p.Endpoint.URL, Route: p.Via})
	}
	return reply(w, http.StatusOK, out)
}

// knownForward returns the route of the path.
func (s *server) knownForward(r *http.Request) (gateway.Forward, error) {
	id := r.PathValue("id")
	f, ok := s.gateway.Forward(id)
	if !ok {
		return f, &gateway.Error{Code: gateway.NotFound, Message: fmt.Sprintf("there is no route %q; GET /routes lists them", id)}
	}
	return f, nil
}

// saveForward stores f and returns the secret of the webhook that was made for it.
func (s *server) saveForward(r *http.Request, f gateway.Forward) (gateway.Forward, string, error) {
	if err := s.sameTarget(&f); err != nil {
		return f, "", err
	}
	before := s.gateway.Endpoints()
	f, err := s.gateway.SaveForward(r.Context(), f)
	if err != nil {
		return f, "", err
	}
	return f, s.newSecret(&f, before), nil
}

// newSecret returns the secret of f's webhook if that is none of those before.
func (s *server) newSecret(f *gateway.Forward, before []gateway.Endpoint) string {
	e, ok := s.gateway.Endpoint(f.Webhook)
	if !ok || !e.Routed || len(e.Secrets) == 0 ||
		slices.ContainsFunc(before, func(b gateway.Endpoint) bool { return b.ID == e.ID }) {
		return ""
	}
	return e.Secrets[0].Key
}

// sameTarget refuses a URL and an ID that name two webhooks; both together are what
// answers have.
func (s *server) sameTarget(f *gateway.Forward) error {
	if f.URL == "" || f.Webhook == "" {
		return nil
	}
	if e, ok := s.gateway.Endpoint(f.Webhook); ok && e.URL == f.URL {
		return nil
	}
	return gateway.Invalidf("action.webhook and action.webhookId name two webhooks: leave one of them out")
}

// decodeForward reads the body of a route. All errors are of code Invalid.
func decodeForward(o *object) (gateway.Forward, error) {
	f := gateway.Forward{ID: value(o.text("id")), Name: value(o.text("name")), Filter: o.filter()}
	for _, e := range o.texts("events") {
		f.Events = append(f.Events, gateway.EventType(e))
	}
	if enabled := o.boolean("enabled"); enabled != nil {
		f.Disabled = !*enabled
	}
	if a := o.object("action"); a != nil {
		a.only("webhook", "webhookId", "format", "secret", "notify_admin", "exclusive") // the secret is of an answer
		f.URL, f.Webhook = value(a.text("webhook")), value(a.text("webhookId"))
		f.Format = gateway.Format(value(a.text("format")))
		f.NotifyAdmin, f.Exclusive = value(a.boolean("notify_admin")), value(a.boolean("exclusive"))
	}
	return f, o.problem()
}

func (s *server) replyForward(w http.ResponseWriter, status int, f *gateway.Forward, secret string) error {
	r, err := s.apiRoute(f)
	if err != nil {
		return err
	}
	r.Action.Secret = secret
	return reply(w, status, r)
}

// apiRoute returns f as the API shows it.
func (s *server) apiRoute(f *gateway.Forward) (api.Route, error) {
	enabled := !f.Disabled
	r := api.Route{
		ID: f.ID, Name: f.Name, Enabled: &enabled,
		Action: api.RouteAction{
			Webhook: f.URL, WebhookID: f.Webhook, Format: string(f.Format), NotifyAdmin: f.NotifyAdmin, Exclusive: f.Exclusive,
		},
		CreatedAt: &api.Time{Time: f.CreatedAt}, UpdatedAt: &api.Time{Time: f.UpdatedAt},
	}
	for _, t := range f.Events {
		r.Events = append(r.Events, string(t))
	}
	if f.Filter != nil {
		b, err := json.Marshal(f.Filter)
		if err != nil {
			return r, fmt.Errorf("encode filter: %w", err)
		}
		r.Filter = b
	}
	if f.NotifyAdmin && len(s.gateway.AdminNumbers) == 0 {
		r.Warnings = append(r.Warnings, "nobody is told by SMS: alerts.admin_numbers is not set in the configuration")
	}
	return r, nil
}

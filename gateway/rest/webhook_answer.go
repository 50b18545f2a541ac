package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// webhook returns e as the API shows it: without what is secret, and with how it
// fares if st is not nil.
func (s *server) webhook(e *gateway.Endpoint, st *gateway.EndpointStatus) (api.Webhook, error) {
	w, err := plainWebhook(e)
	if err != nil {
		return w, err
	}
	w.URL = gateway.RedactedURL(w.URL)
	for name := range w.Headers {
		w.Headers[name] = gateway.Redacted
	}
	if w.Auth != nil {
		hide(&w.Auth.Password)
		hide(&w.Auth.Token)
	}
	if w.TLS != nil {
		hide(&w.TLS.Key)
	}
	w.Source = "Local"
	if len(e.Events) > 0 {
		w.Event = string(e.Events[0])
	}
	if p := e.Paused; p != nil {
		w.Paused = true
		w.Pause = &api.WebhookPause{Reason: p.Reason, Note: p.Note, Since: wire(p.Since)}
	}
	scheme, _, _ := strings.Cut(e.URL, ":")
	w.Insecure = strings.EqualFold(scheme, "http") || e.TLS != nil && e.TLS.Insecure
	w.Routed = e.Routed
	w.CreatedAt, w.UpdatedAt = wire(e.CreatedAt), wire(e.UpdatedAt)
	if st != nil {
		w.Health = new(s.webhookHealth(e, st))
	}
	return w, nil
}

func hide(s *string) {
	if *s != "" {
		*s = gateway.Redacted
	}
}

// plainWebhook returns what a request would have to say to make e, secrets and
// pauses excepted. It shares nothing with e that is altered later.
func plainWebhook(e *gateway.Endpoint) (api.Webhook, error) {
	w := api.Webhook{
		ID: e.ID, URL: e.URL, Name: e.Name, Modems: e.Modems,
		Format: string(e.Format.Or()), Kind: e.Kind, ExtendedEvents: e.Extended,
		Template: e.Template, Method: e.Method, ContentType: e.ContentType, Signature: e.Signature,
		Timeout: api.Duration(e.Timeout), Redirects: string(e.Redirects),
		Slots: e.Slots, Ordered: e.Ordered, MaxPending: e.MaxPending,
	}
	for _, t := range e.Events {
		w.Events = append(w.Events, string(t))
	}
	if e.Thin {
		w.Payload = "thin"
	}
	if e.PerPart {
		w.DeliveredPer = "part"
	}
	if e.Newest {
		w.Drain = "newest-first"
	}
	if e.KeepOnGone {
		w.DisableOnGone = new(false)
	}
	if len(e.Headers) > 0 {
		w.Headers = make(map[string]string)
		for _, h := range e.Headers {
			w.Headers[h.Name] = h.Value
		}
	}
	if a := e.Auth; a != nil {
		w.Auth = &api.WebhookAuth{Type: a.Type, Username: a.Username, Password: a.Password, Token: a.Token}
	}
	if t := e.TLS; t != nil {
		w.TLS = &api.WebhookTLS{CA: t.CA, Cert: t.Cert, Key: t.Key, ServerName: t.ServerName, Pins: t.Pins, Insecure: t.Insecure}
	}
	if r := e.Retry; r.Max != nil || r.Base != 0 || len(r.Schedule) > 0 || r.Jitter != 0 || len(r.GiveUpOn) > 0 {
		w.Retry = &api.WebhookRetry{Max: r.Max, Base: api.Duration(r.Base), Jitter: r.Jitter, GiveUpOn: r.GiveUpOn}
		for _, d := range r.Schedule {
			w.Retry.Schedule = append(w.Retry.Schedule, api.Duration(d))
		}
	}
	if e.Rate != (gateway.RateLimit{}) {
		w.Rate = &api.WebhookRate{PerSecond: e.Rate.PerSecond, Burst: e.Rate.Burst}
	}
	if e.Filter != nil {
		b, err := json.Marshal(e.Filter)
		if err != nil {
			return w, fmt.Errorf("encode filter: %w", err)
		}
		w.Filter = b
	}
	return w, nil
}

// merged returns the registration of e with patch merged into it (RFC 7396), ready
// to be decoded.
func merged(e *gateway.Endpoint, patch *object) (*object, error) {
	plain, err := plainWebhook(e)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("encode webhook: %w", err)
	}
	base, err := parseObject(b)
	if err != nil {
		return nil, err
	}
	delete(base.fields, "event") // it is among the events
	if _, ok := patch.fields["event"]; ok {
		delete(base.fields, "events")
	}
	for name, v := range patch.fields {
		base.fields[name] = v
	}
	for _, name := range []string{"headers", "tls", "retry", "rate"} {
		if err := base.mergeInner(name, b); err != nil {
			return nil, err
		}
	}
	return base, nil
}

// mergeInner merges an object within o into what it is in before.
func (o *object) mergeInner(name string, before []byte) error {
	inner := o.object(name)
	if inner == nil {
		return o.problem()
	}
	var was map[string]json.RawMessage
	if err := json.Unmarshal(before, &was); err != nil {
		return fmt.Errorf("decode webhook: %w", err)
	}
	fields := make(map[string]json.RawMessage)
	if b, ok := was[name]; ok {
		if err := json.Unmarshal(b, &fields); err != nil {
			return fmt.Errorf("decode webhook: %w", err)
		}
	}
	if name == "headers" { // whose names are the same in any case
		for k := range inner.fields {
			maps.DeleteFunc(fields, func(have string, _ json.RawMessage) bool { return strings.EqualFold(have, k) })
		}
	}
	maps.Copy(fields, inner.fields)
	b, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encode webhook: %w", err)
	}
	o.fields[name] = b
	return nil
}

// webhookHealth says how a webhook fares.
func (s *server) webhookHealth(e *gateway.Endpoint, st *gateway.EndpointStatus) api.WebhookHealth {
	h := api.WebhookHealth{
		Status: "ok", Pending: st.Pending, Dead: st.Dead, Failures: st.Failures, LastCode: st.LastCode,
		LastSuccess: wire(st.LastSuccess), LastFailure: wire(st.LastFailure),
	}
	switch {
	case e.Paused != nil:
		h.Status = "paused"
	case st.Failures > 0:
		h.Status = "failing"
	case st.LastSuccess.IsZero() && st.LastFailure.IsZero():
		h.Status = "new"
	}
	if st.Pending > 0 && e.Paused == nil {
		h.NextAttempt = s.wallOf(max(st.NextDue, 1))
	}
	return h
}

// wallOf returns what the wall clock will show, or has shown, at t if it goes on as
// it does; no time if t is 0.
func (s *server) wallOf(t gateway.Tick) api.Time {
	if t == 0 {
		return api.Time{}
	}
	return wire(s.gateway.TimeOf(t))
}

func (s *server) now() time.Time { return s.gateway.Now() }

// pause returns one that the owner makes.
func (s *server) pause(note string) *gateway.Pause {
	return &gateway.Pause{Reason: gateway.PausedByOwner, Note: note, Since: s.now()}
}

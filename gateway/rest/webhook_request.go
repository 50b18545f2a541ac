package rest

import (
	"slices"
	"strconv"
	"strings"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/filter"
)

// minSecret is how short a secret that somebody chose may be, in characters: as
// short as the ones that the phone app makes.
const minSecret = 8

// webhookRequest is what a request wants of a webhook.
type webhookRequest struct {
	gateway.Endpoint                    // with placeholders for what was not shown
	device           *string            // the gateway's identity, or the name of a modem; nil: none
	secret           *api.WebhookSecret // nil: leave it
	paused           *bool              // nil: leave it
}

// decodeWebhook reads the body of a registration. All errors are of code Invalid.
func decodeWebhook(o *object) (*webhookRequest, error) {
	r := &webhookRequest{device: o.text("deviceId")}
	e := &r.Endpoint
	e.ID, e.URL, e.Name = value(o.text("id")), value(o.text("url")), value(o.text("name"))
	for _, t := range append([]string{value(o.text("event"))}, o.texts("events")...) {
		if t != "" {
			e.Events = append(e.Events, gateway.EventType(t))
		}
	}
	e.Modems = o.texts("modems")
	if b, ok := o.field("filter"); ok {
		var err error
		if e.Filter, err = filter.Parse(b); err != nil {
			return nil, gateway.Invalidf("%v", err)
		}
	}
	decodeRendering(o, e)
	e.PerPart = o.choice("deliveredPer", "message", "part") == 1
	decodeSecurity(o, r)
	decodeFlow(o, r)
	return r, o.problem()
}

func decodeRendering(o *object, e *gateway.Endpoint) {
	e.Format = gateway.Format(value(o.text("format")))
	if e.Format == gateway.FormatSMSGate {
		e.Format = "" // the default, however it is said
	}
	e.Kind = value(o.text("kind"))
	e.Extended = value(o.boolean("extendedEvents"))
	e.Thin = o.choice("payload", "full", "thin") == 1
	e.Template = value(o.text("template"))
	e.Method = strings.ToUpper(value(o.text("method")))
	e.ContentType = value(o.text("contentType"))
	e.Signature = value(o.text("signature"))
}

// decodeSecurity reads how requests are proven, authorised and protected.
func decodeSecurity(o *object, r *webhookRequest) {
	r.secret = o.secret("secret")
	if h := o.object("headers"); h != nil {
		for _, name := range h.names() {
			r.Headers = append(r.Headers, gateway.Header{Name: name, Value: value(h.text(name))})
		}
	}
	if a := o.object("auth"); a != nil {
		r.Auth = &gateway.EndpointAuth{
			Type: value(a.text("type")), Username: value(a.text("username")),
			Password: value(a.text("password")), Token: value(a.text("token")),
		}
	}
	if t := o.object("tls"); t != nil {
		r.TLS = &gateway.EndpointTLS{
			CA: value(t.text("ca")), Cert: value(t.text("cert")), Key: value(t.text("key")),
			ServerName: value(t.text("serverName")), Pins: t.texts("pins"), Insecure: value(t.boolean("insecure")),
		}
	}
}

// decodeFlow reads when and how much is sent.
func decodeFlow(o *object, r *webhookRequest) {
	e := &r.Endpoint
	e.Timeout = o.duration("timeout")
	if t := o.object("retry"); t != nil {
		if n := t.integer("max", 0, 50); n != nil {
			e.Retry.Max = new(int(*n))
		}
		e.Retry.Base = t.duration("base")
		e.Retry.Schedule = t.durations("schedule")
		e.Retry.Jitter = int(value(t.integer("jitter", 0, 10)))
		e.Retry.GiveUpOn = t.integers("giveUpOn", 300, 599)
	}
	e.Redirects = gateway.RedirectPolicy(value(o.text("redirects")))
	if t := o.object("rate"); t != nil {
		e.Rate.PerSecond = value(t.number("perSecond"))
		e.Rate.Burst = int(value(t.integer("burst", 1, 10000)))
	}
	e.Slots = int(value(o.integer("slots", 1, 32)))
	e.Ordered = value(o.boolean("ordered"))
	e.Newest = o.choice("drain", "oldest-first", "newest-first") == 1
	e.MaxPending = int(value(o.integer("maxPending", 1, 10_000_000)))
	e.KeepOnGone = !orTrue(o.boolean("disableOnGone"))
	r.paused = o.boolean("paused")
}

func orTrue(b *bool) bool { return b == nil || *b }

// choice returns the index of a text among those allowed, 0 if there is none.
func (o *object) choice(name string, allowed ...string) int {
	s := o.text(name)
	if s == nil || *s == "" {
		return 0
	}
	i := slices.Index(allowed, *s)
	if i < 0 {
		o.complain(name, strings.Join(allowed, " or "))
		return 0
	}
	return i
}

// secret returns a secret or what is to be done about it, or nil if there is none.
func (o *object) secret(name string) *api.WebhookSecret {
	b, ok := o.field(name)
	if !ok {
		return nil
	}
	var s api.WebhookSecret
	switch {
	case s.UnmarshalJSON(b) != nil:
		o.complain(name, "a text, or true to have one made, or false for the key of the gateway, got "+kindOf(b))
	case b[0] == '"' && s.Text != gateway.Redacted && len([]rune(s.Text)) < minSecret:
		o.complain(name, "a text of at least "+strconv.Itoa(minSecret)+" characters, or true to have one made")
	}
	return &s
}

// names returns the names of the fields that are not null, in order.
func (o *object) names() []string {
	var names []string
	for name := range o.fields {
		if _, ok := o.field(name); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// onto returns the webhook that r makes of old, which is the zero value for a new
// one, and the secret that is to be shown; empty if none is new.
func (r *webhookRequest) onto(s *server, old gateway.Endpoint, known bool) (e gateway.Endpoint, shown string, err error) {
	e = r.Endpoint
	e.ID, e.Num, e.Routed, e.Secrets, e.Paused = old.ID, old.Num, old.Routed, old.Secrets, old.Paused
	if !known {
		e.ID = r.ID
	}
	if len(e.Events) == 0 && !e.Routed {
		return e, "", gateway.BadEvent(": event must name one, or events several")
	}
	if err := s.setModems(&e, r.device, old.Modems); err != nil {
		return e, "", err
	}
	if err := restore(&e, &old); err != nil {
		return e, "", err
	}
	if r.paused != nil && *r.paused != (old.Paused != nil) {
		e.Paused = nil
		if *r.paused {
			e.Paused = s.pause("")
		}
	}
	shown, err = r.setSecret(s, &e, known)
	return e, shown, err
}

// setSecret gives e the secret that is wanted, and returns it if it is new.
func (r *webhookRequest) setSecret(s *server, e *gateway.Endpoint, known bool) (shown string, err error) {
	want := r.secret
	switch {
	case want == nil && !known && e.Format != "":
		want = &api.WebhookSecret{Make: true}
	case want == nil:
		return "", nil
	}
	text := want.Text
	switch {
	case text == gateway.Redacted:
		if len(e.Secrets) == 0 {
			return "", gateway.Invalidf("secret is %s, which stands for one that is not shown, and none is stored: write it, or true to have one made", gateway.Redacted)
		}
		return "", nil
	case text == "" && !want.Make:
		e.Secrets = nil
		return "", nil
	case text == "" && len(e.Secrets) > 0:
		return "", nil // there is one
	case text == "":
		text = gateway.NewSecret()
	}
	e.Secrets = []gateway.Secret{{Key: text, Since: s.now()}}
	return text, nil
}

// setModems adds the modem that a device is, unless that is the gateway, and refuses
// modems that there are not, unless they were accepted before.
func (s *server) setModems(e *gateway.Endpoint, device *string, before []string) error {
	var there []string
	for _, m := range s.gateway.Modems() {
		there = append(there, m.Modem)
	}
	if device != nil {
		m, err := s.deviceNamed(*device)
		if err != nil {
			return gateway.BadField("deviceId", "Device ID mismatch")
		}
		if m.Modem != "" && !slices.Contains(e.Modems, m.Modem) {
			e.Modems = append(slices.Clone(e.Modems), m.Modem)
		}
	}
	for i, name := range e.Modems {
		if !slices.Contains(there, name) && !slices.Contains(before, name) {
			return gateway.Invalidf("modems[%d]: there is no modem %q; there are: %s", i, name, strings.Join(there, ", "))
		}
	}
	return nil
}

// restore puts what is stored in the place of what was sent back as it was shown.
func restore(e, old *gateway.Endpoint) (err error) {
	if e.URL, err = gateway.RestoredURL(e.URL, old.URL); err != nil {
		return err
	}
	missing := func(field string) error {
		return gateway.Invalidf("%s is %s, which stands for a value that is not shown, and none is stored: write the value", field, gateway.Redacted)
	}
	for i := range e.Headers {
		h := &e.Headers[i]
		if h.Value != gateway.Redacted {
			continue
		}
		j := slices.IndexFunc(old.Headers, func(o gateway.Header) bool { return strings.EqualFold(o.Name, h.Name) })
		if j < 0 {
			return missing("headers." + h.Name)
		}
		h.Value = old.Headers[j].Value
	}
	var auth gateway.EndpointAuth
	var tls gateway.EndpointTLS
	if old.Auth != nil {
		auth = *old.Auth
	}
	if old.TLS != nil {
		tls = *old.TLS
	}
	for _, f := range []struct {
		name string
		now  *string
		was  string
	}{
		{"auth.password", field(e.Auth, func(a *gateway.EndpointAuth) *string { return &a.Password }), auth.Password},
		{"auth.token", field(e.Auth, func(a *gateway.EndpointAuth) *string { return &a.Token }), auth.Token},
		{"tls.key", field(e.TLS, func(t *gateway.EndpointTLS) *string { return &t.Key }), tls.Key},
	} {
		if f.now == nil || *f.now != gateway.Redacted {
			continue
		}
		if f.was == "" {
			return missing(f.name)
		}
		*f.now = f.was
	}
	return nil
}

// field returns a field of what p points to; nil for nil.
func field[T any](p *T, f func(*T) *string) *string {
	if p == nil {
		return nil
	}
	return f(p)
}

package rest

import (
	"context"
	"net/http"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// Webhooks is what makes requests to webhooks, and knows what they look like. It must
// be safe for concurrent use.
type Webhooks interface {
	// Test sends a sample of an event of the type to e and waits for the answer. With
	// reach it only finds out whether the receiver can be reached. Nothing is stored.
	Test(ctx context.Context, e gateway.Endpoint, t gateway.EventType, reach bool) gateway.WebhookTest
	// Event returns e as webhooks of format smsgate are told it, without Cursor and At.
	Event(e *gateway.Event) (api.Event, error)
	// Verify returns nil if a request has the right signature of e for the time it
	// arrived at, or an error for people that says what is wrong with it.
	Verify(e *gateway.Endpoint, header http.Header, body []byte, at time.Time) error
	// Prompt returns a text that has a receiver for e written.
	Prompt(e *gateway.Endpoint) (string, error)
	// Egress says from which addresses requests come.
	Egress(ctx context.Context) (api.Egress, error)
}

// testPatience is how long a test may take besides the time-out of the webhook.
const testPatience = 3 * time.Minute

// testWebhook is POST /webhooks/{id}/test?event=&mode=.
func (s *server) testWebhook(w http.ResponseWriter, r *http.Request) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	q := queryOf(r)
	types, err := eventTypes(q.Values["event"])
	if err != nil {
		return err
	}
	if len(types) == 0 {
		types = append(types, e.Events...)
	}
	if len(types) == 0 {
		types = []gateway.EventType{gateway.EventReceived}
	}
	mode := q.Get("mode")
	if mode != "" && mode != "event" && mode != "reach" {
		return gateway.Invalidf("mode must be event or reach")
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(testPatience))
	t := s.hooks.Test(r.Context(), e, types[0], mode == "reach")
	out := api.WebhookTest{
		OK: t.OK, What: t.What, Advice: t.Advice, Event: string(t.Event),
		Request: api.TestRequest{Method: t.Method, URL: t.URL, Header: t.Header, Body: string(t.Sent)},
		Answer:  exchange(&t.Exchange),
	}
	return reply(w, http.StatusOK, out)
}

// egress is GET /webhooks/egress.
func (s *server) egress(w http.ResponseWriter, r *http.Request) error {
	out, err := s.hooks.Egress(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, out)
}

// webhookPrompt is GET /docs/webhook-prompt?format= or ?webhook=: a text for whoever,
// or whatever, is to write a receiver. It has no secret.
func (s *server) webhookPrompt(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	e := gateway.Endpoint{URL: "https://example.org/webhooks/sms", Events: []gateway.EventType{gateway.EventReceived, gateway.EventDelivered, gateway.EventFailed}}
	if id := q.Get("webhook"); id != "" {
		known, ok := s.gateway.Endpoint(id)
		if !ok {
			return gateway.ErrNoEndpoint
		}
		e = known
		e.URL = gateway.RedactedURL(e.URL)
	}
	if f := q.Get("format"); f != "" {
		e.Format = gateway.Format(f)
	}
	e.Secrets, e.Headers, e.Auth, e.TLS = nil, nil, nil, nil
	text, err := s.hooks.Prompt(&e)
	if err != nil {
		return gateway.Invalidf("%v", err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(text)) // the client may be gone
	return nil
}

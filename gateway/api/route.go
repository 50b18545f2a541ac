package api

import "encoding/json"

// Route sends the events that its filter wants to a webhook, and may have the admins
// told by SMS.
type Route struct {
	ID   string `json:"id,omitempty"`   // empty in a request: the gateway makes one
	Name string `json:"name,omitempty"` // for people
	// Filter is the JSON of the filter, such as
	// {"type":"phone","condition":"starts_with","value":"+1555"}; empty: every event.
	Filter  json.RawMessage `json:"filter,omitempty"`
	Events  []string        `json:"events,omitempty"` // empty in a request: "sms:received"
	Action  RouteAction     `json:"action"`
	Enabled *bool           `json:"enabled,omitempty"` // nil in a request: true
	// Warnings, in answers, say why it does less than it seems to.
	Warnings  []string `json:"warnings,omitempty"`
	CreatedAt *Time    `json:"createdAt,omitempty"` // ignored in requests
	UpdatedAt *Time    `json:"updatedAt,omitempty"` // ignored in requests
}

// RouteAction is what a [Route] does with an event.
type RouteAction struct {
	// Webhook is a URL. All routes to one URL share a webhook that is made for them and
	// that nothing else feeds. Its identifier is WebhookID.
	Webhook string `json:"webhook,omitempty"`
	// WebhookID is the identifier of a webhook that is registered, if Webhook is empty.
	WebhookID string `json:"webhookId,omitempty"`
	// Format is that of the webhook made for a URL; empty in a request: "smsgate", or as
	// it is.
	Format string `json:"format,omitempty"`
	// Secret signs for the webhook that was made for the route. It is only in the answer
	// to the request that made it.
	Secret      string `json:"secret,omitempty"`
	NotifyAdmin bool   `json:"notify_admin,omitempty"`
	Exclusive   bool   `json:"exclusive,omitempty"` // webhooks registered for such events do not get them
}

// RouteSample describes an event to try routes with.
type RouteSample struct {
	Event    string `json:"event,omitempty"` // empty: "sms:received"
	Phone    string `json:"phone,omitempty"` // of the other side
	Text     string `json:"text,omitempty"`
	DeviceID string `json:"deviceId,omitempty"` // modem
	At       *Time  `json:"at,omitempty"`       // nil: now
}

// RouteTest is what would become of a [RouteSample].
type RouteTest struct {
	Matched     bool               `json:"matched"`  // by the route that was asked for
	Routes      []RouteTestRoute   `json:"routes"`   // all that want it, in their order
	Webhooks    []RouteTestWebhook `json:"webhooks"` // all that would be told, each once
	NotifyAdmin bool               `json:"notify_admin"`
	Exclusive   bool               `json:"exclusive"` // webhooks registered for such events would not be told
}

// RouteTestRoute is a route that wants a sample.
type RouteTestRoute struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// RouteTestWebhook is a webhook that would be told of a sample.
type RouteTestWebhook struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Route string `json:"routeId,omitempty"` // by which; empty: it is registered for such events
}

package rest

import (
	"net/http"
	"net/url"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// listWebhooks is GET /webhooks.
func (s *server) listWebhooks(w http.ResponseWriter, _ *http.Request) error {
	es := s.gateway.Endpoints()
	out := make([]api.Webhook, len(es))
	for i := range es {
		out[i] = webhook(&es[i])
	}
	return reply(w, http.StatusOK, out)
}

// registerWebhook is POST /webhooks.
func (s *server) registerWebhook(w http.ResponseWriter, r *http.Request) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	req, err := decodeWebhook(o)
	if err != nil {
		return err
	}
	if req.DeviceID != nil && *req.DeviceID != s.gateway.DeviceID() {
		return gateway.Invalidf("Device ID mismatch")
	}
	e, err := s.gateway.SaveEndpoint(r.Context(), gateway.Endpoint{ID: req.ID, URL: req.URL, Events: []gateway.EventType{gateway.EventType(req.Event)}})
	if err != nil {
		return err
	}
	w.Header().Set("Location", r.URL.EscapedPath()+"/"+url.PathEscape(e.ID))
	return reply(w, http.StatusCreated, webhook(&e))
}

// deleteWebhook is DELETE /webhooks/{id}. An unknown ID is no error.
func (s *server) deleteWebhook(w http.ResponseWriter, r *http.Request) error {
	if err := s.gateway.DeleteEndpoint(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// decodeWebhook reads the body of a registration. All errors are of code Invalid.
func decodeWebhook(o *object) (api.Webhook, error) {
	return api.Webhook{
		ID: value(o.text("id")), URL: value(o.text("url")), Event: value(o.text("event")),
		DeviceID: o.text("deviceId"),
	}, o.problem()
}

// webhook returns e as the API shows it: without its secret.
func webhook(e *gateway.Endpoint) api.Webhook {
	w := api.Webhook{ID: e.ID, URL: e.URL, Source: "Local"}
	if len(e.Events) > 0 {
		w.Event = string(e.Events[0])
	}
	return w
}

package rest

import (
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// webhookSecrets is GET /webhooks/{id}/secret.
func (s *server) webhookSecrets(w http.ResponseWriter, r *http.Request) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.secretsOf(&e))
}

// rotateSecret is POST /webhooks/{id}/secret/rotate.
func (s *server) rotateSecret(w http.ResponseWriter, r *http.Request) error {
	o, err := readOptionalObject(w, r)
	if err != nil {
		return err
	}
	grace := gateway.DefaultGrace
	if _, ok := o.field("grace"); ok {
		grace = o.duration("grace")
	}
	if err := o.problem(); err != nil {
		return err
	}
	e, err := s.gateway.RotateSecret(r.Context(), r.PathValue("id"), grace)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.secretsOf(&e))
}

// activateSecret is POST /webhooks/{id}/secret/activate.
func (s *server) activateSecret(w http.ResponseWriter, r *http.Request) error {
	e, err := s.gateway.ActivateSecret(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.secretsOf(&e))
}

// secretsOf returns the valid secrets of e. The one that signs in the format's own
// header is the newest that is not for the list only.
func (s *server) secretsOf(e *gateway.Endpoint) api.WebhookSecrets {
	valid := e.ValidSecrets(s.gateway.Tick())
	out := api.WebhookSecrets{Shared: len(valid) == 0, Secrets: make([]api.SecretKey, len(valid))}
	signs := 0
	for i, k := range valid {
		if !k.ListOnly {
			signs = i
			break
		}
	}
	for i, k := range valid {
		out.Secrets[i] = api.SecretKey{Secret: k.Key, CreatedAt: wire(k.Since), ExpiresAt: s.wallOf(k.Until), Signs: i == signs}
	}
	return out
}

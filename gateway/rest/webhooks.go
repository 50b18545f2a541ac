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
	status, err := s.gateway.EndpointStatus("")
	if err != nil {
		return err
	}
	out := make([]api.Webhook, len(es))
	for i := range es {
		st := status[es[i].ID]
		if out[i], err = s.webhook(&es[i], &st); err != nil {
			return err
		}
	}
	return reply(w, http.StatusOK, out)
}

// getWebhook is GET /webhooks/{id}.
func (s *server) getWebhook(w http.ResponseWriter, r *http.Request) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	return s.replyWebhook(w, http.StatusOK, &e, "")
}

// registerWebhook is POST /webhooks: it replaces a webhook that has the id.
func (s *server) registerWebhook(w http.ResponseWriter, r *http.Request) error {
	req, err := s.readWebhook(w, r)
	if err != nil {
		return err
	}
	e, secret, _, err := s.saveWebhook(r, req)
	if err != nil {
		return err
	}
	out, err := s.webhook(&e, nil)
	if err != nil {
		return err
	}
	out.URL = e.URL // which the client has just sent
	showSecret(&out, secret)
	w.Header().Set("Location", r.URL.EscapedPath()+"/"+url.PathEscape(e.ID))
	return reply(w, http.StatusCreated, out)
}

// putWebhook is PUT /webhooks/{id}: it replaces all but secrets and a pause that it
// does not mention, or makes a webhook with the id.
func (s *server) putWebhook(w http.ResponseWriter, r *http.Request) error {
	req, err := s.readWebhook(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if req.ID != "" && req.ID != id {
		return gateway.Invalidf("id must be the one in the path, or be left out")
	}
	req.ID = id
	e, secret, known, err := s.saveWebhook(r, req)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !known {
		status = http.StatusCreated
	}
	return s.replyWebhook(w, status, &e, secret)
}

// patchWebhook is PATCH /webhooks/{id}: fields that it does not mention stay as they
// are, those that are null go back to their defaults.
func (s *server) patchWebhook(w http.ResponseWriter, r *http.Request) error {
	patch, err := readObject(w, r)
	if err != nil {
		return err
	}
	secret := ""
	e, err := s.gateway.EditEndpoint(r.Context(), r.PathValue("id"), func(e *gateway.Endpoint) error {
		o, err := merged(e, patch)
		if err != nil {
			return err
		}
		req, err := decodeWebhook(o)
		if err != nil {
			return err
		}
		if req.ID != e.ID {
			return gateway.Invalidf("id cannot be changed: register another webhook")
		}
		*e, secret, err = req.onto(s, *e, true)
		return err
	})
	if err != nil {
		return err
	}
	return s.replyWebhook(w, http.StatusOK, &e, secret)
}

// deleteWebhook is DELETE /webhooks/{id}. An unknown ID is no error.
func (s *server) deleteWebhook(w http.ResponseWriter, r *http.Request) error {
	if err := s.gateway.DeleteEndpoint(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// pauseWebhook is POST /webhooks/{id}/pause.
func (s *server) pauseWebhook(w http.ResponseWriter, r *http.Request) error {
	o, err := readOptionalObject(w, r)
	if err != nil {
		return err
	}
	note := value(o.text("note"))
	if err := o.problem(); err != nil {
		return err
	}
	e, err := s.gateway.PauseEndpoint(r.Context(), r.PathValue("id"), gateway.Pause{Reason: gateway.PausedByOwner, Note: note})
	if err != nil {
		return err
	}
	return s.replyWebhook(w, http.StatusOK, &e, "")
}

// resumeWebhook is POST /webhooks/{id}/resume.
func (s *server) resumeWebhook(w http.ResponseWriter, r *http.Request) error {
	e, err := s.gateway.ResumeEndpoint(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.replyWebhook(w, http.StatusOK, &e, "")
}

// webhookStats is GET /webhooks/{id}/stats.
func (s *server) webhookStats(w http.ResponseWriter, r *http.Request) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	status, err := s.gateway.EndpointStatus(e.ID)
	if err != nil {
		return err
	}
	st := status[e.ID]
	out := api.WebhookStats{
		WebhookHealth: s.webhookHealth(&e, &st),
		Succeeded:     st.Succeeded, Failed: st.Failed, Exhausted: st.Exhausted, Dropped: st.Dropped,
	}
	if st.Failures > 0 {
		out.FailingSince = s.wallOf(st.FailingSince)
	}
	return reply(w, http.StatusOK, out)
}

// endpoint returns the webhook that the path names.
func (s *server) endpoint(r *http.Request) (gateway.Endpoint, error) {
	e, ok := s.gateway.Endpoint(r.PathValue("id"))
	if !ok {
		return e, gateway.ErrNoEndpoint
	}
	return e, nil
}

func (s *server) readWebhook(w http.ResponseWriter, r *http.Request) (*webhookRequest, error) {
	o, err := readObject(w, r)
	if err != nil {
		return nil, err
	}
	return decodeWebhook(o)
}

// saveWebhook stores what req makes of the webhook with its id, which is known if
// there was one.
func (s *server) saveWebhook(r *http.Request, req *webhookRequest) (e gateway.Endpoint, secret string, known bool, err error) {
	if _, known = s.gateway.Endpoint(req.ID); known {
		e, err = s.gateway.EditEndpoint(r.Context(), req.ID, func(e *gateway.Endpoint) (err error) {
			*e, secret, err = req.onto(s, *e, true)
			return err
		})
		return e, secret, known, err
	}
	if e, secret, err = req.onto(s, gateway.Endpoint{}, false); err != nil {
		return e, "", known, err
	}
	e, err = s.gateway.SaveEndpoint(r.Context(), e)
	return e, secret, known, err
}

// replyWebhook answers with e, how it fares, and its secret if that is new.
func (s *server) replyWebhook(w http.ResponseWriter, status int, e *gateway.Endpoint, secret string) error {
	st, err := s.gateway.EndpointStatus(e.ID)
	if err != nil {
		return err
	}
	how := st[e.ID]
	out, err := s.webhook(e, &how)
	if err != nil {
		return err
	}
	showSecret(&out, secret)
	return reply(w, status, out)
}

func showSecret(out *api.Webhook, secret string) {
	if secret != "" {
		out.Secret = &api.WebhookSecret{Text: secret}
	}
}

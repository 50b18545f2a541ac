package webhook

import (
	"net/http"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/egress"
	"tetherd/webhook/format"
)

// request returns what to send for a.
func (w *Worker) request(a *attempt) (egress.Request, error) {
	body, err := format.Render(&format.Input{
		DeviceID: w.o.DeviceID, Webhook: &a.to, Rendering: a.to.Rendering, Delivery: a.delivery.ID, Event: &a.event,
	})
	if err != nil {
		return egress.Request{}, err
	}
	return egress.Request{
		Method: body.Method, URL: body.Target(a.to.URL), Header: w.header(a, &body), Body: body.Content(),
		Timeout: w.timeout(&a.to), TLS: (*egress.TLS)(a.to.TLS), Redirects: egress.Redirects(a.to.Redirects),
	}, nil
}

// header returns the header of an attempt. What the owner of the webhook adds does
// not replace what the gateway says.
func (w *Worker) header(a *attempt, body *format.Body) http.Header {
	h := http.Header{}
	for _, line := range a.to.Headers {
		h.Add(line.Name, line.Value)
	}
	authorise(h, a.to.Auth)
	now, clockRight := w.clock.Wall()
	if f, ok := format.Lookup(a.to.Format); ok {
		f.Sign(h, &format.Signing{
			Delivery: a.delivery.ID, Body: body.Bytes, At: now, Secrets: w.secrets(&a.to), Extra: a.to.Signature,
		})
	}
	h.Del("Content-Type")
	if body.ContentType != "" {
		h.Set("Content-Type", body.ContentType)
	}
	if body.Thin {
		h.Set("Webhook-Payload", "thin")
	}
	h.Set("User-Agent", w.agent)
	h.Set("Webhook-Event-Id", a.event.ID)
	h.Set("Webhook-Attempt", strconv.Itoa(a.delivery.Attempts+1))
	if a.delivery.Event != 0 {
		h.Set("Webhook-Sequence", strconv.FormatUint(a.delivery.Event, 10))
	}
	if a.delivery.Replays > 0 {
		h.Set("Webhook-Replay", "1")
	}
	if !clockRight {
		h.Set("Webhook-Clock", "unsynced")
	}
	return h
}

func authorise(h http.Header, auth *gateway.EndpointAuth) {
	if auth == nil {
		return
	}
	switch auth.Type {
	case "basic":
		r := http.Request{Header: h}
		r.SetBasicAuth(auth.Username, auth.Password)
	case "bearer":
		h.Set("Authorization", "Bearer "+auth.Token)
	}
}

// secrets returns what signs an attempt now: the secrets of the webhook that are
// valid, newest first, or else the global key.
func (w *Worker) secrets(to *gateway.Endpoint) []gateway.Secret {
	key := w.tuning.Load().SigningKey
	if valid := to.ValidSecrets(w.clock.Now()); len(valid) > 0 || key == "" {
		return valid
	}
	return []gateway.Secret{{Key: key}}
}

// timeout returns how long an attempt may take: as the webhook says, else as its
// product does, else as configured.
func (w *Worker) timeout(to *gateway.Endpoint) time.Duration {
	own, usual := formats(to)
	switch {
	case to.Timeout > 0:
		return to.Timeout
	case own.Timeout != usual.Timeout:
		return own.Timeout
	}
	return w.o.Timeout
}

// retries returns how many attempts may follow a failed first one: as the webhook
// says, else as its product does, else as configured.
func (w *Worker) retries(to *gateway.Endpoint) int {
	own, usual := formats(to)
	switch {
	case to.Retry.Max != nil:
		return *to.Retry.Max
	case own.Retries != usual.Retries:
		return own.Retries
	}
	return w.tuning.Load().Retries
}

// formats returns the format of a webhook, and the one of webhooks that name none.
func formats(to *gateway.Endpoint) (own, usual *format.Format) {
	usual, _ = format.Lookup("")
	own, ok := format.Lookup(to.Format)
	if !ok {
		own = usual
	}
	return own, usual
}

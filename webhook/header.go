package webhook

import (
	"net/http"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/format"
)

// header returns the header of an attempt at the given time, signed with secrets,
// newest first.
func (a *attempt) header(agent string, secrets []gateway.Secret, body *format.Body, at time.Time) http.Header {
	h := http.Header{}
	if body.ContentType != "" {
		h.Set("Content-Type", body.ContentType)
	}
	if body.Thin {
		h.Set("Webhook-Payload", "thin")
	}
	h.Set("User-Agent", agent)
	h.Set("Webhook-Event-Id", a.event.ID)
	h.Set("Webhook-Attempt", strconv.Itoa(a.delivery.Attempts+1))

	r := a.to.RenderingOf(a.delivery.Rev)
	if f, ok := format.Lookup(r.Format); ok {
		f.Sign(h, &format.Signing{Delivery: a.delivery.ID, Body: body.Bytes, At: at, Secrets: secrets, Extra: r.Signature})
	}
	return h
}

// secrets returns what signs an attempt at the given time: the secrets of the
// webhook that are valid, newest first, or else the global key.
func (a *attempt) secrets(globalKey string, now gateway.Tick) []gateway.Secret {
	if valid := a.to.ValidSecrets(now); len(valid) > 0 || globalKey == "" {
		return valid
	}
	return []gateway.Secret{{Key: globalKey}}
}

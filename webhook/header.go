package webhook

import (
	"net/http"
	"strconv"
	"time"

	"tetherd/webhook/format"
)

// header returns the header of an attempt at the given time.
func (a *attempt) header(agent, globalKey string, body []byte, at time.Time) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", agent)
	key := globalKey
	if valid := a.to.ValidSecrets(0); len(valid) > 0 {
		key = valid[0].Key
	}
	format.Sign(h, key, body, at)
	h.Set("Webhook-Id", a.delivery.ID)
	h.Set("Webhook-Event-Id", a.event.ID)
	h.Set("Webhook-Attempt", strconv.Itoa(a.delivery.Attempts+1))
	return h
}

package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// sign returns the lower-case hex HMAC-SHA256 of body ‖ timestamp.
func sign(key string, body []byte, timestamp string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write(body)
	h.Write([]byte(timestamp))
	return hex.EncodeToString(h.Sum(nil))
}

// header returns the header of an attempt at the given time; n counts attempts
// from 1.
func (a *attempt) header(agent, globalKey string, body []byte, at time.Time) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", agent)
	h.Set("X-Timestamp", timestamp)
	key := a.to.Secret
	if key == "" {
		key = globalKey
	}
	if key != "" {
		h.Set("X-Signature", sign(key, body, timestamp))
	}
	h.Set("Webhook-Id", a.delivery.ID)
	h.Set("Webhook-Event-Id", a.event.ID)
	h.Set("Webhook-Attempt", strconv.Itoa(a.delivery.Attempts+1))
	return h
}

package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/format"
)

// signature returns what a receiver computes for X-Signature.
func signature(key, body, timestamp string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(body + timestamp))
	return hex.EncodeToString(h.Sum(nil))
}

// standard returns what a receiver computes for Webhook-Signature.
func standard(key, signed string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signed))
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestHeader(t *testing.T) {
	at := time.Unix(1700000000, 999)
	body := format.Body{ContentType: "application/json", Bytes: []byte(`{}`)}
	for _, c := range []struct {
		name, secret, global, signature, standard string
	}{
		{"own secret", "own", "global", signature("own", `{}`, "1700000000"), standard("own", "delivery.1700000000.{}")},
		{"global key", "", "global", signature("global", `{}`, "1700000000"), standard("global", "delivery.1700000000.{}")},
		{"no key", "", "", "", ""},
	} {
		var secrets []gateway.Secret
		if c.secret != "" {
			secrets = []gateway.Secret{{Key: c.secret}}
		}
		a := &attempt{
			to: gateway.Endpoint{Secrets: secrets}, event: gateway.Event{ID: "event"},
			delivery: gateway.Delivery{ID: "delivery", Attempts: 2},
		}
		got := map[string]string{}
		for k, v := range a.header("tetherd/1", a.secrets(c.global, 0), &body, at) {
			got[k] = strings.Join(v, ", ")
		}
		want := map[string]string{
			"Content-Type": "application/json", "User-Agent": "tetherd/1", "X-Timestamp": "1700000000",
			"Webhook-Id": "delivery", "Webhook-Timestamp": "1700000000", "Webhook-Event-Id": "event", "Webhook-Attempt": "3",
		}
		if c.signature != "" {
			want["X-Signature"] = c.signature
			want["Webhook-Signature"] = c.standard
		}
		diff(t, c.name, want, got)
	}
}

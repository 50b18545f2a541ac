package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
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
	const at = "946684800" // when a bubble begins
	body := format.Body{ContentType: "application/json", Bytes: []byte(`{}`)}
	signed := func(key string) (own, list string) {
		return signature(key, `{}`, at), standard(key, "delivery."+at+".{}")
	}
	globalOwn, globalList := signed("global")
	oldOwn, oldList := signed("old")
	newOwn, newList := signed("new")
	for _, c := range []struct {
		name   string
		to     gateway.Endpoint
		row    gateway.Delivery
		global string
		floor  time.Time
		want   map[string]string // beside those that are always there
	}{
		{name: "no key", want: map[string]string{}},
		{name: "global key", global: "global", want: map[string]string{"X-Signature": globalOwn, "Webhook-Signature": globalList}},
		{
			name: "own secret", global: "global", to: gateway.Endpoint{Secrets: []gateway.Secret{{Key: "new"}}},
			want: map[string]string{"X-Signature": newOwn, "Webhook-Signature": newList},
		},
		{
			name: "rotation", to: gateway.Endpoint{Secrets: []gateway.Secret{{Key: "new", ListOnly: true}, {Key: "old", Until: 1000}}},
			want: map[string]string{"X-Signature": oldOwn, "Webhook-Signature": newList + " " + oldList},
		},
		{
			name: "rotation is over", to: gateway.Endpoint{Secrets: []gateway.Secret{{Key: "new", ListOnly: true}, {Key: "old", Until: 1}}},
			want: map[string]string{"X-Signature": newOwn, "Webhook-Signature": newList},
		},
		{name: "a row", row: gateway.Delivery{Event: 77}, want: map[string]string{"Webhook-Sequence": "77"}},
		{name: "a replay", row: gateway.Delivery{Replays: 2}, want: map[string]string{"Webhook-Replay": "1"}},
		{
			name: "basic", to: gateway.Endpoint{Auth: &gateway.EndpointAuth{Type: "basic", Username: "u", Password: "p"}},
			want: map[string]string{"Authorization": "Basic dTpw"},
		},
		{
			name: "bearer", to: gateway.Endpoint{Auth: &gateway.EndpointAuth{Type: "bearer", Token: "t"}},
			want: map[string]string{"Authorization": "Bearer t"},
		},
		{
			name: "headers", to: gateway.Endpoint{Headers: []gateway.Header{
				{Name: "X-Mine", Value: "a"}, {Name: "x-mine", Value: "b"}, {Name: "Webhook-Id", Value: "forged"}, {Name: "user-agent", Value: "forged"},
			}},
			want: map[string]string{"X-Mine": "a, b"},
		},
		{
			name: "wrong clock", floor: time.Unix(946684800, 0).Add(time.Hour),
			want: map[string]string{"Webhook-Clock": "unsynced", "X-Timestamp": "946688400", "Webhook-Timestamp": "946688400"},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			w.floor = c.floor
			w.open()
			worker := &Worker{clock: w.db.Timeline(), agent: "tetherd/1"}
			worker.tuning.Store(&Tuning{SigningKey: c.global})
			c.row.ID, c.row.Attempts = "delivery", 2
			a := &attempt{to: c.to, event: gateway.Event{ID: "event"}, delivery: c.row}
			got := map[string]string{}
			for k, v := range worker.header(a, &body) {
				got[k] = strings.Join(v, ", ")
			}
			want := map[string]string{
				"Content-Type": "application/json", "User-Agent": "tetherd/1", "X-Timestamp": at,
				"Webhook-Id": "delivery", "Webhook-Timestamp": at, "Webhook-Event-Id": "event", "Webhook-Attempt": "3",
			}
			maps.Copy(want, c.want)
			diff(t, c.name, want, got)
		})
	}
}

package rest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func TestWebhooks(t *testing.T) {
	w := newWorld(t)
	device := w.gateway.DeviceID()
	for _, tt := range []struct{ name, body, want, location string }{
		{
			"made up id", `{"url":"https://example.org/a?b=1&c=2","event":"sms:received"}`,
			`{"id":"ID","url":"https://example.org/a?b=1\u0026c=2","event":"sms:received","source":"Local"}`, "/webhooks/",
		},
		{
			"own id", `{"id":"ha/1","url":"http://127.0.0.1:9/","event":"system:ping","deviceId":null,"source":"Cloud"}`,
			`{"id":"ha/1","url":"http://127.0.0.1:9/","event":"system:ping","source":"Local"}`, "/webhooks/ha%2F1",
		},
		{
			"replaced", `{"id":"ha/1","url":"https://example.org/b","event":"sms:failed","deviceId":"` + device + `"}`,
			`{"id":"ha/1","url":"https://example.org/b","event":"sms:failed","source":"Local"}`, "/webhooks/ha%2F1",
		},
	} {
		a := w.do("POST", "/webhooks", tt.body)
		if diff := cmp.Diff(tt.want, masked(a.body)); a.status != 201 || diff != "" {
			t.Errorf("%s: got %d (-want +got)\n%s", tt.name, a.status, diff)
		}
		if got := a.header.Get("Location"); len(got) < len(tt.location) || got[:len(tt.location)] != tt.location {
			t.Errorf("%s: got Location %q, want %q…", tt.name, got, tt.location)
		}
	}
	a := w.do("GET", "/webhooks", "")
	want := `[{"id":"ID","url":"https://example.org/a?b=1\u0026c=2","event":"sms:received","source":"Local"},` +
		`{"id":"ha/1","url":"https://example.org/b","event":"sms:failed","source":"Local"}]`
	if diff := cmp.Diff(want, masked(a.body)); diff != "" {
		t.Errorf("list (-want +got)\n%s", diff)
	}
	for range 2 { // the second time it is unknown
		if a := w.do("DELETE", "/webhooks/ha%2F1", ""); a.status != 204 || a.body != "" {
			t.Errorf("delete: got %d %q, want 204 without a body", a.status, a.body)
		}
	}
	hooks, err := w.client.Webhooks(t.Context())
	if err != nil || len(hooks) != 1 {
		t.Fatalf("got %+v, %v, want the first one", hooks, err)
	}
	hook, err := w.client.RegisterWebhook(t.Context(), api.Webhook{ID: "w", URL: "https://example.org", Event: "sms:sent", DeviceID: &device})
	if diff := cmp.Diff(api.Webhook{ID: "w", URL: "https://example.org", Event: "sms:sent", Source: "Local"}, hook); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if err := w.client.DeleteWebhook(t.Context(), "w"); err != nil {
		t.Error(err)
	}
}

// A secret that another interface gave a webhook is not shown.
func TestWebhookSecretIsNotShown(t *testing.T) {
	w := newWorld(t)
	_, err := w.gateway.SaveEndpoint(t.Context(), gateway.Endpoint{ID: "w", URL: "https://example.org", Events: []gateway.EventType{gateway.EventSent}, Secrets: []gateway.Secret{{Key: "hush"}}})
	if err != nil {
		t.Fatal(err)
	}
	a := w.do("GET", "/webhooks", "")
	if want := `[{"id":"w","url":"https://example.org","event":"sms:sent","source":"Local"}]`; a.body != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
}

func TestWebhooksRefuse(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]string{
		`{"url":"http://example.org","event":"sms:sent"}`:                      "url must start with https:// or http://127.0.0.1",
		`{"event":"sms:sent"}`:                                                 "url must start with https:// or http://127.0.0.1",
		`{"url":"https://example.org"}`:                                        "Unsupported event",
		`{"url":"https://example.org","event":"SMS:SENT"}`:                     "Unsupported event",
		`{"url":"https://example.org","event":"mms:lost"}`:                     "Unsupported event",
		`{"url":"https://example.org","event":"sms:sent","deviceId":"other"}`:  "Device ID mismatch",
		`{"url":"https://example.org","event":5}`:                              "event must be a string, got a number",
		`{"url":{},"event":"sms:sent"}`:                                        "url must be a string, got an object",
		`{"id":["w"],"url":"https://example.org","event":"sms:sent"}`:          "id must be a string, got an array",
		`{"url":"https://example.org","event":"sms:sent","deviceId":false}`:    "deviceId must be a string, got a boolean",
		`[{"url":"https://example.org","event":"sms:sent"}]`:                   "the request body must be a JSON object, got an array",
		`{"id":"a\u0000b","url":"https://example.org","event":"sms:received"}`: "id and url must be at most 128 and 4096 characters, without control characters",
	} {
		a := w.do("POST", "/webhooks", body)
		// The sentence that clients know, and what to do about it.
		want = `{"message":"` + want
		if a.status != 400 || !strings.HasPrefix(a.body, want) {
			t.Errorf("%s\n got %d %s\nwant 400 %s", body, a.status, a.body, want)
		}
	}
	if es := w.gateway.Endpoints(); len(es) != 0 {
		t.Errorf("got %d webhooks stored, want none", len(es))
	}
}

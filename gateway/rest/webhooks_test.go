package rest

import (
	"encoding/json"
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
			`{"id":"ID","url":"https://example.org/a?b=1\u0026c=2","event":"sms:received","source":"Local",` +
				`"events":["sms:received"],"format":"smsgate","createdAt":"TIME","updatedAt":"TIME"}`, "/webhooks/",
		},
		{
			"own id", `{"id":"ha/1","url":"http://127.0.0.1:9/","event":"system:ping","deviceId":null,"source":"Cloud"}`,
			`{"id":"ha/1","url":"http://127.0.0.1:9/","event":"system:ping","source":"Local",` +
				`"events":["system:ping"],"format":"smsgate","insecure":true,"createdAt":"TIME","updatedAt":"TIME"}`, "/webhooks/ha%2F1",
		},
		{
			"replaced", `{"id":"ha/1","url":"https://example.org/b","event":"sms:failed","deviceId":"` + device + `"}`,
			`{"id":"ha/1","url":"https://example.org/b","event":"sms:failed","source":"Local",` +
				`"events":["sms:failed"],"format":"smsgate","createdAt":"TIME","updatedAt":"TIME"}`, "/webhooks/ha%2F1",
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
	health := `"createdAt":"TIME","updatedAt":"TIME","health":{"status":"new","pending":0,"dead":0,"failures":0}}`
	want := `[{"id":"ID","url":"https://example.org/a?b=***\u0026c=***","event":"sms:received","source":"Local","events":["sms:received"],"format":"smsgate",` + health +
		`,{"id":"ha/1","url":"https://example.org/b","event":"sms:failed","source":"Local","events":["sms:failed"],"format":"smsgate",` + health + `]`
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
	hook.CreatedAt, hook.UpdatedAt = api.Time{}, api.Time{}
	plain := api.Webhook{ID: "w", URL: "https://example.org", Event: "sms:sent", Source: "Local", Events: []string{"sms:sent"}, Format: "smsgate"}
	if diff := cmp.Diff(plain, hook); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if err := w.client.DeleteWebhook(t.Context(), "w"); err != nil {
		t.Error(err)
	}
}

// Registrations as clients of the phone app send them are taken as they are, and
// answered with what these clients read.
func TestWebhooksOfClients(t *testing.T) {
	w := newWorld(t)
	device := w.gateway.DeviceID()
	for name, body := range map[string]string{
		"client-go":         `{"id":"","deviceId":null,"url":"https://example.org/hook","event":"sms:received"}`,
		"client-go, named":  `{"id":"h1","deviceId":null,"url":"https://example.org/hook","event":"sms:received"}`,
		"client-ts":         `{"url":"https://example.org/hook","event":"sms:received"}`,
		"client-ts, nulls":  `{"id":null,"deviceId":null,"url":"https://example.org/hook","event":"sms:received"}`,
		"client-py":         `{"id":null,"url":"https://example.org/hook","event":"sms:received","device_id":"x"}`,
		"Home Assistant":    `{"id":"ha-0123456789abcdef","url":"https://example.org/hook","event":"sms:received"}`,
		"the box itself":    `{"deviceId":"` + device + `","url":"https://example.org/hook","event":"sms:received","source":"Cloud"}`,
		"the documentation": `{"id":"unique-id","url":"https://example.org/hook","event":"sms:received","unknown":{"a":[1]}}`,
	} {
		for _, path := range []string{"/webhooks", "/3rdparty/v1/webhooks", "/api/3rdparty/v1/webhooks", "/api/v1/webhooks", "/webhook"} {
			a := w.do("POST", path, body, "Content-Type", "text/plain")
			var got struct{ ID, URL, Event, Source, Secret string }
			if err := json.Unmarshal([]byte(a.body), &got); err != nil {
				t.Fatalf("%s: %s", name, a.body)
			}
			if a.status != 201 || got.ID == "" || got.URL != "https://example.org/hook" || got.Event != "sms:received" || got.Source != "Local" || got.Secret != "" {
				t.Errorf("%s to %s: got %d %s", name, path, a.status, a.body)
			}
			want := `{"id":"` + got.ID + `","url":"https://example.org/hook","event":"sms:received","source":"Local",`
			if !strings.HasPrefix(a.body, want) {
				t.Errorf("%s to %s: got %s, want %s first", name, path, a.body, want)
			}
		}
	}
}

func TestWebhooksRefuse(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}})
	with := func(more string) string { return `{"url":"https://example.org","event":"sms:sent",` + more + `}` }
	for body, want := range map[string]string{
		`{"url":"http://example.org","event":"sms:sent"}`:                      "url must start with https:// or http://127.0.0.1",
		`{"event":"sms:sent"}`:                                                 "url must start with https:// or http://127.0.0.1",
		`{"url":"https://example.org"}`:                                        `Unsupported event"}`,
		`{"url":"https://example.org","event":"SMS:SENT"}`:                     `Unsupported event"}`,
		`{"url":"https://example.org","event":"mms:lost"}`:                     `Unsupported event"}`,
		`{"url":"https://example.org","events":["sms:sent","x"]}`:              `Unsupported event"}`,
		`{"url":"https://example.org","events":["sms:sent",5]}`:                "events[1] must be a string, got a number",
		`{"url":"https://example.org","event":5}`:                              "event must be a string, got a number",
		`{"url":{},"event":"sms:sent"}`:                                        "url must be a string, got an object",
		`[{"url":"https://example.org","event":"sms:sent"}]`:                   "the request body must be a JSON object, got an array",
		`{"id":"a\u0000b","url":"https://example.org","event":"sms:received"}`: "id and url must be at most 128 and 4096 characters, without control characters",

		with(`"id":["w"]`):                                              "id must be a string, got an array",
		with(`"deviceId":"other"`):                                      "Device ID mismatch",
		with(`"deviceId":false`):                                        "deviceId must be a string, got a boolean",
		with(`"modems":["van"]`):                                        `modems[0]: there is no modem \"van\"; there are: office`,
		with(`"modems":"office"`):                                       "modems must be an array of strings, got a string",
		with(`"filter":{"type":"moon"}`):                                "filter.type is none of",
		with(`"payload":"slim"`):                                        "payload must be full or thin",
		with(`"deliveredPer":"byte"`):                                   "deliveredPer must be message or part",
		with(`"extendedEvents":1`):                                      "extendedEvents must be true or false, got a number",
		with(`"secret":5`):                                              "secret must be a text, or true to have one made, or false for the key of the gateway, got a number",
		with(`"secret":"short"`):                                        "secret must be a text of at least 8 characters, or true to have one made",
		with(`"secret":"***"`):                                          "secret is ***, which stands for one that is not shown, and none is stored",
		with(`"headers":["A"]`):                                         "headers must be an object, got an array",
		with(`"headers":{"A":1}`):                                       "headers.A must be a string, got a number",
		with(`"headers":{"A":"x\r\nB: y"}`):                             "headers.A must be in ASCII, without line breaks",
		with(`"headers":{"A":"***"}`):                                   "headers.A is ***, which stands for a value that is not shown, and none is stored: write the value",
		with(`"headers":{"Webhook-Id":"x"}`):                            "headers.Webhook-Id is set by the gateway itself",
		with(`"auth":{"type":"digest"}`):                                "auth.type must be basic or bearer",
		with(`"auth":{"type":"bearer","token":"***"}`):                  "auth.token is ***",
		with(`"auth":{"type":"basic","username":"u","password":"***"}`): "auth.password is ***",
		with(`"tls":{"key":"***","cert":"x"}`):                          "tls.key is ***",
		with(`"tls":{"pins":"x"}`):                                      "tls.pins must be an array of strings, got a string",
		with(`"tls":{"insecure":"yes"}`):                                "tls.insecure must be true or false, got a string",
		with(`"timeout":"soon"`):                                        "timeout must be a duration such as 10s or 1h30m, or a number of seconds",
		with(`"timeout":"3m"`):                                          "timeout must be a duration from 1s to 2m",
		with(`"timeout":[]`):                                            "timeout must be a duration such as",
		with(`"retry":{"max":51}`):                                      "retry.max must be a whole number from 0 to 50",
		with(`"retry":{"max":1.5}`):                                     "retry.max must be a whole number from 0 to 50",
		with(`"retry":{"schedule":["1s","x"]}`):                         "retry.schedule[1] must be a duration such as",
		with(`"retry":{"schedule":"1s"}`):                               "retry.schedule must be an array, got a string",
		with(`"retry":{"giveUpOn":[200]}`):                              "retry.giveUpOn[0] must be a whole number from 300 to 599",
		with(`"retry":{"jitter":20}`):                                   "retry.jitter must be a whole number from 0 to 10",
		with(`"redirects":"maybe"`):                                     "redirects must be fail, follow or treat-as-success",
		with(`"rate":{"perSecond":"5"}`):                                "rate.perSecond must be a number, got a string",
		with(`"rate":{"perSecond":-1}`):                                 "rate.perSecond must be a number from 0.001 to 10000",
		with(`"rate":{"burst":5}`):                                      "rate.burst needs rate.perSecond",
		with(`"slots":0`):                                               "slots must be a whole number from 1 to 32",
		with(`"drain":"lifo"`):                                          "drain must be oldest-first or newest-first",
		with(`"ordered":true,"slots":4`):                                "ordered sends one at a time: leave out slots",
		with(`"disableOnGone":0`):                                       "disableOnGone must be true or false, got a number",
		with(`"id":"egress"`):                                           "id must not be egress",
		`{"url":"https://h/?k=***","event":"sms:sent"}`:                 `url has *** in place of the value of \"k\", and nothing is stored for it`,
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

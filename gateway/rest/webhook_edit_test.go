package rest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// everything is a registration with every option, and everything that is secret in
// it marked.
const everything = `{
	"id":"all","url":"https://SECRETuser:SECRETpass@example.org/hook?key=SECRETquery&SECRETbare#SECRETfrag",
	"events":["sms:received","sms:sent"],"name":"All of it","modems":["office"],
	"filter":{"type":"keyword","condition":"contains","value":"urgent"},
	"extendedEvents":true,"payload":"thin","deliveredPer":"part","contentType":"application/json","signature":"github",
	"secret":"SECRETsecret","headers":{"X-Api-Key":"SECRETheader","X-Other":"SECRETother"},
	"tls":{"ca":"PEM","cert":"PEM","key":"SECRETkey","serverName":"inner","pins":["ab"],"insecure":true},
	"timeout":"12s","retry":{"max":3,"schedule":["1m",3600],"jitter":5,"giveUpOn":[404]},
	"redirects":"follow","rate":{"perSecond":0.5,"burst":2},"slots":2,"drain":"newest-first","maxPending":77,
	"disableOnGone":false,"paused":true}`

func TestWebhookOptions(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}})
	a := w.do("POST", "/webhooks", everything)
	if a.status != 201 || !strings.Contains(a.body, `"secret":"SECRETsecret"`) {
		t.Fatalf("got %d %s, want 201 and the secret", a.status, a.body)
	}
	stored, _ := w.gateway.Endpoint("all")

	a = w.do("GET", "/webhooks/all", "")
	want := `{"id":"all","url":"https://***@example.org/hook?key=***\u0026***#***","event":"sms:received","source":"Local",` +
		`"events":["sms:received","sms:sent"],"name":"All of it","modems":["office"],` +
		`"filter":{"type":"keyword","condition":"contains","value":"urgent"},"format":"smsgate",` +
		`"extendedEvents":true,"payload":"thin","deliveredPer":"part","contentType":"application/json","signature":"github",` +
		`"headers":{"X-Api-Key":"***","X-Other":"***"},` +
		`"tls":{"ca":"PEM","cert":"PEM","key":"***","serverName":"inner","pins":["ab"],"insecure":true},` +
		`"timeout":"12s","retry":{"max":3,"schedule":["1m0s","1h0m0s"],"jitter":5,"giveUpOn":[404]},` +
		`"redirects":"follow","rate":{"perSecond":0.5,"burst":2},"slots":2,"drain":"newest-first","maxPending":77,` +
		`"disableOnGone":false,"paused":true,"pause":{"reason":"owner","since":"TIME"},"insecure":true,` +
		`"createdAt":"TIME","updatedAt":"TIME","health":{"status":"paused","pending":0,"dead":0,"failures":0}}`
	if diff := cmp.Diff(want, masked(a.body)); diff != "" {
		t.Errorf("shown (-want +got)\n%s", diff)
	}

	// What is shown can be sent back, whole or with changes, and changes nothing else.
	for _, method := range []string{"PUT", "PATCH"} {
		b := w.do(method, "/webhooks/all", a.body)
		again, _ := w.gateway.Endpoint("all")
		again.UpdatedAt = stored.UpdatedAt
		if diff := cmp.Diff(stored, again); b.status != 200 || diff != "" {
			t.Errorf("%s of what was shown: got %d %s (-before +after)\n%s", method, b.status, b.body, diff)
		}
	}
	// The same by POST, as clients do that know no other way.
	if b := w.do("POST", "/webhooks", a.body); b.status != 201 {
		t.Errorf("POST of what was shown: got %d %s", b.status, b.body)
	}
	if again, _ := w.gateway.Endpoint("all"); cmp.Diff(stored.Headers, again.Headers) != "" || again.URL != stored.URL {
		t.Errorf("POST of what was shown: got %+v", again)
	}
}

// Secrets are in no answer but that which gives them out, and not in the log.
func TestSecretsAreNotShown(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}})
	if a := w.do("POST", "/webhooks", everything); a.status != 201 {
		t.Fatal(a.body)
	}
	bearer := `{"id":"auth","url":"https://example.org/?k=SECRETquery","event":"sms:sent","secret":true,
		"auth":{"type":"bearer","token":"SECRETtoken"}}`
	if a := w.do("POST", "/webhooks", bearer); a.status != 201 {
		t.Fatal(a.body)
	}
	made, _ := w.gateway.Endpoint("auth")
	look := func(what, text string) {
		t.Helper()
		if strings.Contains(text, "SECRET") || strings.Contains(text, made.Secrets[0].Key) {
			t.Errorf("%s shows a secret: %s", what, text)
		}
	}
	for _, id := range []string{"all", "auth"} {
		for _, c := range []struct{ method, path, body string }{
			{"GET", "/webhooks", ""},
			{"GET", "/webhooks/" + id, ""},
			{"PUT", "/webhooks/" + id, `{"url":"https://example.org/?k=1","event":"sms:sent","slots":99}`}, // refused
			{"PATCH", "/webhooks/" + id, `{"name":"new"}`},
			{"PATCH", "/webhooks/" + id, `{"url":"https://example.org/?other=***"}`}, // refused
			{"PATCH", "/webhooks/" + id, `{"auth":{"type":"basic","username":"u","password":"***"}}`},
			{"POST", "/webhooks/" + id + "/pause", ""},
			{"POST", "/webhooks/" + id + "/resume", ""},
			{"GET", "/webhooks/" + id + "/stats", ""},
			{"GET", "/webhooks/" + id + "/deliveries", ""},
			{"GET", "/webhooks/" + id + "/attempts", ""},
			{"POST", "/webhooks/" + id + "/recover", ""},
			{"GET", "/webhooks/" + id + "/jobs", ""},
			{"GET", "/docs/webhook-prompt?webhook=" + id, ""},
			{"GET", "/metrics", ""},
			{"GET", "/health", ""},
		} {
			a := w.do(c.method, c.path, c.body)
			look(c.method+" "+c.path, a.body)
			for name, values := range a.header {
				look(c.method+" "+c.path+" "+name, strings.Join(values, " "))
			}
		}
	}
	look("the log", w.log.String())
	if !strings.Contains(w.log.String(), "/webhooks/{id}") {
		t.Error("the log is not that of the requests")
	}
}

// shown returns a webhook as the API shows it.
func (w *world) shown(id string) api.Webhook {
	w.t.Helper()
	var h api.Webhook
	if err := json.Unmarshal([]byte(w.do("GET", "/webhooks/"+id, "").body), &h); err != nil {
		w.t.Fatal(err)
	}
	return h
}

func TestPatchWebhook(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}})
	patch := func(body string, status int) {
		t.Helper()
		if a := w.do("PATCH", "/webhooks/all", body); a.status != status {
			t.Fatalf("%s: got %d %s, want %d", body, a.status, a.body, status)
		}
	}
	patch(`{}`, 404)
	if a := w.do("POST", "/webhooks", everything); a.status != 201 {
		t.Fatal(a.body)
	}
	before, _ := w.gateway.Endpoint("all")
	for _, tt := range []struct {
		body   string
		change func(*gateway.Endpoint)
	}{
		{`{"name":"x"}`, func(e *gateway.Endpoint) { e.Name = "x" }},
		{`{"event":"sms:failed"}`, func(e *gateway.Endpoint) { e.Events = []gateway.EventType{"sms:failed"} }},
		{`{"events":["sms:sent","sms:failed"]}`, func(e *gateway.Endpoint) { e.Events = []gateway.EventType{"sms:sent", "sms:failed"} }},
		{`{"url":"https://other.example/?key=***&new=1"}`, func(e *gateway.Endpoint) { e.URL = "https://other.example/?key=SECRETquery&new=1" }},
		{`{"timeout":null,"slots":null}`, func(e *gateway.Endpoint) { e.Timeout, e.Slots = 0, 0 }},
		{`{"headers":{"x-api-key":"new","X-Other":null}}`, func(e *gateway.Endpoint) {
			e.Headers = []gateway.Header{{Name: "x-api-key", Value: "new"}}
		}},
		{`{"headers":{"A":"b"}}`, func(e *gateway.Endpoint) {
			e.Headers = []gateway.Header{{Name: "A", Value: "b"}, {Name: "x-api-key", Value: "new"}}
		}},
		{`{"headers":null}`, func(e *gateway.Endpoint) { e.Headers = nil }},
		{`{"retry":{"schedule":null,"base":"20s"}}`, func(e *gateway.Endpoint) {
			e.Retry.Schedule, e.Retry.Base = nil, 20e9
		}},
		{`{"tls":{"insecure":false}}`, func(e *gateway.Endpoint) { c := *e.TLS; c.Insecure = false; e.TLS = &c }},
		{`{"tls":null,"filter":null,"modems":null}`, func(e *gateway.Endpoint) { e.TLS, e.Filter, e.Modems = nil, nil, nil }},
		{`{"deviceId":"office"}`, func(e *gateway.Endpoint) { e.Modems = []string{"office"} }},
		{`{"deviceId":"dev_office"}`, func(*gateway.Endpoint) {}}, // as formats of other products show it
		{`{"disableOnGone":true,"payload":"full"}`, func(e *gateway.Endpoint) { e.KeepOnGone, e.Thin = false, false; e.Rev++ }},
		{`{"paused":false}`, func(e *gateway.Endpoint) { e.Paused = nil }},
		{`{"secret":false}`, func(e *gateway.Endpoint) { e.Secrets = nil }},
		{`{"secret":"another one"}`, func(e *gateway.Endpoint) { e.Secrets = []gateway.Secret{{Key: "another one"}} }},
		{`{"secret":true}`, func(*gateway.Endpoint) {}},
		{`{"secret":"***"}`, func(*gateway.Endpoint) {}},
	} {
		patch(tt.body, 200)
		tt.change(&before)
		got, _ := w.gateway.Endpoint("all")
		for i := range got.Secrets {
			got.Secrets[i].Since = before.Secrets[i].Since
		}
		before.UpdatedAt, got.Former, before.Former = got.UpdatedAt, nil, nil
		if diff := cmp.Diff(before, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.body, diff)
		}
	}
	patch(`{"id":"new"}`, 400)
	patch(`{"headers":[]}`, 400)
	patch(`{"event":"sms:lost"}`, 400)
	patch(`[]`, 400)
}

func TestPutWebhook(t *testing.T) {
	w := newWorld(t)
	a := w.do("PUT", "/webhooks/new", `{"url":"https://example.org","event":"sms:sent","format":"integify","name":"x","slots":2}`)
	made := w.shown("new")
	stored, _ := w.gateway.Endpoint("new")
	if a.status != 201 || len(stored.Secrets) != 1 || !strings.Contains(a.body, stored.Secrets[0].Key) || made.Secret != nil || made.Slots != 2 {
		t.Errorf("made: got %d %s, then %+v", a.status, a.body, made)
	}
	a = w.do("PUT", "/webhooks/new", `{"url":"https://example.org/2","event":"sms:failed","format":"integify"}`)
	again, _ := w.gateway.Endpoint("new")
	if a.status != 200 || again.Name != "" || again.Slots != 0 || cmp.Diff(stored.Secrets, again.Secrets) != "" {
		t.Errorf("replaced: got %d %+v, want the defaults and the old secret", a.status, again)
	}
	for body, want := range map[string]string{
		`{"id":"other","url":"https://example.org","event":"sms:sent"}`: "id must be the one in the path",
		`{"url":"https://example.org"}`:                                 "Unsupported event",
		`{"event":"sms:sent"}`:                                          "url must start with",
	} {
		if a := w.do("PUT", "/webhooks/new", body); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", body, a.status, a.body, want)
		}
	}
}

// Webhooks of a foreign format have a secret from the start, unless that is declined;
// those of the gateway's own only if one is asked for.
func TestWebhookSecretAtStart(t *testing.T) {
	w := newWorld(t)
	for more, want := range map[string]int{
		``: 0, `,"secret":true`: 1, `,"secret":"chosen by me"`: 1, `,"secret":false`: 0, `,"secret":null`: 0,
		`,"format":"integify"`: 1, `,"format":"standard","secret":false`: 0, `,"format":"smsgate"`: 0,
	} {
		a := w.do("POST", "/webhooks", `{"id":"x","url":"https://example.org","event":"sms:sent"`+more+`}`)
		e, _ := w.gateway.Endpoint("x")
		if a.status != 201 || len(e.Secrets) != want || strings.Contains(a.body, `"secret":"`) != (want == 1) {
			t.Errorf("%s: got %d %s and %d secrets, want %d", more, a.status, a.body, len(e.Secrets), want)
		}
		if a := w.do("DELETE", "/webhooks/x", ""); a.status != 204 {
			t.Fatal(a.body)
		}
	}
}

func TestSecretRoutes(t *testing.T) {
	w := newWorld(t)
	if a := w.do("POST", "/webhooks", `{"id":"x","url":"https://example.org","event":"sms:sent"}`); a.status != 201 {
		t.Fatal(a.body)
	}
	get := func(method, path, body string) (s api.WebhookSecrets) {
		t.Helper()
		a := w.do(method, "/webhooks/x/secret"+path, body)
		if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != 200 {
			t.Fatalf("%s %s: got %d %s", method, path, a.status, a.body)
		}
		return s
	}
	if s := get("GET", "", ""); !s.Shared || len(s.Secrets) != 0 {
		t.Errorf("got %+v, want the shared one, not shown", s)
	}
	first := get("POST", "/rotate", "").Secrets[0]
	s := get("POST", "/rotate", `{"grace":"1h"}`)
	if len(s.Secrets) != 2 || s.Shared || s.Secrets[0].Signs || !s.Secrets[1].Signs || s.Secrets[1].Secret != first.Secret ||
		!s.Secrets[0].ExpiresAt.IsZero() || s.Secrets[1].ExpiresAt.IsZero() {
		t.Errorf("rotated: got %+v, want the old one to sign for an hour", s)
	}
	if s = get("POST", "/activate", ""); !s.Secrets[0].Signs || s.Secrets[1].Signs {
		t.Errorf("activated: got %+v, want the new one to sign", s)
	}
	if got := get("GET", "", ""); cmp.Diff(s.Secrets[0].Secret, got.Secrets[0].Secret) != "" {
		t.Errorf("got %+v, want %+v", got, s)
	}
	for body, want := range map[string]string{
		`{"grace":"8d"}`:  "grace must be a duration such as",
		`{"grace":"-1s"}`: "grace must be a duration from 0s to 168h",
		`{"grace":1e6}`:   "grace must be a duration from 0s to 168h",
		`{"grace"}`:       "the request body is not valid JSON",
	} {
		if a := w.do("POST", "/webhooks/x/secret/rotate", body); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", body, a.status, a.body, want)
		}
	}
	for _, c := range []struct{ method, path string }{{"GET", ""}, {"POST", "/rotate"}, {"POST", "/activate"}} {
		if a := w.do(c.method, "/webhooks/none/secret"+c.path, ""); a.status != 404 || !strings.Contains(a.body, "there is no webhook with this id") {
			t.Errorf("%s: got %d %s", c.path, a.status, a.body)
		}
	}
}

func TestPauseRoutes(t *testing.T) {
	w := newWorld(t)
	if a := w.do("POST", "/webhooks", `{"id":"x","url":"https://example.org","event":"sms:sent"}`); a.status != 201 {
		t.Fatal(a.body)
	}
	if a := w.do("POST", "/webhooks/x/pause", `{"note":"moving house"}`); a.status != 200 || !strings.Contains(a.body, `"note":"moving house"`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if h := w.shown("x"); !h.Paused || h.Pause.Reason != "owner" || h.Health.Status != "paused" {
		t.Errorf("got %+v, want it paused", h)
	}
	// Who registers it again does not resume it.
	if a := w.do("POST", "/webhooks", `{"id":"x","url":"https://example.org/2","event":"sms:sent"}`); a.status != 201 || !w.shown("x").Paused {
		t.Errorf("registered again: got %d %s, want it paused", a.status, a.body)
	}
	if a := w.do("POST", "/webhooks/x/resume", ""); a.status != 200 || w.shown("x").Paused {
		t.Errorf("got %d %s, want it resumed", a.status, a.body)
	}
}

package rest

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

var anySecret = regexp.MustCompile(`"whsec_[A-Za-z0-9+/]{43}="`)

// maskedRoute replaces what differs from run to run.
func maskedRoute(body string) string {
	body = anySecret.ReplaceAllString(body, `"SECRET"`)
	body = regexp.MustCompile(`"webhookId":"[\w-]{21}"`).ReplaceAllString(body, `"webhookId":"HOOK"`)
	return strings.ReplaceAll(masked(body), `,"createdAt":"TIME","updatedAt":"TIME"`, "")
}

// Routes as other products document them are taken as they are.
func TestDocumentedRoutes(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ name, body, want string }{
		{
			"phone", `{
  "filter": {
    "type": "phone",
    "condition": "starts_with",
    "value": "+1555"
  },
  "action": {
    "webhook": "https://api.example.com/urgent-messages"
  }
}`,
			`{"id":"ID","filter":{"type":"phone","condition":"starts_with","value":"+1555"},"events":["sms:received"],` +
				`"action":{"webhook":"https://api.example.com/urgent-messages","webhookId":"HOOK","format":"smsgate","secret":"SECRET"},"enabled":true}`,
		},
		{
			"keyword", `{
"filter": {
"type": "keyword",
"condition": "contains",
"value": "urgent",
"case_sensitive": false
},
"action": {
"webhook": "https://api.example.com/urgent-webhook",
"notify_admin": true
}
}`,
			`{"id":"ID","filter":{"type":"keyword","condition":"contains","value":"urgent"},"events":["sms:received"],` +
				`"action":{"webhook":"https://api.example.com/urgent-webhook","webhookId":"HOOK","format":"smsgate","secret":"SECRET","notify_admin":true},"enabled":true,` +
				`"warnings":["nobody is told by SMS: alerts.admin_numbers is not set in the configuration"]}`,
		},
		{
			"device", `{
"filter": {
"type": "device",
"device_ids": ["dev_abc123", "dev_def456"]
},
"action": {
"webhook": "https://api.example.com/sales-messages"
}
}`,
			`{"id":"ID","filter":{"type":"device","device_ids":["dev_abc123","dev_def456"]},"events":["sms:received"],` +
				`"action":{"webhook":"https://api.example.com/sales-messages","webhookId":"HOOK","format":"smsgate","secret":"SECRET"},"enabled":true}`,
		},
		{
			"time", `{
"filter": {
"type": "time",
"days": ["monday", "tuesday", "wednesday"],
"hours": { "start": "09:00", "end": "17:00" },
"timezone": "America/New_York"
},
"action": {
"webhook": "https://api.example.com/business-hours"
}
}`,
			`{"id":"ID","filter":{"type":"time","days":["monday","tuesday","wednesday"],"hours":{"start":"09:00","end":"17:00"},"timezone":"America/New_York"},"events":["sms:received"],` +
				`"action":{"webhook":"https://api.example.com/business-hours","webhookId":"HOOK","format":"smsgate","secret":"SECRET"},"enabled":true}`,
		},
	} {
		a := w.do("POST", "/routes", tt.body)
		if diff := cmp.Diff(tt.want, maskedRoute(a.body)); a.status != 201 || diff != "" {
			t.Errorf("%s: got %d (-want +got)\n%s", tt.name, a.status, diff)
		}
		// The secret is shown to the one who made the webhook, once.
		b := w.do("GET", a.header.Get("Location"), "")
		want := strings.Replace(tt.want, `,"secret":"SECRET"`, "", 1)
		if diff := cmp.Diff(want, maskedRoute(b.body)); b.status != 200 || diff != "" {
			t.Errorf("%s: got %d again (-want +got)\n%s", tt.name, b.status, diff)
		}
	}
	rs, err := w.client.Routes(t.Context())
	if err != nil || len(rs) != 4 {
		t.Errorf("got %d routes, %v, want 4", len(rs), err)
	}
}

func TestRouteLife(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	made, err := w.client.AddRoute(ctx, api.Route{ID: "a/b", Name: "n", Action: api.RouteAction{Webhook: "https://example.org/a", Format: "infinireach"}})
	if err != nil || made.Action.Secret == "" || !*made.Enabled || made.Action.Format != "infinireach" {
		t.Fatalf("got %+v, %v", made, err)
	}
	again, err := w.client.AddRoute(ctx, api.Route{Action: api.RouteAction{Webhook: "https://example.org/a"}})
	if err != nil || again.Action.WebhookID != made.Action.WebhookID || again.Action.Secret != "" {
		t.Errorf("got %+v, %v, want the webhook %s and no secret", again, err, made.Action.WebhookID)
	}
	edit := func(body, want string) {
		t.Helper()
		var change map[string]any
		if err := json.Unmarshal([]byte(body), &change); err != nil {
			t.Fatal(err)
		}
		r, err := w.client.EditRoute(ctx, "a/b", change)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		r.CreatedAt, r.UpdatedAt = nil, nil
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, maskedRoute(string(b))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
	edit(`{"filter":{"type":"device","device_ids":["x"]},"enabled":false}`,
		`{"id":"a/b","name":"n","filter":{"type":"device","device_ids":["x"]},"events":["sms:received"],"action":{"webhook":"https://example.org/a","webhookId":"HOOK","format":"infinireach"},"enabled":false}`)
	edit(`{"name":null,"filter":null,"enabled":null,"events":["sms:sent","sms:failed","sms:sent"],"action":{"exclusive":true}}`,
		`{"id":"a/b","events":["sms:failed","sms:sent"],"action":{"webhook":"https://example.org/a","webhookId":"HOOK","format":"infinireach","exclusive":true},"enabled":true}`)
	edit(`{"action":{"webhook":"https://example.org/b","exclusive":null}}`,
		`{"id":"a/b","events":["sms:failed","sms:sent"],"action":{"webhook":"https://example.org/b","webhookId":"HOOK","format":"smsgate","secret":"SECRET"},"enabled":true}`)
	edit(`{"action":{"webhookId":"`+again.Action.WebhookID+`"}}`,
		`{"id":"a/b","events":["sms:failed","sms:sent"],"action":{"webhook":"https://example.org/a","webhookId":"HOOK","format":"infinireach"},"enabled":true}`)

	// What was read can be written back.
	got := w.do("GET", "/routes/a%2Fb", "")
	if a := w.do("PUT", "/routes/a%2Fb", got.body); a.status != 200 || maskedRoute(a.body) != maskedRoute(got.body) {
		t.Errorf("put: got %d %s, want %s", a.status, a.body, got.body)
	}
	if a := w.do("PUT", "/routes/new", `{"action":{"notify_admin":true}}`); a.status != 201 || !strings.Contains(a.body, `"id":"new"`) {
		t.Errorf("put of a new one: got %d %s", a.status, a.body)
	}
	if err := w.client.DeleteRoute(ctx, "a/b"); err != nil {
		t.Error(err)
	}
	if a := w.do("DELETE", "/webhooks/"+again.Action.WebhookID, ""); a.status != 409 || !strings.Contains(a.body, again.ID) {
		t.Errorf("deleting the webhook of a route: got %d %s", a.status, a.body)
	}
	if a := w.do("DELETE", "/routes/a%2Fb", ""); a.status != 404 {
		t.Errorf("deleting twice: got %d %s", a.status, a.body)
	}
}

func TestRoutesRefuse(t *testing.T) {
	w := newWorld(t)
	w.seed()
	for _, tt := range []struct{ body, want string }{
		{`{}`, "action does nothing: give it webhook (a URL), webhookId or notify_admin"},
		{`{"action":"x"}`, "action must be an object, got a string"},
		{`{"action":{"webhook":5}}`, "action.webhook must be a string, got a number"},
		{`{"action":{"webhook":"http://example.org"}}`, "action.webhook: url must start with https:// or http://127.0.0.1; see webhooks.policy"},
		{`{"action":{"webhookId":"other"}}`, `action.webhookId: there is no webhook "other": register it first, or give action.webhook, a URL`},
		{`{"action":{"webhookId":"w1","webhook":"https://example.org/x"}}`, "action.webhook and action.webhookId name two webhooks: leave one of them out"},
		{`{"action":{"notify_admin":"yes"}}`, "action.notify_admin must be true or false, got a string"},
		{`{"action":{"webhookId":"w1","notifyAdmin":true}}`, `action."notifyAdmin" is not known here: there is webhook, webhookId, format, secret, notify_admin, exclusive`},
		{`{"action":{"notify_admin":true,"exclusive":true}}`, "action.exclusive needs a webhook that gets the events instead: give webhook (a URL) or webhookId"},
		{`{"action":{"notify_admin":true},"events":"sms:sent"}`, "events must be an array of strings, got a string"},
		{`{"action":{"notify_admin":true},"events":["sms:lost"]}`, `events[0] "sms:lost" is not the name of an event: leave events out for sms:received`},
		{`{"action":{"notify_admin":true},"filter":[]}`, `filter must be an object such as {"type":"phone","condition":"starts_with","value":"+1555"}`},
		{`{"action":{"notify_admin":true},"filter":{"any":[{"not":{"type":"time","hours":{"start":"9","end":"17:00"}}}]}}`, "filter.any[0].not.hours.start must be HH:MM, from 00:00 to 24:00"},
		{`{"action":{"notify_admin":true},"enabled":1}`, "enabled must be true or false, got a number"},
	} {
		a := w.do("POST", "/routes", tt.body)
		var e api.Error
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != 400 || e.Message != tt.want {
			t.Errorf("%s\n got %d %s\nwant 400 %s", tt.body, a.status, a.body, tt.want)
		}
	}
	if a := w.do("PUT", "/routes/x", `{"id":"y","action":{"notify_admin":true}}`); a.status != 400 || !strings.Contains(a.body, "leave it out") {
		t.Errorf("another id than that of the path: got %d %s", a.status, a.body)
	}
	if fs := w.gateway.Forwards(); len(fs) != 0 {
		t.Errorf("%d routes were stored", len(fs))
	}
}

func TestTryRoute(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office", Number: "+4915110000009"}})
	ctx := t.Context()
	w.seed()
	if a := w.do("POST", "/webhooks", `{"id":"all","url":"https://example.org/all","event":"sms:received"}`); a.status != 201 {
		t.Fatal(a.body)
	}
	for _, body := range []string{
		`{"id":"us","name":"US","filter":{"type":"phone","condition":"starts_with","value":"+1555"},"action":{"webhookId":"w1"}}`,
		`{"id":"night","filter":{"type":"time","hours":{"start":"22:00","end":"06:00"},"timezone":"UTC"},"action":{"webhookId":"w1","exclusive":true}}`,
		`{"id":"office","events":["sms:sent"],"filter":{"all":[{"type":"device","device_ids":["dev_office"]},{"type":"keyword","condition":"equals","value":"hi"}]},"action":{"webhookId":"w1"}}`,
		`{"id":"off","enabled":false,"action":{"webhookId":"w1"}}`,
	} {
		if a := w.do("POST", "/routes", body); a.status != 201 {
			t.Fatal(a.body)
		}
	}
	noon := &api.Time{Time: time.Date(2024, 10, 28, 12, 0, 0, 0, time.UTC)}
	night := &api.Time{Time: time.Date(2024, 10, 28, 23, 0, 0, 0, time.UTC)}
	us := []api.RouteTestRoute{{ID: "us", Name: "US"}}
	all := api.RouteTestWebhook{ID: "all", URL: "https://example.org/all"}
	w1 := func(route string) api.RouteTestWebhook {
		return api.RouteTestWebhook{ID: "w1", URL: "https://example.org", Route: route}
	}
	for _, tt := range []struct {
		name, id string
		sample   api.RouteSample
		want     api.RouteTest
	}{
		{"wanted", "us", api.RouteSample{Phone: "+15551", At: noon}, api.RouteTest{Matched: true, Routes: us, Webhooks: []api.RouteTestWebhook{all, w1("us")}}},
		{"by another", "night", api.RouteSample{Phone: "+15551", At: noon}, api.RouteTest{Routes: us, Webhooks: []api.RouteTestWebhook{all, w1("us")}}},
		{"not wanted", "us", api.RouteSample{Phone: "+49151", At: noon}, api.RouteTest{Routes: []api.RouteTestRoute{}, Webhooks: []api.RouteTestWebhook{all}}},
		{"exclusive", "night", api.RouteSample{Phone: "+49151", At: night}, api.RouteTest{Matched: true, Routes: []api.RouteTestRoute{{ID: "night"}}, Webhooks: []api.RouteTestWebhook{w1("night")}, Exclusive: true}},
		{"disabled", "off", api.RouteSample{Phone: "+49151", At: noon}, api.RouteTest{Routes: []api.RouteTestRoute{}, Webhooks: []api.RouteTestWebhook{all}}},
		// w1 is registered for what is sent, and gets it once.
		{"sent", "office", api.RouteSample{Event: "sms:sent", Text: "hi", DeviceID: "office"}, api.RouteTest{Matched: true, Routes: []api.RouteTestRoute{{ID: "office"}}, Webhooks: []api.RouteTestWebhook{w1("")}}},
	} {
		got, err := w.client.TestRoute(ctx, tt.id, tt.sample)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", tt.name, err, diff)
		}
	}
	for body, want := range map[string]string{
		`{"deviceId":"lab"}`:      `deviceId \"lab\" is no modem, nor this gateway: leave it out, or see /modems`,
		`{"at":"noon"}`:           "at must be a date and time with its offset",
		`{"event":"system:ping"}`: `event \"system:ping\" cannot be tried`,
		`{"phone":1}`:             "phone must be a string, got a number",
	} {
		if a := w.do("POST", "/routes/us/test", body); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want 400 %s", body, a.status, a.body, want)
		}
	}
}

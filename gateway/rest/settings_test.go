package rest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// settingsWith is what is shown if nothing was changed but what is given.
func settingsWith(messages, ping, logs, webhooks string) string {
	return `{"gateway":{"cloud_url":"https://api.sms-gate.app/mobile/v1","notification_channel":"AUTO"},"logs":{` + logs + `},` +
		`"messages":{` + messages + `"work_hours_enabled":false,"work_hours_end":"19:00","work_hours_start":"09:00"},"ping":{` + ping + `},` +
		`"receiver":{"content_provider_enabled":true},"webhooks":{` + webhooks + `}}`
}

const (
	usualMessages = `"limit_period":"Disabled","limit_value":0,"log_lifetime_days":365,"processing_order":"FIFO","send_interval_min":0,"sim_selection_mode":"OSDefault",`
	usualLogs     = `"lifetime_days":30`
	usualWebhooks = `"internet_required":true,"retry_count":14`
)

func TestSettings(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ name, method, body, want string }{
		{"at first", "GET", "", settingsWith(usualMessages, "", usualLogs, usualWebhooks)},
		{
			"some", "PATCH", `{"messages":{"limit_period":"PerHour","limitValue":"10","send_interval_max":4},"ping":{"interval_seconds":60},"unknown":{"a":1}}`,
			settingsWith(`"limit_period":"PerHour","limit_value":10,"log_lifetime_days":365,"processing_order":"FIFO","send_interval_max":4,"send_interval_min":0,"sim_selection_mode":"OSDefault",`,
				`"interval_seconds":60`, usualLogs, usualWebhooks),
		},
		{
			"null, and secrets", "PATCH", `{"messages":{"limit_value":null,"limit_period":null,"send_interval_max":null,"log_lifetime_days":null},
				"webhooks":{"signing_key":"hush"},"encryption":{"passphrase":"hush"},"gateway":{"private_token":"hush"}}`,
			settingsWith(`"limit_period":"Disabled","limit_value":0,"processing_order":"FIFO","send_interval_min":0,"sim_selection_mode":"OSDefault",`,
				`"interval_seconds":60`, usualLogs, usualWebhooks),
		},
		{"replaced", "PUT", `{"webhooks":{"retryCount":5}}`, settingsWith(usualMessages, "", usualLogs, `"internet_required":true,"retry_count":5`)},
		{"as it is", "GET", "", settingsWith(usualMessages, "", usualLogs, `"internet_required":true,"retry_count":5`)},
	} {
		a := w.do(tt.method, "/settings", tt.body)
		if diff := cmp.Diff(tt.want, a.body); a.status != 200 || diff != "" {
			t.Errorf("%s: got %d (-want +got)\n%s", tt.name, a.status, diff)
		}
		if strings.Contains(a.body, "hush") {
			t.Errorf("%s: a secret is shown", tt.name)
		}
	}
	if k := w.gateway.Settings().Webhooks.SigningKey; k != "hush" {
		t.Errorf("got signing key %q after PUT, want the one that was stored", k)
	}
	if a := w.do("GET", "/settings?sources=true", ""); !strings.Contains(a.body, `"retry_count":"stored"`) || !strings.Contains(a.body, `"limit_value":"configured"`) {
		t.Errorf("sources: got %d %s", a.status, a.body)
	}
	got, err := w.client.EditSettings(t.Context(), api.Settings{"messages": {"processing_order": "LIFO"}})
	if err != nil || got["messages"]["processing_order"] != "LIFO" {
		t.Errorf("client: got %v, %v", got, err)
	}
}

func TestSettingsRefuse(t *testing.T) {
	w := newWorld(t)
	before := w.do("GET", "/settings", "").body
	for body, want := range map[string]string{
		``:   "the request body is empty; it must be a JSON object",
		`[]`: "the request body must be a JSON object, got an array",
		`{"messages":{"limit_value":1,"limit_period":"x"}}`:                     "Invalid request: Failed to import messages: Limit period must be one of Disabled, ",
		`{"messages":{"limit_value":-1}}`:                                       "Invalid request: Failed to import messages: Limit value must be >= 0",
		`{"messages":{"limit_value":1},"webhooks":{"retry_count":0}}`:           "Invalid request: Failed to import webhooks: Retry count must be >= 1",
		`{"messages":{"limit_value":1},"gateway":{"cloud_url":"http://a.org"}}`: "Invalid request: Failed to import gateway: Cloud url must start with https://",
	} {
		for _, method := range []string{"PATCH", "PUT"} {
			if a := w.do(method, "/settings", body); a.status != 400 || !strings.HasPrefix(a.body, `{"message":"`+strings.ReplaceAll(want, ">", `\u003e`)) {
				t.Errorf("%s %s: got %d %s, want 400 %s", method, body, a.status, a.body, want)
			}
		}
	}
	if diff := cmp.Diff(before, w.do("GET", "/settings", "").body); diff != "" {
		t.Errorf("something was stored (-want +got)\n%s", diff)
	}
	if a := w.do("GET", "/settings?sources=maybe", ""); a.status != 400 {
		t.Errorf("sources=maybe: got %d, want 400", a.status)
	}
}

// Whatever is sent, settings stay ones that can be shown and read again.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"messages":{"limit_value":"7","sendIntervalMax":1e3,"log_lifetime_days":null}}`, `{"messages":null,"ping":[]}`,
		`{"messages":{"work_hours_start":"23:59","WORK_HOURS_END":"00:00"}}`, `{"webhooks":{"signing_key":"\u2028"},"logs":{"lifetime_days":-1e309}}`,
		`{"ping":{"interval_seconds":"0x10"}}`, `{"ping":{"interval_seconds":" 5 ","intervalSeconds":6}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		o, err := parseObject([]byte(body))
		if err != nil {
			return
		}
		w := newWorld(t)
		if err := w.gateway.ChangeSettings(t.Context(), o.fields, false); err != nil && gateway.CodeOf(err) != gateway.Invalid {
			t.Fatal(err)
		}
		before := w.gateway.Settings()
		shown, _ := w.gateway.SettingsShown()
		b, err := json.Marshal(shown)
		if err != nil {
			t.Fatal(err)
		}
		if o, err = parseObject(b); err != nil {
			t.Fatal(err)
		}
		if err := w.gateway.ChangeSettings(t.Context(), o.fields, true); err != nil {
			t.Errorf("what is shown, %s, cannot be written back: %v", b, err)
		}
		if diff := cmp.Diff(before, w.gateway.Settings()); diff != "" {
			t.Errorf("writing back what is shown changed it (-before +after)\n%s", diff)
		}
		again, err := gateway.New(t.Context(), gateway.Options{Store: w.db, Log: zerolog.New(failing{t})})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, again.Settings()); diff != "" {
			t.Errorf("after a restart (-before +after)\n%s", diff)
		}
	})
}

// failing fails a test when something is logged.
type failing struct{ t *testing.T }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("logged: %s", b)
	return len(b), nil
}

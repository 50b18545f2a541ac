package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// change alters the settings as a client of the API does.
func (w *world) change(doc string, replace bool) error {
	w.t.Helper()
	var d map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		w.t.Fatal(err)
	}
	return w.gw.ChangeSettings(w.t.Context(), d, replace)
}

// TestSettingsChange sends one document after another to a gateway of which some is
// configured, and looks at what holds, before and after a restart.
func TestSettingsChange(t *testing.T) {
	bubble(t, 0, func(w *world) {
		configured := gateway.DefaultSettings()
		configured.Webhooks.SigningKey, configured.Ping.Interval = "configured", time.Minute
		w.opts.Settings = &configured
		w.start()
		steps := []struct {
			name    string
			doc     string
			replace bool
			alter   func(*gateway.Settings) // what the document is to have done
		}{
			{"nothing", `{}`, false, func(*gateway.Settings) {}},
			{"numbers as strings", `{"messages":{"limit_value":"7","limit_period":"PerHour"}}`, false, func(s *gateway.Settings) {
				s.Messages.LimitValue, s.Messages.LimitPeriod = 7, gateway.PerHour
			}},
			{"camelCase, and numbers with a point", `{"messages":{"sendIntervalMin":2.0,"sendIntervalMax":5},"webhooks":{"retryCount":3}}`, false, func(s *gateway.Settings) {
				s.Messages.SendIntervalMin, s.Messages.SendIntervalMax, s.Webhooks.Retries = 2*time.Second, 5*time.Second, 3
			}},
			{"unknown names", `{"colours":{"sky":"blue"},"ping":{"colour":1},"logs":null}`, false, func(*gateway.Settings) {}},
			{"null", `{"messages":{"limit_value":null,"log_lifetime_days":null}}`, false, func(s *gateway.Settings) {
				s.Messages.LimitValue, s.Messages.Lifetime = 0, 0
			}},
			{"less than one is none", `{"ping":{"interval_seconds":0},"logs":{"lifetime_days":-1}}`, false, func(s *gateway.Settings) {
				s.Ping.Interval, s.Logs.Lifetime = 0, 0
			}},
			{"null is what is configured", `{"ping":{"interval_seconds":null}}`, false, func(s *gateway.Settings) { s.Ping.Interval = time.Minute }},
			{"secrets", `{"webhooks":{"signing_key":"key"},"encryption":{"passphrase":"pass"},"gateway":{"private_token":"token"}}`, false, func(s *gateway.Settings) {
				s.Webhooks.SigningKey, s.Encryption.Passphrase, s.Cloud.PrivateToken = "key", "pass", "token"
			}},
			{"the rest", `{"messages":{"sim_selection_mode":"RoundRobin","processing_order":"LIFO","work_hours_enabled":true,"work_hours_start":"22:00","work_hours_end":"06:30"},
				"gateway":{"cloud_url":"https://example.com","notification_channel":"SSE_ONLY"},"receiver":{"content_provider_enabled":false},"webhooks":{"internet_required":"false"}}`, false, func(s *gateway.Settings) {
				s.Messages.Selection, s.Messages.Order = gateway.SelectInTurn, gateway.LIFO
				s.Messages.WorkHours = gateway.WorkHours{Enabled: true, Start: 22 * 60, End: 6*60 + 30}
				s.Cloud.URL, s.Cloud.NotificationChannel, s.Receiver.ContentProvider, s.Webhooks.InternetRequired = "https://example.com", "SSE_ONLY", false, false
			}},
			{"replace keeps what is never shown", `{"webhooks":{"retry_count":9}}`, true, func(s *gateway.Settings) {
				*s = configured
				s.Webhooks.Retries, s.Webhooks.SigningKey, s.Encryption.Passphrase, s.Cloud.PrivateToken = 9, "key", "pass", "token"
			}},
			{"replace with what is not shown", `{"messages":{"limit_value":2},"ping":{},"logs":null}`, true, func(s *gateway.Settings) {
				s.Webhooks.Retries, s.Messages.LimitValue, s.Messages.Lifetime, s.Ping.Interval = configured.Webhooks.Retries, 2, 0, 0
			}},
			{"replace with nothing", `{}`, true, func(s *gateway.Settings) {
				s.Messages, s.Ping = configured.Messages, configured.Ping
			}},
			{"a secret goes", `{"webhooks":{"signing_key":null},"encryption":{"passphrase":null},"gateway":{"private_token":null}}`, false, func(s *gateway.Settings) {
				s.Webhooks.SigningKey, s.Encryption.Passphrase, s.Cloud.PrivateToken = "configured", "", ""
			}},
		}
		want := configured
		for _, step := range steps {
			step.alter(&want)
			if err := w.change(step.doc, step.replace); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if diff := cmp.Diff(want, w.gw.Settings()); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", step.name, diff)
			}
			w.stop()
			w.start()
			if diff := cmp.Diff(want, w.gw.Settings()); diff != "" {
				t.Fatalf("%s, after a restart (-want +got):\n%s", step.name, diff)
			}
		}
	})
}

// TestSettingsRefused has one thing wrong at a time, beside something that is right:
// nothing may be stored.
func TestSettingsRefused(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"negative limit", `{"messages":{"limit_value":-1}}`, "Failed to import messages: Limit value must be >= 0"},
		{"no number", `{"messages":{"send_interval_min":"soon"}}`, "Failed to import messages: Send interval min must be a whole number"},
		{"half a second", `{"messages":{"send_interval_min":0.5}}`, "Failed to import messages: Send interval min must be a whole number"},
		{"too large", `{"messages":{"limit_value":1e300}}`, "Failed to import messages: Limit value must be <= 2147483647"},
		{"infinite", `{"messages":{"limit_value":"Inf"}}`, "Failed to import messages: Limit value must be <= 2147483647"},
		{"not a number", `{"messages":{"limit_value":"NaN"}}`, "Failed to import messages: Limit value must be a whole number"},
		{"word", `{"messages":{"limit_period":"PerWeek"}}`, "Failed to import messages: Limit period must be one of Disabled, PerMinute"},
		{"order", `{"messages":{"processing_order":1}}`, "Failed to import messages: Processing order must be a string"},
		{"lifetime", `{"messages":{"log_lifetime_days":0}}`, "Failed to import messages: Log lifetime days must be >= 1"},
		{"time of day", `{"messages":{"work_hours_start":"24:00"}}`, "Failed to import messages: Work hours start must be a time of day"},
		{"sign in a time of day", `{"messages":{"work_hours_end":"+9:00"}}`, "Failed to import messages: Work hours end must be a time of day"},
		{"truth", `{"messages":{"work_hours_enabled":1}}`, "Failed to import messages: Work hours enabled must be true or false"},
		{"retries", `{"webhooks":{"retry_count":0}}`, "Failed to import webhooks: Retry count must be >= 1"},
		{"empty key", `{"webhooks":{"signing_key":""}}`, "Failed to import webhooks: Signing key must not be empty"},
		{"control characters", `{"encryption":{"passphrase":"a\u0000"}}`, "Failed to import encryption: Passphrase must not contain control characters"},
		{"long", `{"encryption":{"passphrase":"` + strings.Repeat("x", 5000) + `"}}`, "Failed to import encryption: Passphrase must have at most 4096 bytes"},
		{"plain address", `{"gateway":{"cloud_url":"http://example.com"}}`, "Failed to import gateway: Cloud url must start with https://"},
		{"section", `{"messages":[1]}`, "Failed to import messages: it must be an object"},
		{"later section", `{"messages":{"limit_value":3},"receiver":{"content_provider_enabled":"yes"}}`, "Failed to import receiver: "},
	}
	bubble(t, 0, func(w *world) {
		w.start()
		if err := w.change(`{"messages":{"limit_value":5}}`, false); err != nil {
			w.t.Fatal(err)
		}
		want := w.gw.Settings()
		for _, tt := range tests {
			for _, replace := range []bool{false, true} {
				err := w.change(tt.doc, replace)
				if gateway.CodeOf(err) != gateway.Invalid || !strings.HasPrefix(err.Error(), "Invalid request: "+tt.want) {
					t.Errorf("%s: got %v, want Invalid request: %s", tt.name, err, tt.want)
				}
				if diff := cmp.Diff(want, w.gw.Settings()); diff != "" {
					t.Errorf("%s changed settings (-want +got):\n%s", tt.name, diff)
				}
			}
		}
	})
}

// TestSettingsShown has clients see what holds and where it comes from, and no secret.
func TestSettingsShown(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		if err := w.change(`{"webhooks":{"signing_key":"hush-key","retry_count":3},"encryption":{"passphrase":"hush-pass"},"gateway":{"private_token":"hush-token"}}`, false); err != nil {
			w.t.Fatal(err)
		}
		values, sources := w.gw.SettingsShown()
		got, err := json.Marshal(values)
		if err != nil {
			w.t.Fatal(err)
		}
		want := `{"gateway":{"cloud_url":"https://api.sms-gate.app/mobile/v1","notification_channel":"AUTO"},` +
			`"logs":{"lifetime_days":30},"messages":{"limit_period":"Disabled","limit_value":0,"log_lifetime_days":365,"processing_order":"FIFO",` +
			`"send_interval_min":0,"sim_selection_mode":"OSDefault","work_hours_enabled":false,"work_hours_end":"19:00","work_hours_start":"09:00"},` +
			`"ping":{},"receiver":{"content_provider_enabled":true},"webhooks":{"internet_required":true,"retry_count":3}}`
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
		from := func(section, name string) string { s, _ := sources[section][name].(string); return s }
		if s := from("webhooks", "retry_count"); s != "stored" {
			t.Errorf("source of a stored setting: got %q", s)
		}
		if s := from("messages", "send_interval_max"); s != "configured" {
			t.Errorf("source of a setting that is not stored: got %q", s)
		}
		if s := from("encryption", "passphrase"); s != "stored" {
			t.Errorf("source of a secret: got %q", s)
		}
	})
}

// TestSettingsHoldAtOnce has the next message go another way than the one before.
func TestSettingsHoldAtOnce(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		w.settle()
		preferred := func() string { return w.submit(gateway.Submission{}).Recipients[0].Prefer }
		if got := preferred(); got != "" {
			t.Errorf("at first: left to %q, want to any", got)
		}
		if err := w.change(`{"messages":{"sim_selection_mode":"RoundRobin"}}`, false); err != nil {
			w.t.Fatal(err)
		}
		if a, b := preferred(), preferred(); a == "" || b == "" || a == b {
			t.Errorf("in turn: left to %q and %q", a, b)
		}
		if err := w.change(`{"messages":{"sim_selection_mode":null}}`, false); err != nil {
			w.t.Fatal(err)
		}
		if got := preferred(); got != "" {
			t.Errorf("again: left to %q, want to any", got)
		}
	})
}

// TestSettingsTold has the daemon told of each change, with what holds then.
func TestSettingsTold(t *testing.T) {
	bubble(t, 0, func(w *world) {
		var told []int
		w.opts.SettingsChanged = func(s gateway.Settings) { told = append(told, s.Webhooks.Retries) }
		w.start()
		for _, doc := range []string{`{"webhooks":{"retry_count":3}}`, `{"webhooks":{"retry_count":0}}`, `{"webhooks":{"retry_count":3}}`, `{"webhooks":{"retry_count":null}}`} {
			_ = w.change(doc, false)
		}
		if diff := cmp.Diff([]int{3, 14}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

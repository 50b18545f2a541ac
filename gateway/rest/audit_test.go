package rest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/access"
)

// The log tells who changed what, and nothing about everyday use.
func TestAudit(t *testing.T) {
	w := newWorldWith(t, Options{TokenSecret: tokenSecret, Accounts: []access.Account{
		{Name: "app", Password: "app-secret", Role: access.Sender},
	}}, fakeModem{fullStatus})
	w.gateway.OptOut = &gateway.OptOutRules{}
	tok := w.token("sms:secret", "modems:write")
	w.as("Bearer "+tok.AccessToken, "POST", "/api/v1/modems/"+fullStatus.Modem+"/purge", "")
	w.as("sms:secret", "POST", "/webhook", `{"id":"w1","url":"https://example.org/SECRET","event":"sms:sent"}`)
	w.as("sms:secret", "GET", "/webhooks/w1/secret", "")
	w.as("sms:secret", "POST", "/opt-outs", `{"phoneNumber":"+4915110000002"}`)
	w.as("sms:secret", "DELETE", "/opt-outs/+4915110000002", "")
	w.as("app:app-secret", "PATCH", "/settings", `{"logs":{"lifetime_days":1}}`)
	w.as("app:app-secret", "DELETE", "/webhooks/w1%0A%1b", "")
	for _, quiet := range [][3]string{
		{"sms:secret", "PATCH", "/settings"}, // without a body: nothing changed
		{"sms:wrong", "PATCH", "/settings"},
		{"sms:secret", "GET", "/settings"},
		{"sms:secret", "GET", "/webhooks/w1"},
		{"app:app-secret", "POST", "/messages"},
		{"app:app-secret", "GET", "/settings"},
		{"sms:secret", "GET", "/nothing"},
	} {
		w.as(quiet[0], quiet[1], quiet[2], "")
	}
	w.as("app:app-secret", "POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"]}`)
	type line struct{ Message, User, Route, Target, Token string }
	var got []line
	for text := range strings.Lines(w.log.String()) {
		if !strings.Contains(text, `"message":"a user`) {
			continue
		}
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, `"client":"127.0.0.1/32"`) || !strings.Contains(text, `"request":"`) {
			t.Errorf("got %s, want where it came from and which request it was", text)
		}
		if strings.Contains(text, "SECRET") || strings.Contains(text, "491511") {
			t.Errorf("a secret or a number was logged: %s", text)
		}
		got = append(got, l)
	}
	const changed, tried = "a user changed something", "a user tried to do what only others may"
	want := []line{
		{changed, "sms", "POST /auth/token", "", ""},
		{changed, "sms", "POST /modems/{modem}/purge", fullStatus.Modem, tok.ID},
		{changed, "sms", "POST /webhooks", "", ""},
		{"a user looked at a secret", "sms", "GET /webhooks/{id}/secret", "w1", ""},
		{changed, "sms", "POST /opt-outs", "", ""},
		{changed, "sms", "DELETE /opt-outs/{id}", "", ""},
		{tried, "app", "PATCH /settings", "", ""},
		{tried, "app", "DELETE /webhooks/{id}", "w1\n\x1b", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
}

// A program that repeats what it may not does not fill the log.
func TestAuditIsBounded(t *testing.T) {
	w := newUsers(t)
	for range 2 * tryBurst {
		w.as("eye:eye-secret", "PATCH", "/settings", "{}")
	}
	if n := strings.Count(w.log.String(), "tried to do what only others may"); n < tryBurst || n > tryBurst+5 {
		t.Errorf("got %d lines, want %d", n, tryBurst)
	}
}

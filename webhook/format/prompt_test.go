package format

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestPrompt(t *testing.T) {
	for _, f := range Formats() {
		e := gateway.Endpoint{
			ID: "hook-1", URL: "https://user:passw0rd@example.com/sms?token=t0ken", Timeout: 7 * time.Second,
			Secrets:   []gateway.Secret{{Key: goldenSecret}},
			Rendering: goldenInput(t, f.Name, gateway.EventReceived).Rendering,
		}
		got := f.Prompt(&e, []gateway.EventType{gateway.EventReceived, gateway.EventDelivered})
		for _, want := range []string{
			f.EventName(gateway.EventReceived), "https://example.com/sms", "Webhook-Signature", "within 7s", `{"url":"https://example.com/sms","format":"` + string(f.Name),
			"POST", "2xx", "5. ",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", f.Name, want, got)
			}
		}
		if f.own != nil && !strings.Contains(got, f.own.header) {
			t.Errorf("%s: no %s in\n%s", f.Name, f.own.header, got)
		}
		for _, secret := range []string{goldenSecret, goldenSecret[6:], "passw0rd", "t0ken", "user:"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: the text tells %s", f.Name, secret)
			}
		}
	}
}

func TestPromptEd25519(t *testing.T) {
	secret, public := NewSigningKey()
	e := gateway.Endpoint{URL: "https://example.com", Secrets: []gateway.Secret{{Key: secret}}, Rendering: gateway.Rendering{Format: gateway.FormatStandard}}
	got := standard.Prompt(&e, []gateway.EventType{gateway.EventReceived})
	if !strings.Contains(got, public) || strings.Contains(got, secret) || !strings.Contains(got, "v1a") {
		t.Errorf("got\n%s", got)
	}
}

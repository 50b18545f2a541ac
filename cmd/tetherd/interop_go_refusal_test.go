package main_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/android-sms-gateway/client-go/rest"
	"github.com/android-sms-gateway/client-go/smsgateway"
)

// goRefusals tries what the gateway refuses. The client tells programs of what kind it
// was, and shows people the answer. There is a delivered message of the given ID.
func goRefusals(t *testing.T, url string, c *smsgateway.Client, delivered string) {
	ctx := t.Context()
	guessing := smsgateway.NewClient(smsgateway.Config{BaseURL: url, User: rigUser, Password: "guess"})
	first := func(_ any, err error) error { return err }
	to := []string{"+4917012345678"}
	text := &smsgateway.TextMessage{Text: "hi"}
	soon := time.Now().Add(time.Minute)
	for _, test := range []struct {
		what string
		err  error
		kind error
		text string
	}{
		{"nothing", first(c.Send(ctx, smsgateway.Message{PhoneNumbers: to})), rest.ErrBadRequest, "Must specify exactly one of: textMessage, dataMessage, or message"},
		{"two contents", first(c.Send(ctx, smsgateway.Message{TextMessage: text, Message: "ho", PhoneNumbers: to})), rest.ErrBadRequest, "Cannot specify multiple message types simultaneously"},
		{"a number twice", first(c.Send(ctx, smsgateway.Message{TextMessage: text, PhoneNumbers: append(to, to...)})), rest.ErrBadRequest, "phone numbers must be unique"},
		{"nobody", first(c.Send(ctx, smsgateway.Message{TextMessage: text})), rest.ErrBadRequest, "Empty phone numbers list"},
		{"two ends", first(c.Send(ctx, smsgateway.Message{TextMessage: text, PhoneNumbers: to, TTL: new(uint64(5)), ValidUntil: &soon})), rest.ErrBadRequest, "fields conflict: ttl and validUntil"},
		{"another device", first(c.Send(ctx, smsgateway.Message{TextMessage: text, PhoneNumbers: to, DeviceID: "other"})), rest.ErrBadRequest, "Invalid device ID"},
		{"a repeated ID", first(c.Send(ctx, smsgateway.Message{ID: delivered, TextMessage: text, PhoneNumbers: to})), rest.ErrConflict, "Message with the same ID already exists"},
		{"cancelling too late", c.CancelMessage(ctx, delivered), rest.ErrBadRequest, "Message " + delivered + " is not in Pending state"},
		{"an unknown ID", first(c.GetState(ctx, "no / such")), rest.ErrClient, "status code 404"},
		{"an unknown state", first2(c.ListMessages(ctx, smsgateway.ListMessagesOptions{State: new("Lost")})), rest.ErrBadRequest, "state must be one of"},
		{"an unknown event", first(c.RegisterWebhook(ctx, smsgateway.Webhook{URL: "https://example.org", Event: "sms:lost"})), rest.ErrBadRequest, "Unsupported event"},
		{"a webhook of another device", first(c.RegisterWebhook(ctx, smsgateway.Webhook{URL: "https://example.org", Event: "sms:sent", DeviceID: new("other")})), rest.ErrBadRequest, "Device ID mismatch"},
		{"an unknown right", first(c.GenerateToken(ctx, smsgateway.TokenRequest{Scopes: []smsgateway.JWTScope{"messages:lose"}})), rest.ErrBadRequest, "unsupported scope provided"},
		{"a wrong password", first(guessing.GetSettings(ctx)), rest.ErrClient, "status code 401"},
	} {
		if !errors.Is(test.err, test.kind) || !strings.Contains(test.err.Error(), test.text) {
			t.Errorf("%s: got error %v, want %v about %q", test.what, test.err, test.kind, test.text)
		}
	}
}

func first2(_, _ any, err error) error { return err }

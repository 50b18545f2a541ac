package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// fakeWebhooks sends nothing, and remembers what it was asked to test.
type fakeWebhooks struct {
	tested  []gateway.EventType
	reached int
	answer  gateway.WebhookTest
}

func (f *fakeWebhooks) Test(_ context.Context, e gateway.Endpoint, t gateway.EventType, reach bool) gateway.WebhookTest {
	if reach {
		f.reached++
	}
	f.tested = append(f.tested, t)
	out := f.answer
	out.Event = t
	return out
}

func (f *fakeWebhooks) Event(e *gateway.Event) (api.Event, error) {
	b, err := json.Marshal(e.Payload)
	return api.Event{ID: e.ID, Event: string(e.Type()), DeviceID: "device", Payload: b}, err
}

// Verify wants the secret itself in X-Signature.
func (f *fakeWebhooks) Verify(e *gateway.Endpoint, h http.Header, _ []byte, _ time.Time) error {
	if len(e.Secrets) == 0 || h.Get("X-Signature") != e.Secrets[0].Key {
		return errors.New("X-Signature is wrong")
	}
	return nil
}

func (f *fakeWebhooks) Prompt(e *gateway.Endpoint) (string, error) {
	if e.Format == "none" {
		return "", errors.New("format must be one that there is")
	}
	return "Write a receiver for " + e.URL + " in format " + string(e.Format.Or()), nil
}

func (f *fakeWebhooks) Egress(context.Context) (api.Egress, error) {
	return api.Egress{Policy: "home", Addresses: []api.EgressAddress{{Towards: "the internet", Address: "192.168.1.2"}}}, nil
}

func TestTestWebhook(t *testing.T) {
	fake := &fakeWebhooks{answer: gateway.WebhookTest{
		OK: false, What: "The receiver answered 500.", Advice: "Look into its log.",
		Method: "POST", URL: "https://example.org/?k=***", Header: map[string]string{"X-Signature": "s"}, Sent: []byte(`{"a":1}`),
		Exchange: gateway.Exchange{
			Code: 500, Body: []byte("<b>\xff</b>"), ContentType: "text/html", RetryAfter: 90 * time.Second, Remote: "192.0.2.1:443",
			Timings: gateway.Timings{DNS: 1500 * time.Microsecond, Total: 20 * time.Millisecond},
		},
	}}
	w := newWorldWith(t, Options{Webhooks: fake})
	if a := w.do("POST", "/webhooks", `{"id":"x","url":"https://example.org/?k=v","events":["sms:failed","sms:sent"]}`); a.status != 201 {
		t.Fatal(a.body)
	}
	a := w.do("POST", "/webhooks/x/test", "")
	want := `{"ok":false,"what":"The receiver answered 500.","advice":"Look into its log.","event":"sms:failed",` +
		`"request":{"method":"POST","url":"https://example.org/?k=***","headers":{"X-Signature":"s"},"body":"{\"a\":1}"},` +
		`"answer":{"code":500,"contentType":"text/html","body":"\u003cb\u003e` + "\ufffd" + `\u003c/b\u003e","bodyBase64":"PGI+/zwvYj4=",` +
		`"retryAfter":"1m30s","remote":"192.0.2.1:443","timings":{"dns":1.5,"total":20}}}`
	if diff := cmp.Diff(want, a.body); a.status != 200 || diff != "" {
		t.Errorf("got %d (-want +got)\n%s", a.status, diff)
	}
	for _, path := range []string{"?event=sms:received", "?event=&mode=reach", "?mode=event"} {
		if a := w.do("POST", "/webhooks/x/test"+path, ""); a.status != 200 {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	if diff := cmp.Diff([]gateway.EventType{"sms:failed", "sms:received", "sms:failed", "sms:failed"}, fake.tested); diff != "" || fake.reached != 1 {
		t.Errorf("reached %d, tested (-want +got)\n%s", fake.reached, diff)
	}
	for path, want := range map[string]string{
		"/webhooks/x/test?event=sms:lost": "event must be one or more of sms:received, ",
		"/webhooks/x/test?mode=hard":      "mode must be event or reach",
	} {
		if a := w.do("POST", path, ""); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", path, a.status, a.body, want)
		}
	}
	if a := w.do("POST", "/webhooks/y/test", ""); a.status != 404 {
		t.Errorf("unknown: got %d %s", a.status, a.body)
	}
}

func TestWebhookPrompt(t *testing.T) {
	w := newWorld(t)
	if a := w.do("POST", "/webhooks", `{"id":"x","url":"https://u:p@example.org/?k=secret","event":"sms:sent","format":"integify"}`); a.status != 201 {
		t.Fatal(a.body)
	}
	for path, want := range map[string]string{
		"":                        "Write a receiver for https://example.org/webhooks/sms in format smsgate",
		"?format=oneroute":        "Write a receiver for https://example.org/webhooks/sms in format oneroute",
		"?webhook=x":              "Write a receiver for https://***@example.org/?k=*** in format integify",
		"?webhook=x&format=smobi": "Write a receiver for https://***@example.org/?k=*** in format smobi",
	} {
		a := w.do("GET", "/docs/webhook-prompt"+path, "")
		if a.status != 200 || a.body != want || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
	}
	if a := w.do("GET", "/docs/webhook-prompt?format=none", ""); a.status != 400 || !strings.Contains(a.body, "format must be") {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := w.do("GET", "/docs/webhook-prompt?webhook=none", ""); a.status != 404 {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestEgress(t *testing.T) {
	w := newWorld(t)
	want := `{"policy":"home","addresses":[{"towards":"the internet","address":"192.168.1.2"}]}`
	if a := w.do("GET", "/webhooks/egress", ""); a.status != 200 || a.body != want {
		t.Errorf("got %d %s, want %s", a.status, a.body, want)
	}
	// Its name is not one that a webhook can have.
	if a := w.do("PUT", "/webhooks/egress", `{"url":"https://example.org","event":"sms:sent"}`); a.status != 400 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := w.do("DELETE", "/webhooks/egress", ""); a.status != 204 {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

package format

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// rendered returns the body of a payload in a format, with nothing else known.
func rendered(t *testing.T, f gateway.Format, p gateway.Payload) string {
	t.Helper()
	e := gateway.Event{ID: "event", At: time.Date(2026, 6, 22, 8, 46, 11, 0, time.UTC), Payload: p}
	b, err := Render(&Input{
		DeviceID: "device", Delivery: "delivery", Event: &e, Webhook: &gateway.Endpoint{ID: "hook", URL: "https://example.com/"},
		Rendering: gateway.Rendering{Format: f},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b.Bytes)
}

// A webhook of one kind gets what belongs to it, whatever it is registered for.
func TestSmobiKinds(t *testing.T) {
	for _, c := range []struct {
		kind     string
		extended bool
		want     string
	}{
		{"", false, "sms:received sms:delivered sms:failed sms:matched"},
		{"status", false, "sms:delivered sms:failed"},
		{"inbound", false, "sms:received sms:matched"},
		{"status", true, "sms:sent sms:delivered sms:failed sms:cancelled"},
		{"inbound", true, "sms:received sms:data-received mms:received sms:matched sms:opted-out sms:opted-in"},
	} {
		r := gateway.Rendering{Format: gateway.FormatSmobi, Kind: c.kind, Extended: c.extended}
		var got []string
		for _, typ := range gateway.EventTypes {
			if smobi.Carries(typ, &r) {
				got = append(got, string(typ))
			}
		}
		diff(t, "kind "+c.kind, c.want, strings.Join(got, " "))
	}
	for _, c := range []struct{ kind, event, want string }{
		{"status", "sms:failed", ""},
		{"inbound", "sms:failed", `events must not contain sms:failed with format smobi and kind "inbound"`},
		{"both", "sms:failed", `kind must be status, inbound or left out with format smobi, not "both"`},
	} {
		got := ""
		if err := CheckRendering(&gateway.Rendering{Format: gateway.FormatSmobi, Kind: c.kind}, []gateway.EventType{gateway.EventType(c.event)}); err != nil {
			got = err.Error()
		}
		diff(t, c.kind, c.want, got)
	}
}

// What SMS has not can be asked for, and never comes.
func TestSmobiReserved(t *testing.T) {
	for _, name := range []string{"READ", "Message Read", "RCS Button Click"} {
		if ts, ok := smobi.Events(name); !ok || len(ts) != 0 {
			t.Errorf("%s stands for %v, known %v", name, ts, ok)
		}
	}
}

func TestSmobi(t *testing.T) {
	at := time.Date(2026, 6, 22, 15, 46, 11, 999_999_999, time.FixedZone("", 7*3600))
	const own = "0b9f5ad2-3f2b-4a5e-8f0e-9a4b8f0c6d11"
	for _, c := range []struct {
		name    string
		payload gateway.Payload
		want    string
	}{
		{
			"own identifier is a UUID",
			gateway.MessageDelivered{MessageProgress: gateway.MessageProgress{MessageID: own, Recipient: "0170123", Sender: "", At: at, PossibleDuplicate: true}},
			`{"smobiMessageId":"` + own + `","clientRef":"` + own + `","to":"0170123","from":null,"status":"DELIVERED","channel":"SMS","timestamp":"2026-06-22T08:46:11Z","possibleDuplicate":true}`,
		},
		{
			"failed for no reason",
			gateway.MessageFailed{MessageProgress: gateway.MessageProgress{MessageID: own, Recipient: "+1", At: at}},
			`{"smobiMessageId":"` + own + `","clientRef":"` + own + `","to":"1","from":null,"status":"FAILED","channel":"SMS","timestamp":"2026-06-22T08:46:11Z","failureDetails":{"code":null,"message":"Unknown"}}`,
		},
		{
			"from nobody, with marks",
			gateway.MessageReceived{MessageID: own, Text: "", ReceivedAt: at, Marks: gateway.Marks{Missing: 1}},
			`{"smobiMessageId":"` + own + `","to":null,"from":null,"channel":"SMS","timestamp":"2026-06-22T08:46:11Z","messageSource":"EXTERNAL","sms":{"text":""},"missingParts":1}`,
		},
		{
			"from a name",
			gateway.MessageReceived{MessageID: own, Sender: "Bank", Recipient: "+2", Text: "<&>", ReceivedAt: at},
			`{"smobiMessageId":"` + own + `","to":"2","from":"Bank","channel":"SMS","timestamp":"2026-06-22T08:46:11Z","messageSource":"EXTERNAL","sms":{"text":"<&>"}}`,
		},
	} {
		diff(t, c.name, c.want, rendered(t, gateway.FormatSmobi, c.payload))
	}
}

// A message that came in and one that was sent can have one identifier.
func TestSmobiIDs(t *testing.T) {
	id := func(p gateway.Payload) string {
		t.Helper()
		var o struct{ SmobiMessageID string }
		if err := json.Unmarshal([]byte(rendered(t, gateway.FormatSmobi, p)), &o); err != nil {
			t.Fatal(err)
		}
		return o.SmobiMessageID
	}
	sent := id(gateway.MessageSent{MessageProgress: gateway.MessageProgress{MessageID: "0000000a"}})
	if delivered := id(gateway.MessageDelivered{MessageProgress: gateway.MessageProgress{MessageID: "0000000a"}}); delivered != sent {
		t.Errorf("sent as %s, delivered as %s", sent, delivered)
	}
	if received := id(gateway.MessageReceived{MessageID: "0000000a"}); received == sent || !uuid.MatchString(received) {
		t.Errorf("received as %s, sent as %s", received, sent)
	}
}

// It has no signature of its own; that of Standard Webhooks is there all the same.
func TestSmobiSigned(t *testing.T) {
	h := http.Header{}
	smobi.Sign(h, &Signing{Delivery: "d", Body: []byte("{}"), At: time.Unix(1700000000, 0), Secrets: []gateway.Secret{{Key: "secret"}}})
	for name := range h {
		if !strings.HasPrefix(name, "Webhook-") {
			t.Errorf("header %s", name)
		}
	}
	if h.Get("Webhook-Signature") == "" {
		t.Error("it is not signed at all")
	}
}

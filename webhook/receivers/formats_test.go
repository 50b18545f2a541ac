package receivers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/format"
	"tetherd/webhook/receivers"
)

// secret is one that every format can use: as text, or as the base64 it holds.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="

// hostile is a text that breaks signatures over a body that is written again, unless
// it was written as JavaScript would.
const hostile = "Hi <b>\"Bob\"</b> & co\u2028\u2029€😀\\/\t\r\n\x00\x1b\x7f\u0085\ufeff\xff'"

// rulesOf returns the rules by which receivers of a format verify.
func rulesOf(f gateway.Format) []string {
	return []string{string(f)}
}

// formats are the ones whose receivers are there.
var formats = []gateway.Format{gateway.FormatSMSGate}

// events returns one event of each type that a format carries.
func events(f gateway.Format) []gateway.Event {
	at := time.Date(2026, 6, 22, 15, 46, 11, 123_000_000, time.FixedZone("", 7*3600))
	progress := gateway.MessageProgress{
		MessageID: "msg-456", Recipient: "+9998887777", Sender: "+1234567890", SIM: 1, Modem: "office", At: at,
	}
	payloads := []gateway.Payload{
		gateway.MessageReceived{MessageID: "9f3a01bc", Sender: "+6505551212", SIM: 1, Modem: "office", Text: "what are your hours?", ReceivedAt: at},
		gateway.MessageReceived{MessageID: "9f3a01bd", Sender: "Bob & <Co>", SIM: 1, Modem: "office", Text: hostile, ReceivedAt: at},
		gateway.MessageSent{MessageProgress: progress, Parts: 2},
		gateway.MessageDelivered{MessageProgress: progress},
		gateway.MessageFailed{MessageProgress: progress, Reason: hostile, Code: "CMS 38"},
	}
	var all []gateway.Event
	for _, p := range payloads {
		all = append(all, gateway.Event{At: at, Payload: p})
	}
	return all
}

// endpointFor returns a webhook of a format that goes to a receiver.
func endpointFor(f gateway.Format, url string) gateway.Endpoint {
	return gateway.Endpoint{
		URL: url, Events: gateway.EventTypes, Rendering: gateway.Rendering{Format: f},
		Secrets: []gateway.Secret{{Key: secret}},
	}
}

// kindsFor returns the kinds of receivers of a host that verify a format.
func kindsFor(h *receivers.Host, f gateway.Format) []string {
	var kinds []string
	for _, kind := range h.Kinds {
		if slices.Contains(rulesOf(f), receivers.Rule(kind)) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Every event of every format is taken by every receiver of the format, with the
// bytes that were rendered, at the first attempt.
func TestGenuine(t *testing.T) {
	onEachHost(t, func(t *testing.T, host *receivers.Host) {
		w := newWorld(t)
		for _, f := range formats {
			for _, kind := range kindsFor(host, f) {
				r := host.New(kind, secret)
				to := w.register(endpointFor(f, r.URL))
				sent := make(map[string]gateway.Event)
				for _, e := range events(f) {
					sent[w.emit(e, to)] = e
				}
				checkGenuine(t, w, r, to, sent)
			}
		}
	})
}

// checkGenuine waits for deliveries and holds what the receiver saw against them.
func checkGenuine(t *testing.T, w *world, r *receivers.Receiver, to gateway.Endpoint, sent map[string]gateway.Event) {
	t.Helper()
	for id, e := range sent {
		got := w.await(id, ended)
		if len(got) != 1 || got[0].State != gateway.Succeeded || got[0].Attempts != 1 {
			t.Errorf("%s, %s: %+v", r.Kind, e.Type(), got)
		}
	}
	requests := r.Requests()
	if len(requests) != len(sent) {
		t.Errorf("%s: %d requests for %d events", r.Kind, len(requests), len(sent))
	}
	for _, request := range requests {
		id := strings.Join(request.Header("Webhook-Id"), "|")
		e, ok := sent[id]
		if !ok {
			t.Errorf("%s: Webhook-Id %q", r.Kind, id)
			continue
		}
		want, err := format.Render(&format.Input{DeviceID: deviceID, Webhook: &to, Rendering: to.Rendering, Delivery: id, Event: &e})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, r.Kind+": body of "+string(e.Type()), string(want.Bytes), string(request.Body))
		if receivers.Rule(r.Kind) != "reserialised" && len(request.Understood) == 0 {
			t.Errorf("%s understood nothing of %s", r.Kind, request.Body)
		}
	}
}

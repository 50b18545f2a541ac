package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func (w *world) register(e gateway.Endpoint) gateway.Endpoint {
	w.t.Helper()
	if e.URL == "" {
		e.URL = "http://127.0.0.1/" + e.ID
	}
	saved, err := w.gw.SaveEndpoint(w.t.Context(), e)
	if err != nil {
		w.t.Fatalf("register %s: %v", e.ID, err)
	}
	return saved
}

// told returns what waits for a webhook, one line per event, oldest first.
func (w *world) told(id string) []string {
	w.t.Helper()
	e, ok := w.gw.Endpoint(id)
	if !ok {
		w.t.Fatalf("there is no webhook %s", id)
	}
	_, es, _, err := w.db.DueDeliveries(e.Num, 1<<62, 1<<20, nil, nil)
	if err != nil {
		w.t.Fatalf("read deliveries of %s: %v", id, err)
	}
	var out []string
	for i := range es {
		line := string(es[i].Type())
		if d, ok := es[i].Payload.(gateway.MessageDelivered); ok && d.Part > 0 {
			line += fmt.Sprintf(" part %d of %d", d.Part, d.Parts)
		}
		out = append(out, line)
	}
	return out
}

func TestDeliveredPerPart(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		delivered := []gateway.EventType{gateway.EventDelivered}
		w.register(gateway.Endpoint{ID: "whole", Events: delivered})
		w.register(gateway.Endpoint{ID: "parts", Events: delivered, PerPart: true})
		w.modems[0].script = earlyReport
		w.submit(gateway.Submission{ID: "long", Text: strings.Repeat("x", 200), DeliveryReport: true})
		w.settle()
		w.wantState("long", gateway.Delivered)
		if diff := cmp.Diff([]string{"sms:delivered"}, w.told("whole")); diff != "" {
			t.Errorf("whole messages (-want +got):\n%s", diff)
		}
		want := []string{"sms:delivered part 1 of 2", "sms:delivered part 2 of 2"}
		if diff := cmp.Diff(want, w.told("parts")); diff != "" {
			t.Errorf("parts (-want +got):\n%s", diff)
		}
	})
}

func TestWebhooksGetWhatTheyWant(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		sent := []gateway.EventType{gateway.EventSent}
		both := []gateway.EventType{gateway.EventSent, gateway.EventHookFailing}
		w.register(gateway.Endpoint{ID: "any", Events: both})
		w.register(gateway.Endpoint{ID: "second", Events: sent, Modems: []string{w.modems[1].ID()}})
		w.register(gateway.Endpoint{ID: "mute", Events: both})
		w.gw.Carries = func(e *gateway.Endpoint, _ gateway.EventType) bool { return e.ID != "mute" }
		w.submit(gateway.Submission{ID: "one", SIM: 1})
		w.submit(gateway.Submission{ID: "two", SIM: 2})
		w.settle()
		if err := w.gw.Raise(w.t.Context(), "", gateway.HookFailing{HookNotice: gateway.HookNotice{Webhook: "x"}}, "x"); err != nil {
			t.Fatal(err)
		}
		if err := w.gw.Raise(w.t.Context(), "", gateway.HookFailing{HookNotice: gateway.HookNotice{Webhook: "any"}}, "any"); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string][]string{
			"any":    {"sms:sent", "sms:sent", "webhook:failing"},
			"second": {"sms:sent"},
			"mute":   nil,
		} {
			if diff := cmp.Diff(want, w.told(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
	})
}

func TestRenderingsOfAWebhook(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		at := func(rev uint32) gateway.Format {
			e, _ := w.gw.Endpoint("x")
			return e.RenderingOf(rev).Format
		}
		e := gateway.Endpoint{ID: "x", URL: "http://127.0.0.1/", Events: []gateway.EventType{gateway.EventSent}}
		for i, format := range []gateway.Format{"", gateway.FormatIntegify, gateway.FormatIntegify, gateway.FormatStandard, gateway.FormatOneRoute} {
			e.Format = format
			e.Rev, e.Former = 77, []gateway.Rendering{{Rev: 99}} // not the caller's to say
			e = w.register(e)
			if want := []uint32{1, 2, 2, 3, 4}[i]; e.Rev != want {
				t.Errorf("save %d has revision %d, want %d", i+1, e.Rev, want)
			}
		}
		for rev, want := range []gateway.Format{gateway.FormatIntegify, gateway.FormatIntegify, gateway.FormatIntegify, gateway.FormatStandard, gateway.FormatOneRoute} {
			if got := at(uint32(rev)); got != want { // the first is not kept any more
				t.Errorf("revision %d is %q, want %q", rev, got, want)
			}
		}
	})
}

func TestEditEndpoint(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{
			ID: "x", Events: []gateway.EventType{gateway.EventSent}, Secrets: []gateway.Secret{{Key: "k"}},
			Paused: &gateway.Pause{Reason: gateway.PausedByOwner},
		})
		edit := func(id string, f func(*gateway.Endpoint) error) error {
			_, err := w.gw.EditEndpoint(context.Background(), id, f)
			return err
		}
		if err := edit("y", nil); !errors.Is(err, gateway.ErrNotFound) {
			t.Errorf("got %v for an unknown webhook", err)
		}
		stop := errors.New("stop")
		if err := edit("x", func(e *gateway.Endpoint) error { e.URL = ""; return stop }); !errors.Is(err, stop) {
			t.Errorf("got %v, want that of the edit", err)
		}
		if err := edit("x", func(e *gateway.Endpoint) error { e.Events = nil; return nil }); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("got %v for a webhook without events", err)
		}
		if err := edit("x", func(e *gateway.Endpoint) error { e.Paused = nil; return nil }); err != nil {
			t.Fatal(err)
		}
		e := w.register(gateway.Endpoint{ID: "x", Events: []gateway.EventType{gateway.EventFailed}})
		if e.Paused != nil || len(e.Secrets) != 1 || e.CreatedAt.IsZero() || e.UpdatedAt.IsZero() {
			t.Errorf("after edits: %+v", e)
		}
	})
}

package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/filter"
)

// wants parses a filter.
func wants(t testing.TB, s string) *filter.Filter {
	t.Helper()
	f, err := filter.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	urgent = `{"type":"keyword","condition":"contains","value":"urgent"}`
	fromUS = `{"type":"phone","condition":"starts_with","value":"+1555"}`
)

func (w *world) forward(f gateway.Forward) gateway.Forward {
	w.t.Helper()
	saved, err := w.gw.SaveForward(w.t.Context(), f)
	if err != nil {
		w.t.Fatalf("save forward: %v", err)
	}
	return saved
}

// incoming has a text come in.
func (w *world) incoming(from, text string) {
	w.t.Helper()
	f := fragments(text, 1000, 0, time.Now())[0]
	f.From, f.Own = from, w.modems[0].Status().Number
	f.TPDU = fmt.Append(f.TPDU, w.nth.Add(1)) // equal texts are two messages
	w.receive(f)
}

var received = []gateway.EventType{gateway.EventReceived}

func TestEndpointFilter(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Region = "DE"
		w.start()
		hook := func(id, f string, events ...gateway.EventType) {
			w.register(gateway.Endpoint{ID: id, Events: events, Filter: wants(t, f)})
		}
		hook("urgent", urgent, gateway.EventReceived)
		hook("us", fromUS, gateway.EventReceived, gateway.EventSent)
		hook("national", `{"type":"phone","condition":"equals","value":"0170 1234567"}`, gateway.EventReceived)
		hook("own", `{"type":"phone","condition":"equals","value":"+49 15199999 001"}`, gateway.EventReceived)
		hook("second", `{"type":"device","device_ids":["dev_modem2"]}`, gateway.EventReceived, gateway.EventSent)
		hook("box", `{"type":"device","device_ids":["`+w.gw.DeviceID()+`"]}`, gateway.EventReceived)
		hook("said", `{"type":"keyword","condition":"equals","value":"hello"}`, gateway.EventSent)
		w.incoming("+15551234567", "this is Urgent")
		w.incoming("+491701234567", "nothing")
		w.submit(gateway.Submission{ID: "one", Text: "hello", Numbers: []string{"+15551234567"}, SIM: 2})
		w.settle()
		for id, want := range map[string][]string{
			"urgent":   {"sms:received"},
			"us":       {"sms:received", "sms:sent"},
			"national": {"sms:received"},
			"own":      {"sms:received", "sms:received"},
			"second":   {"sms:sent"},
			"box":      {"sms:received", "sms:received"},
			"said":     {"sms:sent"},
		} {
			if diff := cmp.Diff(want, w.told(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
	})
}

// A filter is read again after a restart.
func TestFilterSurvivesRestart(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{ID: "hook", Events: received, Filter: wants(t, urgent)})
		f := w.forward(gateway.Forward{Name: "n", Filter: wants(t, fromUS), URL: "http://127.0.0.1/us", NotifyAdmin: true, Exclusive: true})
		w.stop()
		w.start()
		if diff := cmp.Diff([]gateway.Forward{f}, w.gw.Forwards()); diff != "" {
			t.Errorf("forwards (-want +got):\n%s", diff)
		}
		w.incoming("+49170", "urgent")
		w.incoming("+49170", "else")
		w.incoming("+15551", "urgent")
		if diff := cmp.Diff([]string{"sms:received"}, w.told("hook")); diff != "" {
			t.Errorf("webhook (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"sms:received"}, w.told(f.Webhook)); diff != "" {
			t.Errorf("forward (-want +got):\n%s", diff)
		}
	})
}

// The clock is not right: time filters decide by their on_unknown.
func TestFilterWithoutClock(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.floor = time.Now().Add(365 * 24 * time.Hour)
		w.start()
		// It is the year 2000; the days are those of a window that never is.
		never := `{"all":[{"type":"time","days":["monday"],"timezone":"UTC"%[1]s},{"type":"time","days":["tuesday"],"timezone":"UTC"%[1]s}]}`
		w.register(gateway.Endpoint{ID: "match", Events: received, Filter: wants(t, fmt.Sprintf(never, ""))})
		w.register(gateway.Endpoint{ID: "skip", Events: received, Filter: wants(t, fmt.Sprintf(never, `,"on_unknown":"skip"`))})
		w.incoming("+15551", "a")
		if got := len(w.told("match")) - len(w.told("skip")); got != 1 {
			t.Errorf("got %v and %v, want one event for match alone", w.told("match"), w.told("skip"))
		}
		w.jump(400 * 24 * time.Hour)
		w.incoming("+15551", "b")
		if got := len(w.told("match")) + len(w.told("skip")); got != 1 {
			t.Errorf("got %v and %v with a clock that is right, want no more", w.told("match"), w.told("skip"))
		}
	})
}

func TestForwards(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{ID: "all", Events: received})
		w.register(gateway.Endpoint{ID: "crm", Events: []gateway.EventType{gateway.EventFailed}, Filter: wants(t, fromUS)})
		w.register(gateway.Endpoint{ID: "same", URL: "http://127.0.0.1/same", Events: received})
		a := w.forward(gateway.Forward{Filter: wants(t, urgent), URL: "http://127.0.0.1/urgent"})
		b := w.forward(gateway.Forward{Filter: wants(t, fromUS), URL: "http://127.0.0.1/urgent"})
		w.forward(gateway.Forward{Filter: wants(t, urgent), Webhook: "crm"})
		w.forward(gateway.Forward{Filter: wants(t, urgent), Webhook: "all"})
		same := w.forward(gateway.Forward{URL: "http://127.0.0.1/same"})
		sent := w.forward(gateway.Forward{URL: "http://127.0.0.1/sent", Events: []gateway.EventType{gateway.EventSent, gateway.EventDelivered}})
		off := w.forward(gateway.Forward{URL: "http://127.0.0.1/off", Disabled: true})
		if a.Webhook == "" || a.Webhook != b.Webhook {
			t.Errorf("two forwards to one URL have the webhooks %q and %q", a.Webhook, b.Webhook)
		}
		w.incoming("+15551", "urgent") // wanted by several forwards to the same webhooks
		w.incoming("+49170", "else")
		w.submit(gateway.Submission{ID: "one"})
		w.settle()
		two := []string{"sms:received", "sms:received"}
		for id, want := range map[string][]string{
			"all": two, "crm": two[:1], "same": two,
			a.Webhook: two[:1], same.Webhook: nil, sent.Webhook: {"sms:sent"}, off.Webhook: nil,
		} {
			if diff := cmp.Diff(want, w.told(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
	})
}

func TestExclusiveForward(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.gw.Carries = func(e *gateway.Endpoint, _ gateway.EventType) bool { return e.ID != "mute" }
		w.register(gateway.Endpoint{ID: "all", Events: received})
		w.register(gateway.Endpoint{ID: "mute", Events: received})
		f := w.forward(gateway.Forward{Filter: wants(t, urgent), URL: "http://127.0.0.1/urgent", Exclusive: true})
		other := w.forward(gateway.Forward{Filter: wants(t, fromUS), URL: "http://127.0.0.1/us"})
		lost := w.forward(gateway.Forward{Filter: wants(t, fromUS), Webhook: "mute", Exclusive: true})
		w.incoming("+15551", "urgent")
		w.incoming("+15551", "else") // the exclusive forward of it cannot tell anybody
		two := []string{"sms:received", "sms:received"}
		for id, want := range map[string][]string{"all": two[:1], f.Webhook: two[:1], other.Webhook: two, lost.Webhook: nil} {
			if diff := cmp.Diff(want, w.told(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
	})
}

// A webhook that was made for a URL lives as long as forwards with that URL.
func TestWebhookOfForward(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		ids := func() string {
			var out []string
			for _, e := range w.gw.Endpoints() {
				out = append(out, strings.TrimPrefix(e.URL, "http://127.0.0.1/"))
			}
			return strings.Join(out, " ")
		}
		want := func(step, want string) {
			t.Helper()
			if got := ids(); got != want {
				t.Fatalf("%s: the webhooks are %q, want %q", step, got, want)
			}
		}
		a := w.forward(gateway.Forward{URL: "http://127.0.0.1/a"})
		b := w.forward(gateway.Forward{URL: "http://127.0.0.1/a"})
		want("two forwards", "a")
		e, _ := w.gw.Endpoint(a.Webhook)
		if !e.Routed || len(e.Secrets) != 1 || !strings.HasPrefix(e.Secrets[0].Key, "whsec_") {
			t.Errorf("the webhook is %+v, want one with a secret of its own", e)
		}
		if err := w.gw.DeleteEndpoint(w.t.Context(), e.ID); gateway.CodeOf(err) != gateway.Conflict || !strings.Contains(err.Error(), a.ID) {
			t.Errorf("deleting it: got %v, want a conflict that names a forward", err)
		}
		edit := func(id, url string) {
			t.Helper()
			if _, err := w.gw.EditForward(w.t.Context(), id, func(f *gateway.Forward) error { f.URL = url; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		edit(b.ID, "http://127.0.0.1/b")
		want("another URL", "a b")
		for format, want := range map[gateway.Format]string{
			gateway.FormatInfiniReach: "action.format: the webhook " + a.Webhook + " of this URL has the format smsgate: leave format out, or change that of the webhook",
			gateway.FormatSMSGate:     "",
		} {
			_, err := w.gw.SaveForward(w.t.Context(), gateway.Forward{ID: b.ID, URL: "http://127.0.0.1/a", Format: format})
			if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
				t.Errorf("%s: got %q, want %q", format, got, want)
			}
		}
		edit(b.ID, "http://127.0.0.1/b")
		want("apart again", "a b")
		edit(a.ID, "http://127.0.0.1/c")
		want("the only one has it moved", "c b")
		if moved, _ := w.gw.Endpoint(a.Webhook); moved.URL != "http://127.0.0.1/c" || moved.Secrets[0] != e.Secrets[0] {
			t.Errorf("after a move the webhook is %+v, want it with its secret", moved)
		}
		edit(a.ID, "http://127.0.0.1/b")
		want("back together", "b")
		if err := w.gw.DeleteForward(w.t.Context(), b.ID); err != nil {
			t.Fatal(err)
		}
		want("one of two deleted", "b")
		if _, err := w.gw.EditEndpoint(w.t.Context(), w.gw.Endpoints()[0].ID, func(e *gateway.Endpoint) error { e.URL = "http://127.0.0.1/moved"; return nil }); err != nil {
			t.Fatal(err)
		}
		if f, _ := w.gw.Forward(a.ID); f.URL != "http://127.0.0.1/moved" {
			t.Errorf("the forward has the URL %s, want that of its webhook", f.URL)
		}
		if err := w.gw.DeleteForward(w.t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		want("both deleted", "")
		if err := w.gw.DeleteForward(w.t.Context(), a.ID); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("deleting twice: got %v", err)
		}
	})
}

func TestSaveForwardRefuses(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.CheckEndpoint = func(e *gateway.Endpoint) error {
			if !strings.HasPrefix(e.URL, "http://127.0.0.1") {
				return fmt.Errorf("url must start with https://")
			}
			return nil
		}
		w.start()
		url := "http://127.0.0.1/"
		for _, tt := range []struct {
			f    gateway.Forward
			want string
		}{
			{gateway.Forward{}, "action does nothing: give it webhook (a URL), webhookId or notify_admin"},
			{gateway.Forward{NotifyAdmin: true, Exclusive: true}, "action.exclusive needs a webhook that gets the events instead: give webhook (a URL) or webhookId"},
			{gateway.Forward{Webhook: "none"}, `action.webhookId: there is no webhook "none": register it first, or give action.webhook, a URL`},
			{gateway.Forward{URL: "ftp://x"}, "action.webhook: url must start with https://"},
			{gateway.Forward{URL: url, Events: []gateway.EventType{"sms:recieved"}}, `events[0] "sms:recieved" is not the name of an event: leave events out for sms:received`},
			{gateway.Forward{URL: url, Events: []gateway.EventType{gateway.EventPing}}, "events[0]: system:ping goes to the webhooks that are registered for it, not through routes"},
			{gateway.Forward{URL: url, Name: "a\nb"}, "name must be at most 128 characters, without control characters"},
			{gateway.Forward{URL: url, ID: strings.Repeat("a", 129)}, "id must be at most 128 characters, without control characters"},
		} {
			_, err := w.gw.SaveForward(w.t.Context(), tt.f)
			if gateway.CodeOf(err) != gateway.Invalid || err.Error() != tt.want {
				t.Errorf("%+v: got %v, want %q", tt.f, err, tt.want)
			}
		}
		if n := len(w.gw.Forwards()) + len(w.gw.Endpoints()); n != 0 {
			t.Errorf("%d forwards and webhooks were stored", n)
		}
	})
}

func TestTry(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.AdminNumbers = []string{"+4917000000001"}
		w.start()
		w.register(gateway.Endpoint{ID: "all", Events: received})
		f := w.forward(gateway.Forward{Filter: wants(t, urgent), URL: "http://127.0.0.1/urgent", NotifyAdmin: true})
		x := w.forward(gateway.Forward{
			Filter: wants(t, `{"type":"time","days":["sunday"],"timezone":"UTC"}`), Webhook: f.Webhook, Exclusive: true,
			Events: []gateway.EventType{gateway.EventReceived, gateway.EventSent},
		})
		summary := func(s gateway.Sample) string {
			got, err := w.gw.Try(s)
			if err != nil {
				return err.Error()
			}
			var out []string
			for _, m := range got.Matched {
				out = append(out, map[string]string{f.ID: "f", x.ID: "x"}[m.ID])
			}
			for _, p := range got.Posts {
				out = append(out, strings.TrimPrefix(p.Endpoint.URL, "http://127.0.0.1")+"<"+map[string]string{f.ID: "f", x.ID: "x"}[p.Via])
			}
			return fmt.Sprint(strings.Join(out, " "), " alert=", got.Alert, " exclusive=", got.Exclusive)
		}
		sunday, monday := time.Date(2024, 10, 27, 12, 0, 0, 0, time.UTC), time.Date(2024, 10, 28, 12, 0, 0, 0, time.UTC)
		for _, tt := range []struct {
			s    gateway.Sample
			want string
		}{
			{gateway.Sample{Phone: "+1", Text: "URGENT", At: monday}, "f /all< /urgent<f alert=true exclusive=false"},
			{gateway.Sample{Phone: "+1", Text: "URGENT", At: sunday}, "f x /urgent<f alert=true exclusive=true"},
			{gateway.Sample{Phone: "+1", Text: "calm", At: sunday, Modem: "dev_modem1"}, "x /urgent<x alert=false exclusive=true"},
			{gateway.Sample{Phone: "+4917000000001", Text: "URGENT", At: monday}, "f /all< /urgent<f alert=false exclusive=false"},
			{gateway.Sample{Event: gateway.EventSent, At: sunday, Modem: w.gw.DeviceID()}, "x /urgent<x alert=false exclusive=true"},
			{gateway.Sample{Event: gateway.EventSent, At: monday}, " alert=false exclusive=false"},
			{gateway.Sample{Modem: "no"}, `deviceId "no" is no modem, nor this gateway: leave it out, or see /modems`},
			{gateway.Sample{Event: gateway.EventPing}, `event "system:ping" cannot be tried: use one of a message, a call or a modem, such as sms:received`},
		} {
			if got := summary(tt.s); got != tt.want {
				t.Errorf("%+v:\n got %s\nwant %s", tt.s, got, tt.want)
			}
		}
		w.settle()
		if got := w.eventTypes(); got != "" {
			t.Errorf("trying made events: %s", got)
		}
		if _, n, err := w.gw.Messages(gateway.MessageQuery{}); err != nil || n != 0 {
			t.Errorf("trying made %d messages, %v", n, err)
		}
	})
}

// The webhook of a new forward can be given what it would have been sent before, by
// what the messages say that the events are about.
func TestForwardReplaysMissing(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		types := []gateway.EventType{gateway.EventReceived, gateway.EventSent}
		w.register(gateway.Endpoint{ID: "all", Events: types})
		w.incoming("+15551", "urgent")
		w.incoming("+15551", "calm")
		w.submit(gateway.Submission{ID: "one", Text: "urgent"})
		w.submit(gateway.Submission{ID: "two", Text: "calm"})
		w.settle()
		f := w.forward(gateway.Forward{Events: types, Filter: wants(t, urgent), URL: "http://127.0.0.1/urgent"})
		if got := w.told(f.Webhook); got != nil {
			t.Fatalf("a new forward has %v", got)
		}
		if _, err := w.gw.ReplayMissing(f.Webhook, time.Time{}); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if diff := cmp.Diff([]string{"sms:received", "sms:sent"}, w.told(f.Webhook)); diff != "" {
			t.Errorf("replayed (-want +got):\n%s", diff)
		}
		if got := w.told("all"); len(got) != 4 {
			t.Errorf("the other webhook has %v, want what it had", got)
		}
	})
}

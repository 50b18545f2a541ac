package gateway_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// What goes and comes between a modem and a number is one conversation, however the
// number is written, and each event tells how it stood.
func TestConversation(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Region = "DE"
		w.modems[0].script = func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0}} }
		w.start()
		w.subscribe()
		begun := time.Now()
		w.receive(fragments("hi", 70, 0, time.Now())...)
		w.pass(time.Minute)
		w.submit(gateway.Submission{Text: "hello", Numbers: []string{"0170 12345678"}, SIM: 1, DeliveryReport: true})
		w.pass(time.Minute)
		national := fragments("thanks", 70, 0, time.Now())
		national[0].From = "017012345678"
		w.receive(national...)

		events := w.events()
		if got, want := w.eventTypes(), "sms:received sms:sent sms:delivered sms:received"; got != want {
			w.t.Fatalf("events %q, want %q", got, want)
		}
		id := events[0].Conversation.ID
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			w.t.Errorf("%q is no UUID", id)
		}
		for i, after := range []struct {
			last     time.Duration
			messages int
		}{{0, 1}, {time.Minute, 2}, {time.Minute, 2}, {2 * time.Minute, 3}} {
			want := &gateway.Conversation{ID: id, Country: "DE", CreatedAt: begun.UTC(), LastAt: begun.Add(after.last).UTC(), Messages: after.messages}
			got := events[i].Conversation
			got.LastAt = got.LastAt.Truncate(time.Minute) // the radio takes its time
			if diff := cmp.Diff(want, got); diff != "" {
				w.t.Errorf("event %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

// Who cannot be answered, or is spoken to through another modem, has a conversation
// of its own; what is about no message has none.
func TestConversationsApart(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		w.subscribe()
		say := func(from, modem string) string {
			w.t.Helper()
			in := fragments("hi from "+from+" "+modem, 70, 0, time.Now())
			in[0].From, in[0].Modem = from, modem
			w.receive(in...)
			es := w.events()
			return es[len(es)-1].Conversation.ID
		}
		seen := make(map[string]string)
		for _, from := range []string{"+4917012345678", "+4417012345678", "Bank 24", "72975"} {
			for _, modem := range []string{"modem1", "modem2"} {
				who := from + " through " + modem
				id := say(from, modem)
				if other := seen[id]; other != "" {
					w.t.Errorf("%s and %s have one conversation", who, other)
				}
				seen[id] = who
			}
		}
		if id := say("BANK 24", "modem1"); seen[id] != "Bank 24 through modem1" {
			w.t.Errorf("the name in capitals has the conversation of %q", seen[id])
		}
		if err := w.gw.Raise(w.t.Context(), "", gateway.Ping{}, ""); err != nil {
			w.t.Fatal(err)
		}
		es := w.events()
		if c := es[len(es)-1].Conversation; c != nil {
			w.t.Errorf("a ping is part of %+v", c)
		}
	})
}

// What failed before any modem had it belongs to none, and withheld numbers neither.
func TestNoConversation(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.subscribe()
		w.submit(gateway.Submission{SIM: 3})
		w.settle()
		in := fragments("hi", 70, 0, time.Now())
		in[0].From = ""
		w.receive(in...)
		for _, e := range w.events() {
			if e.Conversation != nil {
				w.t.Errorf("%s is part of %+v", e.Type(), e.Conversation)
			}
		}
		if got, want := w.eventTypes(), "sms:failed sms:received"; got != want {
			w.t.Errorf("events %q, want %q", got, want)
		}
	})
}

func TestEventJSONWithConversation(t *testing.T) {
	at := time.Date(2026, 6, 22, 15, 46, 11, 0, time.UTC)
	want := gateway.Event{
		ID: "e", At: at, Payload: gateway.MessageSent{},
		Conversation: &gateway.Conversation{ID: "c", Country: "NG", CreatedAt: at, LastAt: at, Messages: 3},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got gateway.Event
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUUID(t *testing.T) {
	const want = "26d3cdeb-3e18-5cba-b231-d93d47f5ada6"
	if got := gateway.UUID("a", "b"); got != want {
		t.Errorf("got %s, want %s, which stored conversations have", got, want)
	}
	if gateway.UUID("a", "bc") == gateway.UUID("ab", "c") {
		t.Error("other parts have the same identifier")
	}
}

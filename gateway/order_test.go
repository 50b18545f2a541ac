package gateway_test

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// order returns which messages the modems were asked to send, in that order.
func (w *world) order() string {
	var ids []string
	for _, m := range w.modems {
		for _, o := range m.outgoing() {
			ids = append(ids, o.MessageID)
		}
	}
	return strings.Join(ids, " ")
}

// Of one priority the oldest message goes first, or the newest if that is set, also
// while it runs and over a restart; recipients of a message keep their order.
func TestOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		settings, want string
	}{
		"oldest first": {`{}`, "high old old mid new low"},
		"newest first": {`{"messages":{"processing_order":"LIFO"}}`, "high new mid old old low"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				m := w.modems[0]
				m.set(gateway.ModemAbsent)
				w.start()
				w.submit(gateway.Submission{ID: "old", Numbers: numbers("+49151", 2)})
				w.submit(gateway.Submission{ID: "low", Priority: -1})
				w.submit(gateway.Submission{ID: "mid"})
				if err := w.change(tt.settings, false); err != nil {
					w.t.Fatal(err)
				}
				w.stop()
				w.start()
				w.submit(gateway.Submission{ID: "new"})
				w.submit(gateway.Submission{ID: "high", Priority: 1})
				m.set(gateway.ModemReady)
				w.pass(time.Minute)
				if got := w.order(); got != tt.want {
					t.Errorf("sent %q, want %q", got, tt.want)
				}
				for i, o := range m.outgoing() {
					if o.MessageID == "old" && o.To != numbers("+49151", 2)[1] && i > 0 && m.outgoing()[i-1].MessageID == "old" {
						t.Errorf("the second recipient of the message was sent to first: %s", o.To)
					}
				}
			})
		})
	}
}

// A message that is tried again does not overtake newer ones.
func TestNewestFirstRetries(t *testing.T) {
	bubble(t, 1, func(w *world) {
		m := w.modems[0]
		m.radio = 40 * time.Second
		m.script = func(o *gateway.Outgoing, _, nth int) answer {
			if nth == 0 {
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{}
		}
		w.start()
		if err := w.change(`{"messages":{"processing_order":"LIFO"}}`, false); err != nil {
			w.t.Fatal(err)
		}
		for _, id := range []string{"a", "b", "c", "d"} {
			w.submit(gateway.Submission{ID: id})
		}
		w.pass(10 * time.Minute)
		if got, want := w.order(), "a d c b a"; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
	})
}

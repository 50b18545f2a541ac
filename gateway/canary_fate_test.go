package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// To the number of another SIM of this machine the message must come in there: what the
// network says of its delivery does not count.
func TestCanaryToPartner(t *testing.T) {
	bubble(t, 2, func(w *world) {
		e := &echo{w: w, delay: 3 * time.Second}
		for _, m := range w.modems {
			m.script = e.script
		}
		w.opts.Canary = canaryOptions()
		w.opts.Canary.To, w.opts.Canary.Modems = "+4915199999002", []string{"modem1"}
		w.start()
		w.subscribe()
		for i, lost := range []bool{false, true} {
			e.lost.Store(lost)
			if err := w.gw.RunCanary(w.t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			w.pass(11 * time.Minute)
			if n := len(w.modems[0].outgoing()); n != i+1 || len(w.modems[1].outgoing()) != 0 {
				t.Fatalf("%d were sent by the one and %d by the other", n, len(w.modems[1].outgoing()))
			}
		}
		o := w.modems[0].outgoing()[0]
		if o.To != "+4915199999002" || o.DeliveryReport {
			t.Errorf("sent %+v", o)
		}
		if got, want := outcomes(w.canary()), "3 | 0!it was sent, and did not come in within 10m0s"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := w.eventTypes(); got != "" {
			t.Errorf("events: %s, want none", got)
		}
	})
}

// A canary whose outcome is not known is not sent a second time: the budget is one of
// SMS. That it came in settles it all the same.
func TestCanaryOfUnknownOutcome(t *testing.T) {
	for _, accepted := range []bool{true, false} {
		t.Run(fmt.Sprintf("accepted %t", accepted), func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				sent := 0
				w.modems[0].script = func(o *gateway.Outgoing, _, _ int) answer {
					sent++
					text := o.Segments[0].Text
					if accepted {
						go func() {
							time.Sleep(10 * time.Second)
							w.incoming(o.To, text)
						}()
					}
					return answer{lost: accepted, fault: &gateway.SendError{Fate: gateway.Unknown, Text: "no answer"}}
				}
				w.opts.Canary = canaryOptions()
				w.opts.Canary.Timeout = time.Hour
				w.start()
				if err := w.gw.RunCanary(w.t.Context(), ""); err != nil {
					t.Fatal(err)
				}
				w.pass(10 * time.Minute)
				if sent != 1 {
					t.Errorf("%d were sent, want 1", sent)
				}
				s := w.canary()
				switch {
				case len(s.Results) != 1 || s.Results[0].OK() != accepted:
					t.Errorf("got %q", outcomes(s))
				case accepted && s.Results[0].RoundTrip != 10*time.Second:
					t.Errorf("got %q, want 10 s", outcomes(s))
				}
			})
		})
	}
}

// A modem that goes and comes in between changes nothing but the time it takes; one that
// stays away is not blamed on the network.
func TestCanaryOfAbsentModem(t *testing.T) {
	bubble(t, 1, func(w *world) {
		e := &echo{w: w, delay: time.Second}
		w.modems[0].script = e.script
		w.opts.Canary = canaryOptions()
		w.start()
		w.modems[0].set(gateway.ModemAbsent)
		for _, back := range []bool{true, false} {
			if err := w.gw.RunCanary(w.t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			w.pass(5 * time.Minute)
			if back {
				w.modems[0].set(gateway.ModemReady)
			}
			w.pass(6 * time.Minute)
			w.modems[0].set(gateway.ModemAbsent)
		}
		s := w.canary()
		if len(s.Results) != 2 || !s.Results[0].OK() || s.Results[0].RoundTrip < 5*time.Minute || s.Results[0].RoundTrip > 6*time.Minute {
			t.Errorf("got %q", outcomes(s))
		}
		if r := s.Last(); !strings.Contains(r.Error, "it was not sent within 10m0s") && !strings.Contains(r.Error, "it could not be sent: TTL expired") {
			t.Errorf("got %q", r.Error)
		}
		w.modems[0].set(gateway.ModemReady)
		w.pass(time.Minute)
		if e.sent.Load() != 1 {
			t.Errorf("%d were sent, want 1: one that is late is not sent at all", e.sent.Load())
		}
	})
}

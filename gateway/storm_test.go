package gateway_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

// The same text to the same number again and again is held back for an hour, over a
// crash, or until it is released; other texts and numbers are not.
func TestStorm(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Repeats = 3
		w.start()
		w.subscribe()
		for i := range 5 {
			w.submit(gateway.Submission{ID: fmt.Sprint("same", i)})
		}
		w.submit(gateway.Submission{ID: "other text", Text: "other"})
		w.submit(gateway.Submission{ID: "other number", Numbers: numbers("+49152", 1)})
		w.submit(gateway.Submission{ID: "urgent", Priority: 100})
		w.pass(time.Minute)
		if got, want := w.ledger.parts(), "same0/1 same1/1 same2/1 other text/1 other number/1"; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
		if got := strings.Count(w.eventTypes(), "limit:reached"); got != 3 {
			t.Errorf("told %d times, want 3", got)
		}
		w.crash()
		w.start()
		m := w.message("same3")
		if got, want := w.gw.Waits().Message(&m), "which looks like a loop; it is sent in 5"; !strings.Contains(got, want) {
			t.Errorf("waits for %q, want %q in it", got, want)
		}
		if _, err := w.gw.Release(w.t.Context(), "same4"); err != nil {
			w.t.Fatal(err)
		}
		w.pass(time.Minute)
		w.wantState("same4", gateway.Sent)
		w.wantState("same3", gateway.Pending)
		for _, id := range []string{"same4", "no such message"} {
			if _, err := w.gw.Release(w.t.Context(), id); gateway.CodeOf(err) == "" {
				t.Errorf("release of %s: %v", id, err)
			}
		}
		w.pass(time.Hour)
		w.wantState("same3", gateway.Sent)
		w.wantState("urgent", gateway.Sent)
	})
}

// Rules that are loosened or taken away hold nothing back any more; other changes, and
// none, do not release anything.
func TestStormRulesChange(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(p *gateway.Protection)
		want   string // sent in the end
	}{
		{"unchanged", func(*gateway.Protection) {}, "0 1 2"},
		{"taken away", func(p *gateway.Protection) { p.Repeats = 0 }, "0 1 2 3 4 5"},
		{"more", func(p *gateway.Protection) { p.Repeats = 5 }, "0 1 2 3 4"},
		{"less", func(p *gateway.Protection) { p.Repeats = 2 }, "0 1 2"},
		{"shorter", func(p *gateway.Protection) { p.StormWindow = 2 * time.Minute }, "0 1 2 3 4 5"},
		{"longer", func(p *gateway.Protection) { p.StormWindow = time.Hour }, "0 1 2"},
		{"another rule", func(p *gateway.Protection) { p.Replies = 5 }, "0 1 2"},
		{"one in place of the other", func(p *gateway.Protection) { p.Repeats, p.Replies = 0, 5 }, "0 1 2 3 4 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.opts.Protection.Repeats = 3
				w.start()
				for i := range 6 {
					w.submit(gateway.Submission{ID: fmt.Sprint(i)})
				}
				w.pass(3 * time.Minute)
				w.stop()
				tt.change(&w.opts.Protection)
				for range 2 { // the second start changes nothing more
					w.start()
					w.pass(time.Minute)
					w.stop()
				}
				if got := strings.ReplaceAll(w.ledger.parts(), "/1", ""); got != tt.want {
					t.Errorf("sent %q, want %q", got, tt.want)
				}
				w.start()
				if m := w.message("3"); strings.Contains(tt.want, "3") {
					hops := m.Recipients[0].Trace
					if !slices.ContainsFunc(hops, func(h gateway.Hop) bool { return h.String() == "released: the limits on repetitions were changed" }) {
						t.Errorf("trace %v", hops)
					}
				}
				w.pass(time.Hour)
				w.wantState("5", gateway.Sent)
			})
		})
	}
}

// With enough time in between the same may be sent again.
func TestNoStorm(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Repeats = 3
		w.start()
		for range 20 {
			m := w.submit(gateway.Submission{})
			w.pass(201 * time.Second)
			w.wantState(m.ID, gateway.Sent)
		}
	})
}

// Two machines that answer each other are stopped, whatever they say.
func TestPingPong(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Replies = 5
		w.start()
		const number = "+4915110000001"
		hear := func(text string) {
			now := time.Now()
			err := w.gw.Receive(context.Background(), gateway.Fragment{
				SIMID: "sim1", Modem: "modem1", SIM: 1, From: number, SCTS: now, At: now, Class: -1,
				Body: sms.Body{Alphabet: sms.GSM7, Text: text}, TPDU: []byte(text),
			})
			if err != nil {
				w.t.Fatal(err)
			}
		}
		var last gateway.Message
		for i := range 10 {
			hear(fmt.Sprint("please stop ", i))
			last = w.submit(gateway.Submission{Text: fmt.Sprint("I am away ", i), Numbers: []string{number}})
			w.pass(5 * time.Second)
		}
		if got := len(w.ledger.all()); got != 5 {
			t.Errorf("answered %d times, want 5", got)
		}
		if why := w.gw.Waits().Message(&last); why == "" {
			last = w.message(last.ID)
			if why = w.gw.Waits().Message(&last); !strings.Contains(why, "looks like a loop") {
				t.Errorf("waits for %q", why)
			}
		}
	})
}

package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// pauses returns how long after the one before each SMS was handed over, in seconds.
func (w *world) pauses() string {
	var out []string
	all := w.ledger.all()
	for i, h := range all {
		d := time.Duration(0)
		if i > 0 {
			d = h.At.Sub(all[i-1].At)
		}
		out = append(out, fmt.Sprintf("%s+%d", h.Message, d/time.Second))
	}
	return strings.Join(out, " ")
}

// After a message the modem rests: between messages, not between the parts or the
// recipients of one, unless that is set; not before or after an urgent one; and over a
// restart.
func TestPacing(t *testing.T) {
	const interval = `{"messages":{"send_interval_min":10,"send_interval_max":10}}`
	long := strings.Repeat("long ", 40)
	for name, tt := range map[string]struct {
		each bool
		act  func(w *world)
		want string
	}{
		"messages": {false, func(w *world) {
			w.submit(gateway.Submission{ID: "a", Numbers: numbers("+49151", 3)})
			w.submit(gateway.Submission{ID: "b", Text: long})
			w.submit(gateway.Submission{ID: "c"})
		}, "a+0 a+0 a+0 b+10 b+0 c+10"},
		"recipients": {true, func(w *world) {
			w.submit(gateway.Submission{ID: "a", Numbers: numbers("+49151", 3)})
			w.submit(gateway.Submission{ID: "b"})
		}, "a+0 a+10 a+10 b+10"},
		"urgent": {false, func(w *world) {
			w.submit(gateway.Submission{ID: "a"})
			w.submit(gateway.Submission{ID: "b"})
			w.pass(4 * time.Second)
			w.submit(gateway.Submission{ID: "u", Priority: 100})
			w.pass(5 * time.Second)
			w.submit(gateway.Submission{ID: "v", Priority: 100}) // outranks b, so that w finds no pause
			w.settle()
			w.submit(gateway.Submission{ID: "w", Priority: 100})
			w.settle()
			w.submit(gateway.Submission{ID: "x", Priority: 101})
		}, "a+0 u+4 b+0 v+5 w+0 x+0"},
		"restart": {false, func(w *world) {
			w.submit(gateway.Submission{ID: "a"})
			w.submit(gateway.Submission{ID: "b"})
			w.pass(4 * time.Second)
			w.stop()
			w.start()
		}, "a+0 b+10"},
		"crash": {false, func(w *world) {
			w.submit(gateway.Submission{ID: "a"})
			w.submit(gateway.Submission{ID: "b"})
			w.pass(4 * time.Second)
			w.crash()
			w.start()
		}, "a+0 b+10"},
		"off": {false, func(w *world) {
			w.submit(gateway.Submission{ID: "a"})
			w.submit(gateway.Submission{ID: "b"})
			w.pass(4 * time.Second)
			if err := w.change(`{"messages":{"send_interval_max":null}}`, false); err != nil {
				w.t.Fatal(err)
			}
		}, "a+0 b+4"},
		"failed": {false, func(w *world) {
			w.modems[0].script = func(o *gateway.Outgoing, _, nth int) answer {
				if nth == 0 {
					return answer{fault: rejected(gateway.Fail)}
				}
				return answer{}
			}
			w.submit(gateway.Submission{ID: "a"})
			w.submit(gateway.Submission{ID: "b"})
			w.submit(gateway.Submission{ID: "c"})
		}, "b+0 c+10"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				s := gateway.DefaultSettings()
				s.Messages.PaceRecipients = tt.each
				w.opts.Settings = &s
				w.start()
				if err := w.change(interval, false); err != nil {
					w.t.Fatal(err)
				}
				tt.act(w)
				w.pass(5 * time.Minute)
				if got := w.pauses(); got != tt.want {
					t.Errorf("sent %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// Pauses lie between the bounds, and differ.
func TestPacingIsRandom(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		if err := w.change(`{"messages":{"send_interval_min":10,"send_interval_max":20}}`, false); err != nil {
			w.t.Fatal(err)
		}
		for range 50 {
			w.submit(gateway.Submission{})
		}
		w.pass(time.Hour)
		all := w.ledger.all()
		if len(all) != 50 {
			w.t.Fatalf("sent %d of 50", len(all))
		}
		seen := make(map[time.Duration]bool)
		for i := range all[1:] {
			d := all[i+1].At.Sub(all[i].At)
			if d < 10*time.Second || d > 20*time.Second+time.Millisecond {
				t.Errorf("a pause of %s is not within 10 and 20 s", d)
			}
			seen[d] = true
		}
		if len(seen) < 20 {
			t.Errorf("only %d different pauses of 49", len(seen))
		}
	})
}

// What waits for a pause says so.
func TestPacingIsShown(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		if err := w.change(`{"messages":{"send_interval_min":10,"send_interval_max":10}}`, false); err != nil {
			w.t.Fatal(err)
		}
		w.submit(gateway.Submission{ID: "a"})
		m := w.submit(gateway.Submission{ID: "b"})
		w.pass(4 * time.Second)
		m = w.message(m.ID)
		if got, want := w.gw.Waits().Message(&m), "modem modem1 rests between messages; the next is sent in 6s"; got != want {
			t.Errorf("waits for %q, want %q", got, want)
		}
	})
}

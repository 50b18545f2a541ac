package gateway_test

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

// A wall clock that jumps, as far as timers can be made to believe it, neither
// hurries nor holds up what waits: a retry comes after its delay, and an unknown
// outcome is settled after its grace, by the time since the boot.
func TestClockJumps(t *testing.T) {
	tests := map[string]struct {
		first answer
		wait  time.Duration
	}{
		"a retry":            {answer{fault: rejected(gateway.Retry)}, 30 * time.Second},
		"the end of a grace": {answer{fault: unknown()}, 120 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				var attempts []time.Duration
				w.modems[0].script = func(*gateway.Outgoing, int, int) answer {
					attempts = append(attempts, w.sinceBoot())
					if len(attempts) == 1 {
						return tt.first
					}
					return answer{}
				}
				w.start()
				w.submit(gateway.Submission{ID: "m"})
				w.settle()
				if len(attempts) != 1 {
					t.Fatalf("%d attempts, want the first", len(attempts))
				}
				w.pass(tt.wait / 3)
				w.jump(10 * 24 * time.Hour)
				w.pass(tt.wait)
				event := invariant.Timed{What: name, Due: attempts[0] + tt.wait, At: -1, Slack: 2 * time.Second}
				if len(attempts) > 1 {
					event.At = attempts[1]
				}
				run := invariant.Run{Timed: []invariant.Timed{event}}
				if v := run.Violations(); len(v) > 0 {
					t.Error(strings.Join(v, "\n"))
				}
				w.wantState("m", gateway.Sent)
			})
		})
	}
}

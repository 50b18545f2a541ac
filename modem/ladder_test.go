package modem

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

const (
	reopen  = gateway.StepReopen
	initial = gateway.StepInit
	radio   = gateway.StepRadio
	restart = gateway.StepReboot
	usbStep = gateway.StepUSB
	command = gateway.StepCommand
	surr    = gateway.StepWait
)

// Which steps are taken against a trouble that none of them ends, in which order.
func TestLadderOrder(t *testing.T) {
	all := []gateway.RecoveryStep{reopen, initial, radio, restart, usbStep, command}
	for _, tt := range []struct {
		name    string
		trouble trouble
		has     []gateway.RecoveryStep
		want    []gateway.RecoveryStep
	}{
		{"mute", troubleMute, all, []gateway.RecoveryStep{reopen, initial, radio, restart, usbStep, command, surr, reopen}},
		{"mute, no bus, no command", troubleMute, all[:4], []gateway.RecoveryStep{reopen, initial, radio, restart, surr, reopen, initial, radio}},
		{"answers no PDU", troubleIdle, all, []gateway.RecoveryStep{initial, radio, restart, usbStep, command, surr, initial, radio}},
		{"cannot be opened", troublePort, all, []gateway.RecoveryStep{reopen, usbStep, command, surr, reopen, usbStep, command, surr}},
		{"gone", troubleGone, all, []gateway.RecoveryStep{usbStep, command, surr, usbStep, command, surr, usbStep, command}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l ladder
			now := time.Unix(1e9, 0)
			var got []gateway.RecoveryStep
			var strong time.Time // the latest step that may not be repeated in a loop
			for len(got) < len(tt.want) {
				step, at := l.plan(now, tt.trouble, func(s gateway.RecoveryStep) bool { return slices.Contains(tt.has, s) }, time.Time{})
				if at.Before(now) {
					t.Fatalf("%s is planned for the past", step)
				}
				if step >= restart && step < surr {
					if at.Sub(strong) < resetGap {
						t.Errorf("%s follows a reset after %v", step, at.Sub(strong))
					}
					strong = at
				}
				if len(got) > 0 && got[len(got)-1] == surr && at.Sub(now) < surrender {
					t.Errorf("%s %v after giving up", step, at.Sub(now))
				}
				now = at
				l.take(now, step, "", true)
				got = append(got, step)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLadderTimes(t *testing.T) {
	now := time.Unix(1e9, 0)
	has := func(gateway.RecoveryStep) bool { return true }
	at := func(d time.Duration) time.Time { return now.Add(d) }
	taken := func(step gateway.RecoveryStep, d time.Duration) (l ladder) {
		l.take(at(d), step, "", true)
		return l
	}
	for _, tt := range []struct {
		name  string
		l     ladder
		quiet time.Time
		step  gateway.RecoveryStep
		at    time.Time
	}{
		{"first", ladder{}, time.Time{}, reopen, at(stepPause[reopen])},
		{"a PDU in doubt does not matter to the port", ladder{}, at(time.Hour), reopen, at(stepPause[reopen])},
		{"it does to the radio", taken(initial, 0), at(time.Hour), radio, at(time.Hour)},
		{"a reset long ago", ladder{Next: restart, Taken: [gateway.RecoverySteps]time.Time{usbStep: at(-time.Hour)}}, time.Time{}, restart, at(stepPause[restart])},
		{"a reset just now", taken(restart, -time.Minute), time.Time{}, usbStep, at(resetGap - time.Minute)},
		{"the clock was set back by years", taken(restart, 1e4*time.Hour), time.Time{}, usbStep, at(resetGap)},
		{"gave up just now", taken(surr, -time.Minute), time.Time{}, reopen, at(surrender - time.Minute + stepPause[reopen])},
		{"gave up in the future", taken(surr, 1e4*time.Hour), time.Time{}, reopen, at(surrender + stepPause[reopen])},
		{"gave up long ago", taken(surr, -2*time.Hour), time.Time{}, reopen, at(stepPause[reopen])},
	} {
		step, when := tt.l.plan(now, troubleMute, has, tt.quiet)
		if step != tt.step || !when.Equal(tt.at) {
			t.Errorf("%s: %s in %v, want %s in %v", tt.name, step, when.Sub(now), tt.step, tt.at.Sub(now))
		}
	}
}

// What somebody asks for does not make the next step stronger, but counts for the
// time between resets.
func TestLadderAskedFor(t *testing.T) {
	now := time.Unix(1e9, 0)
	var l ladder
	l.take(now, command, "", false)
	if l.Failing || l.Next != 0 || l.Step != command || !l.at().Equal(now) {
		t.Errorf("got %+v", l)
	}
	if got := l.earliest(now, now, restart, time.Time{}); !got.Equal(now.Add(resetGap)) {
		t.Errorf("a reset again after %v, want %v", got.Sub(now), resetGap)
	}
	l.take(now, reopen, "", true)
	l.top()
	if l.Failing || l.Next != 0 || l.Step != reopen || l.Taken[command].IsZero() {
		t.Errorf("after success: %+v", l)
	}
}

package modem

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// A step that was planned waits if another one is taken before it.
func TestPlannedStepWaits(t *testing.T) {
	tests := []struct {
		name string
		then func(d *watchdog) // after the plan was made
		want time.Duration     // from then on
	}{
		{"nothing happens", func(*watchdog) {}, stepPause[gateway.StepReboot]},
		{"a reset was asked for", func(d *watchdog) {
			d.asked = gateway.StepCommand
			if got := d.take(t.Context()); got != gateway.StepCommand {
				t.Errorf("took %s, want %s", got, gateway.StepCommand)
			}
		}, resetGap},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newWatchdog(Options{Name: "test", Log: zerolog.Nop()})
				d.can = func(record, gateway.RecoveryStep) bool { return true }
				d.record.Counters.Sessions = 1
				d.record.Ladder.take(time.Now(), gateway.StepRadio, "", true)
				d.failed(troubleMute, "mute")
				tt.then(d)
				due, planned := d.next()
				if got := time.Until(due); !planned || got != tt.want {
					t.Errorf("planned %v in %v, want in %v", planned, got, tt.want)
				}
				time.Sleep(time.Until(due) - time.Millisecond)
				if got := d.take(t.Context()); got != noStep {
					t.Errorf("took %s too early", got)
				}
				time.Sleep(time.Millisecond)
				if got := d.take(t.Context()); got != gateway.StepReboot {
					t.Errorf("took %s, want %s", got, gateway.StepReboot)
				}
			})
		})
	}
}

// A restart that is asked for while the port is opened is one restart: the session
// that follows is not ended for it again.
// A step waits for the fate of a PDU that was handed over after it was planned,
// unless PDUs without an answer are what it is for.
func TestPlannedStepWaitsForPDU(t *testing.T) {
	for _, tt := range []struct {
		trouble trouble
		waits   bool
	}{{troubleMute, true}, {troubleIdle, false}} {
		synctest.Test(t, func(t *testing.T) {
			d := newWatchdog(Options{Name: "test", Log: zerolog.Nop()})
			d.can = func(record, gateway.RecoveryStep) bool { return true }
			d.record.Counters.Sessions = 1
			d.record.Ladder.Next = gateway.StepRadio
			d.failed(tt.trouble, "first")
			planned, ok := d.next()
			if !ok || d.planned < gateway.StepRadio {
				t.Fatalf("planned %v, %v", d.planned, ok)
			}
			d.mu.Lock()
			d.quiet = planned.Add(time.Hour) // a PDU was handed over meanwhile
			d.mu.Unlock()
			d.failed(tt.trouble, "again")
			due, _ := d.next()
			if waits := !due.Before(planned.Add(time.Hour)); waits != tt.waits {
				t.Errorf("trouble %v: due at %v, planned for %v, waits %v, want %v", tt.trouble, due, planned, waits, tt.waits)
			}
		})
	}
}

func TestRestartWhileOpening(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.SetMute(true)
		r.awaitLong(gateway.ModemAbsent)
		time.Sleep(stepPause[gateway.StepReopen] + time.Second) // it is being called
		if err := r.modem.Restart(t.Context(), gateway.StepReopen); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * wakeTries * wakeLimit)
		r.device.SetMute(false)
		r.awaitLong(gateway.ModemReady)
		before := r.modem.Status().Counters.Sessions
		time.Sleep(time.Minute)
		if s := r.modem.Status(); s.State != gateway.ModemReady || s.Counters.Sessions != before {
			t.Errorf("%s after %d sessions, want one that lasts after %d", s.State, s.Counters.Sessions, before)
		}
	})
}

// What was planned for a modem that works again is no answer to its next trouble.
func TestPlanIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newWatchdog(Options{Name: "test", Log: zerolog.Nop()})
		d.can = func(record, gateway.RecoveryStep) bool { return true }
		d.record.Counters.Sessions = 1
		d.record.Ladder.take(time.Now(), gateway.StepReboot, "", true)
		d.failed(troubleMute, "mute") // the next reset is minutes away
		begun := time.Now()
		time.Sleep(stableAfter)
		d.settle(begun)
		var s gateway.ModemStatus
		if d.fill(&s); s.Recovery.Failing {
			t.Errorf("recovery of a modem that works: %+v", s.Recovery)
		}
		time.Sleep(24 * time.Hour)
		d.failed(troubleMute, "mute again")
		time.Sleep(stepPause[gateway.StepReopen])
		if got := d.take(t.Context()); got != gateway.StepReopen {
			t.Errorf("took %s a day later, want %s", got, gateway.StepReopen)
		}
	})
}

// A restart that is asked for opens the port again, but not twice in a row.
func TestRestartAskedFor(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		if err := r.modem.Restart(t.Context(), gateway.StepReopen); err != nil {
			t.Fatal(err)
		}
		r.awaitState(gateway.ModemAbsent)
		r.awaitState(gateway.ModemReady)
		if err := r.modem.Restart(t.Context(), gateway.StepReopen); gateway.CodeOf(err) != gateway.TooSoon {
			t.Errorf("second restart: %v, want %s", err, gateway.TooSoon)
		}
		time.Sleep(restartGap)
		if err := r.modem.Restart(t.Context(), gateway.StepReopen); err != nil {
			t.Errorf("restart after %v: %v", restartGap, err)
		}
	})
}

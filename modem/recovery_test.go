package modem

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// fakeUSB is a bus with the modem on it.
type fakeUSB struct {
	mu     sync.Mutex
	absent bool
	resets []time.Time
	do     func() error // what a reset does
}

// does sets what a reset does.
func (u *fakeUSB) does(f func() error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.do = f
}

func (u *fakeUSB) name(string) string { return "1-1.4" }

func (u *fakeUSB) has(string, string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.absent
}

func (u *fakeUSB) reset(context.Context, string, string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.resets = append(u.resets, time.Now())
	return u.do()
}

// A modem that hangs is brought back by the first step that helps, soon enough, by
// none that is stronger.
func TestHangs(t *testing.T) {
	for _, tt := range []struct {
		name string
		cure emulator.Cure
		usb  bool // the bus is of help
		want gateway.RecoveryStep
		most time.Duration
	}{
		{"until the port is opened again", emulator.CureReopen, false, gateway.StepReopen, 2 * time.Minute},
		{"until the radio is switched", emulator.CureRadio, false, gateway.StepRadio, 6 * time.Minute},
		{"until it is restarted", emulator.CureReboot, false, gateway.StepReboot, 6 * time.Minute},
		{"until its power is cut", emulator.CurePower, true, gateway.StepUSB, 18 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				usb := &fakeUSB{absent: !tt.usb}
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.QuectelEC25()}, usb: usb})
				usb.does(func() error { r.device.Reset(); return nil })
				r.awaitState(gateway.ModemReady)
				r.device.HangUntil(tt.cure)
				begun := time.Now()
				r.awaitState(gateway.ModemAbsent)
				r.awaitLong(gateway.ModemReady)
				took := time.Since(begun)
				t.Logf("ready after %v", took)
				if took > tt.most {
					t.Errorf("ready after %v, want at most %v", took, tt.most)
				}
				s := r.modem.Status()
				for step, n := range s.Counters.Steps {
					step := gateway.RecoveryStep(step)
					if wanted := step <= tt.want; step > gateway.StepResync && wanted != (n == 1) {
						t.Errorf("step %s was taken %d times, want up to %s once each", step, n, tt.want)
					}
				}
				if rec := s.Recovery; !rec.Failing || rec.Step != tt.want || rec.Next != tt.want+1 || !strings.Contains(rec.Reason, "answer") {
					t.Errorf("recovery %+v", rec)
				}
				time.Sleep(stableAfter + time.Minute)
				if rec := r.modem.Status().Recovery; rec.Failing || rec.Step != tt.want || rec.At.IsZero() {
					t.Errorf("recovery when stable: %+v", rec)
				}
			})
		})
	}
}

// awaitLong waits without a limit of fake time.
func (r *rig) awaitLong(want gateway.ModemState) {
	r.t.Helper()
	for r.modem.Status().State != want {
		<-r.changed
	}
}

// A modem that came back without its SIM needs its owner, and no more steps.
func TestBackWithoutSIM(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.SetMute(true)
		r.device.SetSIM(false)
		r.await("a step", func(s gateway.ModemStatus) bool { return s.Recovery.Step == gateway.StepInit })
		r.device.SetMute(false)
		r.awaitLong(gateway.ModemBlocked)
		if !r.modem.Status().Recovery.Failing {
			t.Error("the climb ended before the modem has worked for a while")
		}
		time.Sleep(stableAfter + 2*time.Minute)
		if rec := r.modem.Status().Recovery; rec.Failing || rec.Step != gateway.StepInit {
			t.Errorf("recovery %+v, want the climb to be over", rec)
		}
	})
}

// A port at which no modem ever worked is rather the wrong one: nothing behind it
// is reset.
func TestNeverWorked(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		usb := &fakeUSB{do: func() error { return nil }}
		mute := emulator.Generic()
		mute.BootDelay = 1000 * time.Hour
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: mute}, usb: usb})
		time.Sleep(5 * time.Hour)
		n := r.modem.Status().Counters.Steps
		if len(usb.resets) > 0 || n[gateway.StepRadio] > 0 || n[gateway.StepReopen] == 0 {
			t.Errorf("steps %v, want the port opened again and nothing else", n)
		}
		if s := r.modem.Status(); s.State != gateway.ModemAbsent || !strings.Contains(s.Reason, "Check that this is the modem's AT port") {
			t.Errorf("%s: %s", s.State, s.Reason)
		}
	})
}

// When nothing helps the modem is left alone for an hour, and then all is tried
// again; meanwhile it is used as soon as it answers.
func TestNothingHelps(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{
			device: emulator.ModemOptions{Transcript: tr.add},
			usb:    &fakeUSB{do: func() error { return errors.New("no permission") }},
		})
		r.awaitState(gateway.ModemReady)
		r.device.HangUntil(emulator.CurePower)
		time.Sleep(40 * time.Minute)
		s := r.modem.Status()
		if rec := s.Recovery; rec.Step != gateway.StepWait || rec.Next != gateway.StepReopen || rec.NextAt.Sub(rec.At) < surrender {
			t.Errorf("recovery %+v, want to wait for an hour", rec)
		}
		if s.State != gateway.ModemAbsent || !strings.Contains(s.Reason, "Nothing brought it back") {
			t.Errorf("%s: %s", s.State, s.Reason)
		}
		steps := s.Counters.Steps
		time.Sleep(2 * time.Hour)
		later := r.modem.Status().Counters.Steps
		for step := gateway.StepReopen; step <= gateway.StepWait; step++ {
			// It has no command, and might come back from a restart as a storage device.
			none := step == gateway.StepCommand || step == gateway.StepReboot
			if before, after := steps[step], later[step]; none && after > 0 || !none && (after <= before || after > before+2) {
				t.Errorf("step %s was taken %d times, and 2 h later %d times", step, before, after)
			}
		}
		r.device.Reset()
		begun := time.Now()
		r.awaitLong(gateway.ModemReady)
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("ready after %v", took)
		}
	})
}

// Restarts of the daemon do not begin the climb anew, nor reset the modem more
// often than every 10 minutes.
func TestClimbOutlivesRestarts(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		disk := newDiskJournal(t)
		usb := &fakeUSB{do: func() error { return nil }}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.QuectelEC25()}, usb: usb, disk: disk})
		r.awaitState(gateway.ModemReady)
		if _, err := r.send(peerNumber, "hi"); err != nil {
			t.Fatal(err)
		}
		r.device.HangUntil(emulator.CurePower)
		begun := time.Now()
		var resets []time.Time
		for time.Since(begun) < 50*time.Minute {
			time.Sleep(70 * time.Second)
			r.stop()
			disk.reopen()
			r.restart()
			if s := r.modem.Status(); s.Counters.SentOK != 1 || s.Counters.Sessions != 1 {
				t.Fatalf("counters after a restart: %+v", s.Counters)
			}
			if rec := r.modem.Status().Recovery; rec.Step >= gateway.StepReboot && rec.Step < gateway.StepWait && !slices.Contains(resets, rec.At) {
				resets = append(resets, rec.At)
			}
		}
		for i := 1; i < len(resets); i++ {
			if gap := resets[i].Sub(resets[i-1]); gap < resetGap {
				t.Errorf("resets %v apart", gap)
			}
		}
		steps := r.modem.Status().Counters.Steps
		if steps[gateway.StepReboot] != 1 || steps[gateway.StepUSB] != 1 || steps[gateway.StepWait] != 1 || len(usb.resets) != 1 {
			t.Errorf("steps %v, %d resets of the bus; want each strong step once within the hour", steps, len(usb.resets))
		}
	})
}

// A modem that hangs with a message in its hands is left alone until the fate of
// that can no longer show.
func TestNoResetWhileInDoubt(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.AfterCtrlZ, Do: emulator.ClosePort})
		begun := time.Now()
		_, err := r.send(peerNumber, "hi")
		if got := fault(t, err); got.Fate != gateway.Unknown {
			t.Fatalf("error = %+v, want unknown", got)
		}
		r.device.HangUntil(emulator.CureRadio)
		if err := r.modem.Restart(t.Context(), gateway.StepRadio); err != nil {
			t.Errorf("Restart = %v", err)
		}
		r.awaitState(gateway.ModemAbsent)
		r.awaitLong(gateway.ModemReady)
		rec := r.modem.Status().Recovery
		if rec.Step != gateway.StepRadio || rec.At.Sub(begun) < resultTimeoutDefault+doubtGrace {
			t.Errorf("%s after %v, want the radio to stay on for %v", rec.Step, rec.At.Sub(begun), resultTimeoutDefault+doubtGrace)
		}
	})
}

// A modem that takes messages and never answers for them is restarted, and is well
// when it has answered for one.
func TestIdle(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.network.SetRule(peerNumber, emulator.Rule{Silent: true})
		for unanswered := 0; unanswered < 3*idleEnough; {
			r.awaitLong(gateway.ModemReady)
			switch _, err := r.send(peerNumber, "hi"); fault(t, err).Fate {
			case gateway.Unknown:
				unanswered++
			case gateway.NotSent:
				<-r.changed
			default:
				t.Fatalf("Send = %v, want unknown", err)
			}
		}
		r.awaitLong(gateway.ModemReady)
		steps := r.modem.Status().Counters.Steps
		if steps[gateway.StepInit] == 0 || steps[gateway.StepRadio] == 0 || steps[gateway.StepReopen] != 0 {
			t.Errorf("steps %v, want it set up, then its radio switched", steps)
		}
		time.Sleep(time.Hour)
		if !r.modem.Status().Recovery.Failing {
			t.Error("the climb ended without a proof")
		}
		r.network.SetRule(peerNumber, emulator.Rule{})
		r.sendPatiently(peerNumber, "hi")
		time.Sleep(2 * time.Minute)
		if r.modem.Status().Recovery.Failing {
			t.Error("the climb goes on although a message was answered for")
		}
	})
}

// A modem that leaves the bus when it is told to restart, and does not come back,
// is given its power back by the bus.
func TestRestartedAndGone(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		usb := &fakeUSB{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.QuectelEC25()}, usb: usb})
		usb.does(func() error { r.plug.in(); return nil })
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.AfterFinal, Command: "+CFUN=1,1", Func: func() { go r.plug.out() }})
		if err := r.modem.Restart(t.Context(), gateway.StepReboot); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		r.awaitState(gateway.ModemAbsent)
		r.awaitLong(gateway.ModemReady)
		if took := time.Since(begun); took < resetGap || took > resetGap+2*time.Minute {
			t.Errorf("back after %v, want the bus to be reset %v after the modem", took, resetGap)
		}
		s := r.modem.Status()
		if s.Counters.PortLosses != 0 || s.Counters.Steps[gateway.StepUSB] != 1 {
			t.Errorf("counters %+v, want a reset of the bus and no loss that nobody asked for", s.Counters)
		}
		if err := r.modem.Restart(t.Context(), gateway.StepReboot); gateway.CodeOf(err) != gateway.TooSoon {
			t.Errorf("Restart right after a reset = %v, want %s", err, gateway.TooSoon)
		}
	})
}

// A modem that comes back mute from its restart is brought back by what is
// stronger.
func TestRestartedAndMute(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		usb := &fakeUSB{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.QuectelEC25()}, usb: usb})
		usb.does(func() error {
			r.device.SetMute(false)
			r.device.Reset()
			return nil
		})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.AfterFinal, Command: "+CFUN=1,1", Func: func() { r.device.SetMute(true) }})
		if err := r.modem.Restart(t.Context(), gateway.StepReboot); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		r.awaitState(gateway.ModemAbsent)
		r.awaitLong(gateway.ModemReady)
		t.Logf("ready after %v", time.Since(begun))
		if took := time.Since(begun); took > 2*resetGap+3*time.Minute {
			t.Errorf("ready after %v", took)
		}
		if n := r.modem.Status().Counters.Steps; n[gateway.StepReboot] > 2 || n[gateway.StepUSB] != 1 {
			t.Errorf("steps %v", n)
		}
	})
}

// A modem that somebody pulled out is waited for without ado.
func TestPulledOut(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.plug.out()
		r.awaitState(gateway.ModemAbsent)
		time.Sleep(3 * time.Hour)
		if rec := r.modem.Status().Recovery; rec.Failing || !rec.At.IsZero() {
			t.Errorf("recovery %+v of a modem that is not there, want none", rec)
		}
		r.plug.in()
		begun := time.Now()
		r.awaitState(gateway.ModemReady)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("ready after %v", took)
		}
	})
}

// A step that must not be repeated in a loop is not taken if it cannot be stored.
func TestNoResetWithoutRecord(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		usb := &fakeUSB{do: func() error { return nil }}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.QuectelEC25()}, usb: usb})
		r.awaitState(gateway.ModemReady)
		r.journal.mu.Lock()
		r.journal.fail = errors.New("disk full")
		r.journal.mu.Unlock()
		r.device.HangUntil(emulator.CureReboot)
		time.Sleep(3 * time.Hour)
		if r.modem.Status().State != gateway.ModemAbsent || len(usb.resets) > 0 {
			t.Errorf("%s after %d resets of the bus, want none and no restart", r.modem.Status().State, len(usb.resets))
		}
		r.restart() // which cannot read the record either
		time.Sleep(3 * time.Hour)
		if err := r.modem.Restart(t.Context(), gateway.StepReboot); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("Restart = %v, want %s", err, gateway.Invalid)
		}
		if r.modem.Status().State != gateway.ModemAbsent || len(usb.resets) > 0 {
			t.Errorf("%s after %d resets of the bus without a record", r.modem.Status().State, len(usb.resets))
		}
	})
}

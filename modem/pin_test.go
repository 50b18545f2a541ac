package modem

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

func TestPIN(t *testing.T) {
	for _, profile := range []emulator.Profile{
		emulator.Generic(), emulator.HuaweiStick(), emulator.SIM800(), emulator.QuectelEC25(),
	} {
		t.Run(profile.Name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{
					device: emulator.ModemOptions{PIN: "1234", Profile: profile},
					modem:  Options{PIN: "1234"},
				})
				r.awaitState(gateway.ModemReady)
				if got := r.journal.records(); got != 0 {
					t.Errorf("%d records left after success, want none", got)
				}
				r.plug.out()
				r.awaitState(gateway.ModemAbsent)
				r.plug.in()
				r.awaitState(gateway.ModemReady)
				if got := r.device.PINAttempts(); got != 2 {
					t.Errorf("%d attempts, want one after each power-up", got)
				}
			})
		})
	}
}

// A wrong PIN is entered once, however often the modem and the gateway restart.
func TestPINWrong(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{PIN: "1234"}, modem: Options{PIN: "4321"}})
		s := r.awaitState(gateway.ModemBlocked)
		if !strings.Contains(s.Reason, "pin") || strings.Contains(s.Reason, "4321") {
			t.Errorf("reason = %q", s.Reason)
		}
		for i := range 1000 {
			switch i % 3 {
			case 0:
				r.plug.out()
				r.awaitState(gateway.ModemAbsent)
				r.plug.in()
			case 1:
				r.device.Reset()
				time.Sleep(time.Minute)
			case 2:
				r.restart()
			}
			r.awaitState(gateway.ModemBlocked)
		}
		if got := r.device.PINAttempts(); got != 1 {
			t.Errorf("%d attempts, want 1", got)
		}
	})
}

func TestPINStates(t *testing.T) {
	tests := []struct {
		name     string
		device   emulator.ModemOptions
		pin      string
		journal  *journal
		prepare  func(m *emulator.Modem)
		want     gateway.ModemState
		reason   string
		attempts int
	}{
		{name: "none needed", pin: "1234", want: gateway.ModemReady},
		{name: "none configured", device: emulator.ModemOptions{PIN: "1234"}, want: gateway.ModemBlocked, reason: "asks for its PIN"},
		{
			name: "tried before", device: emulator.ModemOptions{PIN: "1234"}, pin: "1234",
			journal: &journal{tried: map[string]bool{testICCID + "/1234": true}}, want: gateway.ModemBlocked, reason: "entered once",
		},
		{
			name: "another was tried before", device: emulator.ModemOptions{PIN: "1234"}, pin: "1234",
			journal: &journal{tried: map[string]bool{testICCID + "/0000": true}}, want: gateway.ModemReady, attempts: 1,
		},
		{
			name: "journal broken", device: emulator.ModemOptions{PIN: "1234"}, pin: "1234",
			journal: &journal{fail: errors.New("disk full")}, want: gateway.ModemBlocked, reason: "cannot be known",
		},
		{
			name: "one attempt left", device: emulator.ModemOptions{PIN: "1234", PINTries: 1}, pin: "1234",
			want: gateway.ModemBlocked, reason: "one more attempt",
		},
		{
			name: "one attempt left, SIM800", device: emulator.ModemOptions{PIN: "1234", PINTries: 1, Profile: emulator.SIM800()}, pin: "1234",
			want: gateway.ModemBlocked, reason: "one more attempt",
		},
		{
			name: "one attempt left, Quectel", device: emulator.ModemOptions{PIN: "1234", PINTries: 1, Profile: emulator.QuectelEC25()}, pin: "1234",
			want: gateway.ModemBlocked, reason: "one more attempt",
		},
		{
			name: "one attempt left, Huawei", device: emulator.ModemOptions{PIN: "1234", PINTries: 1, Profile: emulator.HuaweiStick()}, pin: "1234",
			want: gateway.ModemBlocked, reason: "one more attempt",
		},
		{
			name: "no SIM", prepare: func(m *emulator.Modem) { m.SetSIM(false) },
			want: gateway.ModemBlocked, reason: "no SIM",
		},
		{
			name: "answer lost", device: emulator.ModemOptions{PIN: "1234"}, pin: "1234",
			prepare: func(m *emulator.Modem) {
				m.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CPIN=", Do: emulator.DropAnswer})
			},
			want: gateway.ModemBlocked, reason: "entered once", attempts: 0,
		},
		{
			name: "no OK behind the state", device: emulator.ModemOptions{PIN: "1234", Profile: bareProfile()}, pin: "1234",
			want: gateway.ModemReady, attempts: 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: tt.device, modem: Options{PIN: tt.pin}, journal: tt.journal, unborn: true})
				if tt.prepare != nil {
					tt.prepare(r.device)
				}
				r.plug.in()
				s := r.awaitState(tt.want)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				if got := r.modem.Status().State; got != tt.want {
					t.Errorf("state = %s after a while, want %s", got, tt.want)
				}
				if !strings.Contains(s.Reason, tt.reason) || (s.Reason == "") != (tt.want == gateway.ModemReady) {
					t.Errorf("reason = %q, want something about %q", s.Reason, tt.reason)
				}
				if got := r.device.PINAttempts(); got != tt.attempts {
					t.Errorf("%d attempts, want %d", got, tt.attempts)
				}
				if got := r.device.PUKAttempts(); got != 0 {
					t.Errorf("%d attempts at the PUK", got)
				}
			})
		})
	}
}

func bareProfile() emulator.Profile {
	p := emulator.Generic()
	p.BarePIN = true
	return p
}

// A SIM that asks for its PUK is left alone, and used again once it is unblocked.
func TestPUK(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{
			PIN: "1234", Profile: func() emulator.Profile {
				p := emulator.Generic()
				p.Replies = map[string][]string{"+CPIN?": {"+CPIN: SIM PUK"}}
				return p
			}(),
		}, modem: Options{PIN: "1234"}})
		s := r.awaitState(gateway.ModemBlocked)
		if !strings.Contains(s.Reason, "PUK") {
			t.Errorf("reason = %q", s.Reason)
		}
		time.Sleep(time.Hour)
		if r.device.PINAttempts() != 0 || r.device.PUKAttempts() != 0 {
			t.Errorf("%d attempts at the PIN, %d at the PUK; want none", r.device.PINAttempts(), r.device.PUKAttempts())
		}
	})
}

// A SIM that is put in is used.
func TestSIMInserted(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true})
		r.device.SetSIM(false)
		r.plug.in()
		r.awaitState(gateway.ModemBlocked)
		r.device.SetSIM(true)
		r.awaitState(gateway.ModemReady)
		r.device.SetSIM(false)
		r.awaitState(gateway.ModemBlocked)
		r.device.SetSIM(true)
		r.awaitState(gateway.ModemReady)
	})
}

func TestRegistration(t *testing.T) {
	tests := []struct {
		stat   int
		want   gateway.ModemState
		reason string
	}{
		{0, gateway.ModemWaiting, "not registered"},
		{2, gateway.ModemWaiting, "looking for a network"},
		{3, gateway.ModemWaiting, "refuses"},
		{5, gateway.ModemReady, ""},
		{6, gateway.ModemReady, ""},
		{7, gateway.ModemReady, ""},
		{8, gateway.ModemWaiting, "emergency"},
	}
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		for _, tt := range tests {
			r.device.SetSignal(7)
			r.device.SetRegistration(tt.stat)
			s := r.await("registration", func(s gateway.ModemStatus) bool {
				// What is registered is known a moment before what follows from it.
				return s.Registration == tt.stat && s.State == tt.want && strings.Contains(s.Reason, tt.reason)
			})
			if (s.Reason == "") != (tt.want == gateway.ModemReady) {
				t.Errorf("%d: reason = %q, want something about %q", tt.stat, s.Reason, tt.reason)
			}
			if s.Signal != 7 {
				t.Errorf("%d: signal = %d, want 7", tt.stat, s.Signal)
			}
			if tt.want != gateway.ModemReady {
				_, err := r.send(peerNumber, "hi")
				if got := fault(t, err); got.Fate != gateway.NotSent || got.Action != gateway.Wait {
					t.Errorf("%d: Send = %+v, want not sent and Wait", tt.stat, got)
				}
			}
		}
		r.device.SetRegistration(1)
		r.awaitState(gateway.ModemReady)
	})
}

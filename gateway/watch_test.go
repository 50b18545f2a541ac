package gateway_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// devices returns what waits to be told of modems, without the message events.
func (w *world) devices() []gateway.Payload {
	w.t.Helper()
	var out []gateway.Payload
	for _, e := range w.events() {
		switch e.Payload.(type) {
		case gateway.DeviceOffline, gateway.DeviceOnline:
			out = append(out, e.Payload)
		}
	}
	return out
}

func (w *world) wantDevices(want ...gateway.Payload) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.devices()); diff != "" {
		w.t.Errorf("events of modems (-want +got):\n%s", diff)
	}
}

func TestDeviceEvents(t *testing.T) {
	bubble(t, 2, func(w *world) {
		m := w.modems[0]
		w.start()
		w.subscribe()
		w.pass(time.Hour)
		w.wantDevices()

		begin := time.Now()
		m.fault(gateway.ModemBlocked, "the SIM wants a PIN: set pin")
		w.pass(59 * time.Second)
		w.wantDevices()
		w.pass(time.Second)
		offline := gateway.DeviceOffline{
			SIM: 1, Modem: "modem1", State: gateway.ModemBlocked, Reason: "the SIM wants a PIN: set pin", At: begin,
		}
		w.wantDevices(offline)

		// It is not told again, in whatever way it is not usable.
		m.fault(gateway.ModemAbsent, "unplugged")
		w.pass(24 * time.Hour)
		w.wantDevices(offline)

		// A short return is none.
		m.set(gateway.ModemReady)
		w.pass(9 * time.Second)
		m.fault(gateway.ModemStarting, "starting")
		w.pass(time.Hour)
		w.wantDevices(offline)

		back := time.Now()
		m.set(gateway.ModemReady)
		w.pass(9 * time.Second)
		w.wantDevices(offline)
		w.pass(time.Second)
		online := gateway.DeviceOnline{SIM: 1, Modem: "modem1", Down: back.Sub(begin), At: back}
		w.wantDevices(offline, online)

		// A short absence is none.
		for range 10 {
			w.pass(time.Minute)
			m.fault(gateway.ModemStarting, "starting")
			w.pass(30 * time.Second)
			m.set(gateway.ModemReady)
		}
		w.pass(time.Hour)
		w.wantDevices(offline, online)
	})
}

// A modem that comes and goes without staying is offline.
func TestFlappingModemIsOffline(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.subscribe()
		for range 4 {
			w.modems[0].fault(gateway.ModemStarting, "starting")
			w.pass(20 * time.Second)
			w.modems[0].set(gateway.ModemReady)
			w.pass(5 * time.Second)
		}
		if n := len(w.devices()); n != 1 {
			t.Errorf("%d events of modems, want one", n)
		}
	})
}

func TestDeviceEventsAtStart(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.OfflineAfter = 5 * time.Minute
		w.modems[0].fault(gateway.ModemStarting, "starting")
		w.modems[1].fault(gateway.ModemAbsent, "not plugged in")
		w.start()
		w.subscribe()
		begin := time.Now()
		w.pass(4 * time.Minute)
		w.modems[0].set(gateway.ModemReady)
		w.pass(time.Hour)
		w.wantDevices(gateway.DeviceOffline{SIM: 2, Modem: "modem2", State: gateway.ModemAbsent, Reason: "not plugged in", At: begin})
	})
}

// What was told is not told again after a restart, and what was not is.
func TestDeviceEventsOverRestarts(t *testing.T) {
	for name, end := range map[string]func(*world){"stop": (*world).stop, "crash": (*world).crash} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				m := w.modems[0]
				w.start()
				w.subscribe()
				begin := time.Now()
				m.fault(gateway.ModemAbsent, "unplugged")
				w.pass(2 * time.Minute)
				offline := gateway.DeviceOffline{SIM: 1, Modem: "modem1", State: gateway.ModemAbsent, Reason: "unplugged", At: begin}
				w.wantDevices(offline)
				for range 3 {
					end(w)
					w.start()
					w.pass(time.Hour)
				}
				w.wantDevices(offline)
				end(w)
				m.set(gateway.ModemReady)
				w.start()
				back := time.Now()
				w.pass(time.Minute)
				w.wantDevices(offline, gateway.DeviceOnline{SIM: 1, Modem: "modem1", Down: back.Sub(begin), At: back})
				end(w)
				w.start()
				w.pass(time.Hour)
				if n := len(w.devices()); n != 2 {
					t.Errorf("%d events of modems after a restart, want 2", n)
				}
			})
		})
	}
}

// An event whose commit fails comes once, when the store is there again.
func TestDeviceEventsSurviveFaults(t *testing.T) {
	for _, after := range []bool{false, true} {
		bubble(t, 1, func(w *world) {
			w.start()
			w.subscribe()
			w.settle()
			w.stop()
			commits := 0
			var mu sync.Mutex
			w.wrap = func(s gateway.Store) gateway.Store { return &faultyStore{s, &mu, &commits, 0, after} }
			w.modems[0].fault(gateway.ModemAbsent, "unplugged")
			w.start()
			w.pass(5 * time.Minute)
			if commits == 0 {
				t.Fatal("nothing was stored")
			}
			w.wrap = nil
			w.stopFailed()
			w.start()
			w.pass(5 * time.Minute)
			if got := w.devices(); len(got) != 1 {
				t.Errorf("stored %v: %d events of modems, want one", after, len(got))
			}
		})
	}
}

// When the time the machine was off is added to the timeline, no modem that is
// about to start has been away for hours.
func TestDeviceEventsOverALeap(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.subscribe()
		w.settle()
		w.stop()
		w.pass(5 * time.Hour)
		w.boot, w.bootID = time.Now(), "again"
		w.astray.Store(true)
		w.modems[0].fault(gateway.ModemStarting, "starting")
		w.start()
		w.pass(20 * time.Second)
		before := w.db.Timeline().Now()
		w.astray.Store(false)
		w.pass(20 * time.Second)
		w.gw.Kick()
		w.settle()
		if d := before.Until(w.db.Timeline().Now()); d < 5*time.Hour {
			t.Fatalf("the timeline went on by %s only", d)
		}
		w.modems[0].set(gateway.ModemReady)
		w.pass(time.Minute)
		w.wantDevices()
	})
}

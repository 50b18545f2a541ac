package modem

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

func TestBringUp(t *testing.T) {
	for _, profile := range []emulator.Profile{
		emulator.Generic(), emulator.HuaweiStick(), emulator.SIM800(), emulator.QuectelEC25(),
	} {
		t.Run(profile.Name, func(t *testing.T) {
			worlds(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, IMEI: "490154203237518", IMSI: "262019876543210"}})
				got := r.awaitState(gateway.ModemReady)
				want := gateway.ModemStatus{
					Modem: "test", Slot: 1, State: gateway.ModemReady, Port: r.modem.o.Port,
					Manufacturer: profile.Manufacturer, Model: profile.Model, IMEI: "490154203237518",
					SIMID: testICCID, ICCID: testICCID, Number: ownNumber, SMSC: emulator.DefaultSMSC,
					Registration: regHome, Storage: "ME",
				}
				ignore := cmpopts.IgnoreFields(gateway.ModemStatus{}, "Since", "Revision", "Operator", "Signal", "Stored", "Capacity", "Counters", "Setup")
				if diff := cmp.Diff(want, got, ignore); diff != "" {
					t.Errorf("status (-want +got):\n%s", diff)
				}
				if got.Counters.Sessions != 1 || got.Counters.Reboots != 0 || got.Counters.PortLosses != 0 {
					t.Errorf("counters %+v, want one session and nothing lost", got.Counters)
				}
				if got.Operator == "" || got.Signal == 99 || got.Capacity == 0 {
					t.Errorf("operator %q, signal %d, capacity %d; want all known", got.Operator, got.Signal, got.Capacity)
				}
			})
		})
	}
}

// The stick is pulled and put back, and works again well within five seconds.
func TestReplug(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		for range 2 {
			r.plug.out()
			s := r.await("absence with a reason", func(s gateway.ModemStatus) bool {
				return s.State == gateway.ModemAbsent && strings.Contains(s.Reason, "not there")
			})
			if s.Port != "" {
				t.Errorf("port = %q while absent, want none", s.Port)
			}
			if got := fault(t, func() error { _, err := r.send(peerNumber, "hi"); return err }()); got.Fate != gateway.NotSent || got.Action != gateway.Wait {
				t.Errorf("Send without a modem: %v %v, want not sent and Wait", got.Fate, got.Action)
			}
			r.plug.in()
			begun := time.Now()
			r.awaitState(gateway.ModemReady)
			if got := time.Since(begun); got > 5*time.Second {
				t.Errorf("ready after %v, want at most 5 s", got)
			}
		}
		if _, err := r.send(peerNumber, "hello"); err != nil {
			t.Errorf("Send after replug: %v", err)
		}
	})
}

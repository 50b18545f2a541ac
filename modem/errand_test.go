package modem

import (
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// What a modem was silent about is taken in when somebody asks for it, long before it
// would be looked for.
func TestSweepOnRequest(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		profile := emulator.Generic()
		profile.CNMI[1] = []int{0} // tells of nothing
		r := newRig(t, w, rigOptions{
			unborn: true, device: emulator.ModemOptions{Profile: profile}, modem: Options{SweepInterval: 24 * time.Hour},
		})
		if err := r.modem.Sweep(t.Context()); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("Sweep without a modem = %v, want a conflict", err)
		}
		r.plug.in()
		r.awaitState(gateway.ModemReady)
		time.Sleep(time.Hour)
		r.deliver("silent")
		time.Sleep(time.Hour)
		if got := len(r.inbox.awaitFragments(t, 0)); got != 0 {
			t.Fatalf("%d messages were taken in without anybody asking: the test proves nothing", got)
		}
		if err := r.modem.Sweep(t.Context()); err != nil {
			t.Errorf("Sweep = %v", err)
		}
		if got := texts(r.inbox.awaitFragments(t, 1)); len(got) != 1 || got[0] != "silent" {
			t.Errorf("got %q, want the message", got)
		}
		r.device.Fault(emulator.Fault{At: emulator.BeforeCMGL, Do: emulator.ClosePort})
		if err := r.modem.Sweep(t.Context()); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("Sweep over a lost port = %v, want a conflict", err)
		}
	})
}

package modem

import (
	"testing"
	"time"

	"tetherd/gateway"
)

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

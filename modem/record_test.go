package modem

import (
	"strings"
	"testing"

	"tetherd/gateway"
	"tetherd/modem/emulator"
	"tetherd/modem/recorder"
)

// The recorder hears the dialogue, and nothing private in it.
func TestRecording(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		rec := recorder.New("office")
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{PIN: "4711"}, modem: Options{PIN: "4711", Recorder: rec}})
		r.awaitState(gateway.ModemReady)
		r.network.SetRule(peerNumber, emulator.Rule{Code: 38})
		if _, err := r.send(peerNumber, "attack at dawn"); err == nil {
			t.Fatal("Send succeeded")
		}
		var all strings.Builder
		if err := recorder.Format(&all, rec.Entries(0)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"# port opened", "> AT+CMGF=0", "< OK", "> AT+CPIN=****", "# state ready", "> AT+CMGS=", "digits>",
			"< +CMS ERROR: 38", "part 1 of 1 rejected: The network is out of order, or refuses without saying why. CMS 38",
		} {
			if !strings.Contains(all.String(), want) {
				t.Errorf("%q is not recorded:\n%s", want, all.String())
			}
		}
		for _, secret := range []string{"4711", "attack", "dawn", strings.TrimPrefix(peerNumber, "+")} {
			if strings.Contains(all.String(), secret) {
				t.Errorf("%q is recorded", secret)
			}
		}
	})
}

package modem

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// TestStrangeMessages plays every kind of message and every malformed TPDU the emulator
// knows, each followed by a plain message: nothing may get stuck, nothing may stay in the
// modem, and a text that stands alone has to come out as it was sent.
func TestStrangeMessages(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	all := append(emulator.Deliveries(peerNumber, at), emulator.Malformed(at)...)
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{})
				r.awaitState(gateway.ModemReady)
				if err := r.network.Play(ownNumber, d); err != nil {
					t.Fatal(err)
				}
				r.deliver("after")
				r.awaitEmpty()
				time.Sleep(time.Minute)
				fs := r.inbox.awaitFragments(t, 1)
				if !slices.Contains(texts(fs), "after") {
					t.Errorf("the message behind did not arrive, but %q", texts(fs))
				}
				if s := r.modem.Status(); s.State != gateway.ModemReady {
					t.Errorf("state is %s (%s), want ready", s.State, s.Reason)
				}
				if len(d.TPDUs) == 1 && len(d.Texts) == 1 && !strings.HasPrefix(d.Name, "part-") {
					if !slices.Contains(texts(fs), d.Texts[0]) {
						t.Errorf("texts are %q, want %q among them", texts(fs), d.Texts[0])
					}
				}
				// A TPDU that comes again in the place of the one before looks like that, not
				// deleted yet.
				distinct := make(map[string]bool)
				for _, tpdu := range d.TPDUs {
					distinct[string(tpdu)] = true
				}
				if d.Texts != nil && (len(fs) < len(distinct)+1 || len(fs) > len(d.TPDUs)+1) {
					t.Errorf("%d fragments, want %d to %d", len(fs), len(distinct)+1, len(d.TPDUs)+1)
				}
			})
		})
	}
}

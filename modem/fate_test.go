package modem

import (
	"slices"
	"testing"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// Where the port is lost, the modem restarts, or an answer stays away decides
// what is known of the PDU, and what the network got bears it out.
func TestSendCutShort(t *testing.T) {
	// Before the Ctrl-Z a modem may go away without the line knowing yet: then the PDU
	// is completed, and only the modem knows that it heard nothing of it.
	safe := []gateway.Fate{gateway.NotSent}
	either := []gateway.Fate{gateway.NotSent, gateway.Unknown}
	open := []gateway.Fate{gateway.Unknown}
	points := []struct {
		name      string
		at        emulator.Point
		want      []gateway.Fate // nil is accepted
		submitted int
	}{
		{"command received", emulator.AfterCMGS, safe, 0},
		{"prompt written", emulator.AfterPrompt, either, 0},
		{"PDU begun", emulator.MidPDU, either, 0},
		{"PDU complete", emulator.AfterCtrlZ, open, 0},
		{"PDU submitted", emulator.AfterSubmit, open, 1},
		{"reference written", emulator.AfterMR, nil, 1},
	}
	actions := []struct {
		name string
		do   emulator.Action
	}{
		{"port closed", emulator.ClosePort},
		{"restart", emulator.Reboot},
		{"hang", emulator.Hang},
		{"answer dropped", emulator.DropAnswer},
	}
	for _, p := range points {
		for _, a := range actions {
			t.Run(p.name+"/"+a.name, func(t *testing.T) {
				pipe(t, func(t *testing.T, w world) {
					profile := emulator.Generic()
					profile.BootLines = []string{"RDY"}
					r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile}})
					r.awaitState(gateway.ModemReady)
					r.device.Fault(emulator.Fault{At: p.at, Do: a.do})
					mrs, err := r.send(peerNumber, "first")
					switch got := fault(t, err); {
					case p.want == nil:
						if err != nil || len(mrs) != 1 {
							t.Errorf("Send = %v, %v; want a reference", mrs, err)
						}
					case err == nil || !slices.Contains(p.want, got.Fate):
						t.Errorf("fate = %v (%s), want one of %v", got.Fate, got.Text, p.want)
					case got.Fate == gateway.NotSent && got.Action != gateway.Wait:
						t.Errorf("action = %v, want Wait", got.Action)
					}
					if got := len(r.network.Ledger()); got != p.submitted {
						t.Errorf("%d submissions, want %d", got, p.submitted)
					}
					if a.do == emulator.Hang {
						r.device.Reset()
					}
					r.sendPatiently(peerNumber, "second")
					if got := r.network.Ledger(); len(got) != p.submitted+1 || got[p.submitted].Text != "second" {
						t.Errorf("%d submissions, want %d", len(got), p.submitted+1)
					}
				})
			})
		}
	}
}

package modem

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// Whenever the caller or the whole gateway gives up, a PDU is either whole or
// abandoned: nothing that was half written is completed by what comes next.
func TestSendStopped(t *testing.T) {
	slow := true
	points := []struct {
		name string
		at   emulator.Point
	}{
		{"before the prompt", emulator.AfterCMGS},
		{"at the prompt", emulator.AfterPrompt},
		{"in the PDU", emulator.MidPDU},
		{"behind the PDU", emulator.AfterCtrlZ},
		{"submitted", emulator.AfterSubmit},
		{"answered", emulator.AfterMR},
	}
	for _, p := range points {
		for _, stop := range []bool{false, true} {
			name := p.name + "/cancelled"
			if stop {
				name = p.name + "/stopped"
			}
			t.Run(name, func(t *testing.T) {
				pipe(t, func(t *testing.T, w world) {
					var wrote bytes.Buffer
					tr := func(dir byte, line []byte) {
						if dir == '>' {
							wrote.Write(line)
						}
					}
					r := newRig(t, w, rigOptions{modem: Options{SlowWrite: &slow}, device: emulator.ModemOptions{Transcript: tr}})
					r.awaitState(gateway.ModemReady)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					end := cancel
					if stop {
						end = r.cancel
					}
					r.device.Fault(emulator.Fault{At: p.at, Func: func() { time.AfterFunc(time.Millisecond, end) }, Delay: 2 * time.Millisecond})
					// The fault's Delay passes before its Func: the modem goes on while the end comes.
					_, err := r.sendWith(ctx, gateway.Outgoing{To: peerNumber}, "first")
					f := fault(t, err)
					switch {
					case p.at <= emulator.MidPDU && (err == nil || f.Fate != gateway.NotSent):
						t.Errorf("Send = %v, want not sent", err)
					case p.at > emulator.MidPDU && err != nil && f.Fate != gateway.Unknown:
						t.Errorf("Send = %v, want unknown or none", err)
					}
					if stop {
						<-r.stopped
						synctest.Wait()
						if got := wrote.Bytes(); p.at == emulator.AfterPrompt || p.at == emulator.MidPDU {
							if len(got) == 0 || got[len(got)-1] != 0x1b {
								t.Errorf("last written: %q, want an escape", got[max(0, len(got)-20):])
							}
						}
						r.restart()
					}
					r.awaitState(gateway.ModemReady)
					before := len(r.network.Ledger())
					if p.at <= emulator.MidPDU && before > 0 {
						t.Errorf("%d submissions, want none", before)
					}
					r.sendPatiently(peerNumber, "second")
					got := r.network.Ledger()
					if last := got[len(got)-1]; len(got) != before+1 || last.Text != "second" {
						t.Errorf("%d submissions, the last is %q", len(got), last.Text)
					}
				})
			})
		}
	}
}

package modem

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// What the modem said is handed on: all of it for an error, the proof for a
// success.
func TestSendEvidence(t *testing.T) {
	profile := func(change func(p *emulator.Profile)) emulator.Profile {
		p := emulator.QuectelEC25()
		change(&p)
		return p
	}
	tests := []struct {
		name    string
		profile emulator.Profile
		rule    emulator.Rule
		fault   emulator.Fault
		code    string // empty if it is accepted
		want    string
	}{
		{"reference", emulator.Generic(), emulator.Rule{}, emulator.Fault{}, "", "+CMGS: 0"},
		{"no reference", profile(func(p *emulator.Profile) { p.OmitReference = true }), emulator.Rule{}, emulator.Fault{}, "", "OK"},
		{"taken before", emulator.Generic(), emulator.Rule{Code: 197}, emulator.Fault{}, "", "+CMS ERROR: 197"},
		{"error", emulator.Generic(), emulator.Rule{Code: 38}, emulator.Fault{}, "CMS 38", "+CMS ERROR: 38"},
		{"error explained", emulator.QuectelEC25(), emulator.Rule{Code: 38}, emulator.Fault{}, "CMS 38", "+CMS ERROR: 38; +CEER: +CMS ERROR: Network out of order"},
		{
			"explanation refused", emulator.QuectelEC25(),
			emulator.Rule{Code: 38},
			emulator.Fault{At: emulator.OnCommand, Command: "+CEER", Final: "ERROR"},
			"CMS 38", "+CMS ERROR: 38",
		},
		{
			"explanation holds a number", emulator.QuectelEC25(),
			emulator.Rule{Code: 38},
			emulator.Fault{At: emulator.OnCommand, Command: "+CEER", Emit: []byte("\r\n+CEER: " + peerNumber + " barred\r\n"), Final: "OK"},
			"CMS 38", "+CMS ERROR: 38; +CEER: … barred",
		},
		{"refused early", emulator.QuectelEC25(), emulator.Rule{}, emulator.Fault{At: emulator.AfterCMGS, Final: "+CMS ERROR: 500"}, "CMS 500", "+CMS ERROR: 500"},
		{"no colon", emulator.Generic(), emulator.Rule{}, emulator.Fault{At: emulator.AfterCtrlZ, Final: "+CMS ERROR 21"}, "CMS 21", "+CMS ERROR 21"},
		{"words", emulator.Generic(), emulator.Rule{}, emulator.Fault{At: emulator.AfterCtrlZ, Final: "+CMS ERROR: Congestion"}, "CMS 42", "+CMS ERROR: Congestion"},
		{"doubtful words", emulator.Generic(), emulator.Rule{}, emulator.Fault{At: emulator.AfterCtrlZ, Final: "+CMS ERROR: Network timeout"}, "CMS 332", "+CMS ERROR: Network timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: tt.profile}})
				r.awaitState(gateway.ModemReady)
				r.network.SetRule(peerNumber, tt.rule)
				if tt.fault.At != 0 {
					r.device.Fault(tt.fault)
				}
				var got string
				err := r.modem.Send(t.Context(), gateway.Outgoing{To: peerNumber, Segments: segments(t, "hi")}, func(p gateway.SentPart) error {
					got = p.Evidence
					return nil
				})
				f := fault(t, err)
				if f.Code != tt.code {
					t.Errorf("Send = %v, want code %q", err, tt.code)
				}
				if doubtful := tt.code == "CMS 332"; doubtful != (f.Fate == gateway.Unknown) {
					t.Errorf("fate = %v", f.Fate)
				}
				if err != nil {
					got = f.Evidence
				}
				if got != tt.want {
					t.Errorf("evidence = %q, want %q", got, tt.want)
				}
				if got := r.device.BytesDuringSubmit(); len(got) > 0 {
					t.Errorf("written while submitting: %q", got)
				}
			})
		})
	}
}

// Without a reason nobody is asked for one twice.
func TestExplainOnce(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.QuectelEC25(), Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		r.network.SetRule(peerNumber, emulator.Rule{Code: 38})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CEER", Final: "ERROR", Times: -1})
		for range 3 {
			_, _ = r.send(peerNumber, "hi")
		}
		asked := slices.DeleteFunc(tr.take(), func(l string) bool { return l != "AT+CEER" })
		if len(asked) != 1 {
			t.Errorf("asked %d times, want once", len(asked))
		}
	})
}

// The radio link is kept up between the parts of one message only, and a modem that
// does not know how is asked once.
func TestRadioLink(t *testing.T) {
	long := strings.Repeat("x", 400)
	tests := []struct {
		name  string
		fault emulator.Fault
		rule  emulator.Rule
		texts []string
		want  string // of what was written, C for +CMGS
	}{
		{"single", emulator.Fault{}, emulator.Rule{}, []string{"a", "b"}, "CC"},
		{"multi-part", emulator.Fault{}, emulator.Rule{}, []string{long, "b"}, "2CCC0C"},
		{"unknown to the modem", emulator.Fault{At: emulator.OnCommand, Command: "+CMMS", Final: "ERROR", Times: -1}, emulator.Rule{}, []string{long, long}, "2CCCCCC"},
		{"refused in the middle", emulator.Fault{}, emulator.Rule{Code: 38}, []string{long, "b"}, "2C0C"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				tr := &transcript{}
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
				r.awaitState(gateway.ModemReady)
				r.network.SetRule(peerNumber, tt.rule)
				if tt.fault.At != 0 {
					r.device.Fault(tt.fault)
				}
				tr.take()
				for _, text := range tt.texts {
					_, _ = r.send(peerNumber, text)
				}
				synctest.Wait()
				var got strings.Builder
				for _, l := range tr.take() {
					if rest, ok := strings.CutPrefix(l, "AT+CMMS="); ok {
						got.WriteString(rest)
					} else if strings.HasPrefix(l, "AT+CMGS=") {
						got.WriteString("C")
					}
				}
				if got.String() != tt.want {
					t.Errorf("written %s, want %s", got.String(), tt.want)
				}
			})
		})
	}
}

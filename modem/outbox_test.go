package modem

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// trusting adds a profile for modems whose note that nothing was sent is true.
func trusting(t *testing.T) emulator.Profile {
	t.Helper()
	before := profiles
	profiles = append([]profile{{name: "trusting", maker: "trusting", trustUnsent: true}}, before...)
	t.Cleanup(func() { profiles = before })
	p := emulator.Generic()
	p.Manufacturer = "Trusting"
	return p
}

// sends returns what was written of the commands that store, send, read and delete.
func sends(tr *transcript) string {
	var out []string
	for _, l := range tr.take() {
		for _, name := range []string{"+CMGW", "+CMSS", "+CMGS", "+CMGD"} {
			if strings.HasPrefix(l, "AT"+name+"=") {
				out = append(out, name[1:])
			}
		}
	}
	return strings.Join(out, " ")
}

// A stored message is sent, leaves nothing behind, and disturbs no foreign one. A
// modem that cannot store it sends it directly.
func TestSendStored(t *testing.T) {
	tests := []struct {
		name  string
		fault emulator.Fault
		want  string
	}{
		{"usual", emulator.Fault{}, "CMGW CMSS CMGD CMGW CMSS CMGD"},
		{"full", emulator.Fault{At: emulator.OnCommand, Command: "+CMGW", Final: "+CMS ERROR: 322"}, "CMGW CMGS CMGW CMSS CMGD"},
		{"not known", emulator.Fault{At: emulator.OnCommand, Command: "+CMGW", Final: "ERROR", Times: -1}, "CMGW CMGS CMGS"},
		{"no prompt", emulator.Fault{At: emulator.OnCommand, Command: "+CMGW", Do: emulator.DropAnswer}, "CMGW CMGS CMGW CMSS CMGD"},
		{"no index", emulator.Fault{At: emulator.BeforeFinal, Command: "+CMGW", Do: emulator.DropAnswer}, "CMGW CMSS CMGD CMGW CMSS CMGD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := &transcript{}
			o := rigOptions{modem: Options{SendStored: true}, device: emulator.ModemOptions{Transcript: tr.add}}
			withEngine(t, o, gateway.Options{}, func(e *engine, r *rig) {
				if tt.fault.At != 0 {
					r.device.Fault(tt.fault)
				}
				tr.take()
				for _, text := range []string{"one", "two"} {
					id := e.submit(text, true)
					time.Sleep(time.Minute)
					synctest.Wait()
					if got := e.recipient(id); got.State != gateway.Delivered || got.PossibleDuplicate {
						t.Errorf("%s is %s, possible duplicate %v", text, got.State, got.PossibleDuplicate)
					}
				}
				got := strings.Fields(sends(tr))
				// Reports are deleted, too.
				want := strings.Fields(tt.want)
				count := func(of []string, name string) (n int) {
					for _, s := range of {
						if s == name {
							n++
						}
					}
					return n
				}
				for _, name := range []string{"CMGW", "CMSS", "CMGS"} {
					if got, want := count(got, name), count(want, name); got != want {
						t.Errorf("%s written %d times, want %d", name, got, want)
					}
				}
				if got := parts(r); got != "1/1 1/1" {
					t.Errorf("network has %q", got)
				}
				if got := r.device.Stored(); len(got) > 0 {
					t.Errorf("%d records left", len(got))
				}
			})
		})
	}
}

// What the modem noted in its storage decides about messages it did not answer to,
// also if it was lost meanwhile.
func TestSendStoredUnknown(t *testing.T) {
	long := strings.Repeat("x", 400)
	generic, trusted := emulator.Generic(), trusting(t)
	stale := generic
	stale.StaleStat = true
	for _, p := range []*emulator.Profile{&generic, &trusted, &stale} {
		p.BootLines, p.BootDelay = []string{"RDY"}, 5*time.Second
	}
	tests := []struct {
		name    string
		profile emulator.Profile
		at      emulator.Point
		text    string
		policy  gateway.UnknownPolicy
		want    gateway.State
		mark    bool
		parts   string
	}{
		{"left, fail", generic, emulator.AfterSubmit, "hi", gateway.FailUnknown, gateway.Sent, false, "1/1"},
		{"left, resend", generic, emulator.AfterSubmit, "hi", gateway.ResendUnknown, gateway.Sent, false, "1/1"},
		{"left, long", generic, emulator.AfterSubmit, long, gateway.FailUnknown, gateway.Sent, false, "1/3 2/3 3/3"},
		{"not left, no trust, fail", generic, emulator.AfterCtrlZ, "hi", gateway.FailUnknown, gateway.Failed, false, ""},
		{"not left, no trust, resend", generic, emulator.AfterCtrlZ, "hi", gateway.ResendUnknown, gateway.Sent, true, "1/1"},
		{"not left, trusted, fail", trusted, emulator.AfterCtrlZ, "hi", gateway.FailUnknown, gateway.Sent, false, "1/1"},
		{"not left, trusted, long", trusted, emulator.AfterCtrlZ, long, gateway.FailUnknown, gateway.Sent, false, "1/3 2/3 3/3"},
		{"left, not noted, resend", stale, emulator.AfterSubmit, "hi", gateway.ResendUnknown, gateway.Sent, true, "1/1 1/1"},
		{"left, not noted, fail", stale, emulator.AfterSubmit, "hi", gateway.FailUnknown, gateway.Failed, false, "1/1"},
	}
	for _, do := range []emulator.Action{emulator.DropAnswer, emulator.ClosePort, emulator.Reboot} {
		for _, tt := range tests {
			t.Run(fmt.Sprint(tt.name, "/", do), func(t *testing.T) {
				o := rigOptions{modem: Options{SendStored: true}, device: emulator.ModemOptions{Profile: tt.profile}}
				withEngine(t, o, gateway.Options{OnUnknown: tt.policy}, func(e *engine, r *rig) {
					r.device.Fault(emulator.Fault{At: tt.at, Command: "+CMSS", Do: do})
					id := e.submit(tt.text, false)
					time.Sleep(30 * time.Minute)
					synctest.Wait()
					if got := e.recipient(id); got.State != tt.want || got.PossibleDuplicate != tt.mark {
						t.Errorf("%s, possible duplicate %v; want %s, %v (%s)", got.State, got.PossibleDuplicate, tt.want, tt.mark, got.Error)
					}
					if got := parts(r); got != tt.parts {
						t.Errorf("network has %q, want %q", got, tt.parts)
					}
					if got := r.device.Stored(); len(got) > 0 {
						t.Errorf("%d records left", len(got))
					}
				})
			})
		}
	}
}

// The records of a daemon that crashed are found by the one after it: those of parts
// that were in doubt tell what became of them, those of others are cleared away, and
// what somebody else stored stays.
func TestSendStoredCrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tetherd.db")
	pipe(t, func(t *testing.T, w world) {
		e := newEngine(t, path, gateway.Options{OnUnknown: gateway.FailUnknown})
		r := newRig(t, w, rigOptions{engine: e, modem: Options{SendStored: true}})
		r.awaitState(gateway.ModemReady)
		done := e.submit("done", false)
		synctest.Wait() // its record is still there
		r.network.SetRule(peerNumber, emulator.Rule{AcceptSilently: true})
		open := e.submit("open", false)
		synctest.Wait()
		e.stop()
		r.stop()
		e2 := newEngine(t, path, gateway.Options{OnUnknown: gateway.FailUnknown})
		o := r.modem.o
		o.Inbox, o.Outbox, o.Changed = e2.gw, e2.gw, func() { kick(r.changed); e2.gw.Kick() }
		var err error
		if r.modem, err = New(o); err != nil {
			t.Fatal(err)
		}
		e2.run(r.modem)
		r.run()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		for _, id := range []string{done, open} {
			if got := e2.recipient(id); got.State != gateway.Sent {
				t.Errorf("%s (%s), want sent", got.State, got.Error)
			}
		}
		if got := r.device.Stored(); len(got) > 0 {
			t.Errorf("%d records left", len(got))
		}
		r.stop()
		e2.stop()
	})
}

// What somebody else stored to be sent is neither evidence nor deleted, even if it
// reads almost like a message of ours.
func TestSendStoredForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tetherd.db")
	pipe(t, func(t *testing.T, w world) {
		e := newEngine(t, path, gateway.Options{OnUnknown: gateway.FailUnknown})
		r := newRig(t, w, rigOptions{engine: e, modem: Options{SendStored: true}, unborn: true})
		r.command("AT+CMGF=0", "")
		for to, text := range map[string]string{peerNumber: "hi!", "+4915220000009": "hi"} {
			digits, length, err := r.modem.encode(gateway.Outgoing{To: to, Segments: segments(t, text)}, 0)
			if err != nil {
				t.Fatal(err)
			}
			r.command(fmt.Sprintf("AT+CMGW=%d,3", length), digits)
		}
		r.plug.in()
		r.awaitState(gateway.ModemReady)
		r.network.SetRule(peerNumber, emulator.Rule{Silent: true})
		id := e.submit("hi", false)
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if got := e.recipient(id).State; got != gateway.Failed {
			t.Errorf("message is %s, want failed", got)
		}
		var got []int
		for _, s := range r.device.Stored() {
			got = append(got, s.Stat)
		}
		if diff := cmp.Diff([]int{statSent, statSent}, got); diff != "" {
			t.Errorf("states of the foreign records (-want +got):\n%s", diff)
		}
		e.stop()
	})
}

// While the port lives, the record is looked at as soon as the time for an answer is
// over, and the caller never learns that there was a doubt.
func TestSendStoredConsulted(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rule  emulator.Rule
		after time.Duration
	}{
		{"no answer", emulator.Rule{AcceptSilently: true, Times: 1}, 242 * time.Second},
		{"late answer", emulator.Rule{Delay: 241 * time.Second, Times: 1}, 242 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withEngine(t, rigOptions{modem: Options{SendStored: true}}, gateway.Options{}, func(_ *engine, r *rig) {
				r.network.SetRule(peerNumber, tt.rule)
				begun := time.Now()
				var said string
				o := gateway.Outgoing{To: peerNumber, Segments: segments(t, "hi")}
				err := r.modem.Send(r.t.Context(), o, func(p gateway.SentPart) error {
					said = p.Evidence
					return nil
				})
				if err != nil || said == "" {
					t.Errorf("Send = %v, evidence %q; want the modem's note", err, said)
				}
				if got := time.Since(begun); got > tt.after+5*time.Second {
					t.Errorf("Send took %v, want %v", got, tt.after)
				}
				if got := r.device.BytesDuringSubmit(); len(got) > 0 && tt.rule.AcceptSilently {
					t.Errorf("written while submitting: %q", got)
				}
			})
		})
	}
}

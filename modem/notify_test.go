package modem

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

func TestKeeps(t *testing.T) {
	for _, tt := range []struct {
		now, set string
		kept     int
		all      bool
	}{
		{"2,1,0,1,0", "2,1,0,1,0", 5, true},
		{"2,1,0,1,1", "2,1,0,1,0", 4, true}, // <bfr> makes no difference
		{"2,1,0,0,0", "2,1", 2, true},
		{"2,0,0,0,0", "2,1,0,1,0", 3, false},
		{"0,0,0,0,0", "2,1", 0, false},
		{"", "2,1,0,1,0", 0, true},
	} {
		if kept, all := keeps(tt.now, tt.set); kept != tt.kept || all != tt.all {
			t.Errorf("keeps(%q, %q) = %d, %v; want %d, %v", tt.now, tt.set, kept, all, tt.kept, tt.all)
		}
	}
}

// A setting of +CNMI that is accepted and not kept is passed over; with none that is
// kept, messages are found all the same.
func TestCNMINotKept(t *testing.T) {
	ignores := func(sets ...string) emulator.Profile {
		p := emulator.Generic()
		p.Replies = map[string][]string{}
		for _, set := range sets {
			p.Replies["+CNMI="+set] = nil
		}
		return p
	}
	all := slices.Concat(cnmiChoices([5][]int{}, genericModes, directReports, false), cnmiChoices([5][]int{}, genericModes, storedReports, false))
	for _, tt := range []struct {
		name    string
		profile emulator.Profile
		want    string
	}{
		{"all kept", ignores(), "2,1,0,1,0"},
		{"first ignored", ignores("2,1,0,1,0"), "2,1,0,2,0"},
		{"mode 2 ignored", ignores("2,1,0,1,0", "2,1,0,2,0", "2,1,0,0,0"), "1,1,0,1,0"},
		{"all ignored", ignores(all...), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				var said transcript
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: tt.profile, Transcript: said.add}})
				r.awaitState(gateway.ModemReady)
				sets := slices.DeleteFunc(said.take(), func(l string) bool { return !strings.HasPrefix(l, "AT+CNMI=") })
				if last := strings.TrimPrefix(sets[len(sets)-1], "AT+CNMI="); tt.want != "" && last != tt.want {
					t.Errorf("settled on %q, want %q", last, tt.want)
				}
				r.deliver("hello")
				r.inbox.awaitFragments(t, 1)
				r.awaitEmpty()
			})
		})
	}
}

// A modem without room for messages hands them over, and the network keeps them until
// they were taken in, if the modem can have it so.
func TestNoRoom(t *testing.T) {
	for _, tt := range []struct {
		name     string
		services []int
		maker    string
		service  string
	}{
		{"acknowledged", []int{0, 1}, "", "1"},
		{"no phase 2+", []int{0, 128}, "", "0"},
		{"acknowledgements do not work", []int{0, 1}, "ZTE", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.Services = tt.services
				if tt.maker != "" {
					profile.Manufacturer = tt.maker
				}
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, SMCapacity: -1, MECapacity: -1}})
				r.awaitState(gateway.ModemReady)
				for range 3 {
					r.deliver("routed")
					time.Sleep(time.Minute)
				}
				if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: "+4915229999999", DeliveryReport: true}, "hello"); err != nil {
					t.Fatal(err)
				}
				r.inbox.awaitReports(t, 1)
				time.Sleep(time.Minute)
				if diff := cmp.Diff([]string{"routed", "routed", "routed"}, texts(r.inbox.awaitFragments(t, 3))); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
				for _, in := range r.network.Inbound() {
					if !in.Direct || in.Tries != 1 {
						t.Errorf("record %d: direct %v, after %d tries; want it handed over at once", in.Seq, in.Direct, in.Tries)
					}
				}
				r.stop()
				if got := r.answerTo("AT+CSMS?"); !strings.Contains(got, "+CSMS: "+tt.service+",") {
					t.Errorf("service is %q, want %s", got, tt.service)
				}
			})
		})
	}
}

// Messages come in whatever store is full, and whatever the modem says of it.
func TestStorageFullAnnounced(t *testing.T) {
	for _, full := range []string{`^SMMEMFULL:"{mem}"`, "+SMS FULL", "^SMGO: 2", `+CIEV: "SMSFULL",1`, `+QIND: "smsfull","{mem}"`, ""} {
		t.Run(full, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.FullLine = full
				profile.CNMI[0] = []int{0, 2}
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, SMCapacity: 3, MECapacity: -1}})
				r.awaitState(gateway.ModemReady)
				for i := range 30 {
					r.deliver(fmt.Sprint("flood ", i))
				}
				if got := len(r.inbox.awaitFragments(t, 30)); got != 30 {
					t.Errorf("%d messages, want 30", got)
				}
				r.awaitEmpty()
			})
		})
	}
}

// Announcements of a storage other than the open one are followed at once.
func TestAnnouncedElsewhere(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{modem: Options{SweepInterval: 24 * time.Hour}})
		r.awaitState(gateway.ModemReady)
		// Class 2 belongs on the SIM, wherever others go.
		tpdu, err := emulator.Deliver{From: peerNumber, DCS: 0x12, SCTS: time.Now(), Text: "for the SIM"}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if err := r.network.DeliverTPDU(ownNumber, tpdu); err != nil {
			t.Fatal(err)
		}
		if fs := r.inbox.awaitFragments(t, 1); fs[0].Class != 2 || time.Since(begun) > 10*time.Second {
			t.Errorf("class %d after %v, want 2 at once", fs[0].Class, time.Since(begun))
		}
		r.deliver("as usual")
		r.inbox.awaitFragments(t, 2)
		r.awaitEmpty()
		if got := time.Since(begun); got > time.Minute {
			t.Errorf("it took %v", got)
		}
		synctest.Wait()
	})
}

// Lines that follow a start mean a restart once nothing of ours explains them, and
// nothing before.
func TestReadyLines(t *testing.T) {
	for _, ready := range []string{"Call Ready", "SMS Ready", "SMS DONE", "+QIND: PB DONE", "#QSS: 3", "+PBREADY", "+WIND: 4"} {
		t.Run(ready, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.ReadyLines, profile.SIMDelay = []string{ready}, 5*time.Second
				var said transcript
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, Transcript: said.add}})
				r.awaitState(gateway.ModemReady)
				time.Sleep(10 * time.Minute)
				if got := said.count("AT+CGMM"); got != 1 {
					t.Errorf("set up %d times, want once", got)
				}
				begun := time.Now()
				r.network.SetRule(peerNumber, emulator.Rule{AcceptSilently: true})
				go func() {
					time.Sleep(5 * time.Second)
					r.device.Reset() // while the PDU is under way
				}()
				_, err := r.send(peerNumber, "hello")
				if f := fault(t, err); f.Fate != gateway.Unknown || time.Since(begun) > time.Minute {
					t.Errorf("Send = %v after %v, want unknown at once", err, time.Since(begun))
				}
				r.awaitState(gateway.ModemReady)
				r.deliver("hello")
				r.inbox.awaitFragments(t, 1)
			})
		})
	}
}

// Some modems put a field of no meaning before the service in their answer.
func TestServiceFields(t *testing.T) {
	for _, tt := range []struct {
		answer string
		sets   int
	}{
		{"+CSMS: 0,1,1,1", 0},
		{"+CSMS: 1,0,1,1,1", 0},
		{"+CSMS: 1,1,1,1", 1},
		{"+CSMS: 0,1,1,1,1", 1},
		{"+CSMS: 0", 0},
	} {
		t.Run(tt.answer, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.Replies = map[string][]string{"+CSMS?": {tt.answer}}
				var said transcript
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, Transcript: said.add}})
				r.awaitState(gateway.ModemReady)
				if got := said.count("AT+CSMS=0"); got != tt.sets {
					t.Errorf("service set %d times, want %d", got, tt.sets)
				}
			})
		})
	}
}

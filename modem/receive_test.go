package modem

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/sms"
	"tetherd/modem/emulator"
)

// deliver puts a text on its way to the rig's modem.
func (r *rig) deliver(text string) {
	r.t.Helper()
	if err := r.network.DeliverText(peerNumber, ownNumber, text); err != nil {
		r.t.Fatalf("deliver: %v", err)
	}
}

// awaitEmpty waits until the modem's storages are empty.
func (r *rig) awaitEmpty() {
	r.t.Helper()
	if r.world.pty {
		r.await("empty storages", func(gateway.ModemStatus) bool { return len(r.device.Stored()) == 0 })
		return
	}
	for range 3600 {
		if len(r.device.Stored()) == 0 {
			return
		}
		time.Sleep(time.Second)
	}
	r.t.Fatalf("%d messages left on the SIM after an hour", len(r.device.Stored()))
}

func TestReceive(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true})
		r.deliver("waiting at the start")
		r.plug.in()
		r.inbox.awaitFragments(t, 1)
		r.awaitState(gateway.ModemReady)
		r.deliver("later")
		r.deliver("grüße 🙂")
		fs := r.inbox.awaitFragments(t, 3)
		want := []string{"waiting at the start", "later", "grüße 🙂"}
		if diff := cmp.Diff(want, texts(fs)); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		f := fs[0]
		if f.SIMID != testICCID || f.Modem != "test" || f.SIM != 1 || f.Own != ownNumber || f.From != peerNumber ||
			f.TOA != 0x91 || f.SCTS.IsZero() || f.At.IsZero() || f.Concat != nil || f.Class != -1 || len(f.TPDU) == 0 || f.Undecoded {
			t.Errorf("fragment = %+v", f)
		}
		r.awaitEmpty()
		for _, in := range r.network.Inbound() {
			if in.Deleted.IsZero() {
				t.Errorf("record %d was not deleted", in.Seq)
			}
		}
	})
}

func TestReceiveParts(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		text := strings.Repeat("0123456789", 40)
		r.deliver(text)
		fs := r.inbox.awaitFragments(t, 3)
		bodies := make([]sms.Body, 3)
		for _, f := range fs {
			if f.Concat == nil || f.Concat.Total != 3 {
				t.Fatalf("fragment %+v, want part of 3", f)
			}
			bodies[f.Concat.Part-1] = f.Body
		}
		if got := sms.Join(bodies); got != text {
			t.Errorf("text = %q", got)
		}
	})
}

// What the inbox does not take stays on the SIM, and only that.
func TestReceiveRefused(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		refused := 0
		r.inbox.refuse = func(f gateway.Fragment) error {
			if texts([]gateway.Fragment{f})[0] == "bad" && refused < 3 {
				refused++
				return errors.New("disk full")
			}
			return nil
		}
		r.awaitState(gateway.ModemReady)
		r.deliver("bad")
		r.deliver("good")
		r.inbox.awaitFragments(t, 1)
		synctest.Wait()
		if got := r.device.Stored(); len(got) != 1 {
			t.Fatalf("%d messages on the SIM, want the refused one", len(got))
		}
		fs := r.inbox.awaitFragments(t, 2)
		if diff := cmp.Diff([]string{"good", "bad"}, texts(fs)); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		r.awaitEmpty()
	})
}

// Nothing is deleted before the inbox has it: neither by a crash of the session
// between reading and deleting, nor with it.
func TestReceiveCutShort(t *testing.T) {
	for _, at := range []struct {
		name  string
		point emulator.Point
		least int
		most  int
	}{
		{"before listing", emulator.BeforeCMGL, 1, 1},
		{"after listing", emulator.AfterCMGL, 1, 1},
		{"before deleting", emulator.BeforeCMGD, 1, 1},
		{"after deleting", emulator.AfterCMGD, 1, 1},
	} {
		for _, do := range []emulator.Action{emulator.ClosePort, emulator.Reboot, emulator.DropAnswer} {
			t.Run(at.name, func(t *testing.T) {
				pipe(t, func(t *testing.T, w world) {
					r := newRig(t, w, rigOptions{})
					r.awaitState(gateway.ModemReady)
					r.device.Fault(emulator.Fault{At: at.point, Do: do})
					r.deliver("precious")
					r.inbox.awaitFragments(t, 1)
					r.awaitEmpty()
					time.Sleep(10 * time.Minute)
					if got := len(r.inbox.awaitFragments(t, 1)); got < at.least || got > at.most {
						t.Errorf("taken in %d times, want %d to %d", got, at.least, at.most)
					}
				})
			})
		}
	}
}

// A message that cannot be deleted is taken in once, and deleted in the end; if
// its place holds another message by then, that is taken in first.
func TestDeleteFails(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.BeforeCMGD, Times: 3, Final: "+CMS ERROR: 300"})
		r.deliver("sticky")
		r.inbox.awaitFragments(t, 1)
		r.deliver("next")
		r.inbox.awaitFragments(t, 2)
		r.awaitEmpty()
		time.Sleep(10 * time.Minute)
		if diff := cmp.Diff([]string{"sticky", "next"}, texts(r.inbox.awaitFragments(t, 2))); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
	})
}

// A full storage is emptied, which lets the network deliver the rest.
func TestStorageFull(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true, device: emulator.ModemOptions{SMCapacity: 3, MECapacity: -1}})
		for i := range 8 {
			r.deliver(fmt.Sprint("message ", i))
		}
		r.plug.in()
		r.inbox.awaitFragments(t, 8)
		r.awaitEmpty()
	})
}

// A message nobody can decode is kept as it is, and leaves the SIM.
func TestReceiveUndecodable(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		if err := r.network.DeliverTPDU(ownNumber, []byte{0x04, 0xff, 0x91, 0x21}); err != nil {
			t.Fatal(err)
		}
		f := r.inbox.awaitFragments(t, 1)[0]
		if !f.Undecoded || len(f.TPDU) == 0 || len(f.Notes) == 0 {
			t.Errorf("fragment = %+v, want the raw PDU", f)
		}
		r.awaitEmpty()
	})
}

// A class 0 message is handed over without being stored.
func TestReceiveDirect(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		tpdu, err := emulator.Deliver{From: peerNumber, DCS: 0x10, SCTS: time.Now(), Text: "flash"}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		r.inbox.refuse = func(gateway.Fragment) error {
			if refused < 3 {
				refused++
				return errors.New("busy")
			}
			return nil
		}
		if err := r.network.DeliverTPDU(ownNumber, tpdu); err != nil {
			t.Fatal(err)
		}
		fs := r.inbox.awaitFragments(t, 1)
		if diff := cmp.Diff([]string{"flash"}, texts(fs)); diff != "" || fs[0].Class != 0 || fs[0].SIMID != testICCID {
			t.Errorf("class %d of %s, texts (-want +got):\n%s", fs[0].Class, fs[0].SIMID, diff)
		}
	})
}

// Reports come directly or through a storage, before or after the answer.
func TestReports(t *testing.T) {
	tests := []struct {
		name  string
		ds    []int
		first bool
	}{{"direct", nil, false}, {"direct, first", nil, true}, {"stored", []int{0, 2}, false}, {"stored in silence", []int{0}, false}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			worlds(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.CNMI[3] = tt.ds
				o := rigOptions{device: emulator.ModemOptions{Profile: profile}}
				if w.pty {
					o.modem.SweepInterval = time.Second
				}
				r := newRig(t, w, o)
				r.awaitState(gateway.ModemReady)
				r.network.SetRule(peerNumber, emulator.Rule{ReportStatus: []byte{0x20, 0x00}, ReportFirst: tt.first})
				r.network.SetRule("+4915220000003", emulator.Rule{ReportStatus: []byte{0x46}})
				for _, to := range []string{peerNumber, "+4915220000003"} {
					if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: to, DeliveryReport: true}, "hi"); err != nil {
						t.Fatal(err)
					}
				}
				type report struct {
					MR      int
					To      string
					Status  byte
					Outcome gateway.Outcome
				}
				got := map[report]bool{}
				for _, r := range r.inbox.awaitReports(t, 3) {
					if r.SIMID != testICCID || r.Modem != "test" || r.Text == "" || len(r.TPDU) == 0 || r.At.IsZero() {
						t.Errorf("report = %+v", r)
					}
					got[report{r.MR, r.Recipient, r.Status, r.Outcome}] = true
				}
				want := map[report]bool{
					{0, peerNumber, 0x20, gateway.StillTrying}:  true,
					{0, peerNumber, 0x00, gateway.WasDelivered}: true,
					{1, "+4915220000003", 0x46, gateway.WasNot}: true,
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("reports (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A modem that insists on acknowledgements gets them once a message is stored.
func TestAcknowledge(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		profile := emulator.Generic()
		profile.Services = []int{1}
		profile.CNMI[1] = []int{2} // routes everything
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile}})
		r.awaitState(gateway.ModemReady)
		for range 3 {
			r.deliver("routed")
			time.Sleep(time.Minute)
		}
		if got := len(r.inbox.awaitFragments(t, 3)); got != 3 {
			t.Errorf("%d messages, want 3", got)
		}
	})
}

package modem

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// awaitCalls waits for n calls and returns all.
func (i *inbox) awaitCalls(t *testing.T, n int) []gateway.Call {
	t.Helper()
	i.await(t, "calls", func([]gateway.Fragment, []gateway.Report) bool { return len(i.calls) >= n })
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]gateway.Call(nil), i.calls...)
}

// Every family tells of a call once, with its number or without, and goes on.
func TestCalls(t *testing.T) {
	for _, profile := range emulator.Profiles() {
		if profile.Name == "motorola-text" {
			continue // has no PDU mode and is not used
		}
		t.Run(profile.Name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile}})
				r.awaitState(gateway.ModemReady)
				for _, caller := range []string{"+4915229999999", ""} {
					if _, err := r.network.Call(caller, ownNumber); err != nil {
						t.Fatal(err)
					}
					time.Sleep(emulator.CallTimeout + 20*time.Second)
				}
				synctest.Wait()
				want := []gateway.Call{
					{SIMID: testICCID, Modem: "test", SIM: 1, Caller: "+4915229999999"},
					{SIMID: testICCID, Modem: "test", SIM: 1},
				}
				got := r.inbox.awaitCalls(t, 2)
				if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(gateway.Call{}, "ID", "At", "SIMID", "Modem", "SIM")); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				for _, c := range r.network.Calls() {
					if c.Rings < 3 || c.End != emulator.CallMissed {
						t.Errorf("call %+v, want it to ring until the network gives up", c)
					}
				}
				r.deliver("after")
				r.inbox.awaitFragments(t, 1)
			})
		})
	}
}

// A modem that is to refuse calls ends them at the first ring, but not while a
// message is on its way, which stays undisturbed.
func TestCallsRefused(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{
			network: emulator.NetworkOptions{SubmitDelay: func() time.Duration { return 10 * time.Second }},
			modem:   Options{RefuseCalls: true},
		})
		r.awaitState(gateway.ModemReady)
		sent := make(chan error, 1)
		go func() {
			_, err := r.send(peerNumber, "undisturbed")
			sent <- err
		}()
		time.Sleep(2 * time.Second)
		if _, err := r.network.Call("+4915229999999", ownNumber); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err != nil {
			t.Errorf("Send = %v", err)
		}
		if got := r.device.BytesDuringSubmit(); len(got) > 0 {
			t.Errorf("written while submitting: %q", got)
		}
		calls := r.inbox.awaitCalls(t, 1)
		if !calls[0].HungUp {
			t.Errorf("call %+v", calls[0])
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := r.network.Calls(); got[0].End != emulator.CallRefused {
			t.Errorf("call ended %q, want %q", got[0].End, emulator.CallRefused)
		}
		if got := r.inbox.awaitCalls(t, 1); len(got) != 1 {
			t.Errorf("%d calls were told, want 1", len(got))
		}
	})
}

// What cannot be stored is tried again.
func TestCallIsNotLost(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		tries := 0
		r.inbox.mu.Lock()
		r.inbox.refuse = func(gateway.Fragment) error {
			if tries++; tries < 4 {
				return errors.New("disk on fire")
			}
			return nil
		}
		r.inbox.mu.Unlock()
		if _, err := r.network.Call("+4915229999999", ownNumber); err != nil {
			t.Fatal(err)
		}
		if got := r.inbox.awaitCalls(t, 1); len(got) != 1 || got[0].Caller != "+4915229999999" {
			t.Errorf("calls %+v", got)
		}
	})
}

func TestCallerNumber(t *testing.T) {
	for in, want := range map[string]string{
		"+4915110000001": "+4915110000001", "110": "110", "*31#": "*31#", "": "", "Bob": "", "+": "", "+49 15": "", "\x1b[31m": "",
	} {
		if got := callerNumber(in); got != want {
			t.Errorf("callerNumber(%q) = %q, want %q", in, got, want)
		}
	}
}

package modem

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// storeForeign stores n messages to be sent, as another program or a phone's user
// would.
func (r *rig) storeForeign(n int) {
	r.t.Helper()
	r.command("AT+CMGF=0", "")
	for range n {
		r.command("AT+CMGW=19", "0011000D91945122000000F20000A704F4F29C0E")
	}
}

// Messages somebody else stored to be sent are not ours: they stay, and are counted.
func TestForeignSubmit(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true})
		r.storeForeign(2)
		r.deliver("ours")
		r.plug.in()
		if diff := cmp.Diff([]string{"ours"}, texts(r.inbox.awaitFragments(t, 1))); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		time.Sleep(10 * time.Minute)
		if got := r.device.Stored(); len(got) != 2 {
			t.Errorf("%d messages left, want the foreign ones", len(got))
		}
		if got := len(r.inbox.awaitFragments(t, 1)); got != 1 {
			t.Errorf("%d messages taken in, want 1", got)
		}
		if s := r.modem.Status(); s.Foreign != 2 {
			t.Errorf("status counts %d foreign messages, want 2", s.Foreign)
		}
	})
}

// They are deleted if the configuration says so, and what waited for their places
// comes in.
func TestPurgeForeign(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{
			unborn: true, device: emulator.ModemOptions{SMCapacity: 3, MECapacity: -1}, modem: Options{PurgeForeign: true},
		})
		r.storeForeign(3)
		r.deliver("waiting")
		r.plug.in()
		r.inbox.awaitFragments(t, 1)
		r.awaitEmpty()
		if s := r.await("an empty storage", func(s gateway.ModemStatus) bool { return s.Foreign == 0 }); s.Storage != "MT" {
			t.Errorf("storage %q, want MT", s.Storage)
		}
	})
}

// They are deleted on request, and only they: what could not be taken in stays.
func TestPurgeStored(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true})
		if _, err := r.modem.PurgeStored(t.Context()); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("PurgeStored without a modem = %v, want a conflict", err)
		}
		r.storeForeign(3)
		r.inbox.refuse = func(gateway.Fragment) error { return errors.New("disk full") }
		r.deliver("precious")
		r.plug.in()
		r.awaitState(gateway.ModemReady)
		r.await("foreign messages", func(s gateway.ModemStatus) bool { return s.Foreign == 3 })
		if n, err := r.modem.PurgeStored(t.Context()); n != 3 || err != nil {
			t.Errorf("PurgeStored = %d, %v; want 3 messages", n, err)
		}
		if got := r.device.Stored(); len(got) != 1 || got[0].Stat > 1 {
			t.Errorf("%+v left, want the message that could not be taken in", got)
		}
		if n, err := r.modem.PurgeStored(t.Context()); n != 0 || err != nil {
			t.Errorf("PurgeStored again = %d, %v; want nothing to do", n, err)
		}
		r.device.Fault(emulator.Fault{At: emulator.BeforeCMGL, Do: emulator.ClosePort})
		if _, err := r.modem.PurgeStored(t.Context()); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("PurgeStored over a lost port = %v, want a conflict", err)
		}
		r.awaitState(gateway.ModemReady)
		r.inbox.mu.Lock()
		r.inbox.refuse = nil
		r.inbox.mu.Unlock()
		r.inbox.awaitFragments(t, 1)
		r.awaitEmpty()
		synctest.Wait()
	})
}

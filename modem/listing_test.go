package modem

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// Storages are emptied whatever their indices and lists look like, and nothing is
// deleted that was not taken in.
func TestListings(t *testing.T) {
	odd := func(change func(p *emulator.Profile)) emulator.Profile {
		p := emulator.Generic()
		change(&p)
		return p
	}
	hang := emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Times: -1, Do: emulator.DropAnswer}
	tests := []struct {
		name    string
		profile emulator.Profile
		fault   *emulator.Fault
	}{
		{"indices from 0", odd(func(p *emulator.Profile) { p.FirstZero = true }), nil},
		{"indices from 900", odd(func(p *emulator.Profile) { p.FirstIndex = map[string]int{"ME": 900} }), nil},
		{"indices from 900, no list", odd(func(p *emulator.Profile) {
			p.Manufacturer, p.FirstIndex = "SAGEM", map[string]int{"ME": 900}
		}), &hang},
		{"wrong indices in the list", odd(func(p *emulator.Profile) { p.ListShift = 1 }), nil},
		{"wrong indices from 0", odd(func(p *emulator.Profile) { p.ListShift, p.FirstZero = 2, true }), nil},
		{"list never ends", emulator.Generic(), &hang},
		{"list kills the port", emulator.Generic(), &emulator.Fault{
			At: emulator.OnCommand, Command: "+CMGL", Times: -1, Do: emulator.ClosePort,
		}},
		{"two fields", odd(func(p *emulator.Profile) { p.Entry = "{stat},{len}" }), nil},
		{"name", odd(func(p *emulator.Profile) { p.Entry = `{stat},"smith, j",{len}` }), nil},
		{"no state", odd(func(p *emulator.Profile) { p.Entry = ",,{len}" }), nil},
		{"empty list is an error", odd(func(p *emulator.Profile) { p.EmptyList = 321 }), nil},
		{"SIM only", odd(func(p *emulator.Profile) { p.Stores = []string{"SM"} }), nil},
		{"named otherwise", odd(func(p *emulator.Profile) { p.CPMSTest = `+CPMS: ME SM MT` }), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{unborn: true, device: emulator.ModemOptions{Profile: tt.profile}})
				if tt.fault != nil {
					r.device.Fault(*tt.fault)
				}
				var want []string
				for i := range 5 {
					want = append(want, fmt.Sprint("waiting ", i))
					r.deliver(want[i])
				}
				r.plug.in()
				r.inbox.awaitFragments(t, 5)
				r.awaitState(gateway.ModemReady)
				for i := range 3 {
					want = append(want, fmt.Sprint("later ", i))
					r.deliver(want[5+i])
				}
				got := texts(r.inbox.awaitFragments(t, len(want)))
				slices.Sort(got)
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
				r.awaitEmpty()
			})
		})
	}
}

// A message that could not be deleted at first, and whose place another program gave to
// another one meanwhile, does not cost that one.
func TestDeleteLate(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{SMCapacity: -1, MECapacity: 1}})
		r.awaitState(gateway.ModemReady)
		// The modem deletes, says that it could not, and gives the place away.
		r.device.Fault(emulator.Fault{At: emulator.BeforeFinal, Command: "+CMGD", Final: "+CMS ERROR: 300"})
		r.deliver("first")
		r.inbox.awaitFragments(t, 1)
		r.deliver("second")
		r.deliver("third")
		if diff := cmp.Diff([]string{"first", "second", "third"}, texts(r.inbox.awaitFragments(t, 3))); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		r.awaitEmpty()
		for _, in := range r.network.Inbound() {
			if in.Deleted.IsZero() {
				t.Errorf("record %d was not deleted", in.Seq)
			}
		}
	})
}

// A storage that cannot be opened for a while is not forgotten.
func TestStorageShut(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true})
		r.command(`AT+CPMS="SM","SM","SM"`, "")
		r.deliver("old")
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: `+CPMS="SM"`, Final: "+CMS ERROR: 500"})
		r.plug.in()
		r.awaitState(gateway.ModemReady)
		r.inbox.awaitFragments(t, 1)
		r.awaitEmpty()
	})
}

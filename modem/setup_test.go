package modem

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/modem/at"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// What a modem was set up to, and what was odd about it, is told.
func TestSetup(t *testing.T) {
	with := func(change func(p *emulator.Profile)) emulator.Profile {
		p := emulator.Generic()
		change(&p)
		return p
	}
	for _, tt := range []struct {
		name   string
		device emulator.ModemOptions
		want   gateway.ModemSetup // without what is offered
		odd    []string           // parts of the oddities, in order; those that matter begin with "!"
	}{
		{name: "generic", want: gateway.ModemSetup{
			Profile: "generic", Charset: "GSM", Storages: []string{"ME", "SM"}, CNMI: "2,1,0,1,0",
			Messages: gateway.PathStored, Reports: gateway.PathDirect,
		}},
		{
			name: "huawei stick", device: emulator.ModemOptions{Profile: emulator.HuaweiStick()},
			want: gateway.ModemSetup{
				Profile: "huawei", Charset: "GSM", Storages: []string{"ME", "SM"}, CNMI: "1,1,0,1,0",
				Messages: gateway.PathStored, Reports: gateway.PathDirect,
			},
		},
		{
			name: "wavecom", device: emulator.ModemOptions{Profile: emulator.Wavecom()},
			want: gateway.ModemSetup{
				Profile: "wavecom", Charset: "GSM", Storages: []string{"SM", "ME", "SR"}, CNMI: "2,1,0,2,0",
				Messages: gateway.PathStored, Reports: gateway.PathStored,
			},
			odd: []string{"one storage only in +CPMS"},
		},
		{
			name: "no notification, no character set, no error numbers", device: emulator.ModemOptions{
				Profile: with(func(p *emulator.Profile) {
					p.Manufacturer, p.Model = "", ""
					p.Lacks = []string{"+CNMI", "+CSCS", "+CMEE", "+CSMS", "+CIMI", "+CCID", "+ICCID", "+QCCID"}
				}),
			},
			want: gateway.ModemSetup{
				Profile: "generic", Storages: []string{"ME", "SM"}, CSMS: -1, Messages: gateway.PathPolled, Reports: gateway.PathNone,
			},
			odd: []string{
				"does not say who made it", "!does not number its errors", "character set cannot be chosen", "identity of the SIM",
				"!refuses to announce messages: they are looked for every 45s",
			},
		},
		{
			name: "the second choice", device: emulator.ModemOptions{
				Profile: with(func(p *emulator.Profile) {
					p.CNMI = [5][]int{{1}, {0, 1}, {0}, {0}, {0}}
					p.CNMITest = "+CNMI: (0-2),(0-1),(0),(0-1),(0)"
					p.RadioOff = true
				}),
				MECapacity: 5, SMCapacity: 10,
			},
			want: gateway.ModemSetup{
				Profile: "generic", Charset: "GSM", Storages: []string{"MT"}, CNMI: "1,1,0,0,0",
				Messages: gateway.PathStored, Reports: gateway.PathNone,
			},
			odd: []string{
				"radio was off and was switched on", "MT has room for 15 messages", "refuses 3 settings of +CNMI, from 2,1,0,1,0 to 1,1,0,1,0; 1,1,0,0,0 is used",
				"!does not pass delivery reports on",
			},
		},
		{
			name: "no room", device: emulator.ModemOptions{MECapacity: -1, SMCapacity: -1},
			want: gateway.ModemSetup{
				Profile: "generic", Charset: "GSM", Storages: []string{"SM", "ME"}, CNMI: "2,2,0,1,0", CSMS: 1,
				Messages: gateway.PathDirect, Reports: gateway.PathDirect,
			},
			odd: []string{"!no room for a single message"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: tt.device})
				s := r.awaitState(gateway.ModemReady)
				if s.Setup == nil {
					t.Fatal("nothing is told")
				}
				got := *s.Setup
				if got.CNMIOffered == "" && got.CNMI != "" || got.StoragesOffered == "" {
					t.Errorf("offers %q and %q", got.CNMIOffered, got.StoragesOffered)
				}
				odd := got.Oddities
				got.CNMIOffered, got.StoragesOffered, got.Oddities = "", "", nil
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				checkOddities(t, odd, tt.odd)
			})
		})
	}
}

// checkOddities holds oddities against parts of them.
func checkOddities(t *testing.T, got []gateway.Oddity, want []string) {
	t.Helper()
	for i, o := range got {
		part, matters := "", false
		if i < len(want) {
			part, matters = strings.CutPrefix(want[i], "!")
		}
		if part == "" || !strings.Contains(o.Text, part) || o.Matters != matters {
			t.Errorf("oddity %d: %+v, want %q, matters %v", i, o, part, matters)
		}
	}
	if len(got) < len(want) {
		t.Errorf("not told: %q", want[len(got):])
	}
}

// What is repeated is noted once, and what has no end is cut.
func TestDialogue(t *testing.T) {
	var d dialogue
	for range 3 {
		d.note(exchange{command: "AT+CPIN?", err: at.CMEError("14")})
	}
	d.note(exchange{command: "AT+CPIN?", err: fmt.Errorf("run: %w", errTimeout)})
	if len(d) != 2 || d[0].times != 3 || d[0].final() != "CME 14" || d[0].meaning() == "" || d[1].final() != noAnswer {
		t.Errorf("got %+v", d)
	}
	for i := range 2 * maxDialogue {
		d.note(exchange{command: fmt.Sprintf("AT+CMGR=%d", i)})
	}
	if len(d) != maxDialogue {
		t.Errorf("%d exchanges are kept, want %d", len(d), maxDialogue)
	}
}

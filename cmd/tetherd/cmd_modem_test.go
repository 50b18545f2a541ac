package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

func TestModemStatusForPeople(t *testing.T) {
	at := func(s int) api.Time { return api.Time{Time: time.Date(2026, 3, 13, 14, 25, s, 0, time.Local)} }
	for _, tt := range []struct {
		name string
		in   api.Modem
		want string
	}{
		{
			"in trouble",
			api.Modem{
				ID: "office", SIMNumber: 1, State: "absent", Reason: "It does not\x1b answer.", Since: at(0),
				Network: api.ModemNetwork{Registration: "unknown"},
				Counters: api.ModemCounters{
					Sessions: 2, PortLosses: 1, SentOK: 3, Received: 4, Reports: 5, Steps: map[string]uint64{"reopen": 2, "radio": 1, "usb": 0},
				},
				Recovery: api.ModemRecovery{Failing: true, Step: "radio", At: at(1), Reason: "It was silent.", Next: "reboot", NextAt: at(2)},
				Power:    &api.ModemPower{Reason: "Too weak."},
			},
			`office (SIM 1): absent
  reason          It does not· answer.
  since           2026-03-13 14:25:00
  power           Too weak.
  network         (unknown)
  sent            3 accepted, 0 failed, 0 unknown
  received        4, 5 reports
  sessions        2; port lost 1 times, restarted by itself 0 times, right after sending 0 times
  recovery steps  radio 1, reopen 2
  latest step     radio at 2026-03-13 14:25:01: It was silent.
  next step       reboot, not before 2026-03-13 14:25:02
`,
		},
		{
			"well",
			api.Modem{
				ID: "shed", SIMNumber: 2, State: "ready", Port: "/dev/ttyUSB0", Manufacturer: "huawei", Model: "E3131", IMEI: "490154203237518",
				SIM:     api.ModemSIM{ID: "8949", PhoneNumber: "+491", SMSC: "+492"},
				Network: api.ModemNetwork{Operator: "Test", Registration: "home"},
				Signal:  &api.ModemSignal{DBM: -85, Bars: 5}, Storage: &api.ModemStorage{Used: 1, Capacity: 20},
				Setup: &api.ModemSetup{
					Profile: "huawei", CNMI: "1,1,0,1,0", Messages: "stored", Reports: "direct",
					Oddities: []api.ModemOddity{{Text: "It is odd."}, {Text: "It lacks.", Matters: true}},
				},
			},
			`shed (SIM 2): ready
  port            /dev/ttyUSB0
  modem           huawei E3131
  IMEI            490154203237518
  SIM             8949
  number          +491
  service centre  +492
  network         Test (home)
  signal          5 of 5 bars, -85 dBm
  storage         1 of 20
  set up as       huawei, +CNMI 1,1,0,1,0; messages stored, reports direct
  note            It is odd.
  note            It lacks.
  sent            0 accepted, 0 failed, 0 unknown
  received        0, 0 reports
  sessions        0; port lost 0 times, restarted by itself 0 times, right after sending 0 times
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			c := &cli{stdout: &out}
			if err := c.printModem(&tt.in); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

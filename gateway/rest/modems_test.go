package rest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

var fullStatus = gateway.ModemStatus{
	Modem: "office", State: gateway.ModemReady, Since: time.Unix(1773411916, 0),
	Port: "/dev/ttyUSB2", Manufacturer: "huawei", Model: "E3131", Revision: "21.158", IMEI: "490154203237518",
	SIMID: "894900000000000001", ICCID: "894900000000000001", Number: "+4915199999001", SMSC: "+491710760000",
	Operator: "Test", Registration: 5, Signal: 14, Storage: "ME", Stored: 3, Capacity: 20, Foreign: 2,
	Counters: gateway.ModemCounters{Sessions: 4, Reboots: 1, SentOK: 7, Received: 2, Steps: [gateway.RecoverySteps]uint64{gateway.StepRadio: 2}},
	Recovery: gateway.Recovery{
		Failing: true, Step: gateway.StepRadio, At: time.Unix(1773411917, 0), Reason: "It did not answer.",
		Next: gateway.StepReboot, NextAt: time.Unix(1773411918, 0),
	},
	Power: gateway.PowerProblem{Reason: "Too weak.", Since: time.Unix(1773411919, 0)},
	Setup: &gateway.ModemSetup{
		Profile: "huawei", Charset: "GSM", StoragesOffered: `("SM","ME")`, Storages: []string{"ME", "SM"},
		CNMIOffered: "(0,1)", CNMI: "1,1,0,1,0", CSMS: 0, Messages: gateway.PathStored, Reports: gateway.PathDirect,
		Oddities: []gateway.Oddity{{Text: "It is odd."}, {Text: "It lacks.", Matters: true}},
	},
}

func TestModems(t *testing.T) {
	w := newWorld(t, fakeModem{fullStatus}, fakeModem{gateway.ModemStatus{Modem: "1", State: gateway.ModemAbsent, Reason: "Gone.", Registration: 4, Signal: 99}})
	wire := func(s int64) api.Time { return api.Time{Time: time.Unix(s, 0).Local()} }
	steps := func(radio uint64) map[string]uint64 {
		return map[string]uint64{"resync": 0, "reopen": 0, "init": 0, "radio": radio, "reboot": 0, "usb": 0, "command": 0, "wait": 0}
	}
	office := api.Modem{
		ID: "office", SIMNumber: 1, State: "ready", Since: wire(1773411916),
		Port: "/dev/ttyUSB2", Manufacturer: "huawei", Model: "E3131", Revision: "21.158", IMEI: "490154203237518",
		SIM:     api.ModemSIM{ID: "894900000000000001", ICCID: "894900000000000001", PhoneNumber: "+4915199999001", SMSC: "+491710760000"},
		Network: api.ModemNetwork{Operator: "Test", Stat: 5, Registration: "roaming", Registered: true},
		Signal:  &api.ModemSignal{RSSI: 14, DBM: -85, Bars: 5}, Storage: &api.ModemStorage{Name: "ME", Used: 3, Capacity: 20, Foreign: 2},
		Counters: api.ModemCounters{Sessions: 4, Reboots: 1, SentOK: 7, Received: 2, Steps: steps(2)},
		Recovery: api.ModemRecovery{Failing: true, Step: "radio", At: wire(1773411917), Reason: "It did not answer.", Next: "reboot", NextAt: wire(1773411918)},
		Power:    &api.ModemPower{Reason: "Too weak.", Since: wire(1773411919)},
		Setup: &api.ModemSetup{
			Profile: "huawei", Charset: "GSM", StoragesOffered: `("SM","ME")`, Storages: []string{"ME", "SM"},
			CNMIOffered: "(0,1)", CNMI: "1,1,0,1,0", CSMS: new(int), Messages: "stored", Reports: "direct",
			Oddities: []api.ModemOddity{{Text: "It is odd."}, {Text: "It lacks.", Matters: true}},
		},
	}
	one := api.Modem{
		ID: "1", SIMNumber: 2, State: "absent", Reason: "Gone.",
		Network: api.ModemNetwork{Stat: 4, Registration: "unknown"}, Counters: api.ModemCounters{Steps: steps(0)},
	}
	got, err := w.client.Modems(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]api.Modem{office, one}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// A name goes before the number of a slot.
	for ref, want := range map[string]api.Modem{"office": office, "1": one, "2": one} {
		got, err := w.client.Modem(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("modem %s (-want +got)\n%s", ref, diff)
		}
	}
}

// A supply that seems too weak is a warning, although the modem works.
func TestPowerProblemInHealth(t *testing.T) {
	w := newWorld(t, fakeModem{fullStatus})
	h, err := w.client.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := api.Check{Status: api.Warn, ObservedUnit: "boolean", Description: "office: Too weak."}
	if got := h.Checks["modem:1:power"]; got != want || h.Status != api.Warn {
		t.Errorf("%s, got %+v, want %+v", h.Status, got, want)
	}
}

func TestModemRestart(t *testing.T) {
	w := newWorld(t, fakeModem{fullStatus})
	const levels = `level must be one of 1 to 6, or reopen, init, radio, reboot, usb, command`
	for path, want := range map[string]string{
		"/modems/office/restart":             `202 {"modem":"office","step":"reopen"}`,
		"/modems/1/restart?level=4":          `202 {"modem":"office","step":"reboot"}`,
		"/modems/office/restart?level=Init":  `202 {"modem":"office","step":"init"}`,
		"/modems/office/restart?level=usb":   `400 {"message":"modem office has no recovery step usb"}`,
		"/modems/office/restart?level=radio": `429 {"message":"just now"}`,
		"/modems/office/restart?level=0":     `400 {"message":"` + levels + `"}`,
		"/modems/office/restart?level=7":     `400 {"message":"` + levels + `"}`,
		"/modems/office/restart?level=wait":  `400 {"message":"` + levels + `"}`,
		"/modems/shed/restart?level=wait":    `404 {"message":"there is no modem \"shed\"; there is office"}`,
	} {
		a := w.do("POST", path, "")
		if got := fmt.Sprint(a.status, " ", a.body); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		if after := a.header.Get("Retry-After"); a.status == 429 && after != "2" {
			t.Errorf("%s: Retry-After %q, want 2", path, after)
		}
	}
	got, err := w.client.RestartModem(t.Context(), "office", "command")
	if want := (api.Restart{Modem: "office", Step: "command"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestSignalInBars(t *testing.T) {
	for rssi, want := range map[int]*api.ModemSignal{
		0: {RSSI: 0, DBM: -113, Bars: 0}, 2: {RSSI: 2, DBM: -109, Bars: 1}, 10: {RSSI: 10, DBM: -93, Bars: 3},
		31: {RSSI: 31, DBM: -51, Bars: 5}, 99: nil, -1: nil,
	} {
		if diff := cmp.Diff(want, signalOf(rssi)); diff != "" {
			t.Errorf("rssi %d (-want +got)\n%s", rssi, diff)
		}
	}
}

package modem

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// probed is what a probe left behind.
type probed struct {
	Report
	device *emulator.Modem
	steps  []string
}

// probe probes an emulated modem over a pipe. before is called when it is plugged in.
func probe(t *testing.T, d emulator.ModemOptions, o Options, before func(n *emulator.Network, m *emulator.Modem)) (p probed, err error) {
	t.Helper()
	n := emulator.NewNetwork(emulator.NetworkOptions{})
	defer n.Close()
	d.Number, d.ICCID, d.IMSI, d.IMEI = ownNumber, testICCID, "262019876543210", "490154203237518"
	p.device = emulator.NewModem(n, d)
	if before != nil {
		before(n, p.device)
	}
	stored := p.device.Stored()
	plug := &pipePlug{device: p.device, present: true}
	defer plug.close()
	o.Name = "test"
	plug.options(&o)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	p.Report, err = Probe(ctx, o, ProbeOptions{NetworkWait: time.Minute, Progress: func(what string) { p.steps = append(p.steps, what) }})
	if diff := cmp.Diff(stored, p.device.Stored()); diff != "" {
		t.Errorf("what is stored changed (-before +after)\n%s", diff)
	}
	if got := len(n.Ledger()); got > 0 {
		t.Errorf("%d messages were sent", got)
	}
	return p, err
}

func TestProbe(t *testing.T) {
	type modem = emulator.Modem
	profile := func(change func(p *emulator.Profile)) emulator.ModemOptions {
		p := emulator.Generic()
		change(&p)
		return emulator.ModemOptions{Profile: p}
	}
	fault := func(f emulator.Fault) func(*emulator.Network, *modem) {
		return func(_ *emulator.Network, m *modem) { m.Fault(f) }
	}
	for _, tt := range []struct {
		name    string
		device  emulator.ModemOptions
		before  func(n *emulator.Network, m *modem)
		verdict Verdict
		reason  string   // part of it
		odd     []string // parts of the findings; those that matter begin with "!"
		step    string   // one that was told
	}{
		{name: "generic", verdict: VerdictWorks},
		{
			name: "ec25", device: emulator.ModemOptions{Profile: emulator.QuectelEC25()}, verdict: VerdictWorks,
			step: "waiting for the network, up to 1m0s",
		},
		{
			name: "android phone", device: emulator.ModemOptions{Profile: emulator.SamsungGalaxy()}, verdict: VerdictCannotSend, reason: "303",
			odd: []string{"ICCID"},
		},
		{name: "text mode only", device: emulator.ModemOptions{Profile: emulator.MotorolaText()}, verdict: VerdictUnusable, reason: "PDU mode", odd: []string{"ICCID"}},
		{name: "locked", device: emulator.ModemOptions{PIN: "1234"}, verdict: VerdictOwner, reason: "asks for its PIN"},
		{
			name: "no SIM", before: func(_ *emulator.Network, m *modem) { m.SetSIM(false) }, verdict: VerdictOwner, reason: "no SIM in the modem",
		},
		{name: "mute", before: func(_ *emulator.Network, m *modem) { m.SetMute(true) }, verdict: VerdictUnusable, reason: "does not answer"},
		{
			name: "navigation", verdict: VerdictUnusable, reason: "tells positions (NMEA)",
			before: fault(emulator.Fault{At: emulator.OnCommand, Times: -1, Do: emulator.DropAnswer, Emit: []byte("$GPGGA,,,,,,0,,,,,,,,*66\r\n")}),
		},
		{
			name: "diagnostics", verdict: VerdictUnusable, reason: "binary protocol",
			before: fault(emulator.Fault{At: emulator.OnCommand, Times: -1, Do: emulator.DropAnswer, Emit: []byte("\x13\x0c\x00\x7d\x5d\x62\x1d\x7e")}),
		},
		{
			name: "restarts once", verdict: VerdictLimited, reason: "It restarted while", odd: []string{"!It restarted while"},
			before: func(_ *emulator.Network, m *modem) {
				m.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CPMS=?", With: (*modem).Reset})
			},
			device: profile(func(p *emulator.Profile) { p.BootLines = []string{"RDY"} }),
		},
		{
			name: "not registered", before: func(_ *emulator.Network, m *modem) { m.SetRegistration(2) },
			verdict: VerdictCannotSend, reason: "looking for a network", step: "waiting for the network, up to 1m0s",
		},
		{name: "denied", before: func(_ *emulator.Network, m *modem) { m.SetRegistration(3) }, verdict: VerdictCannotSend, reason: "refuses this SIM"},
		{
			name: "late to register", device: profile(func(p *emulator.Profile) { p.RegisterDelay = 20 * time.Second }), verdict: VerdictWorks,
			step: "waiting for the network, up to 1m0s",
		},
		{
			name: "weak signal, roaming, data only", verdict: VerdictLimited, reason: "signal is weak (-109 dBm)",
			odd: []string{"roaming", "not registered for calls", "!signal is weak"},
			before: func(_ *emulator.Network, m *modem) {
				m.SetSignal(2)
				m.SetRegistration(5)
				m.SetDomain("+CREG", 0)
			},
		},
		{
			name: "messages that wait", verdict: VerdictWorks, odd: []string{"There is 1 message in ME", "There is 1 message in MT"},
			before: func(n *emulator.Network, m *modem) {
				m.SelectStores([3]string{"ME", "ME", "ME"})
				if err := n.DeliverText(peerNumber, ownNumber, "waiting"); err != nil {
					t.Error(err)
				}
			},
		},
		{
			name: "full", verdict: VerdictLimited, reason: "nothing can be received", odd: []string{"!The storage ME is full", "There are 100 messages in MT"},
			before: func(_ *emulator.Network, m *modem) { m.Fill("ME", 0) },
		},
		{
			name: "a command that hangs", verdict: VerdictLimited, reason: "left AT+CNUM unanswered", odd: []string{"!left AT+CNUM unanswered"},
			before: fault(emulator.Fault{At: emulator.OnCommand, Command: "+CNUM", Do: emulator.DropAnswer}),
		},
		{
			name: "lost on the way", verdict: VerdictUnusable, reason: "unplugged or lost power",
			before: fault(emulator.Fault{At: emulator.OnCommand, Command: "+CMMS=?", Do: emulator.ClosePort}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, _ world) {
				got, err := probe(t, tt.device, Options{}, tt.before)
				if err != nil {
					t.Fatal(err)
				}
				if got.Verdict != tt.verdict || !strings.Contains(got.Reason, tt.reason) || (got.Reason == "") != (tt.reason == "") {
					t.Errorf("verdict %q: %q, want %q: …%q…", got.Verdict, got.Reason, tt.verdict, tt.reason)
				}
				checkOddities(t, got.Findings, tt.odd)
				if waited := slices.ContainsFunc(got.steps, func(s string) bool { return strings.HasPrefix(s, "waiting for the network") }); waited != (tt.step != "") {
					t.Errorf("the network was waited for: %v", waited)
				}
				if tt.step != "" && !slices.Contains(got.steps, tt.step) {
					t.Errorf("%q was not told among %q", tt.step, got.steps)
				}
				if got.device.PINAttempts() != 0 {
					t.Errorf("%d attempts at the PIN", got.device.PINAttempts())
				}
			})
		})
	}
}

// Everything that is known is reported, and masked if that is wanted.
func TestProbeReport(t *testing.T) {
	pipe(t, func(t *testing.T, _ world) {
		got, err := probe(t, emulator.ModemOptions{Profile: emulator.HuaweiStick()}, Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Setup == nil || got.Setup.CNMI != "1,1,0,1,0" || len(got.Functions) < 8 || len(got.Refused) == 0 {
			t.Errorf("set up as %+v; functions %+v; refused %+v", got.Setup, got.Functions, got.Refused)
		}
		for _, f := range got.Functions {
			if f.Command == "+CMMS=?" && (!f.Known || f.Answer != "(0,1,2)") {
				t.Errorf("%+v", f)
			}
		}
		tries := 3
		if diff := cmp.Diff(SIMReport{
			State: "READY", Ready: true, PINTries: &tries, ICCID: testICCID, IMSI: "262019876543210", Number: ownNumber, SMSC: emulator.DefaultSMSC,
		}, got.SIM); diff != "" {
			t.Errorf("SIM (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]StorageReport{
			{Name: "ME", Capacity: 100, Receives: true}, {Name: "SM", Capacity: 30},
		}, got.Storages); diff != "" {
			t.Errorf("storages (-want +got)\n%s", diff)
		}
		if n := got.Network; !n.Registered || n.Operator == "" || n.Technology == "" || n.Signal == nil || len(n.Registrations) != 4 || n.Registrations[0].Words != "home" {
			t.Errorf("network %+v", n)
		}
		if m := got.Masked(); m.IMEI != "…18" || m.SIM.ICCID != "…90" || m.SIM.IMSI != "…10" || m.SIM.Number != "+…01" || m.SIM.SMSC == got.SIM.SMSC {
			t.Errorf("masked: %s, %+v", m.IMEI, m.SIM)
		}
		r := Report{
			Reason: "It has IMEI 490154203237518.", Findings: []gateway.Oddity{{Text: "Of +4915110000001."}},
			Functions: []FunctionReport{{Answer: "+4915110000001"}}, Refused: []RefusedReport{{Answer: "CME +4915110000001"}},
		}
		if text := fmt.Sprint(r.Masked()); strings.Contains(text, "10000") || strings.Contains(text, "154203") || !strings.Contains(fmt.Sprint(r), "+4915110000001") {
			t.Errorf("masked: %s", text)
		}
		if got.IMEI != "490154203237518" {
			t.Errorf("masking changed the report: %s", got.IMEI)
		}
	})
}

// What would outlast the modem's power is not set.
func TestProbeChangesNothingForLong(t *testing.T) {
	pipe(t, func(t *testing.T, _ world) {
		var said []string
		listen := func(dir byte, line []byte) {
			if dir == '>' {
				said = append(said, string(line))
			}
		}
		o := Options{Domain: "cs", SendStored: true, ResetCommand: []string{"false"}, PurgeForeign: true}
		got, err := probe(t, emulator.ModemOptions{Transcript: listen}, o, func(_ *emulator.Network, m *emulator.Modem) { m.Fill("ME", 10) })
		if err != nil || got.Verdict != VerdictWorks {
			t.Errorf("%v, %s %s", err, got.Verdict, got.Reason)
		}
		for _, s := range said {
			for _, bad := range []string{"AT+CGSMS=0", "AT+CGSMS=1", "AT+CMGD", "AT+CMGL", "AT+CMGR", "AT+CMGW=1", "AT+CMGS", "AT+CMSS", "AT+CNMA\r", "AT+CPIN=", "AT&W", "ATZ", "AT&F", "AT+CSCA="} {
				if strings.HasPrefix(s, bad) && !strings.HasSuffix(s, "=?") {
					t.Errorf("it said %s", s)
				}
			}
		}
		if len(said) < 30 {
			t.Errorf("only %d commands were heard", len(said))
		}
	})
}

// A PIN is entered if there is one, once.
func TestProbePIN(t *testing.T) {
	pipe(t, func(t *testing.T, _ world) {
		j := &journal{}
		got, err := probe(t, emulator.ModemOptions{PIN: "1234"}, Options{PIN: "1234", Journal: j}, nil)
		if err != nil || got.Verdict != VerdictWorks || got.device.PINAttempts() != 1 || j.records() != 0 {
			t.Errorf("right PIN: %v, %s %s, %d attempts, %d records", err, got.Verdict, got.Reason, got.device.PINAttempts(), j.records())
		}
		for i, want := range []string{"refused the PIN", "entered once and not accepted"} {
			got, err := probe(t, emulator.ModemOptions{PIN: "1234"}, Options{PIN: "9999", Journal: j}, nil)
			if err != nil || got.Verdict != VerdictOwner || !strings.Contains(got.Reason, want) || got.device.PINAttempts() != 1-i {
				t.Errorf("wrong PIN: %v, %s %s, %d attempts", err, got.Verdict, got.Reason, got.device.PINAttempts())
			}
			for _, r := range got.Refused {
				if strings.Contains(r.Command, "9999") {
					t.Errorf("the PIN is shown: %+v", r)
				}
			}
		}
	})
}

// What a modem without room hands over meanwhile is not acknowledged, and it is told to
// hand over nothing more.
func TestProbeDirect(t *testing.T) {
	pipe(t, func(t *testing.T, _ world) {
		var network *emulator.Network
		set := ""
		listen := func(dir byte, line []byte) {
			if dir == '>' && strings.HasPrefix(string(line), "AT+CNMI=") {
				set = string(line)
			}
		}
		got, err := probe(t, emulator.ModemOptions{SMCapacity: -1, MECapacity: -1, Transcript: listen}, Options{}, func(n *emulator.Network, m *emulator.Modem) {
			network = n
			m.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CUSD=?", Func: func() {
				if err := n.DeliverText(peerNumber, ownNumber, "meanwhile"); err != nil {
					t.Error(err)
				}
			}})
		})
		if err != nil || got.Verdict != VerdictLimited || !strings.Contains(got.Reason, "1 message, which was not acknowledged") {
			t.Errorf("%v, %s %s", err, got.Verdict, got.Reason)
		}
		if set != "AT+CNMI=2,0" {
			t.Errorf("the last setting is %s, want one that hands over nothing", set)
		}
		if network.Waiting(ownNumber) != 1 {
			t.Errorf("%d messages wait in the network, want 1", network.Waiting(ownNumber))
		}
	})
}

// A port that is not there is told, and so is who gave up.
func TestProbeFailures(t *testing.T) {
	r, err := Probe(t.Context(), Options{Name: "test", Port: "/dev/nothing"}, ProbeOptions{})
	if err != nil || r.Verdict != VerdictUnusable || !strings.Contains(r.Reason, "/dev/nothing is not there") || r.Port != "/dev/nothing" {
		t.Errorf("no port: %v, %+v", err, r)
	}
	if _, err := Probe(t.Context(), Options{}, ProbeOptions{}); err == nil {
		t.Error("no options: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Probe(ctx, Options{Name: "test", Port: "/dev/nothing"}, ProbeOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

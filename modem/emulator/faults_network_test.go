package emulator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestNetworkFaults begins every entry and checks the fate of a submit, and that a minute or
// a few submits later all is well.
func TestNetworkFaults(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range NetworkFaults() {
		if seen[f.Name] || f.About == "" {
			t.Errorf("%q is not unique or says nothing about itself", f.Name)
		}
		seen[f.Name] = true
		t.Run(f.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Number: ours})
				h := attachHost(t, m)
				h.setUp()
				f.Begin(n, m)
				got := h.send("+4917212345", "x", true)
				time.Sleep(3 * time.Minute)
				got += h.heard()
				accepted, answered := len(n.Ledger()) == 1, strings.Contains(got, "+CMGS: 0")
				refused := strings.Contains(got, "ERROR")
				for fate, want := range map[LedgerFate][3]bool{
					FateAccepted: {true, true, false}, FateUnknown: {true, false, f.Name == "accepted-said-failed"},
					FateRefused: {false, false, true}, FateLost: {false, false, false},
				} {
					if got := [3]bool{accepted, answered, refused}; fate == f.Ledger && got != want {
						t.Errorf("accepted, answered, refused are %v, want %v", got, want)
					}
				}
				for range 3 {
					h.ask("AT\r")
					h.send("+4917212345", "x", true)
					time.Sleep(3 * time.Minute)
				}
				h.heard()
				if got := h.send("+4917212345", "x", false); !strings.HasSuffix(got, framed()) {
					t.Errorf("in the end a submit answered %q", got)
				}
			})
		})
	}
}

func TestReportFaults(t *testing.T) {
	for name, want := range map[string][]string{ // TP-ST and TP-MR in the order they come, within four days
		"report-never":           nil,
		"report-first":           {"00 00"},
		"report-twice":           {"00 00", "00 00"},
		"report-late":            {"00 00"},
		"report-pending":         {"20 00", "30 00", "00 00"},
		"report-wrong-reference": {"00 64"},
		"report-expired":         {"30 00", "46 00"},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(NetworkOptions{ReportDelay: func() time.Duration { return time.Second }})
			m := NewModem(n, ModemOptions{Number: ours})
			h := attachHost(t, m)
			h.setUp()
			for _, f := range NetworkFaults() {
				if f.Name == name {
					f.Begin(n, m)
				}
			}
			h.send("+4917212345", "x", true)
			time.Sleep(96 * time.Hour)
			var got []string
			for _, r := range n.Inbound() {
				rep, err := decodeReport(r.TPDU)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, upperHex([]byte{rep.Status})+" "+upperHex([]byte{rep.MR}))
			}
			if strings.Join(got, ",") != strings.Join(want, ",") {
				t.Errorf("%s: reports %q, want %q", name, got, want)
			}
		})
	}
}

// TestValidity lets messages to a modem that is away expire.
func TestValidity(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		first byte
		vp    []byte
		want  time.Duration
	}{
		{0x01, nil, DefaultValidity},
		{0x11, []byte{0}, 5 * time.Minute},
		{0x11, []byte{143}, 12 * time.Hour},
		{0x11, []byte{144}, 12*time.Hour + 30*time.Minute},
		{0x11, []byte{167}, 24 * time.Hour},
		{0x11, []byte{168}, 48 * time.Hour},
		{0x11, []byte{196}, 30 * 24 * time.Hour},
		{0x11, []byte{197}, 5 * 7 * 24 * time.Hour},
		{0x19, encodeTimestamp(at.Add(90 * time.Minute)), 90 * time.Minute},
		{0x19, encodeTimestamp(at.Add(-time.Minute)), 0},
		{0x19, []byte{0xff, 0xff, 0, 0, 0, 0, 0}, DefaultValidity},
		{0x09, []byte{0, 0, 0, 0, 0, 0, 0}, DefaultValidity},
		{0x09, []byte{1, 0, 0, 0, 0, 0, 0}, 5 * time.Minute},
		{0x09, []byte{2, 90, 0, 0, 0, 0, 0}, 90 * time.Second},
		{0x09, []byte{3, 0x10, 0x20, 0x30, 0, 0, 0}, time.Hour + 2*time.Minute + 3*time.Second},
	} {
		if got := (submit{First: tc.first, Validity: tc.vp}).validity(at); got != tc.want {
			t.Errorf("%02X %X is valid %v, want %v", tc.first, tc.vp, got, tc.want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		h := attachHost(t, NewModem(n, ModemOptions{Number: ours}))
		h.setUp()
		away := NewModem(n, ModemOptions{Number: "+4917212345"})
		away.SetRegistration(0)
		h.send("+4917212345", "x", true)
		h.heard()
		if got := n.Waiting("+4917212345"); got != 1 {
			t.Fatalf("%d wait, want 1", got)
		}
		time.Sleep(DefaultValidity)
		if st := statusIn(t, h.heard()); st != "46" {
			t.Errorf("the report has status %q, want 46", st)
		}
		away.SetRegistration(1)
		if got := len(away.Stored()); got != 0 {
			t.Errorf("%d messages arrived after they had expired", got)
		}
	})
}

func TestStatusReport(t *testing.T) {
	r := StatusReport{MR: 7, Recipient: "+4917212345", SCTS: deliveredAt, Discharge: deliveredAt, Status: 0x46, Padded: true}
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeReport(b)
	if err != nil || len(b) != 164 || got.MR != 7 || got.Status != 0x46 {
		t.Errorf("%X is read as %+v, %v", b, got, err)
	}
	if _, err := (StatusReport{Recipient: "much too long a name"}).Encode(); err == nil {
		t.Error("a name was taken for a recipient")
	}
}

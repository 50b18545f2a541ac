package emulator

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReports(t *testing.T) {
	second := func() time.Duration { return time.Second }
	for _, tc := range []struct {
		name   string
		cnmi   string
		rule   Rule
		srr    bool
		states []string // TP-ST by second, "" none
		early  bool     // before the answer to the submit
	}{
		{"not asked", "2,1,0,1,0", Rule{}, false, []string{"", "", "", ""}, false},
		{"delivered", "2,1,0,1,0", Rule{}, true, []string{"", "00", "", ""}, false},
		{"suppressed", "2,1,0,1,0", Rule{NoReport: true}, true, []string{"", "", "", ""}, false},
		{"trying, then delivered", "2,1,0,1,0", Rule{ReportStatus: []byte{0x30, 0x20, 0x01}}, true, []string{"", "30", "20", "01"}, false},
		{"before the answer", "2,1,0,1,0", Rule{ReportFirst: true, ReportStatus: []byte{0x00, 0x02}}, true, []string{"00", "02", "", ""}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{ReportDelay: second})
				n.SetRule("+4917212345", tc.rule)
				h := attachHost(t, NewModem(n, ModemOptions{Number: ours}))
				h.setUp()
				h.must("AT+CNMI=" + tc.cnmi)
				got := h.send("+4917212345", "x", tc.srr)
				if early := strings.HasPrefix(got, "\r\n+CDS:"); early != tc.early {
					t.Errorf("answer is %q, report first: %v, want %v", got, early, tc.early)
				}
				for i, want := range tc.states {
					if i > 0 {
						time.Sleep(time.Second)
						got = h.heard()
					}
					if st := statusIn(t, got); st != want {
						t.Errorf("second %d: status %q in %q, want %q", i, st, got, want)
					}
				}
			})
		})
	}
}

// statusIn finds the +CDS in what a host heard and returns its TP-ST as hex.
func statusIn(t *testing.T, heard string) string {
	t.Helper()
	_, rest, found := strings.Cut(heard, "+CDS: ")
	if !found {
		return ""
	}
	var n int
	var pdu string
	if _, err := fmt.Sscanf(strings.ReplaceAll(rest, "\r\n", " "), "%d %s", &n, &pdu); err != nil {
		t.Fatalf("read %q: %v", heard, err)
	}
	_, tpdu, err := decodeSMSC(mustHex(t, pdu))
	if err != nil {
		t.Fatal(err)
	}
	r, err := decodeReport(tpdu)
	if err != nil || len(tpdu) != n {
		t.Fatalf("report of %d octets, announced %d: %v", len(tpdu), n, err)
	}
	number, _, _, err := decodeAddress(r.Address)
	if err != nil || number != "+4917212345" || r.MR != 0 {
		t.Errorf("report is for %q, reference %d, %v", number, r.MR, err)
	}
	return fmt.Sprintf("%02X", r.Status)
}

func TestReportStorage(t *testing.T) {
	for _, tc := range []struct {
		name  string
		ds    int
		store string
		heard string
		mem   string
	}{
		{"ds 0 stores silently", 0, "", "", "SM"},
		{"ds 2 stores and tells", 2, "", "\r\n+CDSI: \"SM\",1\r\n", "SM"},
		{"own storage", 2, "SR", "\r\n+CDSI: \"SR\",1\r\n", "SR"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Profile: Profile{Name: "x", ReportStore: tc.store}})
				h := attachHost(t, m)
				h.setUp()
				h.must(fmt.Sprintf("AT+CNMI=2,1,0,%d,0", tc.ds))
				if got, want := h.send("12345", "x", true), framed("+CMGS: 0")+tc.heard; got != want {
					t.Errorf("heard %q, want %q", got, want)
				}
				stored := m.Stored()
				if len(stored) != 1 || stored[0].Mem != tc.mem || stored[0].TPDU[0]&mtiMask != mtiReport {
					t.Fatalf("stored %+v, want one report in %s", stored, tc.mem)
				}
				if list := h.must(fmt.Sprintf("AT+CPMS=%q;+CMGL=4", tc.mem)); !strings.Contains(list, "+CMGL: 1,0,,") {
					t.Errorf("list is %q, want the report", list)
				}
				h.must("AT+CMGD=1")
				if in := n.Inbound(); len(in) != 1 || !in[0].Report || in[0].Deleted.IsZero() {
					t.Errorf("the network's account is %+v", in)
				}
			})
		})
	}
}

// TestReportOnDelivery waits for the other modem before it says delivered.
func TestReportOnDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		a := attachHost(t, NewModem(n, ModemOptions{Number: ours}))
		away := NewModem(n, ModemOptions{Number: peer})
		away.SetRegistration(2)
		a.setUp()
		if got, want := a.send(peer, "x", true), framed("+CMGS: 0"); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		if got := len(away.Stored()); got != 0 || n.Waiting(peer) != 1 {
			t.Errorf("a modem without coverage stores %d, the network keeps %d", got, n.Waiting(peer))
		}
		away.SetRegistration(5)
		if got := a.heard(); !strings.HasPrefix(got, "\r\n+CDS: ") {
			t.Errorf("heard %q, want a report", got)
		}
		if got := len(away.Stored()); got != 1 {
			t.Errorf("stored %d, want 1", got)
		}
		// A message that is reported as failed does not arrive.
		n.SetRule(peer, Rule{ReportStatus: []byte{0x46}})
		a.send(peer, "y", false)
		if got := len(away.Stored()); got != 1 {
			t.Errorf("stored %d after a failed one, want 1", got)
		}
	})
}

package emulator

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRules(t *testing.T) {
	accepted, lost := framed("+CMGS: {mr}"), ""
	for _, tc := range []struct {
		name   string
		number string
		rule   Rule
		wants  []string // answers of submits to +4917212345, +4917212345, +4917299999
		ledger int
	}{
		{"none", "+33123", Rule{Code: 1}, []string{accepted, accepted, accepted}, 3},
		{"cms", "+4917212345", Rule{Code: 38}, []string{refused("+CMS ERROR: 38"), refused("+CMS ERROR: 38"), accepted}, 1},
		{"national form", "017212345", Rule{Code: 38}, []string{refused("+CMS ERROR: 38"), refused("+CMS ERROR: 38"), accepted}, 1},
		{"cme", "+4917212345", Rule{Code: 30, CME: true}, []string{refused("+CME ERROR: 30"), refused("+CME ERROR: 30"), accepted}, 1},
		{"once", "+4917212345", Rule{Code: 38, Times: 1}, []string{refused("+CMS ERROR: 38"), accepted, accepted}, 2},
		{"prefix", "+49172*", Rule{Code: 38, Times: 2}, []string{refused("+CMS ERROR: 38"), refused("+CMS ERROR: 38"), accepted}, 1},
		{"everyone", "*", Rule{Code: 38}, []string{refused("+CMS ERROR: 38"), refused("+CMS ERROR: 38"), refused("+CMS ERROR: 38")}, 0},
		{"silence", "+4917212345", Rule{Silent: true}, []string{lost, lost, accepted}, 1},
		{"answer lost", "+4917212345", Rule{AcceptSilently: true}, []string{lost, lost, accepted}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				n.SetRule(tc.number, tc.rule)
				h := attachHost(t, NewModem(n, ModemOptions{}))
				h.setUp()
				for i, to := range []string{"+4917212345", "+4917212345", "+4917299999"} {
					want := strings.ReplaceAll(tc.wants[i], "{mr}", fmt.Sprint(i))
					if got := h.send(to, "x", false); got != want {
						t.Errorf("submit %d answered %q, want %q", i, got, want)
					}
				}
				ledger := n.Ledger()
				if len(ledger) != tc.ledger {
					t.Fatalf("ledger has %d entries, want %d", len(ledger), tc.ledger)
				}
				for i, s := range ledger {
					if s.Seq != i+1 {
						t.Errorf("entry %d has number %d", i, s.Seq)
					}
					if lost := tc.rule.AcceptSilently && s.To == "+4917212345"; s.Answered == lost {
						t.Errorf("entry %d: answered is %v", i, s.Answered)
					}
				}
			})
		})
	}
}

func TestRulePrecedence(t *testing.T) {
	b := newRuleBook()
	b.set("*", Rule{Code: 1})
	b.set("+49*", Rule{Code: 2})
	b.set("+49172*", Rule{Code: 3})
	b.set("+4917212345", Rule{Code: 4})
	b.set("017212345", Rule{Code: 5}) // the same subscriber
	b.set("333", Rule{Code: 6})
	for number, want := range map[string]int{
		"+4917212345": 5, "+4917212346": 3, "+4915112345": 2, "+33123456789": 1, "333": 6, "0333": 1,
	} {
		if got := b.take(number).Code; got != want {
			t.Errorf("rule for %s is %d, want %d", number, got, want)
		}
	}
}

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

func TestUnreachable(t *testing.T) {
	for _, tc := range []struct {
		name       string
		opt        ModemOptions
		away, back func(m *Modem, h *host)
	}{
		{"no coverage", ModemOptions{}, func(m *Modem, _ *host) { m.SetRegistration(0) }, func(m *Modem, _ *host) { m.SetRegistration(1) }},
		{"denied", ModemOptions{}, func(m *Modem, _ *host) { m.SetRegistration(3) }, func(m *Modem, _ *host) { m.SetRegistration(6) }},
		{"radio off", ModemOptions{}, func(_ *Modem, h *host) { h.must("AT+CFUN=4") }, func(_ *Modem, h *host) { h.must("AT+CFUN=1") }},
		{"detached", ModemOptions{}, func(_ *Modem, h *host) { h.must("AT+COPS=2") }, func(_ *Modem, h *host) { h.must("AT+COPS=0") }},
		{"SIM locked", ModemOptions{PIN: "1234"}, func(*Modem, *host) {}, func(_ *Modem, h *host) { h.must("AT+CPIN=1234") }},
		{"SIM pulled", ModemOptions{}, func(m *Modem, _ *host) { m.SetSIM(false) }, func(m *Modem, _ *host) { m.SetSIM(true) }},
		{"switched off", ModemOptions{}, func(m *Modem, _ *host) { m.powerOff() }, func(m *Modem, _ *host) { m.ensurePower() }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{DeliverDelay: func() time.Duration { return time.Second }})
				tc.opt.Number = ours
				m := NewModem(n, tc.opt)
				h := attachHost(t, m)
				h.must("ATE0")
				tc.away(m, h)
				if err := n.DeliverText("Bank", ours, "x"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if got, waiting := len(m.Stored()), n.Waiting(ours); got != 0 || waiting != 1 {
					t.Fatalf("stored %d, the network keeps %d, want it to wait", got, waiting)
				}
				tc.back(m, h)
				if got, waiting := len(m.Stored()), n.Waiting(ours); got != 1 || waiting != 0 {
					t.Errorf("stored %d, the network keeps %d, want it delivered", got, waiting)
				}
			})
		})
	}
}

func TestNotRegistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{})
		h := attachHost(t, m)
		h.setUp()
		h.must("AT+CREG=1")
		m.SetRegistration(2)
		if got, want := h.heard(), "\r\n+CREG: 2\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		if got, want := h.send("12345", "x", false), refused("+CMS ERROR: 331"); got != want {
			t.Errorf("submit answered %q, want %q", got, want)
		}
		m.SetRegistration(7)
		h.heard()
		if got, want := h.send("12345", "x", false), framed("+CMGS: 0"); got != want {
			t.Errorf("submit answered %q, want %q", got, want)
		}
	})
}

func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		h := attachHost(t, NewModem(n, ModemOptions{Number: ours}))
		h.setUp()
		var seen []string
		n.OnSubmit(func(s Submission) {
			seen = append(seen, fmt.Sprintf("%d %s %d", s.Seq, s.Text, len(n.Ledger())))
			if err := n.DeliverText(s.To, s.From, "echo"); err != nil {
				t.Error(err)
			}
		})
		h.send("12345", "a", false)
		h.send("12345", "b", false)
		if diff := cmp.Diff([]string{"1 a 1", "2 b 2"}, seen); diff != "" {
			t.Errorf("hook saw (-want +got):\n%s", diff)
		}
		if got := len(n.Inbound()); got != 2 {
			t.Errorf("delivered %d, want 2", got)
		}
	})
}

func TestStoreThenSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{SMCapacity: 1})
		h := attachHost(t, m)
		h.setUp()
		pdu, size := submitPDU(t, "12345", "x", false)
		h.ask(fmt.Sprintf("AT+CMGW=%d\r", size))
		if got, want := h.ask(pdu+"\x1a"), framed("+CMGW: 1"); got != want {
			t.Errorf("write answered %q, want %q", got, want)
		}
		if got := m.Stored()[0].Stat; got != statUnsent || len(n.Ledger()) != 0 {
			t.Errorf("state is %d with %d accepted, want it unsent", got, len(n.Ledger()))
		}
		h.ask(fmt.Sprintf("AT+CMGW=%d\r", size))
		if got, want := h.ask(pdu+"\x1a"), refused("+CMS ERROR: 322"); got != want {
			t.Errorf("write into a full storage answered %q, want %q", got, want)
		}
		if got, want := h.ask("AT+CMSS=1\r"), framed("+CMSS: 0"); got != want {
			t.Errorf("send answered %q, want %q", got, want)
		}
		if got := m.Stored()[0].Stat; got != statSent || len(n.Ledger()) != 1 || !n.Ledger()[0].Answered {
			t.Errorf("state is %d with %d accepted, want it sent", got, len(n.Ledger()))
		}
		if got, want := h.ask("AT+CMSS=2\r"), refused("+CMS ERROR: 321"); got != want {
			t.Errorf("send of nothing answered %q, want %q", got, want)
		}
	})
}

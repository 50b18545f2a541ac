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

func TestSignalAndClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
		h := attachHost(t, m)
		h.setUp()
		m.SetSignal(99)
		if got, want := h.must("AT+CSQ"), "\r\n+CSQ: 99,99\r\n"; got != want {
			t.Errorf("signal is %q, want %q", got, want)
		}
		if got, want := h.must("AT+CCLK?"), time.Now().Format("\r\n+CCLK: \"06/01/02,15:04:05"); !strings.HasPrefix(got, want) {
			t.Errorf("clock is %q, want %q", got, want)
		}
		if got, want := m.Name(), "modem1"; got != want {
			t.Errorf("name is %q, want %q", got, want)
		}
	})
}

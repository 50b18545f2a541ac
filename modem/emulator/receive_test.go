package emulator

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	ours = "+491511111111"
	peer = "+491722222222"
)

// plain is a delivery of one character, with a data coding scheme.
func plain(t *testing.T, dcs byte) (tpdu []byte, pdu string) {
	t.Helper()
	tpdu, err := Deliver{From: "12345", DCS: dcs, Text: "x", SCTS: time.Date(2026, 11, 21, 4, 12, 48, 0, time.UTC)}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return tpdu, upperHex(append(encodeSMSC(DefaultSMSC), tpdu...))
}

func TestIndications(t *testing.T) {
	stored := func(mem string) []string { return []string{mem} }
	for _, tc := range []struct {
		name   string
		cnmi   string
		csms   int
		dcs    byte
		heard  string // {n} and {pdu} are filled in
		stored []string
	}{
		{"mt 0 stores silently", "2,0,0,0,0", 0, 0x00, "", stored("SM")},
		{"mt 1 stores and tells", "2,1,0,0,0", 0, 0x00, "\r\n+CMTI: \"SM\",1\r\n", stored("SM")},
		{"mt 2 routes", "2,2,0,0,0", 0, 0x00, "\r\n+CMT: ,{n}\r\n{pdu}\r\n", nil},
		{"mt 2 routes in phase 2+", "2,2,0,0,0", 1, 0x00, "\r\n+CMT: ,{n}\r\n{pdu}\r\n", nil},
		{"mt 3 stores and tells", "2,3,0,0,0", 0, 0x00, "\r\n+CMTI: \"SM\",1\r\n", stored("SM")},
		{"class 0 is shown, not stored", "2,1,0,0,0", 0, 0x10, "\r\n+CMT: ,{n}\r\n{pdu}\r\n", nil},
		{"class 0 unheard is stored", "2,0,0,0,0", 0, 0x10, "", stored("SM")},
		{"class 1 is routed", "2,2,0,0,0", 0, 0x11, "\r\n+CMT: ,{n}\r\n{pdu}\r\n", nil},
		{"class 2 goes to the SIM", "2,2,0,0,0", 0, 0x12, "\r\n+CMTI: \"SM\",1\r\n", stored("SM")},
		{"class 3 is routed by mt 3", "2,3,0,0,0", 0, 0x13, "\r\n+CMT: ,{n}\r\n{pdu}\r\n", nil},
		{"class 3 is stored by mt 1", "2,1,0,0,0", 0, 0x13, "\r\n+CMTI: \"SM\",1\r\n", stored("SM")},
		{"mode 0 keeps it back", "0,1,0,0,0", 0, 0x00, "", stored("SM")},
		{"mode 0 does not route", "0,2,0,0,0", 0, 0x00, "", stored("SM")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Number: ours})
				h := attachHost(t, m)
				h.setUp()
				h.must(fmt.Sprintf("AT+CNMI=%s;+CSMS=%d", tc.cnmi, tc.csms))
				tpdu, pdu := plain(t, tc.dcs)
				if err := n.DeliverTPDU(ours, tpdu); err != nil {
					t.Fatal(err)
				}
				want := strings.NewReplacer("{n}", fmt.Sprint(len(tpdu)), "{pdu}", pdu).Replace(tc.heard)
				if diff := cmp.Diff(want, h.heard()); diff != "" {
					t.Errorf("heard (-want +got):\n%s", diff)
				}
				var mems []string
				for _, r := range m.Stored() {
					mems = append(mems, r.Mem)
				}
				if diff := cmp.Diff(tc.stored, mems); diff != "" {
					t.Errorf("stored (-want +got):\n%s", diff)
				}
				delivered := 1
				if tc.csms == 1 {
					delivered = 0 // until it is acknowledged
				}
				if got := len(n.Inbound()); got != delivered {
					t.Errorf("the network counts %d as delivered, want %d", got, delivered)
				}
			})
		})
	}
}

func TestHeldIndications(t *testing.T) {
	for bfr, want := range map[int]string{0: "\r\n+CMTI: \"SM\",1\r\n", 1: ""} {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(NetworkOptions{})
			h := attachHost(t, NewModem(n, ModemOptions{Number: ours}))
			h.setUp()
			h.must("AT+CNMI=0,1")
			tpdu, _ := plain(t, 0)
			if err := n.DeliverTPDU(ours, tpdu); err != nil {
				t.Fatal(err)
			}
			if got := h.ask(fmt.Sprintf("AT+CNMI=2,1,0,0,%d\r", bfr)); got != framed()+want {
				t.Errorf("bfr %d: %q, want %q", bfr, got, framed()+want)
			}
		})
	}
}

func TestIndicationWaitsForCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{SubmitDelay: func() time.Duration { return time.Second }})
		h := attachHost(t, NewModem(n, ModemOptions{Number: ours}))
		h.setUp()
		tpdu, _ := plain(t, 0)
		deliver := func() {
			if err := n.DeliverTPDU(ours, tpdu); err != nil {
				t.Fatal(err)
			}
		}
		pdu, size := submitPDU(t, "12345", "x", false)
		h.ask(fmt.Sprintf("AT+CMGS=%d\r", size))
		deliver()
		if got := h.heard(); got != "" {
			t.Errorf("heard %q at the prompt", got)
		}
		h.ask(pdu + "\x1a")
		deliver()
		if got := h.heard(); got != "" {
			t.Errorf("heard %q while the radio works", got)
		}
		time.Sleep(time.Second)
		want := framed("+CMGS: 0") + "\r\n+CMTI: \"SM\",1\r\n" + "\r\n+CMTI: \"SM\",2\r\n"
		if diff := cmp.Diff(want, h.heard()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
	})
}

func TestReadAndDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours, SMCapacity: 2})
		h := attachHost(t, m)
		h.setUp()
		tpdu, pdu := plain(t, 0)
		for range 2 {
			if err := n.DeliverTPDU(ours, tpdu); err != nil {
				t.Fatal(err)
			}
		}
		h.heard()
		size := len(tpdu)
		entry := func(i, stat int) string { return fmt.Sprintf("+CMGL: %d,%d,,%d\r\n%s", i, stat, size, pdu) }
		for _, e := range []exchange{
			{"AT+CPMS?\r", framed(`+CPMS: "SM",2,2,"SM",2,2,"SM",2,2`)},
			{"AT+CMGR=2\r", framed(fmt.Sprintf("+CMGR: 0,,%d\r\n%s", size, pdu))},
			{"AT+CMGL=0\r", framed(entry(1, 0))},
			{"AT+CMGL=0\r", framed()},
			{"AT+CMGL=1\r", framed(entry(1, 1), entry(2, 1))},
			{"AT+CMGD=?\r", framed("+CMGD: (1,2),(0-4)")},
			{"AT+CMGD=1\r", framed()},
			{"AT+CMGL=4\r", framed(entry(2, 1))},
			{"AT+CMGD=2,4\r", framed()},
			{"AT+CMGL=4\r", framed()},
		} {
			if diff := cmp.Diff(e.want, h.ask(e.send)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", e.send, diff)
			}
		}
		for i, r := range n.Inbound() {
			if r.Deleted.IsZero() || r.Mem != "SM" || r.Index != i+1 || r.Direct {
				t.Errorf("record %d is %+v", i, r)
			}
		}
	})
}

func TestStorageFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours, SMCapacity: 2, MECapacity: 1, Profile: Profile{Name: "x", FullLine: `^FULL: "{mem}"`}})
		h := attachHost(t, m)
		h.setUp()
		for i := range 4 {
			if err := n.DeliverText("12345", ours, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		want := "\r\n+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",2\r\n\r\n^FULL: \"SM\"\r\n"
		if diff := cmp.Diff(want, h.heard()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		if got := n.Waiting(ours); got != 2 {
			t.Errorf("the network keeps %d, want 2", got)
		}
		if got, want := h.ask("AT+CMGD=1\r"), framed()+"\r\n+CMTI: \"SM\",1\r\n\r\n^FULL: \"SM\"\r\n"; got != want {
			t.Errorf("delete answered %q, want %q", got, want)
		}
		// The last one finds room in the other storage.
		if got, want := h.ask("AT+CPMS=\"SM\",\"SM\",\"ME\"\r"), framed("+CPMS: 2,2,2,2,0,1")+"\r\n+CMTI: \"ME\",1\r\n"; got != want {
			t.Errorf("CPMS answered %q, want %q", got, want)
		}
		var texts string
		for _, r := range n.Inbound() {
			d, err := decodeDeliver(r.TPDU)
			if err != nil {
				t.Fatal(err)
			}
			texts += d.Content.Text
		}
		if texts != "0123" {
			t.Errorf("delivered in the order %q, want 0123", texts)
		}
	})
}

func TestMTShowsBothStorages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours, MECapacity: 1, SMCapacity: 5})
		h := attachHost(t, m)
		h.setUp()
		h.must(`AT+CPMS="MT","MT","MT"`)
		for range 2 {
			if err := n.DeliverText("12345", ours, "x"); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := h.heard(), "\r\n+CMTI: \"MT\",1\r\n\r\n+CMTI: \"MT\",2\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		list := h.must("AT+CMGL=4")
		if !strings.Contains(list, "+CMGL: 1,0,,") || !strings.Contains(list, "+CMGL: 2,0,,") {
			t.Errorf("list is %q, want indices 1 and 2", list)
		}
		h.must("AT+CMGD=2")
		left := m.Stored()
		if len(left) != 1 || left[0].Mem != "ME" {
			t.Errorf("left in the storages: %+v, want the one in ME", left)
		}
	})
}

func TestAcknowledge(t *testing.T) {
	for _, tc := range []struct {
		name string
		act  func(h *host) // after the first +CMT
		// What the host hears from the acknowledgement on, and after the retry.
		heard, again string
		cnmi         string
		delivered    int
	}{
		{"acknowledged", func(h *host) { h.write("AT+CNMA\r") }, framed(), "", "+CNMI: 2,2,0,0,0", 1},
		{"with a pdu", func(h *host) { h.ask("AT+CNMA=1,2\r"); h.write("0000\x1a") }, framed(), "", "+CNMI: 2,2,0,0,0", 1},
		{"refused", func(h *host) { h.write("AT+CNMA=2\r") }, framed(), "again", "+CNMI: 2,2,0,0,0", 0},
		{"missed", func(*host) { time.Sleep(15 * time.Second) }, "", "", "+CNMI: 2,0,0,0,0", 1},
		{"power is lost", func(h *host) { h.m.Reset() }, "", "", "+CNMI: 0,0,0,0,0", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Number: ours})
				h := attachHost(t, m)
				h.setUp()
				h.must("AT+CSMS=1")
				h.must("AT+CNMI=2,2,0,0,0")
				tpdu, pdu := plain(t, 0)
				if err := n.DeliverTPDU(ours, tpdu); err != nil {
					t.Fatal(err)
				}
				routed := fmt.Sprintf("\r\n+CMT: ,%d\r\n%s\r\n", len(tpdu), pdu)
				if got := h.heard(); got != routed {
					t.Fatalf("heard %q, want %q", got, routed)
				}
				tc.act(h)
				if got := h.heard(); got != tc.heard {
					t.Errorf("heard %q, want %q", got, tc.heard)
				}
				time.Sleep(DefaultRetryDelay)
				if tc.again != "" {
					tc.again = routed
				}
				if got := h.heard(); got != tc.again {
					t.Errorf("after the retry delay heard %q, want %q", got, tc.again)
				}
				h.ask("ATE0\r")
				if got := h.must("AT+CNMI?"); strings.TrimSpace(got) != tc.cnmi {
					t.Errorf("settings are %q, want %q", got, tc.cnmi)
				}
				if got := len(n.Inbound()); got != tc.delivered {
					t.Errorf("the network counts %d as delivered, want %d", got, tc.delivered)
				}
			})
		})
	}
}

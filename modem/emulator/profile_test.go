package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestProfiles(t *testing.T) {
	const iccid = "8949020000001234567"
	for _, tc := range []struct {
		profile Profile
		pin     string
		talk    []exchange
	}{
		{Generic(), "", []exchange{
			{"", ""},
			{"ATE0+CGMI\r", "ATE0+CGMI\r" + framed("Generic")},
			{"AT+CPMS?\r", framed(`+CPMS: "SM",0,30,"SM",0,30,"SM",0,30`)},
		}},
		{HuaweiStick(), "", []exchange{
			{"", "\r\n^SIMST:1\r\n\r\n^SRVST:2\r\n"},
			{"ATE0\r", "ATE0\r" + framed()},
			{"AT+CMEE=1\r", framed()},
			{"AT+BOGUS\r", refused("COMMAND NOT SUPPORT")},
			{"AT^CURC=0\r", framed()},
			{"AT^ICCID?\r", framed("^ICCID: " + iccid)},
			{"AT^CPIN?\r", framed("^CPIN: READY,,10,3,10,3")},
			{"AT+CNMI=?\r", framed("+CNMI: (0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)")},
			{"AT+CNMI=2,1,0,1,0\r", refused("+CMS ERROR: 303")},
			{"AT+CNMI=1,1,0,1,0\r", framed()},
			{"AT+CMGR=0\r", refused("+CMS ERROR: 321")},
			{"AT+CMGD=0\r", framed()},
		}},
		{SIM800(), "", []exchange{
			{"", "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n"},
			{"AT\r", "AT\r"},
			{"AT\r", "AT\r"},
			{"ATE0\r", "ATE0\r" + framed()},
			{"AT+CMEE=1;+CPMS?\r", refused("+CMS ERROR: 314")},
			{"wait", "\r\nCall Ready\r\n\r\nSMS Ready\r\n"},
			{"AT+CPIN?;+CREG?\r", framed("+CPIN: READY", "+CREG: 0,1")},
		}},
		{QuectelEC25(), "1234", []exchange{
			{"", "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: SIM PIN\r\n"},
			{"ATE0\r", "ATE0\r" + framed()},
			{"AT+QPINC?\r", framed(`+QPINC: "SC",3,10`, `+QPINC: "P2",3,10`)},
			{"AT+CPIN=1234\r", framed()},
			{"wait", "\r\n+QUSIM: 1\r\n\r\n+QIND: SMS DONE\r\n\r\n+QIND: PB DONE\r\n"},
			{"AT+CPMS?\r", framed(`+CPMS: "ME",0,100,"ME",0,100,"ME",0,100`)},
			{"AT+CNMI=3,1\r", refused("ERROR")},
		}},
		{Profile{Name: "oddities", CMSAlways: true, BarePIN: true, EscapeOK: true, ShortCPMS: true, CommandDelay: time.Millisecond, ChunkSize: 1}, "", []exchange{
			{"ATE0\r", "ATE0\r"},
			{"wait", framed()},
			{"AT+CMGR=1\r", ""},
			{"wait", refused("+CMS ERROR: 321")},
			{"AT+CPIN?\r", ""},
			{"wait", "\r\n+CPIN: READY\r\n"},
			{"\x1b", framed()},
			{"AT+CPMS=\"ME\"\r", ""},
			{"wait", framed()},
		}},
		{Profile{Name: "spelling", Finals: map[string]string{"OK": "Ok", "ERROR": "NA"}, ErrorFormat: "%s:%v"}, "", []exchange{
			{"ATE0\r", "ATE0\r\r\nOk\r\n"},
			{"AT+BOGUS\r", refused("NA")},
			{"AT+CMEE=1;+CMGR=1\r", refused("+CMS ERROR:321")},
		}},
		{Profile{Name: "cr cr lf", LineHead: "\r\n", LineTail: "\r\r\n"}, "", []exchange{
			{"ATE0\r", "ATE0\r\r\nOK\r\r\n"},
			{"AT+CSQ\r", "\r\n+CSQ: 20,99\r\r\n\r\nOK\r\r\n"},
		}},
	} {
		t.Run(tc.profile.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := attachHost(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{Profile: tc.profile, PIN: tc.pin, ICCID: iccid}))
				for _, e := range tc.talk {
					var got string
					switch e.send {
					case "wait":
						time.Sleep(time.Second)
						got = h.heard()
					case "":
						got = h.heard()
					default:
						got = h.ask(e.send)
					}
					if diff := cmp.Diff(e.want, got); diff != "" {
						t.Errorf("%q (-want +got):\n%s", e.send, diff)
					}
				}
			})
		})
	}
}

func TestReferenceForms(t *testing.T) {
	for name, tc := range map[string]struct {
		profile Profile
		want    string
	}{
		"omitted": {Profile{Name: "x", OmitReference: true}, framed()},
		"padded":  {Profile{Name: "x", ReferenceFormat: "%03d"}, framed("+CMGS: 000")},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(NetworkOptions{})
			h := attachHost(t, NewModem(n, ModemOptions{Profile: tc.profile}))
			h.setUp()
			if got := h.send("12345", "x", false); got != tc.want {
				t.Errorf("%s: answer is %q, want %q", name, got, tc.want)
			}
			if ledger := n.Ledger(); len(ledger) != 1 || !ledger[0].Answered {
				t.Errorf("%s: ledger is %+v, want one answered entry", name, ledger)
			}
		})
	}
}

func TestRefuseEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{Profile: Profile{Name: "x", RefuseEarly: true}})
		h := attachHost(t, m)
		h.setUp()
		m.SetRegistration(0)
		if got, want := h.ask("AT+CMGS=20\r"), refused("+CMS ERROR: 331"); got != want {
			t.Errorf("answer is %q, want %q", got, want)
		}
	})
}

func TestNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Profile{Name: "x", Noise: []Noise{{Every: time.Minute, Line: "^RSSI:18"}}}
		h := attachHost(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{Profile: p}))
		h.setUp()
		time.Sleep(150 * time.Second)
		if got, want := h.heard(), strings.Repeat("\r\n^RSSI:18\r\n", 2); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

func TestBoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		p := Profile{Name: "x", BootDelay: 5 * time.Second, BootLines: []string{"RDY"}, ReadyLines: []string{"READY"}, RegisterDelay: time.Second}
		m := NewModem(n, ModemOptions{Number: ours, Profile: p})
		h := attachHost(t, m)
		if got := h.ask("AT\r"); got != "" {
			t.Errorf("a modem that boots answered %q", got)
		}
		time.Sleep(5 * time.Second)
		if got, want := h.heard(), "\r\nRDY\r\n\r\nREADY\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		h.must("ATE0+CREG=1")
		if got := h.must("AT+CREG?"); got != "\r\n+CREG: 1,2\r\n" {
			t.Errorf("registration is %q", got)
		}
		time.Sleep(time.Second)
		if got, want := h.heard(), "\r\n+CREG: 1\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		// CFUN=1,1 says OK, then everything begins again; storages stay.
		if err := n.DeliverText("12345", ours, "x"); err != nil {
			t.Fatal(err)
		}
		if got, want := h.ask("AT+CFUN=1,1\r"), framed(); got != want {
			t.Errorf("reset answered %q, want %q", got, want)
		}
		time.Sleep(6 * time.Second)
		if got, want := h.heard(), "\r\nRDY\r\n\r\nREADY\r\n"; got != want {
			t.Errorf("after the reset heard %q, want %q", got, want)
		}
		if got := len(m.Stored()); got != 1 {
			t.Errorf("stored %d after the reset, want 1", got)
		}
	})
}

func TestPINAttemptsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{PIN: "1234", PINTries: 2})
		h := attachHost(t, m)
		h.ask("ATE0\r")
		for _, cmd := range []string{"AT+CPIN=\"1\"", "AT+CPIN=9999", "AT+CPIN=1234", "AT+CPIN=1234"} {
			h.ask(cmd + "\r") // malformed, wrong, right, not wanted
		}
		if got := m.PINAttempts(); got != 2 {
			t.Errorf("%d attempts, want 2", got)
		}
		m.Reset()
		h.heard()
		h.must("ATE0")
		if got, want := h.ask("AT+CPIN?\r"), framed("+CPIN: SIM PIN"); got != want {
			t.Errorf("after a reset %q, want %q", got, want)
		}
		h.ask("AT+CPIN=9999\r")
		h.ask("AT+CPIN=9999\r")
		h.ask("AT+CPIN=00000000,1111\r")
		if got, puk := m.PINAttempts(), m.PUKAttempts(); got != 4 || puk != 1 {
			t.Errorf("%d PIN and %d PUK attempts, want 4 and 1", got, puk)
		}
	})
}

func TestServeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
		near, far := net.Pipe()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Serve(ctx, far) }()
		synctest.Wait()
		_, third := net.Pipe()
		if err := m.Serve(ctx, third); !errors.Is(err, errServing) {
			t.Errorf("a second Serve returned %v", err)
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve returned %v at the end of its context, want nil", err)
		}
		near.Close()

		near, far = net.Pipe()
		go func() { done <- m.Serve(t.Context(), far) }()
		near.Close()
		if err := <-done; !errors.Is(err, io.EOF) {
			t.Errorf("Serve returned %v when the stream ended, want %v", err, io.EOF)
		}
	})
}

// TestServeEndsWhileWriting ends a session whose host does not read.
func TestServeEndsWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
		near, far := net.Pipe()
		defer near.Close()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Serve(ctx, far) }()
		if _, err := near.Write([]byte("AT\r")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve returned %v, want nil", err)
		}
	})
}

func TestTranscript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines []string
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{Transcript: func(dir byte, line []byte) {
			lines = append(lines, fmt.Sprintf("%c %q", dir, line))
		}})
		h := attachHost(t, m)
		h.setUp()
		lines = nil
		pdu, size := submitPDU(t, "12345", "x", false)
		h.send("12345", "x", false)
		want := []string{
			fmt.Sprintf(`> "AT+CMGS=%d"`, size), `< "\r\n> "`, fmt.Sprintf("> %q", pdu), `< "\r\n+CMGS: 0\r\n\r\nOK\r\n"`,
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("transcript (-want +got):\n%s", diff)
		}
	})
}

package emulator

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSubmitFaults strikes every point of a submit with every action and says what the host
// hears of the submit and whether the network has the message.
func TestSubmitFaults(t *testing.T) {
	points := []struct {
		at       Point
		name     string
		heard    string // up to the strike
		accepted int
	}{
		{AfterCMGS, "after CMGS", "", 0},
		{AfterPrompt, "after the prompt", "\r\n> ", 0},
		{MidPDU, "mid PDU", "\r\n> ", 0},
		{AfterCtrlZ, "after Ctrl-Z", "\r\n> ", 0},
		{AfterSubmit, "after submit", "\r\n> ", 1},
		{AfterMR, "after the reference", "\r\n> \r\n+CMGS: 0\r\n", 1},
	}
	for _, p := range points {
		for _, do := range []Action{ClosePort, Reboot, Hang, DropAnswer, PullOut} {
			t.Run(fmt.Sprintf("%s/%d", p.name, do), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := NewNetwork(NetworkOptions{})
					m := NewModem(n, ModemOptions{Profile: Profile{Name: "x", BootLines: []string{"BOOT"}}})
					h := attachHost(t, m)
					h.setUp()
					m.Fault(Fault{At: p.at, Do: do})
					pdu, size := submitPDU(t, "12345", "x", false)
					h.write(fmt.Sprintf("AT+CMGS=%d\r", size))
					synctest.Wait()
					_, _ = h.conn.Write([]byte(pdu + "\x1a")) // fails where the port is closed
					got, want := h.heard(), p.heard
					if do == Reboot {
						want += "\r\nBOOT\r\n"
						got = strings.TrimSuffix(got, pdu+"\x1a") // echoed after the boot
					}
					if got != want {
						t.Errorf("heard %q, want %q", got, want)
					}
					ledger := n.Ledger()
					if len(ledger) != p.accepted {
						t.Errorf("the network accepted %d, want %d", len(ledger), p.accepted)
					}
					if p.accepted == 1 && ledger[0].Answered != (p.at == AfterMR) {
						t.Errorf("answered is %v", ledger[0].Answered)
					}
					checkAfter(t, h, m, do)
				})
			})
		}
	}
}

// checkAfter looks at the modem after an action.
func checkAfter(t *testing.T, h *host, m *Modem, do Action) {
	t.Helper()
	switch do {
	case ClosePort, PullOut:
		if err := <-h.done; !errors.Is(err, ErrPortClosed) {
			t.Errorf("Serve returned %v, want %v", err, ErrPortClosed)
		}
		again := attachHost(t, m)
		if do == PullOut {
			if got := again.ask("AT\r"); got != "" {
				t.Errorf("without power heard %q", got)
			}
			m.Reset()
			again.heard()
			again.must("AT") // echo is on again
			return
		}
		if got, want := again.ask("AT\r"), framed(); got != want { // echo is still off
			t.Errorf("AT answered %q, want %q", got, want)
		}
	case Hang:
		if got := h.ask("\rAT\r"); got != "" {
			t.Errorf("a modem that hangs answered %q", got)
		}
		m.Reset()
		h.heard()
		h.must("AT")
	case Reboot:
		if got := h.ask("\rAT+CMEE?\r"); !strings.HasSuffix(got, framed("+CMEE: 0")) {
			t.Errorf("settings survived the reboot: %q", got)
		}
	case DropAnswer:
		if got, want := h.ask("\rAT\r"), framed(); got != want {
			t.Errorf("AT answered %q, want %q", got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault Fault
		talk  []exchange
	}{
		{"no answer to one command", Fault{At: OnCommand, Command: "+csq", Do: DropAnswer}, []exchange{
			{"AT\r", framed()}, {"AT+CSQ\r", ""}, {"AT+CSQ\r", framed("+CSQ: 20,99")},
		}},
		{"skipped and repeated", Fault{At: OnCommand, Command: "+CSQ", Skip: 1, Times: 2, Do: DropAnswer}, []exchange{
			{"AT+CSQ\r", framed("+CSQ: 20,99")}, {"AT+CSQ\r", ""}, {"AT+CSQ\r", ""}, {"AT+CSQ\r", framed("+CSQ: 20,99")},
		}},
		{"always", Fault{At: OnCommand, Times: -1, Do: DropAnswer}, []exchange{{"AT+CSQ\r", ""}, {"AT+CSQ\r", ""}, {"AT+CGMI\r", ""}}},
		{"missing final result", Fault{At: BeforeFinal, Do: DropAnswer}, []exchange{{"AT+CSQ\r", "\r\n+CSQ: 20,99\r\n"}, {"AT+CSQ\r", framed("+CSQ: 20,99")}}},
		{"line before the final result", Fault{At: BeforeFinal, Emit: []byte("\r\n+CMTI: \"SM\",3\r\n")}, []exchange{
			{"AT+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\n+CMTI: \"SM\",3\r\n\r\nOK\r\n"},
		}},
		{"garbage after the answer", Fault{At: AfterFinal, Emit: []byte("\x00\xff\xff")}, []exchange{{"AT+CSQ\r", framed("+CSQ: 20,99") + "\x00\xff\xff"}}},
		{"before a delete", Fault{At: BeforeCMGD, Do: DropAnswer}, []exchange{{"AT+CMGD=1\r", ""}, {"AT+CMGD=1\r", framed()}}},
		{"before a read", Fault{At: BeforeCMGR, Do: DropAnswer}, []exchange{{"AT+CMGR=1\r", ""}, {"AT+CMGR=1\r", refused("+CMS ERROR: 321")}}},
		{"before a list", Fault{At: BeforeCMGL, Do: DropAnswer}, []exchange{{"AT+CMGL=4\r", ""}, {"AT+CMGL=4\r", framed()}}},
		{"before an acknowledgement", Fault{At: BeforeCNMA, Do: DropAnswer}, []exchange{{"AT+CNMA\r", ""}, {"AT+CNMA\r", refused("+CMS ERROR: 340")}}},
		{"an error instead of an answer", Fault{At: OnCommand, Command: "+CMGD", Final: "+CMS ERROR: 320"}, []exchange{{"AT+CMGD=1\r", refused("+CMS ERROR: 320")}, {"AT+CMGD=1\r", framed()}}},
		{"an error instead of a prompt", Fault{At: AfterCMGS, Final: "ERROR"}, []exchange{{"AT+CMGS=20\r", refused("ERROR")}, {"AT\r", framed()}}},
		{"a setting ignored", Fault{At: OnCommand, Command: "+CNMI=", Final: "OK"}, []exchange{{"AT+CNMI=0,0,0,0,0\r", framed()}, {"AT+CNMI?\r", framed("+CNMI: 2,1,0,1,0")}}},
		{"a truncated answer", Fault{At: OnWrite, Mangle: func(b []byte) []byte { return b[:len(b)-3] }}, []exchange{{"AT+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nO"}, {"AT\r", framed()}}},
		{"two prompts", Fault{At: AfterPrompt, Emit: []byte("\r\n> ")}, []exchange{{"AT+CMGS=20\r", "\r\n> \r\n> "}, {"\x1b", framed()}}},
		{"no prompt", Fault{At: OnWrite, Command: "+CMGS", Mangle: func([]byte) []byte { return nil }}, []exchange{{"AT+CMGS=20\r", ""}, {"\x1b", framed()}}},
		{"after a list", Fault{At: AfterCMGL, Emit: []byte("!")}, []exchange{{"AT+CMGL=4\r", framed() + "!"}, {"AT+CMGL=4\r", framed()}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
				h := attachHost(t, m)
				h.setUp()
				m.Fault(tc.fault)
				for i, e := range tc.talk {
					if got := h.ask(e.send); got != e.want {
						t.Errorf("exchange %d: %q answered %q, want %q", i, e.send, got, e.want)
					}
				}
			})
		})
	}
}

func TestFaultDelaysAndCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
		h := attachHost(t, m)
		h.setUp()
		called := 0
		m.Fault(Fault{At: BeforeFinal, Delay: time.Minute, Func: func() { called++ }})
		if got, want := h.ask("AT+CSQ\r"), "\r\n+CSQ: 20,99\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		if got, want := h.heard(), "\r\nOK\r\n"; got != want || called != 1 {
			t.Errorf("a minute later heard %q after %d calls, want %q after 1", got, called, want)
		}
		m.Fault(Fault{At: OnCommand, Func: m.Reset})
		if got := h.ask("AT+CSQ\r"); got != "" {
			t.Errorf("a command the power went away in answered %q", got)
		}
		m.Fault(Fault{At: OnCommand, Times: -1, Do: DropAnswer})
		m.ClearFaults()
		h.must("AT")
	})
}

func TestMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours})
		h := attachHost(t, m)
		h.setUp()
		m.SetMute(true)
		if err := n.DeliverText("12345", ours, "x"); err != nil {
			t.Fatal(err)
		}
		if got := h.ask("AT\r"); got != "" {
			t.Errorf("a mute modem answered %q", got)
		}
		m.SetMute(false)
		if got, want := h.ask("AT\r"), framed(); got != want {
			t.Errorf("AT answered %q, want %q", got, want)
		}
		if got := len(m.Stored()); got != 1 {
			t.Errorf("stored %d while mute, want 1", got)
		}
	})
}

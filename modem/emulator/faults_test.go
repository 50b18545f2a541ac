package emulator

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// exercise talks to a modem for four minutes as a patient driver does, opens the port again
// whenever it is lost, and returns what it heard and when. planned goes into the modem first.
func exercise(t *testing.T, planned []Fault) (log string, m *Modem, h *host) {
	t.Helper()
	n := NewNetwork(NetworkOptions{SubmitDelay: func() time.Duration { return time.Second }})
	m = NewModem(n, ModemOptions{Number: ours, Profile: Profile{
		Name: "x", Manufacturer: "x", BootLines: []string{"RDY"}, Stores: []string{"ME", "SM"}, Resets: map[string]ResetKind{"^RESET": Restart},
	}})
	for _, f := range planned {
		m.Fault(f)
	}
	var out strings.Builder
	start := time.Now()
	h = attachHost(t, m)
	say := func(s string) {
		select {
		case <-h.done:
			back := m.takeBack()
			if back == 0 {
				h.done <- io.EOF // for good
				return
			}
			time.Sleep(back)
			m.ensurePower()
			h = attachHost(t, m)
		default:
		}
		_, _ = h.conn.Write([]byte(s))
		time.Sleep(time.Second)
		fmt.Fprintf(&out, "%v %q: %q\n", time.Since(start), s, h.heard())
	}
	pdu, size := submitPDU(t, "12345", "x", false)
	for round := range 16 {
		for _, s := range []string{
			"AT\r", "ATE0\r", "AT+CMEE=1;+CMGF=0\r", "AT+CNMI=2,1,0,1,0\r", "AT+CPMS?\r", "AT+CPIN?\r", "AT+CCLK?\r", "AT+CGSN;+CCID\r",
		} {
			say(s)
		}
		if err := n.DeliverText("12345", ours, "x"); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{
			"AT+CMGR=1\r", "AT+CMGL=4\r", "AT+CMGD=1\r", fmt.Sprintf("AT+CMGS=%d\r", size), pdu + "\x1a", "\x1b",
		} {
			say(s)
		}
		if round == 12 {
			say("AT+CFUN=1,1\r")
		}
	}
	return out.String(), m, h
}

// TestFaultCatalogue strikes with every fault of the catalogue: each makes a difference to
// the host, and leaves a modem that works unless it says that it lasts.
func TestFaultCatalogue(t *testing.T) {
	var plain string
	synctest.Test(t, func(t *testing.T) { plain, _, _ = exercise(t, nil) })
	if strings.Count(plain, "+CMGS: ") != 16 || strings.Count(plain, "ERROR") != 0 {
		t.Fatalf("without a fault: %s", plain)
	}
	seen := map[string]bool{}
	for _, f := range Faults() {
		if seen[f.Name] || f.About == "" {
			t.Errorf("the name of %+v is not unique, or it says nothing about itself", f.Name)
		}
		seen[f.Name] = true
		t.Run(f.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, m, h := exercise(t, f.New(7))
				if got == plain {
					t.Error("it made no difference")
				}
				closed := false
				select {
				case <-h.done:
					closed = true
				default:
				}
				if closed && (!f.Lasts || !f.Closes) {
					t.Fatal("the port is gone")
				}
				if f.Lasts {
					m.ClearFaults()
					m.Reset()
				}
				if closed {
					h = attachHost(t, m)
				}
				h.ask("\x1b\r")
				time.Sleep(time.Minute)
				h.ask("ATE0\r")
				if got, want := h.ask("AT\r"), framed(); got != want {
					t.Errorf("in the end AT answered %q, want %q", got, want)
				}
			})
		})
	}
}

func TestFaultsRepeat(t *testing.T) {
	for _, name := range []string{"drop-octets", "some-answers", "garbage"} {
		f, known := FaultNamed(name)
		if !known {
			t.Fatalf("there is no %s", name)
		}
		var logs [3]string
		for i, seed := range []int64{3, 3, 4} {
			synctest.Test(t, func(t *testing.T) { logs[i], _, _ = exercise(t, f.New(seed)) })
		}
		if logs[0] != logs[1] || logs[0] == logs[2] {
			t.Errorf("%s: the same seed differs (%v) or another does not (%v)", name, logs[0] != logs[1], logs[0] == logs[2])
		}
	}
	if err := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{}).PlanFault("no such thing", 1); err == nil {
		t.Error("an unknown fault was planned")
	}
}

func TestFaultTriggers(t *testing.T) {
	count := func(t *testing.T, f Fault, seconds int) (struck int) {
		synctest.Test(t, func(t *testing.T) {
			m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
			h := attachHost(t, m)
			h.setUp()
			f.Do = DropAnswer
			m.Fault(f)
			for range seconds {
				time.Sleep(time.Second)
				if h.ask("AT+CSQ\r") == "" {
					struck++
				}
			}
		})
		return struck
	}
	for _, tc := range []struct {
		name        string
		fault       Fault
		least, most int
	}{
		{"after", Fault{At: OnCommand, Times: -1, After: 40*time.Second + 1}, 60, 60},
		{"until", Fault{At: OnCommand, Times: -1, Until: 40*time.Second + 1}, 40, 40},
		{"between", Fault{At: OnCommand, Times: -1, After: 10*time.Second + 1, Until: 40*time.Second + 1}, 30, 30},
		{"probability", Fault{At: OnCommand, Times: -1, Probability: 0.3, Seed: 1}, 15, 45},
		{"probability and times", Fault{At: OnCommand, Times: 5, Probability: 0.3, Seed: 1}, 5, 5},
	} {
		if got := count(t, tc.fault, 100); got < tc.least || got > tc.most {
			t.Errorf("%s: struck %d times of 100, want %d to %d", tc.name, got, tc.least, tc.most)
		}
	}
}

func TestFaultOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
		h := attachHost(t, m)
		h.setUp()
		m.Fault(Fault{At: OnWrite, Offset: len(framed()) + 5, Do: ClosePort})
		h.must("AT")
		if got, want := h.ask("AT+CSQ\r"), "\r\n+CS"; got != want {
			t.Errorf("heard %q before the port was lost, want %q", got, want)
		}
		if err := <-h.done; err == nil {
			t.Error("Serve returned no error")
		}
	})
}

func TestHangCures(t *testing.T) {
	for cure, tc := range map[Cure][]exchange{
		CurePower:  {{"AT\r", ""}, {"AT+CFUN=1,1\r", ""}, {"reopen", ""}, {"AT\r", ""}},
		CureReopen: {{"AT\r", ""}, {"AT+CFUN=1,1\r", ""}, {"reopen", ""}, {"AT\r", framed()}},
		CureRadio:  {{"AT\r", framed()}, {"AT+CMGL=4\r", ""}, {"AT+CREG?\r", ""}, {"AT+CFUN=4\r", framed()}, {"AT+CFUN=1\r", framed()}, {"AT+CMGL=4\r", framed()}},
		CureReboot: {{"AT\r", ""}, {"AT+CFUN=4\r", ""}, {"AT^RESET\r", framed()}, {"ATE0\r", "ATE0\r" + framed()}, {"AT+CMGL=4\r", framed()}},
	} {
		t.Run(fmt.Sprint(cure), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Number: ours, Profile: Profile{Name: "x", Resets: map[string]ResetKind{"^RESET": Restart}}})
				h := attachHost(t, m)
				h.setUp()
				m.Fault(Fault{At: OnCommand, Do: Hang, Cure: cure})
				h.ask("AT\r")
				for _, e := range tc {
					if e.send == "reopen" {
						h.stop()
						<-h.done
						h = attachHost(t, m)
						continue
					}
					if got := h.ask(e.send); got != e.want {
						t.Errorf("%q answered %q, want %q", e.send, got, e.want)
					}
				}
			})
		})
	}
}

// TestHangEnds shows that a hang with an end gives the modem what waited.
func TestHangEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours})
		h := attachHost(t, m)
		h.setUp()
		m.Fault(Fault{At: OnCommand, Do: Hang, For: time.Minute})
		h.ask("AT\r")
		if err := n.DeliverText("12345", ours, "x"); err != nil {
			t.Fatal(err)
		}
		if got := n.Waiting(ours); got != 1 {
			t.Errorf("%d messages wait, want 1", got)
		}
		time.Sleep(time.Minute)
		if got, want := h.heard(), "\r\n+CMTI: \"SM\",1\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

package emulator

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSides(t *testing.T) {
	for kind, want := range map[SideKind][2]string{ // to AT at once, and a second later
		SideAT:     {"\r\nOK\r\n", ""},
		SideNMEA:   {"", string(nmeaSentences)},
		SideDiag:   {string(diagRefusal), string(diagFrame)},
		SideSilent: {"", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(NetworkOptions{})
			m := NewModem(n, ModemOptions{Number: ours})
			first := attachHost(t, m)
			first.setUp()
			h := attachSide(t, m, kind)
			if got := h.ask("AT\r"); got != want[0] {
				t.Errorf("kind %d: AT answered %q, want %q", kind, got, want[0])
			}
			if err := n.DeliverText("12345", ours, "x"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if got := h.heard(); got != want[1] {
				t.Errorf("kind %d: a second later heard %q, want %q", kind, got, want[1])
			}
			if got, want := first.heard(), "\r\n+CMTI: \"SM\",1\r\n"; got != want {
				t.Errorf("kind %d: the first port heard %q, want %q", kind, got, want)
			}
			h.stop()
			if err := <-h.done; err != nil {
				t.Errorf("kind %d: Serve returned %v at the end of its context, want nil", kind, err)
			}
		})
	}
}

// TestSecondSends submits on the second port while the first one lists, and resets below
// both.
func TestSecondSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours})
		first := attachHost(t, m)
		first.setUp()
		second := attachSide(t, m, SideAT)
		if got, want := second.send("12345", "x", false), framed("+CMGS: 0"); got != want {
			t.Errorf("the second port answered %q, want %q", got, want)
		}
		first.must("AT+CMGL=4")
		m.Reset()
		for _, h := range []*host{first, second} {
			h.heard()
			h.must("ATE1") // the reset has switched it on
		}
	})
}

func TestSideGoesWithThePort(t *testing.T) {
	m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
	p := testPort(t, m)
	dir := t.TempDir()
	at, diag := filepath.Join(dir, "at"), filepath.Join(dir, "diag")
	if err := p.Beside(SideAT, at); err != nil {
		t.Fatal(err)
	}
	if err := p.Beside(SideDiag, diag); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		openTTY(t, at).ask("AT\r", ok)
		if got := openTTY(t, diag).ask("AT\r", "\x7e"); strings.Contains(got, "OK") {
			t.Errorf("the binary port answered %q", got)
		}
		p.Unplug()
		for _, link := range []string{at, diag} {
			if _, err := os.Lstat(link); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is there without the modem: %v", filepath.Base(link), err)
			}
		}
		if err := p.Plug(); err != nil {
			t.Fatal(err)
		}
	}
}

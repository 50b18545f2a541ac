package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

// tty is the host's end of a port, opened as the daemon opens a real one.
type tty struct {
	t testing.TB
	serial.Port
	got []byte
}

func openTTY(t testing.TB, path string) *tty {
	t.Helper()
	p, err := serial.Open(path, &serial.Mode{BaudRate: 115200})
	if err != nil {
		t.Fatalf("open port: %v", err)
	}
	t.Cleanup(func() { p.Close() })
	return &tty{t: t, Port: p}
}

// until reads up to and including a mark.
func (p *tty) until(mark string) string {
	p.t.Helper()
	buf := make([]byte, 512)
	for {
		if i := bytes.Index(p.got, []byte(mark)); i >= 0 {
			i += len(mark)
			text := string(p.got[:i])
			p.got = append(p.got[:0], p.got[i:]...)
			return text
		}
		n, err := p.Read(buf)
		if err != nil || n == 0 {
			p.t.Fatalf("read port: %d octets, %v; have %q, want %q", n, err, p.got, mark)
		}
		p.got = append(p.got, buf[:n]...)
	}
}

func (p *tty) ask(cmd, mark string) string {
	p.t.Helper()
	if _, err := p.Write([]byte(cmd)); err != nil {
		p.t.Fatalf("write port: %v", err)
	}
	return p.until(mark)
}

const ok = "\r\nOK\r\n"

func testPort(t testing.TB, m *Modem) *Port {
	t.Helper()
	p, err := OpenPort(m, filepath.Join(t.TempDir(), "dev", "modem"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestPortUnplug(t *testing.T) {
	n := NewNetwork(NetworkOptions{})
	m := NewModem(n, ModemOptions{Number: "+491511111111"})
	p := testPort(t, m)
	first, err := os.Readlink(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	a := openTTY(t, p.Path())
	a.ask("ATE0\r", ok)
	a.ask("AT+CNMI=2,1,0,0,0\r", ok)

	p.Unplug()
	if _, err := os.Lstat(p.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("link after unplug: %v, want none", err)
	}
	if k, err := a.Read(make([]byte, 16)); k != 0 && err == nil {
		t.Errorf("read after unplug gave %d octets, want an end or an error", k)
	}
	if err := n.DeliverText("+4917212345", "while away", "x"); err == nil {
		t.Error("a text for an unknown number was taken")
	}
	if err := n.DeliverText("+4917212345", "01511111111", "while away"); err != nil {
		t.Fatal(err)
	}
	if got := n.Waiting("+491511111111"); got != 1 {
		t.Errorf("network keeps %d messages, want 1", got)
	}
	// A terminal that is still in use keeps its number, so the next one gets another.
	hold, err := os.OpenFile(first, os.O_RDWR|unix.O_NOCTTY, 0)
	if err == nil {
		defer hold.Close()
	}
	if err := p.Plug(); err != nil {
		t.Fatal(err)
	}
	if err := p.Plug(); err != nil {
		t.Errorf("plug twice: %v", err)
	}
	b := openTTY(t, p.Path())
	b.ask("ATE0\r", ok)
	if got := b.ask("AT+CNMI?\r", ok); !strings.Contains(got, "+CNMI: 0,0,0,0,0") {
		t.Errorf("settings after plug: %q, want none", got)
	}
	if got := b.ask("AT+CMGL=4\r", ok); !strings.Contains(got, "+CMGL: 1,0,,") {
		t.Errorf("list after plug: %q, want the message that waited", got)
	}
	if got := n.Waiting("+491511111111"); got != 0 {
		t.Errorf("network still keeps %d messages", got)
	}
}

func TestPortRename(t *testing.T) {
	p := testPort(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{}))
	before := p.Path()
	p.Rename(before + "-other")
	openTTY(t, before).ask("AT\r", ok)
	p.Unplug()
	if err := p.Plug(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(before); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old link: %v, want none", err)
	}
	if got, want := p.Path(), before+"-other"; got != want {
		t.Errorf("the path is %s, want %s", got, want)
	}
	openTTY(t, p.Path()).ask("AT\r", ok)
}

func TestPortStaysWhenHostLeaves(t *testing.T) {
	p := testPort(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{}))
	for range 3 {
		a := openTTY(t, p.Path())
		a.ask("AT\r", ok)
		a.Close()
	}
}

// TestPortIsSharedAgain leaves a port as a killed host does: exclusive.
func TestPortIsSharedAgain(t *testing.T) {
	p := testPort(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{}))
	f, err := os.OpenFile(p.Path(), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetInt(int(f.Fd()), unix.TIOCEXCL, 0); err != nil {
		t.Fatal(err)
	}
	f.Close()
	g, err := os.OpenFile(p.Path(), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	defer g.Close()
	for deadline := time.Now().Add(10 * time.Second); ; {
		excl, err := unix.IoctlGetInt(int(g.Fd()), unix.TIOCGEXCL)
		if err != nil {
			t.Fatal(err)
		}
		if excl == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("port is still exclusive")
		}
	}
}

func TestPortFaultComesBack(t *testing.T) {
	for _, do := range []Action{ClosePort, PullOut} {
		t.Run(fmt.Sprint(do), func(t *testing.T) {
			n := NewNetwork(NetworkOptions{})
			m := NewModem(n, ModemOptions{})
			p := testPort(t, m)
			a := openTTY(t, p.Path())
			a.ask("ATE0\r", ok)
			m.Fault(Fault{At: AfterSubmit, Do: do})
			pdu, size := submitPDU(t, "12345", "x", false)
			a.ask(fmt.Sprintf("AT+CMGS=%d\r", size), "> ")
			if _, err := a.Write([]byte(pdu + "\x1a")); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 64)
			for {
				if k, err := a.Read(buf); err != nil || k == 0 {
					break
				}
			}
			if err := p.Plug(); err != nil {
				t.Fatal(err)
			}
			b := openTTY(t, p.Path())
			b.ask("AT\r", ok)
			ledger := n.Ledger()
			if len(ledger) != 1 || ledger[0].Answered {
				t.Errorf("ledger is %+v, want one entry without an answer", ledger)
			}
		})
	}
}

// TestPortFaultReturns leaves it to the port to come back.
func TestPortFaultReturns(t *testing.T) {
	m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
	p := testPort(t, m)
	a := openTTY(t, p.Path())
	a.ask("ATE0\r", ok)
	m.Fault(Fault{At: OnCommand, Do: PullOut, Back: time.Millisecond})
	if _, err := a.Write([]byte("AT\r")); err != nil {
		t.Fatal(err)
	}
	for {
		if k, err := a.Read(make([]byte, 64)); err != nil || k == 0 {
			break
		}
	}
	a.Close()
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		q, err := serial.Open(p.Path(), &serial.Mode{BaudRate: 115200})
		if err == nil {
			q.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the port did not come back: %v", err)
		}
	}
	openTTY(t, p.Path()).ask("AT\r", "AT\r"+ok) // with the echo of a modem that was reset
	p.Close()
	if err := p.Plug(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("plug after close: %v, want %v", err, os.ErrClosed)
	}
}

// TestPortConcurrently plugs, pulls and resets from all sides; it must neither race nor
// hang, and the port must work afterwards.
func TestPortConcurrently(t *testing.T) {
	n := NewNetwork(NetworkOptions{})
	m := NewModem(n, ModemOptions{Number: ours, MECapacity: 1000})
	p := testPort(t, m)
	var wg sync.WaitGroup
	for _, act := range []func() error{
		p.Plug, p.Plug,
		func() error { p.Unplug(); return nil },
		func() error { m.Reset(); return nil },
		func() error { return n.DeliverText("12345", ours, "x") },
	} {
		wg.Go(func() {
			for range 30 {
				if err := act(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := p.Plug(); err != nil {
		t.Fatal(err)
	}
	a := openTTY(t, p.Path())
	a.ask("ATE0\r", ok)
	a.ask("AT\r", ok)
	if got := n.Waiting(ours) + len(m.Stored()); got != 30 {
		t.Errorf("%d messages are stored or wait, want 30", got)
	}
}

func TestPortRefusesForeignFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := OpenPort(NewModem(NewNetwork(NetworkOptions{}), ModemOptions{}), path)
	if err == nil {
		p.Close()
		t.Fatal("a regular file was replaced by the link")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "precious" {
		t.Errorf("file is %q, %v", got, err)
	}
}

package modem

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"go.bug.st/serial"

	"tetherd/gateway"
)

// openPty returns a pseudo terminal's far end and name.
func openPty(t *testing.T) (*os.File, string) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("open pty: %v", err)
	}
	name := slave.Name()
	t.Cleanup(func() { _ = master.Close(); _ = slave.Close() })
	return master, name
}

func TestOpenSerial(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, locked := openPty(t)
	held, err := openSerial(locked, "test")
	if err != nil {
		t.Fatalf("open pty: %v", err)
	}
	defer held.Close()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(locked, link); err != nil {
		t.Fatal(err)
	}
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "gone"), dangling); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		reason     []string
		missing    bool
	}{
		{"missing", filepath.Join(dir, "none"), []string{"is not there", filepath.Join(dir, "none"), "by-id"}, true},
		{"dangling link", dangling, []string{"is not there", dangling}, true},
		{"no terminal", plain, []string{"no serial port"}, false},
		{"locked", locked, []string{"in use by"}, false},
		{"locked, through a link", link, []string{"in use by", link, locked}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			port, err := openSerial(tt.path, "test")
			if err == nil {
				_ = port.Close()
				t.Fatal("opened")
			}
			e, ok := errors.AsType[*portError](err)
			if !ok {
				t.Fatalf("error %v is no portError", err)
			}
			for _, want := range tt.reason {
				if !strings.Contains(e.reason, want) {
					t.Errorf("reason = %q, want %q in it", e.reason, want)
				}
			}
			if got := missing(err); got != tt.missing {
				t.Errorf("missing = %v, want %v", got, tt.missing)
			}
		})
	}
}

// A closed port can be opened again at once: its lock goes with it.
func TestOpenSerialAgain(t *testing.T) {
	_, name := openPty(t)
	for range 3 {
		port, err := openSerial(name, "test")
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		if err := port.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func TestExplain(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		reason string
	}{
		{"permission", fs.ErrPermission, "dialout"},
		{"busy", &serial.PortError{}, "in use"},
		{"other", errors.New("no such luck"), "no such luck"},
	}
	for _, tt := range tests {
		err := explain("/dev/a", "/dev/a", tt.err)
		e, ok := errors.AsType[*portError](err)
		if !ok || !strings.Contains(e.reason, tt.reason) {
			t.Errorf("%s: reason = %v, want %q in it", tt.name, e, tt.reason)
		}
	}
}

// Two modems on one port: the second says who is in the way, and takes over when
// the first is gone.
func TestPortShared(t *testing.T) {
	w := world{name: "pty", pty: true}
	r := newRig(t, w, rigOptions{})
	r.awaitState(gateway.ModemReady)
	second := &rig{t: t, world: w, network: r.network, device: r.device, inbox: &inbox{}, journal: &journal{}, changed: make(chan struct{}, 1)}
	o := r.modem.o
	o.Inbox, o.Changed = second.inbox, func() { kick(second.changed) }
	var err error
	// Through another name of the same device.
	o.Port = filepath.Join(t.TempDir(), "other")
	if err := os.Symlink(r.modem.o.Port, o.Port); err != nil {
		t.Fatal(err)
	}
	o.Open = nil
	if second.modem, err = New(o); err != nil {
		t.Fatal(err)
	}
	second.run()
	defer second.stop()
	s := second.await("a reason", func(s gateway.ModemStatus) bool { return strings.Contains(s.Reason, "in use by") })
	if s.State != gateway.ModemAbsent {
		t.Errorf("state = %s, want absent", s.State)
	}
	r.stop()
	second.awaitState(gateway.ModemReady)
}

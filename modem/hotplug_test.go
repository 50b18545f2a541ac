package modem

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/device"
	"tetherd/modem/device/devicetest"
	"tetherd/modem/emulator"
)

const (
	stickIMEI = "490154203237518"
	otherIMEI = "352099001761481"
)

// stickPlug plugs a stick with the modem behind its AT port into a machine, under
// other numbers each time.
type stickPlug struct {
	t       testing.TB
	machine *devicetest.Machine
	port    *ptyPlug
	want    device.Selector // Port is below the machine's root
	next    int             // number of the first terminal
}

const stickPath = "1-1.2"

func newStickPlug(t testing.TB, m *emulator.Modem, want device.Selector) *stickPlug {
	p := &stickPlug{t: t, machine: devicetest.New(t), port: newPtyPlug(t, m, true), want: want}
	p.in()
	return p
}

func (p *stickPlug) options(o *Options) {
	finder := NewFinder(device.At(p.machine.Root))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = finder.Run(ctx) }()
	p.t.Cleanup(func() { cancel(); <-done })
	o.Finder, o.IMEI, o.USB = finder, p.want.IMEI, p.want.USB
	if p.want.Port != "" {
		o.Port = filepath.Join(p.machine.Root, p.want.Port)
	}
}

func (p *stickPlug) in() {
	p.port.in()
	s := devicetest.HuaweiE3131(stickPath, p.next)
	s.Interfaces[2].Target = p.port.port.Path()
	p.machine.Plug(s)
	p.next += 3
}

func (p *stickPlug) out() {
	p.machine.Unplug(stickPath)
	p.port.out()
}

func (p *stickPlug) close() { p.port.close() }

// newStickRig returns a rig whose modem is on a stick.
func newStickRig(t *testing.T, want device.Selector) (*rig, *stickPlug) {
	t.Helper()
	var p *stickPlug
	r := newRig(t, world{name: "pty", pty: true}, rigOptions{
		device: emulator.ModemOptions{IMEI: stickIMEI},
		plug:   func(m *emulator.Modem) plug { p = newStickPlug(t, m, want); return p },
	})
	return r, p
}

var huawei = device.USB{Vendor: 0x12d1, Product: 0x1506}

// A stick that comes back under other numbers is found again, and a stick in
// storage mode is named while it is one.
func TestHotPlug(t *testing.T) {
	interface2 := huawei
	interface2.Interface, interface2.HasInterface = 2, true
	place := huawei
	place.At = stickPath
	tests := []struct {
		name string
		want device.Selector
	}{
		{"imei", device.Selector{IMEI: stickIMEI}},
		{"usb", device.Selector{USB: huawei}},
		{"usb with interface", device.Selector{USB: interface2}},
		{"usb with place, and imei", device.Selector{USB: place, IMEI: stickIMEI}},
		{"by-id", device.Selector{Port: "dev/serial/by-id/usb-HUAWEI_Technology_HUAWEI_Mobile-if02-port0"}},
		{"by-path", device.Selector{Port: "dev/serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.2-port0", USB: huawei, IMEI: stickIMEI}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, p := newStickRig(t, tt.want)
			first := r.awaitState(gateway.ModemReady)
			if first.Port == "" || first.IMEI != stickIMEI {
				t.Errorf("port = %q, IMEI = %q", first.Port, first.IMEI)
			}
			p.out()
			r.awaitState(gateway.ModemAbsent)
			p.machine.Plug(devicetest.HuaweiStorage(stickPath))
			s := r.await("a word about storage mode", func(s gateway.ModemStatus) bool { return strings.Contains(s.Reason, "storage mode") })
			for _, want := range []string{"12d1:1446", "usb-modeswitch"} {
				if !strings.Contains(s.Reason, want) {
					t.Errorf("reason = %q, want %q in it", s.Reason, want)
				}
			}
			p.machine.Unplug(stickPath)
			p.in()
			again := r.awaitState(gateway.ModemReady)
			if tt.want.Port == "" && (again.Port == first.Port || again.Port == "") {
				t.Errorf("port = %q after %q, want another", again.Port, first.Port)
			}
			if _, err := r.send(peerNumber, "hello again"); err != nil {
				t.Errorf("send: %v", err)
			}
		})
	}
}

// A modem that is not the one that is configured is not used, and named.
func TestWrongModem(t *testing.T) {
	tests := []struct {
		name  string
		want  device.Selector
		state gateway.ModemState
	}{
		{"by port", device.Selector{Port: "dev/ttyUSB2", IMEI: otherIMEI}, gateway.ModemBlocked},
		{"by IMEI", device.Selector{IMEI: otherIMEI}, gateway.ModemAbsent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, _ := newStickRig(t, tt.want)
			s := r.await("a word about the IMEI", func(s gateway.ModemStatus) bool { return strings.Contains(s.Reason, stickIMEI) })
			if s.State != tt.state || !strings.Contains(s.Reason, otherIMEI) {
				t.Errorf("state = %s, reason = %q; want %s and both IMEIs", s.State, s.Reason, tt.state)
			}
		})
	}
}

// A restart is asked for from another goroutine than the one that looks for the port.
func TestRestartWhilePluggedIn(t *testing.T) {
	t.Parallel()
	r, p := newStickRig(t, device.Selector{IMEI: stickIMEI})
	r.awaitState(gateway.ModemReady)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = r.modem.Restart(ctx, gateway.StepUSB) // refused: this process may not
		}
	}()
	p.out()
	r.awaitState(gateway.ModemAbsent)
	p.in()
	r.awaitState(gateway.ModemReady)
	cancel()
	<-done
}

// Two modems of one process that are meant to be on one port: the second says so.
func TestTwoModemsOnePort(t *testing.T) {
	r, p := newStickRig(t, device.Selector{USB: huawei})
	r.awaitState(gateway.ModemReady)
	o := r.modem.o
	o.Name, o.USB, o.Port, o.Changed, o.Recorder = "second", device.USB{}, filepath.Join(p.machine.Root, "dev/ttyUSB2"), nil, nil
	second, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.openPort(t.Context()); err == nil || !strings.Contains(second.reasonFor(err), "in use by the modem test") {
		t.Errorf("open: %v, reason = %q", err, second.reasonFor(err))
	}
	r.stop()
	port, err := second.openPort(t.Context())
	if err != nil {
		t.Fatalf("open after the first stopped: %v", err)
	}
	if err := port.Close(); err != nil {
		t.Error(err)
	}
}

// Programs that have the port open, too, are named while they do.
func TestSharedPort(t *testing.T) {
	machine := devicetest.New(t)
	machine.Plug(devicetest.HuaweiE3131(stickPath, 0))
	synctest.Test(t, func(t *testing.T) {
		finder := NewFinder(device.At(machine.Root))
		changed := make(chan struct{}, 1)
		m, err := New(Options{Name: "test", USB: huawei, Finder: finder, Inbox: &inbox{}, Changed: func() { kick(changed) }, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		place, err := finder.Find(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); m.watchSharing(ctx, place) }()
		time.Sleep(sharingFirst + time.Second)
		if got := m.Status().SharedWith; got != "" {
			t.Errorf("shared with %q, want nobody", got)
		}
		m.place.Store(place)
		if got := m.troubleOf(errDesync); got != troubleMute {
			t.Errorf("trouble %d with a port of its own, want %d", got, troubleMute)
		}
		machine.Hold(712, "ModemManager", "ttyUSB2")
		<-changed
		if got, want := m.Status().SharedWith, "ModemManager (process 712)"; got != want {
			t.Errorf("shared with %q, want %q", got, want)
		}
		if got := m.troubleOf(errDesync); got != untroubled {
			t.Errorf("trouble %d although others take its answers, want %d", got, untroubled)
		}
		if got := m.blame(); !strings.Contains(got, "ModemManager (process 712)") || !strings.Contains(got, "60-tetherd.rules") {
			t.Errorf("blame = %q", got)
		}
		cancel()
		<-done
		if got := m.Status().SharedWith; got != "" {
			t.Errorf("shared with %q after the session", got)
		}
	})
}

package device_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tetherd/modem/device"
	"tetherd/modem/device/devicetest"
	"tetherd/modem/emulator"
)

const (
	imeiA = "490154203237518"
	imeiB = "352099001761481"
)

// openTerminal opens a terminal so that Close ends a Read.
func openTerminal(path, _ string) (io.ReadWriteCloser, error) {
	return os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
}

// plugged returns the path of a terminal that an emulated modem answers on.
func plugged(t *testing.T, imei string) string {
	t.Helper()
	n := emulator.NewNetwork(emulator.NetworkOptions{})
	port, err := emulator.OpenPort(emulator.NewModem(n, emulator.ModemOptions{IMEI: imei}), filepath.Join(t.TempDir(), "modem"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := port.Close(); err != nil {
			t.Error(err)
		}
		n.Close()
	})
	return port.Path()
}

// put makes the n-th interface of a stick lead to a terminal.
func put(s devicetest.Stick, n int, target string) devicetest.Stick {
	s.Interfaces[n].Target = target
	return s
}

// find looks for the modem of an owner, and returns its path below dev or the
// problem.
func find(t *testing.T, f *device.Finder, owner string) (*device.Place, string) {
	t.Helper()
	p, err := f.Find(t.Context(), owner)
	if err == nil {
		return p, ""
	}
	problem, ok := errors.AsType[*device.Problem](err)
	if !ok {
		t.Fatalf("find %s: %v, which is no Problem", owner, err)
	}
	return nil, problem.Reason
}

func TestFind(t *testing.T) {
	ec25 := device.USB{Vendor: 0x2c7c, Product: 0x125}
	huawei := device.USB{Vendor: 0x12d1, Product: 0x1506}
	with := func(u device.USB, n uint8) device.USB { u.Interface, u.HasInterface = n, true; return u }
	at := func(u device.USB, at string) device.USB { u.At = at; return u }
	tests := []struct {
		name   string
		build  func(t *testing.T, m *devicetest.Machine)
		want   device.Selector
		tty    string // empty if there is a problem
		reason []string
	}{
		{
			"by USB", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(devicetest.QuectelEC25("1-1.2", 4))
				m.Plug(devicetest.HuaweiE3131("1-1.3", 0))
			}, device.Selector{USB: ec25}, "ttyUSB6", nil,
		},
		{
			"by USB and interface", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.QuectelEC25("1-1.2", 4)) },
			device.Selector{USB: with(ec25, 3)},
			"ttyUSB7", nil,
		},
		{
			"by USB and an interface without a port", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.QuectelEC25("1-1.2", 4)) },
			device.Selector{USB: with(ec25, 4)},
			"",
			[]string{"interface 04 has no serial port", "00, 01, 02, 03"},
		},
		{
			"two equal sticks", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(devicetest.HuaweiE3131("1-1.2", 0))
				m.Plug(devicetest.HuaweiE3131("1-1.3", 3))
			}, device.Selector{USB: huawei}, "", []string{"Several devices", "usb: 12d1:1506@1-1.2, or 12d1:1506@1-1.3"},
		},
		{
			"two equal sticks, told apart by their place", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(devicetest.HuaweiE3131("1-1.2", 0))
				m.Plug(devicetest.HuaweiE3131("1-1.3", 3))
			}, device.Selector{USB: at(huawei, "1-1.3")}, "ttyUSB5", nil,
		},
		{
			"by serial number", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(devicetest.Phone("1-1.2"))
			}, device.Selector{USB: device.USB{Vendor: 0x421, Product: 0x661, At: "351234567890123"}}, "ttyACM0", nil,
		},
		{
			"by USB, in storage mode", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiStorage("1-1.2")) },
			device.Selector{USB: huawei},
			"",
			[]string{"12d1:1446, USB 1-1.2", "usb-modeswitch"},
		},
		{
			"by USB, a router", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiHiLink("1-1.2")) },
			device.Selector{USB: huawei},
			"",
			[]string{"12d1:14dc", "HiLink"},
		},
		{
			"by USB, nothing", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.Keyboard("1-1.2")) },
			device.Selector{USB: huawei},
			"",
			[]string{"No modem with USB 12d1:1506 is plugged in", "tetherd modem list"},
		},
		{
			"by IMEI among equal sticks", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(put(devicetest.HuaweiE3131("1-1.2", 0), 2, plugged(t, imeiB)))
				m.Plug(put(devicetest.HuaweiE3131("1-1.3", 3), 2, plugged(t, imeiA)))
			}, device.Selector{IMEI: imeiA}, "ttyUSB5", nil,
		},
		{
			"by IMEI behind an adapter", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(put(devicetest.CP2102("1-1.2", 0), 0, plugged(t, imeiA)))
			}, device.Selector{IMEI: imeiA}, "ttyUSB0", nil,
		},
		{
			"by IMEI and USB", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(put(devicetest.CP2102("1-1.1", 9), 0, plugged(t, imeiA)))
				m.Plug(put(devicetest.HuaweiE3131("1-1.2", 0), 2, plugged(t, imeiA)))
			}, device.Selector{IMEI: imeiA, USB: huawei}, "ttyUSB2", nil,
		},
		{
			"by IMEI, another one", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(put(devicetest.HuaweiE3131("1-1.2", 0), 2, plugged(t, imeiB)))
			}, device.Selector{IMEI: imeiA}, "", []string{"No modem with IMEI " + imeiA + " was found", "has IMEI " + imeiB},
		},
		{
			"by IMEI, but another program has it open", func(t *testing.T, m *devicetest.Machine) {
				m.Plug(put(devicetest.HuaweiE3131("1-1.2", 0), 2, plugged(t, imeiA)))
				m.Hold(712, "ModemManager", "ttyUSB2")
			}, device.Selector{IMEI: imeiA}, "", []string{"ttyUSB2 is in use by ModemManager (process 712)"},
		},
		{
			"by port", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) },
			device.Selector{Port: "dev/serial/by-id/usb-HUAWEI_Technology_HUAWEI_Mobile-if02-port0"},
			"ttyUSB2", nil,
		},
		{
			"by port and USB", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) },
			device.Selector{Port: "dev/ttyUSB1", USB: huawei},
			"ttyUSB1", nil,
		},
		{
			"by port and another USB", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) },
			device.Selector{Port: "dev/ttyUSB1", USB: ec25},
			"",
			[]string{"is not one of the USB device 2c7c:0125"},
		},
		{
			"by port and another interface", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) },
			device.Selector{Port: "dev/ttyUSB1", USB: with(huawei, 2)},
			"",
			[]string{"interface 01, not of 02"},
		},
		{
			"by port, nothing", func(t *testing.T, m *devicetest.Machine) {},
			device.Selector{Port: "dev/ttyUSB1"},
			"",
			[]string{"dev/ttyUSB1 is not there", "tetherd modem list"},
		},
		{
			"by port, in storage mode", func(t *testing.T, m *devicetest.Machine) { m.Plug(devicetest.HuaweiStorage("1-1.2")) },
			device.Selector{Port: "dev/ttyUSB1"},
			"",
			[]string{"dev/ttyUSB1 is not there", "12d1:1446", "usb-modeswitch"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := devicetest.New(t)
			tt.build(t, m)
			if tt.want.Port != "" {
				tt.want.Port = filepath.Join(m.Root, tt.want.Port)
			}
			f := device.NewFinder(device.At(m.Root), openTerminal)
			f.Register("office", tt.want)
			p, reason := find(t, f, "office")
			if p != nil && (p.Port.TTY != tt.tty || tt.tty == "") || p == nil && tt.tty != "" {
				t.Fatalf("found %+v, %q; want %q", p, reason, tt.tty)
			}
			for _, want := range tt.reason {
				if !strings.Contains(reason, want) {
					t.Errorf("reason = %q, want %q in it", reason, want)
				}
			}
		})
	}
}

// Of several ports of which nothing is known the one to use is found by asking.
func TestFindAmongUnknownPorts(t *testing.T) {
	unknown := func(t *testing.T, targets ...string) devicetest.Stick {
		s := devicetest.Stick{Path: "1-1.2", Vendor: "2cb7", Product: "0104", Name: "NL668"}
		for i, target := range targets {
			s.Interfaces = append(s.Interfaces, devicetest.Interface{Class: "ff/ff/ff", Driver: "option", TTY: "ttyUSB" + string(rune('0'+i)), Target: target})
		}
		return s
	}
	tests := []struct {
		name    string
		targets func(t *testing.T) []string
		want    string // tty
		reason  string
	}{
		{"one answers", func(t *testing.T) []string { return []string{mute(t), plugged(t, imeiA), mute(t)} }, "ttyUSB1", ""},
		{"two answer", func(t *testing.T) []string { return []string{plugged(t, imeiA), plugged(t, imeiA), mute(t)} }, "ttyUSB1", ""},
		{"one babbles", func(t *testing.T) []string {
			return []string{babbling(t, "$GPGSV,1,1,00*79\r\n"), babbling(t, "\x7e\x13\x00\xff\x7e"), plugged(t, imeiA)}
		}, "ttyUSB2", ""},
		{"none answers", func(t *testing.T) []string { return []string{mute(t), mute(t)} }, "", "none of its ports takes AT commands"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := devicetest.New(t)
			m.Plug(unknown(t, tt.targets(t)...))
			f := device.NewFinder(device.At(m.Root), openTerminal)
			f.Register("office", device.Selector{USB: device.USB{Vendor: 0x2cb7, Product: 0x104}})
			p, reason := find(t, f, "office")
			if (p == nil) != (tt.want == "") || p != nil && p.Port.TTY != tt.want {
				t.Errorf("found %+v, %q; want %q", p, reason, tt.want)
			}
			if !strings.Contains(reason, tt.reason) {
				t.Errorf("reason = %q, want %q in it", reason, tt.reason)
			}
		})
	}
}

// Two modems never get one port, and none is asked that is meant for another.
func TestFindDoesNotFight(t *testing.T) {
	m := devicetest.New(t)
	asked := make(map[string]int)
	open := func(path, owner string) (io.ReadWriteCloser, error) {
		asked[path]++
		return openTerminal(path, owner)
	}
	a, b, c := plugged(t, imeiB), plugged(t, imeiB), plugged(t, imeiA)
	m.Plug(put(devicetest.HuaweiE3131("1-1.2", 0), 2, a))
	m.Plug(put(devicetest.QuectelEC25("1-1.3", 3), 2, b))
	m.Plug(put(devicetest.HuaweiE3131("1-1.4", 7), 2, c))
	f := device.NewFinder(device.At(m.Root), open)
	f.Register("port", device.Selector{Port: filepath.Join(m.Root, "dev/ttyUSB2")})
	f.Register("usb", device.Selector{USB: device.USB{Vendor: 0x2c7c, Product: 0x125}})
	f.Register("imei", device.Selector{IMEI: imeiA})
	f.Register("same", device.Selector{Port: filepath.Join(m.Root, "dev/ttyUSB9")})

	p, reason := find(t, f, "imei")
	if p != nil {
		t.Fatalf("found %+v, which is meant for the modem same", p.Port)
	}
	if !strings.Contains(reason, "is meant for the modem") {
		t.Errorf("reason = %q", reason)
	}
	f.Register("same", device.Selector{Port: filepath.Join(m.Root, "dev/none")})
	if p, reason = find(t, f, "imei"); p == nil || p.Port.TTY != "ttyUSB9" {
		t.Fatalf("found %+v, %q; want ttyUSB9", p, reason)
	}
	for path, n := range asked {
		if real, _ := filepath.EvalSymlinks(c); path != real || n != 1 {
			t.Errorf("%s was asked %d times; want only %s, once", path, n, real)
		}
	}
	f.Register("same", device.Selector{Port: filepath.Join(m.Root, "dev/ttyUSB9")})
	if p, reason := find(t, f, "same"); p != nil || !strings.Contains(reason, "in use by the modem imei") {
		t.Errorf("found %+v, %q; want it to be in use", p, reason)
	}
	p.Release()
	p.Release()
	if p, reason := find(t, f, "same"); p == nil {
		t.Errorf("not found after the release: %q", reason)
	}
}

// A stick is found again whatever port and place it comes back on, and what it
// came back as instead is said.
func TestFindAgain(t *testing.T) {
	m := devicetest.New(t)
	f := device.NewFinder(device.At(m.Root), openTerminal)
	f.Register("office", device.Selector{IMEI: imeiA})
	first := plugged(t, imeiA)
	again := func(what, tty string, reasons ...string) {
		t.Helper()
		p, reason := find(t, f, "office")
		if (p == nil) != (tty == "") || p != nil && p.Port.TTY != tty {
			t.Fatalf("%s: found %+v, %q; want %q", what, p, reason, tty)
		}
		for _, want := range reasons {
			if !strings.Contains(reason, want) {
				t.Errorf("%s: reason = %q, want %q in it", what, reason, want)
			}
		}
		if p != nil {
			p.Release()
		}
	}
	m.Plug(put(devicetest.HuaweiE3131("1-1.2", 0), 2, first))
	again("at first", "ttyUSB2")
	m.Unplug("1-1.2")
	again("gone", "", "No modem with IMEI")
	m.Plug(put(devicetest.HuaweiE3131("1-1.2", 1), 2, first))
	again("other numbers", "ttyUSB3")
	m.Unplug("1-1.2")
	m.Plug(put(devicetest.HuaweiE3131("1-1.4", 0), 2, first))
	again("another place", "ttyUSB2")
	m.Unplug("1-1.4")
	m.Plug(devicetest.HuaweiStorage("1-1.4"))
	again("storage mode", "", "In its place is HUAWEI Mobile (12d1:1446, USB 1-1.4)", "storage mode", "usb-modeswitch")
	m.Unplug("1-1.4")
	m.Plug(put(devicetest.HuaweiE3131("1-1.4", 0), 2, plugged(t, imeiB)))
	again("exchanged", "", imeiB)
	m.Unplug("1-1.4")
	m.Plug(put(devicetest.HuaweiE3131("1-1.4", 0), 2, first))
	again("exchanged unnoticed", "ttyUSB2")
}

func TestAsk(t *testing.T) {
	tests := []struct {
		name string
		path func(t *testing.T) string
		want device.Answer
	}{
		{"modem", func(t *testing.T) string { return plugged(t, imeiA) }, device.Answer{AT: true, IMEI: imeiA, Role: device.RoleUnknown}},
		{"nobody", mute, device.Answer{Role: device.RoleUnknown}},
		{"NMEA", func(t *testing.T) string { return babbling(t, "$GPRMC,,V,,,,,,,,,,N*53\r\n") }, device.Answer{Role: device.RoleGPS}},
		{"DIAG", func(t *testing.T) string { return babbling(t, "\x10\x00\x93\x7e") }, device.Answer{Role: device.RoleDiag}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			port, err := openTerminal(tt.path(t), "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := device.Ask(t.Context(), port)
			if err != nil || got != tt.want {
				t.Errorf("Ask = %+v, %v; want %+v", got, err, tt.want)
			}
			if _, err := port.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("the port is still open: %v", err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		port, err := openTerminal(mute(t), "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := device.Ask(ctx, port); !errors.Is(err, context.Canceled) {
			t.Errorf("Ask = %v, want canceled", err)
		}
	})
	t.Run("hung up", func(t *testing.T) {
		near, far := net.Pipe()
		_ = far.Close()
		if _, err := device.Ask(t.Context(), near); err == nil {
			t.Error("no error")
		}
	})
}

// Watch tells when something is plugged in, with or without uevents.
func TestWatch(t *testing.T) {
	m := devicetest.New(t)
	f := device.NewFinder(device.At(m.Root), openTerminal)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = f.Run(ctx) }()
	changed, stop := f.Listen()
	m.Plug(devicetest.HuaweiE3131("1-1.2", 0))
	select {
	case <-changed:
	case <-time.After(time.Minute):
		t.Error("nobody told about the stick")
	}
	stop()
	before := f.State()
	m.Unplug("1-1.2")
	changed, stop = f.Listen()
	defer stop()
	for f.State() == before {
		select {
		case <-changed:
		case <-time.After(time.Minute):
			t.Fatal("the state is the same without the stick")
		}
	}
	cancel()
	<-done
	if got, want := f.State(), device.At(m.Root).Fingerprint(); got != want {
		t.Errorf("state = %q when nobody watches, want %q", got, want)
	}
}

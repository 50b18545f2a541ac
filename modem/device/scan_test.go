package device_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/modem/device"
	"tetherd/modem/device/devicetest"
)

// describe writes devices in short.
func describe(ds []device.Device) []string {
	var out []string
	for _, d := range ds {
		out = append(out, strings.TrimRight(fmt.Sprintf("%s %s %q serial=%q mode=%s modem=%v", d.Path, d.ID(), d.Title(), d.Serial, d.Mode(), d.IsModem()), " "))
		for _, p := range d.Ports {
			known := "guess"
			if p.Known {
				known = "known"
			}
			out = append(out, fmt.Sprintf("  %s if%02d %s %s %d links", p.TTY, p.Interface.Number, p.Role, known, len(p.Links)))
		}
	}
	return out
}

func TestScan(t *testing.T) {
	tests := []struct {
		name  string
		build func(m *devicetest.Machine)
		want  []string
	}{
		{"nothing", func(*devicetest.Machine) {}, nil},
		{
			"Huawei E3131", func(m *devicetest.Machine) { m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) },
			[]string{
				`1-1.2 12d1:1506 "HUAWEI Mobile" serial="" mode=modem modem=true`,
				"  ttyUSB0 if00 modem known 2 links", "  ttyUSB1 if01 diag known 2 links", "  ttyUSB2 if02 at known 2 links",
			},
		},
		{
			"Quectel EC25 and SIM7600, numbered beyond ten", func(m *devicetest.Machine) {
				m.Plug(devicetest.QuectelEC25("1-1.10", 8))
				m.Plug(devicetest.SIM7600("1-1.3", 0))
			},
			[]string{
				`1-1.3 1e0e:9001 "SimTech, Incorporated" serial="" mode=modem modem=true`,
				"  ttyUSB0 if00 diag known 2 links", "  ttyUSB1 if01 gps known 2 links", "  ttyUSB2 if02 at known 2 links",
				"  ttyUSB3 if03 modem known 2 links", "  ttyUSB4 if04 audio known 2 links",
				`1-1.10 2c7c:0125 "EC25-E" serial="" mode=modem modem=true`,
				"  ttyUSB8 if00 diag known 2 links", "  ttyUSB9 if01 gps known 2 links", "  ttyUSB10 if02 at known 2 links",
				"  ttyUSB11 if03 modem known 2 links",
			},
		},
		{
			"adapter, phone, keyboard and a soldered port", func(m *devicetest.Machine) {
				m.Plug(devicetest.CP2102("1-1.1", 0))
				m.Plug(devicetest.Phone("1-1.2"))
				m.Plug(devicetest.Keyboard("1-1.3"))
				m.PlugUART("ttyAMA0", "fe201000.serial")
			},
			[]string{
				`1-1.1 10c4:ea60 "CP2102 USB to UART Bridge Controller" serial="" mode=modem modem=false`,
				"  ttyUSB0 if00 unknown guess 2 links",
				`1-1.2 0421:0661 "Nokia 6303i" serial="351234567890123" mode=modem modem=false`,
				"  ttyACM0 if01 at known 2 links",
				`1-1.3 046d:c31c "USB Keyboard" serial="" mode=modem modem=false`,
				`fe201000.serial  "serial port ttyAMA0" serial="" mode=modem modem=false`,
				"  ttyAMA0 if-1 unknown guess 0 links",
			},
		},
		{
			"no use as they are", func(m *devicetest.Machine) {
				m.Plug(devicetest.HuaweiStorage("1-1.1"))
				m.Plug(devicetest.HuaweiHiLink("1-1.2"))
				m.Plug(devicetest.Stick{Path: "1-1.3", Vendor: "05c6", Product: "9008", Name: "QHSUSB__BULK"})
				// Of a product nobody listed.
				s := devicetest.HuaweiStorage("1-1.4")
				s.Product, s.Serial = "7777", "\xff\xff\xff"
				m.Plug(s)
			},
			[]string{
				`1-1.1 12d1:1446 "HUAWEI Mobile" serial="" mode=storage modem=true`,
				`1-1.2 12d1:14dc "HUAWEI_MOBILE" serial="" mode=network modem=true`,
				`1-1.3 05c6:9008 "QHSUSB__BULK" serial="" mode=boot modem=true`,
				`1-1.4 12d1:7777 "HUAWEI Mobile" serial="" mode=storage modem=true`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := devicetest.New(t)
			tt.build(m)
			ds, err := device.At(m.Root).Scan()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, describe(ds)); diff != "" {
				t.Errorf("devices (-want +got)\n%s", diff)
			}
			for _, d := range ds {
				if (d.Trouble() == "") != (len(d.Ports) > 0) {
					t.Errorf("%s: trouble is %q", d.Path, d.Trouble())
				}
			}
		})
	}
	t.Run("no sysfs", func(t *testing.T) {
		if _, err := device.At(t.TempDir()).Scan(); err == nil {
			t.Error("no error")
		}
	})
}

// This machine can be looked at, whatever it has.
func TestScanHost(t *testing.T) {
	if _, err := device.Host().Scan(); err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}

func TestFingerprint(t *testing.T) {
	m := devicetest.New(t)
	s := device.At(m.Root)
	seen := map[string]string{s.Fingerprint(): "nothing"}
	step := func(what string, do func()) {
		t.Helper()
		do()
		f := s.Fingerprint()
		if f != s.Fingerprint() {
			t.Errorf("%s: changes by itself", what)
		}
		if other, ok := seen[f]; ok {
			t.Errorf("%s: the same as %s", what, other)
		}
		seen[f] = what
	}
	step("a stick in storage mode", func() { m.Plug(devicetest.HuaweiStorage("1-1.2")) })
	step("switched", func() { m.Unplug("1-1.2"); m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) })
	step("plugged in again", func() { m.Unplug("1-1.2"); m.Plug(devicetest.HuaweiE3131("1-1.2", 0)) })
}

func TestHolders(t *testing.T) {
	m := devicetest.New(t)
	m.Plug(devicetest.HuaweiE3131("1-1.2", 0))
	m.Hold(712, "ModemManager", "ttyUSB2")
	m.Hold(99, "cat", "ttyUSB2")
	m.Hold(os.Getpid(), "self", "ttyUSB2")
	m.Write("proc/55/comm", "pppd")
	m.Write("var/lock/LCK..ttyUSB0", "        55")
	m.Write("var/lock/LCK..ttyUSB1", "4444") // of a process that is gone
	s := device.At(m.Root)
	got := s.Holders("/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB2")
	want := map[string][]device.Holder{
		"/dev/ttyUSB0": {{PID: 55, Name: "pppd"}},
		"/dev/ttyUSB2": {{PID: 99, Name: "cat"}, {PID: 712, Name: "ModemManager"}},
	}
	if got["/dev/ttyUSB1"] == nil {
		delete(got, "/dev/ttyUSB1")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("holders (-want +got)\n%s", diff)
	}
	hs := got["/dev/ttyUSB2"]
	if got, want := device.Names(hs), "cat (process 99), ModemManager (process 712)"; got != want {
		t.Errorf("names = %q, want %q", got, want)
	}
	if got := device.Remedies(hs); !strings.Contains(got, "60-tetherd.rules") || !strings.Contains(got, "Stop that program") {
		t.Errorf("remedies = %q", got)
	}
}

// The owner of a lock can be seen from outside, without taking the lock.
func TestLockOwner(t *testing.T) {
	dir := device.LockDir()
	name := "/dev/ttyTEST" + filepath.Base(t.TempDir()) + fmt.Sprint(os.Getpid())
	s := device.Host()
	if owner, ok := s.LockOwner(name); ok {
		t.Fatalf("locked by %q before", owner)
	}
	l, err := device.TakeLock(dir, name, "office")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(filepath.Join(dir, "tetherd"+strings.ReplaceAll(name, "/", "-")+".lock")) })
	if owner, ok := s.LockOwner(name); !ok || owner != "office" {
		t.Errorf("owner = %q, %v; want office", owner, ok)
	}
	l.Release()
	if owner, ok := s.LockOwner(name); ok {
		t.Errorf("locked by %q after the release", owner)
	}
}

package modem

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fakeSysfs is a tree of files like that of a kernel, with the modem at 1-1.4 and
// its terminal ttyUSB2.
type fakeSysfs struct {
	sysfs
	t    *testing.T
	port string // link to the terminal
	dir  string // of the device
}

func newFakeSysfs(t *testing.T) *fakeSysfs {
	t.Helper()
	root := t.TempDir()
	f := &fakeSysfs{t: t, sysfs: sysfs{sys: filepath.Join(root, "sys"), dev: filepath.Join(root, "dev"), off: 50 * time.Millisecond}}
	f.dir = filepath.Join(f.sys, "devices/platform/usb1/1-1/1-1.4")
	f.write("sys/devices/platform/usb1/1-1/idVendor", "0424\n")
	f.write("sys/devices/platform/usb1/1-1/1-1.4/idVendor", "2c7c\n")
	f.write("sys/devices/platform/usb1/1-1/1-1.4/busnum", "1\n")
	f.write("sys/devices/platform/usb1/1-1/1-1.4/devnum", "12\n")
	f.write("sys/devices/platform/usb1/1-1/1-1.4/authorized", "1\n")
	f.write("sys/devices/platform/usb1/1-1/1-1.4/1-1.4:1.2/ttyUSB2/port_number", "2\n")
	f.write("sys/bus/usb/drivers/usb/bind", "")
	f.write("sys/bus/usb/drivers/usb/unbind", "")
	f.write("dev/bus/usb/001/012", "")
	f.write("dev/ttyUSB2", "")
	f.link("sys/class/tty/ttyUSB2/device", f.dir+"/1-1.4:1.2/ttyUSB2")
	f.link("sys/bus/usb/devices/1-1.4", f.dir)
	f.link("by-id/modem", f.dev+"/ttyUSB2")
	f.port = filepath.Join(root, "by-id/modem")
	return f
}

func (f *fakeSysfs) path(name string) string { return filepath.Join(filepath.Dir(f.sys), name) }

func (f *fakeSysfs) write(name, text string) {
	f.t.Helper()
	path := f.path(name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fakeSysfs) link(name, target string) {
	f.t.Helper()
	path := f.path(name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Symlink(target, path)); err != nil {
		f.t.Fatal(err)
	}
}

// forbid makes a file one that cannot be written: removed, as root may write any.
func (f *fakeSysfs) forbid(names ...string) {
	f.t.Helper()
	for _, name := range names {
		if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.t.Fatal(err)
		}
	}
}

// written makes a file of sysfs a pipe and returns what is written to it, by line
// of the given lengths, with the time between the first two.
func (f *fakeSysfs) written(name string, n int) (wait func() ([]string, time.Duration)) {
	f.t.Helper()
	f.forbid(name)
	if err := unix.Mkfifo(f.path(name), 0o644); err != nil {
		f.t.Fatal(err)
	}
	pipe, err := os.OpenFile(f.path(name), os.O_RDWR, 0) // never at its end
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { pipe.Close() })
	var values []string
	var times []time.Time
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 64)
		for len(values) < n {
			k, err := pipe.Read(buf)
			if err != nil {
				return
			}
			values, times = append(values, string(buf[:k])), append(times, time.Now())
		}
	}()
	return func() ([]string, time.Duration) {
		<-done
		var gap time.Duration
		if len(times) > 1 {
			gap = times[1].Sub(times[0])
		}
		return values, gap
	}
}

func TestUSBName(t *testing.T) {
	f := newFakeSysfs(t)
	for port, want := range map[string]string{
		f.port: "1-1.4", f.path("dev/ttyUSB2"): "1-1.4", f.path("dev/ttyUSB3"): "", f.path("dev/bus"): "", "": "", "/dev/null": "",
	} {
		if got := f.name(port); got != want {
			t.Errorf("name(%q) = %q, want %q", port, got, want)
		}
	}
}

func TestUSBHas(t *testing.T) {
	ways := [][]string{
		{"sys/devices/platform/usb1/1-1/1-1.4/authorized"},
		{"sys/bus/usb/drivers/usb/bind", "sys/bus/usb/drivers/usb/unbind"},
		{"dev/bus/usb/001/012"},
	}
	for i := range ways {
		f := newFakeSysfs(t)
		for j, way := range ways {
			if j != i {
				f.forbid(way...)
			}
		}
		if !f.has(f.port, "") || !f.has("/dev/gone", "1-1.4") {
			t.Errorf("way %d alone is not seen", i)
		}
		f.forbid(ways[i][0])
		if f.has(f.port, "1-1.4") {
			t.Errorf("way %d is seen without %s", i, ways[i][0])
		}
	}
	f := newFakeSysfs(t)
	for _, name := range []string{"", "1-1.5", "..", "../1-1", "1-1.4/."} {
		if f.has("/dev/gone", name) {
			t.Errorf("there is a device %q", name)
		}
	}
	if !f.has(f.port, "1-7") {
		t.Error("a device that moved is not found by its port")
	}
}

// The device is cut off by its authorization, for a while, and always connected
// again.
func TestUSBResetByAuthorization(t *testing.T) {
	f := newFakeSysfs(t)
	wait := f.written("sys/devices/platform/usb1/1-1/1-1.4/authorized", 2)
	if err := f.reset(t.Context(), f.port, ""); err != nil {
		t.Fatal(err)
	}
	values, gap := wait()
	if strings.Join(values, ",") != "0,1" || gap < f.off*9/10 {
		t.Errorf("wrote %q, %v apart, want 0 and 1, %v apart", values, gap, f.off)
	}
}

func TestUSBResetByRebinding(t *testing.T) {
	f := newFakeSysfs(t)
	f.forbid("sys/devices/platform/usb1/1-1/1-1.4/authorized")
	off, on := f.written("sys/bus/usb/drivers/usb/unbind", 1), f.written("sys/bus/usb/drivers/usb/bind", 1)
	if err := f.reset(t.Context(), "/dev/gone", "1-1.4"); err != nil {
		t.Fatal(err)
	}
	for name, wait := range map[string]func() ([]string, time.Duration){"unbind": off, "bind": on} {
		if got, _ := wait(); strings.Join(got, ",") != "1-1.4" {
			t.Errorf("%s: wrote %q", name, got)
		}
	}
}

// A file is no USB device, so that the last way is tried and fails.
func TestUSBResetFails(t *testing.T) {
	f := newFakeSysfs(t)
	f.forbid("sys/devices/platform/usb1/1-1/1-1.4/authorized", "sys/bus/usb/drivers/usb/bind")
	if err := f.reset(t.Context(), f.port, ""); !errors.Is(err, unix.ENOTTY) {
		t.Errorf("got %v, want %v", err, unix.ENOTTY)
	}
	f.forbid("dev/bus/usb/001/012")
	if err := f.reset(t.Context(), f.port, ""); err == nil || !strings.Contains(err.Error(), "udev rules") {
		t.Errorf("got %v, want what to do", err)
	}
	if err := f.reset(t.Context(), "/dev/gone", "1-1.9"); err == nil {
		t.Error("reset a device that is not there")
	}
}

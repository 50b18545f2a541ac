// Package devicetest builds the files of a machine with modems plugged in, for
// tests.
package devicetest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Machine is a folder that looks like the root of a file system, with as much of
// sys, dev, proc and run in it as tells about modems.
type Machine struct {
	Root string
	t    testing.TB
	nums int
}

// Stick is a USB device.
type Stick struct {
	Path            string // such as 1-1.2
	Vendor, Product string // four hexadecimal digits
	Manufacturer    string
	Name            string
	Serial          string
	Interfaces      []Interface // numbered from 0 unless they say otherwise
}

// Interface is an interface of a stick.
type Interface struct {
	Number int    // 0: that of its position
	Class  string // class, subclass and protocol: "ff/01/02"
	Driver string
	TTY    string // such as ttyUSB2; empty if it has none
	Target string // what dev/TTY links to, such as a pseudo terminal; empty for a plain file
}

// New returns a machine with nothing plugged in.
func New(t testing.TB) *Machine {
	t.Helper()
	m := &Machine{Root: t.TempDir(), t: t}
	for _, dir := range []string{"sys/class/tty", "sys/bus/usb/devices", "dev/serial/by-id", "dev/serial/by-path", "proc", "run/lock", "var/lock"} {
		m.must(os.MkdirAll(filepath.Join(m.Root, dir), 0o755))
	}
	m.device("usb1", map[string]string{"idVendor": "1d6b", "idProduct": "0002", "bDeviceClass": "09"})
	m.device("1-1", map[string]string{"idVendor": "0424", "idProduct": "9514", "bDeviceClass": "09"})
	// Terminals that are no ports: the console, and one of a driver without a chip.
	m.Write("sys/devices/virtual/tty/tty0/active", "")
	m.link("sys/class/tty/tty0", "sys/devices/virtual/tty/tty0")
	m.Write("sys/devices/platform/serial8250/tty/ttyS1/type", "0")
	m.link("sys/class/tty/ttyS1", "sys/devices/platform/serial8250/tty/ttyS1")
	m.link("sys/devices/platform/serial8250/tty/ttyS1/device", "sys/devices/platform/serial8250")
	return m
}

const usbRoot = "sys/devices/pci0000:00/0000:00:14.0/usb1"

func (m *Machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// Write makes a file with a line, and the folders it needs.
func (m *Machine) Write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.Root, name)
	m.must(os.MkdirAll(filepath.Dir(path), 0o755))
	m.must(os.WriteFile(path, []byte(text+"\n"), 0o644))
}

// link makes a relative link, as sysfs does.
func (m *Machine) link(name, target string) {
	m.t.Helper()
	path := filepath.Join(m.Root, name)
	m.must(os.MkdirAll(filepath.Dir(path), 0o755))
	rel, err := filepath.Rel(filepath.Dir(path), filepath.Join(m.Root, target))
	m.must(err)
	m.must(os.Symlink(rel, path))
}

func (m *Machine) device(path string, files map[string]string) string {
	m.t.Helper()
	dir := filepath.Join(usbRoot, path)
	m.nums++
	m.Write(filepath.Join(dir, "devnum"), fmt.Sprint(m.nums))
	for name, text := range files {
		if text != "" {
			m.Write(filepath.Join(dir, name), text)
		}
	}
	m.link("sys/bus/usb/devices/"+path, dir)
	return dir
}

// Plug plugs a stick in.
func (m *Machine) Plug(s Stick) {
	m.t.Helper()
	dir := m.device(s.Path, map[string]string{
		"idVendor": s.Vendor, "idProduct": s.Product, "bDeviceClass": "00",
		"manufacturer": s.Manufacturer, "product": s.Name, "serial": s.Serial,
	})
	for n, i := range s.Interfaces {
		if i.Number == 0 {
			i.Number = n
		}
		m.plugInterface(s, dir, i)
	}
}

func (m *Machine) plugInterface(s Stick, dir string, i Interface) {
	m.t.Helper()
	name := fmt.Sprintf("%s:1.%d", s.Path, i.Number)
	class := strings.Split(i.Class, "/")
	at := filepath.Join(dir, name)
	m.Write(filepath.Join(at, "bInterfaceNumber"), fmt.Sprintf("%02x", i.Number))
	m.Write(filepath.Join(at, "bInterfaceClass"), class[0])
	m.Write(filepath.Join(at, "bInterfaceSubClass"), class[1])
	m.Write(filepath.Join(at, "bInterfaceProtocol"), class[2])
	m.link("sys/bus/usb/devices/"+name, at)
	if i.Driver != "" {
		m.link(filepath.Join(at, "driver"), "sys/bus/usb/drivers/"+i.Driver)
	}
	if i.TTY == "" {
		return
	}
	// Ports of usb-serial are devices below their interface, those of cdc_acm are not.
	tty := filepath.Join(at, "tty", i.TTY)
	if strings.HasPrefix(i.TTY, "ttyUSB") {
		tty = filepath.Join(at, i.TTY, "tty", i.TTY)
	}
	m.Write(filepath.Join(tty, "dev"), "188:0")
	m.link("sys/class/tty/"+i.TTY, tty)
	node := filepath.Join(m.Root, "dev", i.TTY)
	if i.Target != "" {
		m.must(os.Symlink(i.Target, node))
	} else {
		m.must(os.WriteFile(node, nil, 0o644))
	}
	id := strings.ReplaceAll(strings.Join(strings.Fields(s.Manufacturer+" "+s.Name+" "+s.Serial), "_"), "/", "_")
	_ = os.Symlink("../../"+i.TTY, filepath.Join(m.Root, fmt.Sprintf("dev/serial/by-id/usb-%s-if%02x-port0", id, i.Number))) // taken if two sticks are equal
	m.must(os.Symlink("../../"+i.TTY, filepath.Join(m.Root, fmt.Sprintf("dev/serial/by-path/pci-0000:00:14.0-usb-0:%s:1.%d-port0", strings.TrimPrefix(s.Path, "1-"), i.Number))))
}

// PlugUART adds a serial port that is soldered to the board.
func (m *Machine) PlugUART(tty, chip string) {
	m.t.Helper()
	at := "sys/devices/platform/soc/" + chip
	m.Write(at+"/tty/"+tty+"/type", "32")
	m.link("sys/class/tty/"+tty, at+"/tty/"+tty)
	m.link(at+"/tty/"+tty+"/device", at)
	m.link(at+"/driver", "sys/bus/amba/drivers/uart-pl011")
	m.must(os.WriteFile(filepath.Join(m.Root, "dev", tty), nil, 0o644))
}

// Unplug pulls the stick at a path out.
func (m *Machine) Unplug(path string) {
	m.t.Helper()
	m.unlink(func(dir, name, target string) bool {
		if !strings.Contains(target+"/", "/"+path+"/") && !strings.Contains(target+"/", "/"+path+":") {
			return false
		}
		if dir == "sys/class/tty" {
			m.must(os.Remove(filepath.Join(m.Root, "dev", name)))
		}
		return true
	}, "sys/class/tty", "sys/bus/usb/devices")
	m.unlink(func(dir, _, target string) bool {
		_, err := os.Lstat(filepath.Join(m.Root, dir, target))
		return err != nil
	}, "dev/serial/by-id", "dev/serial/by-path")
	m.must(os.RemoveAll(filepath.Join(m.Root, usbRoot, path)))
}

// unlink removes the links in folders that gone chooses by their names and what they
// point to.
func (m *Machine) unlink(gone func(dir, name, target string) bool, dirs ...string) {
	m.t.Helper()
	for _, dir := range dirs {
		entries, err := os.ReadDir(filepath.Join(m.Root, dir))
		m.must(err)
		for _, e := range entries {
			name := filepath.Join(m.Root, dir, e.Name())
			target, err := os.Readlink(name)
			m.must(err)
			if gone(dir, e.Name(), target) {
				m.must(os.Remove(name))
			}
		}
	}
}

// Hold makes a program have a terminal open.
func (m *Machine) Hold(pid int, comm, tty string) {
	m.t.Helper()
	dir := fmt.Sprintf("proc/%d", pid)
	m.Write(dir+"/comm", comm)
	m.must(os.MkdirAll(filepath.Join(m.Root, dir, "fd"), 0o755))
	m.must(os.Symlink("/dev/"+tty, filepath.Join(m.Root, dir, "fd", "7")))
}

// Lock makes a gateway that runs have a terminal locked for a modem.
func (m *Machine) Lock(pid int, owner, tty string) {
	m.t.Helper()
	name := "run/lock/tetherd-dev-" + tty + ".lock"
	m.Write(name, owner)
	info, err := os.Stat(filepath.Join(m.Root, name))
	m.must(err)
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		m.t.Fatal("files have no inodes here")
	}
	m.Write("proc/locks", fmt.Sprintf("1: FLOCK  ADVISORY  WRITE %d 00:19:%d 0 EOF", pid, st.Ino))
}

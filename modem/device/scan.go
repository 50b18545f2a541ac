package device

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	usbDevices = "sys/bus/usb/devices"
	ttyClass   = "sys/class/tty"
	hubClass   = 9 // USB 2.0 §11.23.1
)

var (
	usbDevice    = regexp.MustCompile(`^[0-9]+-[0-9.]+$`)
	usbInterface = regexp.MustCompile(`^([0-9]+-[0-9.]+):[0-9]+\.[0-9]+$`)
)

// Scan returns what may be a modem: USB devices other than hubs, and UARTs that
// exist. USB devices come first, each kind ordered by path. What vanishes while it
// is looked at is left out.
func (s System) Scan() ([]Device, error) {
	ttys, err := fs.ReadDir(s.FS, ttyClass)
	if err != nil {
		return nil, fmt.Errorf("list terminals: %w", err)
	}
	devices := make(map[string]*Device)
	for _, name := range s.names(usbDevices) {
		if usbDevice.MatchString(name) {
			if d, ok := s.usbDevice(name); ok {
				devices[name] = &d
			}
		}
	}
	links := s.stableLinks()
	for _, e := range ttys {
		s.addTTY(devices, e.Name(), links[e.Name()])
	}
	out := make([]Device, 0, len(devices))
	for _, d := range devices {
		slices.SortFunc(d.Ports, func(a, b Port) int {
			return cmp.Or(cmp.Compare(a.Interface.Number, b.Interface.Number), natural(a.TTY, b.TTY))
		})
		d.assignRoles()
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Device) int {
		if a.USB != b.USB {
			if a.USB {
				return -1
			}
			return 1
		}
		return natural(a.Path, b.Path)
	})
	return out, nil
}

// usbDevice reads a USB device and its interfaces.
func (s System) usbDevice(name string) (Device, bool) {
	dir := path.Join(usbDevices, name)
	vendor, ok1 := s.hex(dir+"/idVendor", 16)
	product, ok2 := s.hex(dir+"/idProduct", 16)
	if class, _ := s.hex(dir+"/bDeviceClass", 8); !ok1 || !ok2 || class == hubClass {
		return Device{}, false
	}
	d := Device{
		Path: name, USB: true, Vendor: uint16(vendor), Product: uint16(product),
		Manufacturer: descriptor(s.text(dir + "/manufacturer")),
		Name:         descriptor(s.text(dir + "/product")),
		Serial:       serialNumber(s.text(dir + "/serial")),
	}
	d.Num, _ = strconv.Atoi(s.text(dir + "/devnum")) // 0 if it is gone
	for _, e := range s.names(dir) {
		if usbInterface.MatchString(e) {
			if i, ok := s.usbInterface(path.Join(dir, e)); ok {
				d.Interfaces = append(d.Interfaces, i)
			}
		}
	}
	slices.SortFunc(d.Interfaces, func(a, b Interface) int { return cmp.Compare(a.Number, b.Number) })
	return d, true
}

func (s System) usbInterface(dir string) (Interface, bool) {
	number, ok := s.hex(dir+"/bInterfaceNumber", 8)
	class, ok2 := s.hex(dir+"/bInterfaceClass", 8)
	sub, _ := s.hex(dir+"/bInterfaceSubClass", 8)
	protocol, _ := s.hex(dir+"/bInterfaceProtocol", 8)
	i := Interface{Number: int(number), Class: uint8(class), SubClass: uint8(sub), Protocol: uint8(protocol)}
	if driver, ok := s.link(dir + "/driver"); ok {
		i.Driver = path.Base(driver)
	}
	return i, ok && ok2
}

// addTTY adds a terminal to the device it belongs to.
func (s System) addTTY(devices map[string]*Device, name string, links []string) {
	at, ok := s.link(path.Join(ttyClass, name))
	if !ok || strings.Contains(at, "/virtual/") {
		return
	}
	for dir := path.Dir(at); dir != "."; dir = path.Dir(dir) {
		m := usbInterface.FindStringSubmatch(path.Base(dir))
		if m == nil {
			continue
		}
		d, ok := devices[m[1]]
		i, ok2 := s.usbInterface(dir)
		if ok && ok2 {
			d.Ports = append(d.Ports, Port{TTY: name, Interface: i, Links: links})
		}
		return
	}
	// A UART. The 8250 driver makes more terminals than there are chips: those have
	// the type 0.
	hardware, ok := s.link(path.Join(at, "device"))
	if kind := s.text(path.Join(at, "type")); !ok || kind == "" || kind == "0" {
		return // a console, or nothing behind it
	}
	devices[name] = &Device{
		Path: path.Base(hardware), Num: 1,
		Ports: []Port{{TTY: name, Interface: Interface{Number: -1}, Links: links}},
	}
}

// stableLinks returns the names udev keeps for terminals, by kernel name.
func (s System) stableLinks() map[string][]string {
	out := make(map[string][]string)
	for _, dir := range []string{"dev/serial/by-id", "dev/serial/by-path", "dev/tetherd"} {
		for _, name := range s.names(dir) {
			if target, ok := s.link(path.Join(dir, name)); ok {
				tty := path.Base(target)
				out[tty] = append(out[tty], "/"+path.Join(dir, name))
			}
		}
	}
	return out
}

// descriptor returns what a device says about itself, freed of what is no text.
func descriptor(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, s)), " ")
}

// sharedSerials are serial numbers that many devices have.
var sharedSerials = []string{"0123456789ABCDEF", "1234567890ABCDEF", "123456789ABCDEF", "0123456789", "1234567890", "0001"}

// serialNumber returns a serial number, or nothing if it tells no device from
// another.
func serialNumber(s string) string {
	if s == "" || descriptor(s) != s || slices.Contains(sharedSerials, strings.ToUpper(s)) || strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// natural compares names in which numbers count as numbers: ttyUSB9 < ttyUSB10.
func natural(a, b string) int {
	for a != "" && b != "" {
		if digit(a[0]) && digit(b[0]) {
			i, j := digits(a), digits(b)
			x, y := strings.TrimLeft(a[:i], "0"), strings.TrimLeft(b[:j], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[i:], b[j:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

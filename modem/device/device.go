package device

import (
	"cmp"
	"fmt"
	"slices"
)

// Device is something that may be a modem: a USB device, or a UART.
type Device struct {
	// Path names the place it is plugged in: the bus and ports on the way to it for a
	// USB device, such as 1-1.2; the kernel's name of it for a UART. It stays the same
	// over unplugging and restarts.
	Path string
	USB  bool
	// Vendor and Product are idVendor and idProduct of a USB device.
	Vendor, Product uint16
	Manufacturer    string // as the device says, may be empty
	Name            string // as the device says, may be empty
	Serial          string // serial number; empty if there is none worth the name
	Num             int    // devnum: another each time a USB device is plugged in
	Interfaces      []Interface
	Ports           []Port // ordered by interface, then by name
}

// Interface is an interface of a USB device (USB 2.0 §9.6.5).
type Interface struct {
	Number                    int // -1 stands for none: not a USB device
	Class, SubClass, Protocol uint8
	Driver                    string // empty if no driver took it
}

// Port is a terminal of a device.
type Port struct {
	TTY       string // the kernel's name now, such as ttyUSB2
	Interface Interface
	Role      Role
	// Known tells that Role comes from a table or from the interface's own
	// description. Else it is a guess.
	Known bool
	// Links are names of it that udev keeps stable, by-id before by-path.
	Links []string
}

// Role is what a port is for.
type Role string

// The roles.
const (
	RoleAT      Role = "at"      // takes commands and tells news: the one to use
	RoleModem   Role = "modem"   // takes commands, too, but is meant for data calls
	RoleUnknown Role = "unknown" // may be any of the others
	RoleDiag    Role = "diag"    // a binary protocol of the chip's maker
	RoleGPS     Role = "gps"     // NMEA sentences
	RoleAudio   Role = "audio"   // sound of voice calls
)

// usable tells whether a port of the role may answer AT commands.
func (r Role) usable() bool { return r == RoleAT || r == RoleModem || r == RoleUnknown }

// ID returns vendor and product as lsusb shows them; empty if it is not USB.
func (d Device) ID() string {
	if !d.USB {
		return ""
	}
	return fmt.Sprintf("%04x:%04x", d.Vendor, d.Product)
}

// Title names the device for people.
func (d Device) Title() string {
	name := d.Name
	switch {
	case name == "" && d.Manufacturer == "":
		name = d.family()
	case name == "":
		name = d.Manufacturer
	}
	switch {
	case name == "" && d.USB:
		return "USB device " + d.ID()
	case name == "":
		if len(d.Ports) > 0 {
			return "serial port " + d.Ports[0].TTY
		}
		return "serial port " + d.Path
	}
	return name
}

// Candidates returns the ports that may take AT commands, the likeliest first.
// Ports of which nothing is known come in the order of their interfaces.
func (d Device) Candidates() []Port {
	rank := map[Role]int{RoleAT: 0, RoleUnknown: 1, RoleModem: 2}
	var out []Port
	for _, p := range d.Ports {
		if p.Role.usable() {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Port) int { return cmp.Compare(rank[a.Role], rank[b.Role]) })
	return out
}

// likely returns the port to use without asking any; ok is false if that would be
// a guess among several.
func (d Device) likely() (Port, bool) {
	c := d.Candidates()
	switch {
	case len(c) == 0:
		return Port{}, false
	case len(c) == 1, c[0].Role == RoleAT, c[0].Role == RoleModem:
		return c[0], true
	}
	return Port{}, false
}

// Best returns the port to use, and whether that is more than a guess; ok is
// false if there is none.
func (d Device) Best() (p Port, sure, ok bool) {
	if p, ok := d.likely(); ok {
		return p, true, true
	}
	if c := d.Candidates(); len(c) > 0 {
		return c[0], false, true
	}
	return Port{}, false, false
}

// Adapter tells that the device is a serial adapter, on which anything may hang.
func (d Device) Adapter() bool {
	f := familyOf(d.Vendor, d.Product)
	return d.USB && f != nil && f.adapter
}

package device

import (
	"fmt"
	"slices"
)

// Mode is what a device presents itself as.
type Mode string

// The modes.
const (
	ModeModem   Mode = "modem"   // has ports, or may have some
	ModeStorage Mode = "storage" // a CD-ROM with the maker's programs, until told to change
	ModeNetwork Mode = "network" // a router of its own behind a network card: HiLink and the like
	ModeBoot    Mode = "boot"    // the boot loader of the chip: the firmware is gone
)

// modeRow says that a product is no modem now.
type modeRow struct {
	vendor   uint16
	products []uint16
	mode     Mode
}

// modes lists products that a modem turns into, and that have no AT port.
var modes = []modeRow{
	{0x12d1, []uint16{0x1446, 0x14d1, 0x14fe, 0x1520, 0x1521, 0x1f01, 0x1f02, 0x1505, 0x151a, 0x155b, 0x1583, 0x15ca, 0x15cd, 0x1d50, 0x1da1, 0x380b}, ModeStorage},
	{0x19d2, []uint16{0x2000, 0x0083, 0x0103, 0x0115, 0x0166, 0x1007, 0x1009, 0x1013, 0x1017, 0x1201, 0x1224, 0x1225, 0x1227, 0x1232, 0x1233, 0x1420, 0x1514, 0x1517, 0xfff5, 0xfff6}, ModeStorage},
	{0x05c6, []uint16{0x1000, 0x2000, 0x2001, 0xf000}, ModeStorage},
	{0x0af0, []uint16{0xd001, 0xd013, 0xd031, 0xd033, 0xd035, 0xd055, 0xd057}, ModeStorage},
	{0x1bbb, []uint16{0xf000, 0xf017, 0x00ca}, ModeStorage},
	{0x2001, []uint16{0xa706, 0xa707, 0xa708, 0xa805, 0xab00, 0xac01}, ModeStorage},
	{0x1199, []uint16{0x0fff}, ModeStorage},
	{0x12d1, []uint16{0x14db, 0x14dc}, ModeNetwork},
	{0x19d2, []uint16{0x1405, 0x1408}, ModeNetwork},
	{0x05c6, []uint16{0x9008}, ModeBoot},
}

const storageClass = 8

// Mode tells what the device presents itself as now.
func (d Device) Mode() Mode {
	if !d.USB || len(d.Ports) > 0 {
		return ModeModem
	}
	for _, r := range modes {
		if r.vendor == d.Vendor && slices.Contains(r.products, d.Product) {
			return r.mode
		}
	}
	if f := familyOf(d.Vendor, d.Product); f == nil || f.adapter || len(d.Interfaces) == 0 {
		return ModeModem
	}
	for _, i := range d.Interfaces {
		if i.Class != storageClass {
			return ModeModem
		}
	}
	return ModeStorage
}

// Trouble says why the device is no use as a modem and what to do, in sentences;
// empty if it can be used.
func (d Device) Trouble() string {
	switch d.Mode() {
	case ModeStorage:
		return "It is in storage mode, where it looks like a CD-ROM. Install the package usb-modeswitch, then unplug it and plug it in again."
	case ModeNetwork:
		return "It runs firmware that makes it a router with a web page (such as HiLink) and has no AT port. It needs other firmware, or use another modem."
	case ModeBoot:
		return "Its firmware did not start: only its boot loader (Qualcomm EDL) answers. Unplug it for ten seconds; if it comes back like this, it is broken or needs new firmware."
	}
	if len(d.Ports) == 0 {
		return "It has no serial port: no driver took it. Load the drivers with \"modprobe option\" and plug it in again, or use another modem."
	}
	if len(d.Candidates()) == 0 {
		return "None of its ports takes AT commands. Use another modem."
	}
	return ""
}

// where names a device for the owner of a modem.
func (d Device) where() string {
	if d.USB {
		return fmt.Sprintf("%s (%s, USB %s)", d.Title(), d.ID(), d.Path)
	}
	return d.Title()
}

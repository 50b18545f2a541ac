package device

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Uevent is a message about a device that came, went or changed.
type Uevent struct {
	Action    string // add, remove, bind …
	Subsystem string // tty, usb …
	Path      string // of the device, below sys
	Name      string // of its node, below dev; empty if it has none
}

// Messages of udev begin with a header (systemd, sd-device's monitor); those of
// the kernel with "ACTION@PATH".
var udevMagic = []byte("libudev\x00")

const (
	udevVersion    = 0xfeedcafe // in network byte order
	udevHeaderSize = 24         // at least: magic, version, size, offset and length of the properties
)

// ParseUevent reads a datagram of the kernel's uevent socket, whether from the
// kernel or from udev.
func ParseUevent(b []byte) (Uevent, bool) {
	if rest, ok := bytes.CutPrefix(b, udevMagic); ok {
		if len(b) < udevHeaderSize || binary.BigEndian.Uint32(rest) != udevVersion {
			return Uevent{}, false
		}
		offset, length := binary.NativeEndian.Uint32(b[16:]), binary.NativeEndian.Uint32(b[20:])
		if uint64(offset)+uint64(length) > uint64(len(b)) {
			return Uevent{}, false
		}
		return properties(b[offset : offset+length])
	}
	head, rest, ok := bytes.Cut(b, []byte{0})
	if !ok || bytes.IndexByte(head, '@') < 1 {
		return Uevent{}, false
	}
	return properties(rest)
}

// properties reads lines KEY=VALUE that end in a zero.
func properties(b []byte) (Uevent, bool) {
	var e Uevent
	for p := range bytes.SplitSeq(b, []byte{0}) {
		key, value, _ := strings.Cut(string(p), "=")
		switch key {
		case "ACTION":
			e.Action = value
		case "SUBSYSTEM":
			e.Subsystem = value
		case "DEVPATH":
			e.Path = value
		case "DEVNAME":
			e.Name = strings.TrimPrefix(value, "/dev/")
		}
	}
	return e, e.Action != "" && e.Path != ""
}

// relevant tells whether a terminal or a USB device may have come or gone.
func (e Uevent) relevant() bool { return e.Subsystem == "tty" || e.Subsystem == "usb" }

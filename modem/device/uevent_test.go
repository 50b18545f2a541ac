package device

import (
	"encoding/binary"
	"strings"
	"testing"
)

// udevMessage puts the header of udev in front of properties.
func udevMessage(properties string) []byte {
	b := append([]byte("libudev\x00"), make([]byte, 32)...)
	binary.BigEndian.PutUint32(b[8:], 0xfeedcafe)
	binary.NativeEndian.PutUint32(b[12:], 40)
	binary.NativeEndian.PutUint32(b[16:], 40)
	binary.NativeEndian.PutUint32(b[20:], uint32(len(properties)))
	return append(b, properties...)
}

const (
	ttyPath  = "/devices/pci0000:00/usb1/1-1/1-1:1.2/ttyUSB2/tty/ttyUSB2"
	ttyAdded = "ACTION=add\x00DEVPATH=" + ttyPath + "\x00SUBSYSTEM=tty\x00MAJOR=188\x00MINOR=2\x00DEVNAME="
)

func TestParseUevent(t *testing.T) {
	want := Uevent{Action: "add", Subsystem: "tty", Path: ttyPath, Name: "ttyUSB2"}
	tests := []struct {
		name string
		in   []byte
		want Uevent
		ok   bool
	}{
		{"kernel", []byte("add@" + ttyPath + "\x00" + ttyAdded + "ttyUSB2\x00SEQNUM=4711\x00"), want, true},
		{"udev", udevMessage(ttyAdded + "/dev/ttyUSB2\x00ID_BUS=usb\x00"), want, true},
		{"empty", nil, Uevent{}, false},
		{"no properties", []byte("add@/x\x00"), Uevent{}, false},
		{"no header", []byte(ttyAdded + "ttyUSB2\x00"), Uevent{}, false},
		{"udev, cut", udevMessage(ttyAdded)[:30], Uevent{}, false},
		{"udev, another version", append([]byte("libudev\x00"), make([]byte, 40)...), Uevent{}, false},
	}
	for _, tt := range tests {
		got, ok := ParseUevent(tt.in)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
	if !want.relevant() || (Uevent{Subsystem: "block"}).relevant() {
		t.Error("terminals are relevant, disks are not")
	}
}

func FuzzParseUevent(f *testing.F) {
	f.Add([]byte("add@" + ttyPath + "\x00" + ttyAdded + "ttyUSB2\x00"))
	f.Add(udevMessage(ttyAdded))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, ok := ParseUevent(in)
		if ok && (e.Action == "" || e.Path == "" || strings.Contains(e.Action+e.Path+e.Name+e.Subsystem, "\x00")) {
			t.Errorf("%q is read as %+v", in, e)
		}
	})
}

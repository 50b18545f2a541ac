package modem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usbOff is for how long a USB device stays disconnected.
const usbOff = 2 * time.Second

// usbdevfsReset is USBDEVFS_RESET of linux/usbdevice_fs.h, _IO('U', 20).
const usbdevfsReset = 0x5514

// usbBus resets USB devices. It is safe for concurrent use.
type usbBus interface {
	// name returns the device behind a port, such as "1-1.4"; "" if there is none.
	name(port string) string
	// has tells whether the device behind port, or the one of that name if the port is
	// not there, can be reset by this process.
	has(port, name string) bool
	// reset disconnects the device and connects it again.
	reset(ctx context.Context, port, name string) error
}

// sysfs is the USB devices of a Linux system.
type sysfs struct {
	sys string        // "/sys"
	dev string        // "/dev"
	off time.Duration // usbOff
}

var _ usbBus = sysfs{}

func (u sysfs) name(port string) string {
	device, err := filepath.EvalSymlinks(port)
	if err != nil {
		return ""
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(u.sys, "class", "tty", filepath.Base(device), "device"))
	if err != nil {
		return ""
	}
	root, err := filepath.EvalSymlinks(u.sys)
	if err != nil {
		return ""
	}
	// From the interface, or what is on it, up to the device.
	for ; strings.HasPrefix(dir, root+"/"); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "idVendor")); err == nil {
			return filepath.Base(dir)
		}
	}
	return ""
}

// find returns the folder of the device.
func (u sysfs) find(port, name string) (dir string, ok bool) {
	if now := u.name(port); now != "" {
		name = now
	}
	if name == "" || filepath.Base(name) != name {
		return "", false
	}
	dir = filepath.Join(u.sys, "bus", "usb", "devices", name)
	_, err := os.Stat(filepath.Join(dir, "idVendor"))
	return dir, err == nil
}

func (u sysfs) has(port, name string) bool {
	dir, ok := u.find(port, name)
	return ok && (u.mayAuthorize(dir) || u.mayRebind() || u.node(dir) != "")
}

func (u sysfs) mayAuthorize(dir string) bool { return writable(filepath.Join(dir, "authorized")) }

func (u sysfs) mayRebind() bool {
	return writable(filepath.Join(u.driver(), "unbind")) && writable(filepath.Join(u.driver(), "bind"))
}

func (u sysfs) driver() string { return filepath.Join(u.sys, "bus", "usb", "drivers", "usb") }

// node returns the device's file below /dev/bus/usb; "" if it cannot be written.
func (u sysfs) node(dir string) string {
	number := func(file string) string {
		b, err := os.ReadFile(filepath.Join(dir, file))
		text := strings.TrimSpace(string(b))
		if err != nil || !digits(text) || len(text) > 3 {
			return ""
		}
		return strings.Repeat("0", 3-len(text)) + text
	}
	bus, dev := number("busnum"), number("devnum")
	if bus == "" || dev == "" {
		return ""
	}
	path := filepath.Join(u.dev, "bus", "usb", bus, dev)
	if !writable(path) {
		return ""
	}
	return path
}

func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }

// reset tries the ways to do it from the most thorough to the least.
func (u sysfs) reset(ctx context.Context, port, name string) error {
	dir, ok := u.find(port, name)
	if !ok {
		return errors.New("reset USB device: it is not there")
	}
	var errs []error
	if u.mayAuthorize(dir) {
		file := filepath.Join(dir, "authorized")
		err := u.toggle(ctx, file, "0", file, "1")
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	if u.mayRebind() {
		id := filepath.Base(dir)
		err := u.toggle(ctx, filepath.Join(u.driver(), "unbind"), id, filepath.Join(u.driver(), "bind"), id)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	if node := u.node(dir); node != "" {
		err := resetNode(node)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return errors.New("reset USB device: this process may not; see the udev rules")
	}
	return fmt.Errorf("reset USB device: %w", errors.Join(errs...))
}

// toggle writes the two values with a rest in between. The second is written
// whatever happens: the device must not stay off.
func (u sysfs) toggle(ctx context.Context, offFile, off, onFile, on string) error {
	err := put(offFile, off)
	if err == nil {
		rest(ctx, u.off)
	}
	return errors.Join(err, put(onFile, on))
}

// put writes a value into a file of sysfs, which has to be there.
func put(file, value string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// resetNode has the hub reset the port the device is on.
func resetNode(node string) error {
	f, err := os.OpenFile(node, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.IoctlSetInt(int(f.Fd()), usbdevfsReset, 0); err != nil {
		return fmt.Errorf("reset %s: %w", node, err)
	}
	return nil
}

// switchesMode tells whether a modem that comes back as a storage device would be
// made a modem again: the program for that is installed.
func switchesMode() bool {
	for _, path := range []string{"/usr/sbin/usb_modeswitch", "/usr/bin/usb_modeswitch", "/usr/local/sbin/usb_modeswitch"} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}

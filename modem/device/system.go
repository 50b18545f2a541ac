package device

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// System is the machine whose devices are looked at. It is safe for concurrent
// use.
type System struct {
	// FS is the root of the file system, with sys, proc, dev and run in it. It must
	// be an [fs.ReadLinkFS] to be of use.
	FS fs.FS
	// Root is where FS lies: the path of a device is Root/dev/NAME.
	Root string
}

// Host returns the machine this runs on.
func Host() System { return At("/") }

// At returns a machine whose files lie below root.
func At(root string) System { return System{FS: os.DirFS(root), Root: root} }

// Path returns the path of a terminal by its kernel name, such as ttyUSB0.
func (s System) Path(tty string) string { return filepath.Join(s.Root, "dev", tty) }

// text returns what a file of one line says; empty if it cannot be read.
func (s System) text(name string) string {
	data, err := fs.ReadFile(s.FS, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// hex returns the number in a file; ok is false if there is none.
func (s System) hex(name string, bits int) (n uint64, ok bool) {
	n, err := strconv.ParseUint(s.text(name), 16, bits)
	return n, err == nil
}

// link returns what a symbolic link leads to, relative to the root.
func (s System) link(name string) (string, bool) {
	target, err := fs.ReadLink(s.FS, name)
	if err != nil {
		return "", false
	}
	if path.IsAbs(target) {
		return strings.TrimPrefix(path.Clean(target), "/"), true
	}
	return path.Join(path.Dir(name), target), true
}

// names returns the entries of a folder, sorted; none if it cannot be read.
func (s System) names(dir string) []string {
	entries, _ := fs.ReadDir(s.FS, dir) // what could be read counts
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name()
	}
	return out
}

// Fingerprint returns a text that changes when a terminal or a USB device comes,
// goes or is plugged in again.
func (s System) Fingerprint() string {
	var b strings.Builder
	for _, name := range s.names("sys/class/tty") {
		b.WriteString(name)
		b.WriteByte(' ')
	}
	for _, name := range s.names("sys/bus/usb/devices") {
		if !strings.Contains(name, ":") { // a device, not one of its interfaces
			b.WriteString(name + "#" + s.text("sys/bus/usb/devices/"+name+"/devnum") + " ")
		}
	}
	return b.String()
}

// Denied tells whether this user may not read and write a terminal.
func (s System) Denied(tty string) bool {
	return errors.Is(unix.Access(s.Path(tty), unix.R_OK|unix.W_OK), fs.ErrPermission)
}

package modem

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"go.bug.st/serial"

	"tetherd/modem/device"
)

// portError is why a port could not be opened, with a sentence for its owner.
type portError struct {
	reason  string
	err     error
	trouble trouble // the modem's part in it
}

func (e *portError) Error() string { return e.err.Error() }
func (e *portError) Unwrap() error { return e.err }

// openSerial opens the device that path leads to and locks it against other
// programs in the name of owner. TIOCEXCL, which the serial package sets, does not
// stop root.
func openSerial(path, owner string) (io.ReadWriteCloser, error) {
	node, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, explain(path, path, err)
	}
	lock, err := device.TakeLock(device.LockDir(), node, owner)
	if err != nil {
		return nil, explain(path, node, err)
	}
	// Modem lines such as DTR are left as the system sets them at opening: raised.
	// Setting them would fail on a device that is no real UART.
	port, err := serial.Open(node, &serial.Mode{BaudRate: baudRates[0]})
	if err != nil {
		lock.Release()
		return nil, explain(path, node, err)
	}
	return newPort(node, port, lock), nil
}

// OpenPort opens a port to talk to a modem by hand, locked like those of modems
// that run. The error says what to do.
func OpenPort(path string) (io.ReadWriteCloser, error) {
	port, err := openSerial(path, "tetherd modem at")
	if e, ok := errors.AsType[*portError](err); ok {
		return nil, errors.New(e.reason)
	}
	return port, err
}

// lockedPort is an open port with the lock that guards it.
type lockedPort struct {
	serial.Port
	lock *device.Lock
}

func (p *lockedPort) Close() error {
	err := p.Port.Close()
	p.lock.Release()
	return err
}

// explain finds words for the owner of a port that cannot be opened. node is
// where path leads to.
func explain(path, node string, err error) error {
	name := path
	if node != path {
		name = fmt.Sprintf("%s (%s)", path, node)
	}
	code := serial.PortErrorCode(-1)
	if e, ok := errors.AsType[*serial.PortError](err); ok {
		code = e.Code()
	}
	e := &portError{err: fmt.Errorf("open port: %w", err)}
	switch {
	case errors.Is(err, fs.ErrNotExist), code == serial.PortNotFound, errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		e.reason = fmt.Sprintf("Port %s is not there. Plug the modem in, or check the name: \"tetherd modem list\" shows what is plugged in, \"ls -l /dev/serial/by-id\" the names of ports.", path)
		if !errors.Is(err, fs.ErrNotExist) {
			e.err = errors.Join(e.err, fs.ErrNotExist)
		}
	case errors.Is(err, device.ErrLocked), code == serial.PortBusy, errors.Is(err, syscall.EBUSY):
		if hs := device.Host().Holders(node)[node]; len(hs) > 0 {
			e.reason = fmt.Sprintf("Port %s is in use by %s. %s", name, device.Names(hs), device.Remedies(hs))
		} else {
			e.reason = fmt.Sprintf("Port %s is in use by another program. Stop that program, or keep it away from this port; \"sudo tetherd modem list\" names it.", name)
		}
	case errors.Is(err, fs.ErrPermission), code == serial.PermissionDenied:
		e.reason = fmt.Sprintf("No permission to open port %s. Add the user of this service to the group that owns it (%s) and start it again.", name, device.Group(node))
	case code == serial.InvalidSerialPort:
		e.reason = fmt.Sprintf("%s is no serial port. Check the name of the port.", name)
	default:
		e.reason = fmt.Sprintf("Port %s cannot be opened: %v.", name, err)
		e.trouble = troublePort
	}
	return e
}

// missing tells that the port does not exist.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// deviceIdentity returns a string that changes when the device that path leads
// to comes, goes or is replaced by another one; always the same if path is no
// path.
func deviceIdentity(path string) string {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	link, err1 := os.Lstat(path)
	node, err2 := os.Stat(target)
	if err1 != nil || err2 != nil {
		return ""
	}
	id := target + " " + link.ModTime().String()
	if st, ok := node.Sys().(*syscall.Stat_t); ok {
		id += fmt.Sprintf(" %d %d %d %o %d", st.Dev, st.Ino, st.Rdev, st.Mode, st.Gid)
	}
	return id
}

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
)

// baudRate suits USB modems, which ignore it, and most modules on a UART.
const baudRate = 115200

// portError is why a port could not be opened, with a sentence for its owner.
type portError struct {
	reason string
	err    error
}

func (e *portError) Error() string { return e.err.Error() }
func (e *portError) Unwrap() error { return e.err }

// openSerial opens the device that path leads to and locks it against other
// programs. TIOCEXCL, which the serial package sets, does not stop root.
func openSerial(path string) (io.ReadWriteCloser, error) {
	device, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, explain(path, path, err)
	}
	lock, err := lockDevice(lockDir(), device)
	if err != nil {
		return nil, explain(path, device, err)
	}
	// Modem lines such as DTR are left as the system sets them at opening: raised.
	// Setting them would fail on a device that is no real UART.
	port, err := serial.Open(device, &serial.Mode{BaudRate: baudRate})
	if err != nil {
		lock.release()
		return nil, explain(path, device, err)
	}
	return &lockedPort{Port: port, lock: lock}, nil
}

// lockedPort is an open port with the lock that guards it.
type lockedPort struct {
	serial.Port
	lock *deviceLock
}

func (p *lockedPort) Close() error {
	err := p.Port.Close()
	p.lock.release()
	return err
}

// explain finds words for the owner of a port that cannot be opened.
func explain(path, device string, err error) error {
	name := path
	if device != path {
		name = fmt.Sprintf("%s (%s)", path, device)
	}
	code := serial.PortErrorCode(-1)
	if e, ok := errors.AsType[*serial.PortError](err); ok {
		code = e.Code()
	}
	e := &portError{err: fmt.Errorf("open port: %w", err)}
	switch {
	case errors.Is(err, fs.ErrNotExist), code == serial.PortNotFound, errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		e.reason = fmt.Sprintf("Port %s is not there. Plug the modem in, or check the name: \"ls -l /dev/serial/by-id\" lists the ports of USB modems.", path)
		if !errors.Is(err, fs.ErrNotExist) {
			e.err = errors.Join(e.err, fs.ErrNotExist)
		}
	case errors.Is(err, errLocked), code == serial.PortBusy, errors.Is(err, syscall.EBUSY):
		e.reason = fmt.Sprintf("Port %s is in use by %s. Stop that program, or keep it away from this port.", name, users(device))
	case errors.Is(err, fs.ErrPermission), code == serial.PermissionDenied:
		e.reason = fmt.Sprintf("No permission to open port %s. Add the user of this service to the group that owns it, usually dialout, and start it again.", name)
	case code == serial.InvalidSerialPort:
		e.reason = fmt.Sprintf("%s is no serial port. Check the name of the port.", name)
	default:
		e.reason = fmt.Sprintf("Port %s cannot be opened: %v.", name, err)
	}
	return e
}

// missing tells that the port does not exist.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// deviceIdentity returns a string that changes when the device that path leads
// to comes, goes or is replaced by another one; always the same if path is no
// path.
func deviceIdentity(path string) string {
	device, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	link, err1 := os.Lstat(path)
	node, err2 := os.Stat(device)
	if err1 != nil || err2 != nil {
		return ""
	}
	id := device + " " + link.ModTime().String()
	if st, ok := node.Sys().(*syscall.Stat_t); ok {
		id += fmt.Sprintf(" %d %d %d", st.Dev, st.Ino, st.Rdev)
	}
	return id
}

package device

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// The groups that uevents are sent to: by the kernel, and by udev, which is then
// done with permissions and links.
const (
	groupKernel = 1 << 0
	groupUdev   = 1 << 1
)

// listen calls changed for each uevent that may concern a modem, until ctx ends.
// It returns an error if uevents cannot be received.
func listen(ctx context.Context, changed func()) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return fmt.Errorf("open uevent socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groupKernel | groupUdev}); err != nil {
		return errors.Join(fmt.Errorf("bind uevent socket: %w", err), unix.Close(fd))
	}
	f := os.NewFile(uintptr(fd), "uevents")
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(closed); _ = f.Close() })
	defer func() {
		if stop() {
			_ = f.Close() // nothing was written
		} else {
			<-closed
		}
	}()
	buf := make([]byte, 16<<10)
	for {
		n, err := f.Read(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, unix.ENOBUFS): // some were lost
			changed()
		case err != nil:
			return fmt.Errorf("read uevent: %w", err)
		default:
			// Who sent it does not matter: it is only a reason to look.
			if e, ok := ParseUevent(buf[:n]); ok && e.relevant() {
				changed()
			}
		}
	}
}

package emulator

import (
	"fmt"
	"os"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// ptyPair is the master of a raw pseudo terminal. It holds the slave open as well, so that
// the master does not read an end whenever no host has the port open.
type ptyPair struct {
	*os.File // master
	slave    *os.File
	events   *os.File // inotify, of closes of the slave
	done     chan struct{}
	left     func() // called each time a host closes the slave
}

// openPTY makes a pseudo terminal without echo or any processing of lines.
func openPTY(left func()) (*ptyPair, error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	master, err := unblock(blocking)
	if err != nil {
		slave.Close()
		return nil, err
	}
	p := &ptyPair{File: master, slave: slave, done: make(chan struct{}), left: left}
	if err := p.setUp(); err != nil {
		master.Close()
		slave.Close()
		return nil, err
	}
	go p.shareAgain()
	return p, nil
}

// unblock moves a file to the runtime's poller, so that Close ends a Read that waits.
func unblock(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate terminal: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("unblock terminal: %w", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

func (p *ptyPair) setUp() error {
	fd := int(p.slave.Fd())
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return fmt.Errorf("get terminal settings: %w", err)
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, t); err != nil {
		return fmt.Errorf("set terminal raw: %w", err)
	}
	watch, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("watch terminal: %w", err)
	}
	p.events = os.NewFile(uintptr(watch), "inotify")
	if _, err := unix.InotifyAddWatch(watch, p.slave.Name(), unix.IN_CLOSE_WRITE|unix.IN_CLOSE_NOWRITE); err != nil {
		p.events.Close()
		return fmt.Errorf("watch terminal: %w", err)
	}
	return nil
}

// Name is the path of the slave.
func (p *ptyPair) Name() string { return p.slave.Name() }

// shareAgain ends the exclusive use of the terminal (TIOCEXCL) each time a host closes it. A
// host that is killed cannot do so itself, and unlike a real port a pseudo terminal whose
// other end lives on would keep the mark and refuse everyone.
func (p *ptyPair) shareAgain() {
	defer close(p.done)
	buf := make([]byte, 4096)
	for {
		if _, err := p.events.Read(buf); err != nil {
			return
		}
		// An error means that the slave is closed, and with it the mark is gone.
		_ = unix.IoctlSetInt(int(p.slave.Fd()), unix.TIOCNXCL, 0)
		p.left()
	}
}

// Close hangs up: whoever has the slave open reads an end or an I/O error. It may be called
// more than once.
func (p *ptyPair) Close() error {
	err := p.File.Close()
	p.events.Close()
	<-p.done
	p.slave.Close()
	return err
}

package device_test

import (
	"io"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// mute returns the path of a terminal nobody answers on.
func mute(t *testing.T) string {
	t.Helper()
	return terminal(t, func(io.ReadWriter) {})
}

// babbling returns the path of a terminal that says something again and again,
// whoever listens.
func babbling(t *testing.T, text string) string {
	t.Helper()
	return terminal(t, func(rw io.ReadWriter) {
		if _, err := io.WriteString(rw, text); err != nil {
			t.Error(err)
		}
	})
}

// terminal returns the path of a raw terminal, and has begin write to it.
func terminal(t *testing.T, begin func(rw io.ReadWriter)) string {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close(); _ = slave.Close() })
	fd := int(slave.Fd())
	state, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	state.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
	state.Iflag &^= unix.ICRNL
	state.Oflag &^= unix.OPOST
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, state); err != nil {
		t.Fatal(err)
	}
	begin(master)
	return slave.Name()
}

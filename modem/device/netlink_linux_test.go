package device

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The socket of uevents can be opened without privileges, and is given up with
// the context.
func TestListen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- listen(ctx, func() {}) }()
	cancel()
	select {
	case err := <-done:
		// A sandbox may forbid the family of sockets, in which case polling does.
		if err != nil && !errors.Is(err, unix.EAFNOSUPPORT) && !errors.Is(err, unix.EPROTONOSUPPORT) && !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("listening does not end")
	}
}

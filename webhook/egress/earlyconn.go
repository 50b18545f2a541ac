package egress

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// earlyConn is a connection to a receiver that may answer and hang up before it
// has read the whole request. What it said is then there to be read, but a
// transport that cannot write does not look. Here writing succeeds instead, and
// reading, which is what the transport does next, tells how it is.
type earlyConn struct {
	net.Conn
	hungUp atomic.Bool
}

// Write implements [net.Conn].
func (c *earlyConn) Write(b []byte) (int, error) {
	if c.hungUp.Load() {
		return len(b), nil
	}
	n, err := c.Conn.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		c.hungUp.Store(true)
		return len(b), nil
	}
	return n, err
}

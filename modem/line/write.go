package line

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"time"
)

// What the engine writes, beside commands.
const (
	escape = "\x1b"
	ctrlZ  = 0x1a
)

// Write takes what the engine writes: a command line, of which the LF behind the
// CR is dropped, because any character can abort a command (V.250 §5.6.1); or a
// PDU with its Ctrl-Z. An escape is swallowed: the line knows better when one is due
// than the engine. An error means that what was written did not get through, or
// must not, and for a PDU that it was not completed unless Committed says so.
func (l *Line) Write(p []byte) (int, error) {
	var err error
	switch {
	case bytes.HasPrefix(p, []byte(escape)):
	case len(p) > 0 && p[len(p)-1] == ctrlZ:
		err = l.writePDU(p[:len(p)-1])
	default:
		err = l.writeCommand(p)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (l *Line) writeCommand(p []byte) error {
	text := bytes.TrimRight(p, "\r\n")
	l.leaveGap()
	l.mu.Lock()
	c := l.cmd
	switch {
	case c == nil || c.written:
		l.mu.Unlock()
		return ErrNoCommand
	case c.over:
		l.mu.Unlock()
		return ErrAborted
	}
	c.text = string(text)
	c.written = true
	if c.Prompt > 0 {
		l.arm(c.Prompt)
	} else {
		l.arm(c.Timeout)
	}
	l.mu.Unlock()
	l.trace('>', c.text)
	return l.write(append(text[:len(text):len(text)], '\r'))
}

// writePDU writes the digits, and completes them only if nothing speaks against
// it: until then they can be abandoned without a trace.
func (l *Line) writePDU(digits []byte) error {
	l.trace('>', string(digits))
	if err := l.writeDigits(digits); err != nil {
		return err
	}
	// Held from the decision to the octet that carries it out, so that Close finds
	// the PDU either complete or not.
	if err := l.hold(); err != nil {
		return err
	}
	defer func() { <-l.writing }()
	l.mu.Lock()
	c := l.cmd
	if c == nil || c.over || c.Committed || l.closed || c.Permit != nil && !c.Permit() {
		if c != nil && !c.over {
			c.Aborted = true
			c.over = true
			c.disarm()
		}
		l.dirty = true
		l.mu.Unlock()
		_ = l.put([]byte(escape)) // if it fails the port is broken and the PDU with it
		return ErrAborted
	}
	c.Committed = true
	l.arm(c.Timeout)
	l.mu.Unlock()
	return l.put([]byte{ctrlZ})
}

// write writes p to the port, whole, or closes the port at the deadline: a port
// that takes no data is of no use any more.
func (l *Line) write(p []byte) error {
	if err := l.hold(); err != nil {
		return err
	}
	defer func() { <-l.writing }()
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		return ErrClosed
	}
	return l.put(p)
}

// hold makes the caller the one that may write, until it takes from l.writing.
func (l *Line) hold() error {
	select {
	case l.writing <- struct{}{}:
		return nil
	case <-l.stop:
		return ErrClosed
	}
}

// put writes p to the port. The caller holds l.writing.
func (l *Line) put(p []byte) error {
	var late atomic.Bool
	watch := time.AfterFunc(writeTimeout, func() {
		late.Store(true)
		l.abandon()
	})
	defer watch.Stop()
	for len(p) > 0 {
		n, err := l.port.Write(p)
		p = p[min(max(n, 0), len(p)):]
		switch {
		case late.Load():
			return ErrWriteTimeout
		case errors.Is(err, syscall.EINTR), errors.Is(err, syscall.EAGAIN) && n > 0:
		case err != nil:
			return fmt.Errorf("write port: %w", err)
		case n <= 0:
			return fmt.Errorf("write port: %w", io.ErrShortWrite)
		}
	}
	return nil
}

// abandon ends the line because the port takes no data. It runs beside the writer
// that hangs, so it must not wait for it.
func (l *Line) abandon() {
	l.mu.Lock()
	l.closed = true
	if l.err == nil {
		l.err = ErrWriteTimeout
	}
	l.mu.Unlock()
	l.closing.Do(func() {
		close(l.stop)
		flush(l.port)
		_ = l.port.Close() // the writer is inside the kernel, where this cannot mislead it
	})
}

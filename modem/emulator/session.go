package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

var (
	// ErrPortClosed is what Serve returns when a fault closed the port.
	ErrPortClosed = errors.New("the port was closed by a fault")

	errReset = errors.New("power cycle")
)

// session is one run of Serve. Its goroutine is the only one that writes to the stream, so
// nothing is ever written inside something else; unsolicited lines wait until no command
// and no prompt is open.
type session struct {
	m   *Modem
	rw  io.ReadWriteCloser
	ctx context.Context

	in      chan []byte     // what the reader read; closed when the stream broke
	readErr error           // why; written by the reader before it closes in
	stop    chan struct{}   // closed by the session when it is over
	gate    chan struct{}   // holds one token; the reader needs it to read on
	lost    <-chan struct{} // of the current power cycle

	buf      []byte // read and not yet looked at
	line     []byte // command line that is being received
	tooLong  bool
	verbose  bool   // ATV1, as of the running line
	running  string // text of the command that is carried out
	then     func() // what a command wants done after its final result
	opened   bool   // OnOpen has passed
	second   bool   // nothing unsolicited is said
	out      []byte // to be written by flush
	answered int    // submission whose reference is in out
	sending  *slot  // of the running +CMSS
}

// Serve speaks AT over a stream until ctx ends, which is no error, or the stream breaks. It
// closes the stream. Only one Serve runs at a time; what the modem says while none runs is
// lost, its state and storages are kept. Close of the stream must unblock Read and Write.
func (m *Modem) Serve(ctx context.Context, rw io.ReadWriteCloser) error {
	m.mu.Lock()
	if m.attached {
		m.mu.Unlock()
		return fmt.Errorf("serve %s: %w", m.opt.Name, errServing)
	}
	m.attached, m.urcs, m.back, m.conn, m.raw = true, nil, 0, rw, nil
	if m.hung && m.cure == CureReopen {
		m.cured()
	}
	m.release()

	noise := m.startNoise()
	err := m.serve(ctx, rw, false)
	noise()

	m.mu.Lock()
	if m.conn == nil {
		err = ErrPortClosed
	}
	m.attached, m.urcs, m.conn = false, nil, nil
	m.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("serve %s: %w", m.opt.Name, err)
}

// ServeSecond speaks AT over a further stream of the modem, on which nothing unsolicited is
// said. Any number may run beside Serve. All streams share the settings of the modem. It ends
// as Serve does.
func (m *Modem) ServeSecond(ctx context.Context, rw io.ReadWriteCloser) error {
	err := m.serve(ctx, rw, true)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("serve second port of %s: %w", m.opt.Name, err)
}

// serve runs a session and closes its stream.
func (m *Modem) serve(ctx context.Context, rw io.ReadWriteCloser, second bool) error {
	s := &session{m: m, rw: rw, ctx: ctx, second: second, in: make(chan []byte, 64), stop: make(chan struct{}), gate: make(chan struct{}, 1)}
	s.gate <- struct{}{}
	closed := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		rw.Close()
		close(closed)
	})
	go s.read()
	err := s.run()
	rw.Close()
	close(s.stop)
	for range s.in { // until the reader has left
	}
	if !unhook() {
		<-closed
	}
	return err
}

// read feeds the session. It ends when the stream breaks.
func (s *session) read() {
	defer close(s.in)
	buf := make([]byte, 4096)
	for {
		select {
		case <-s.gate:
			s.gate <- struct{}{}
		case <-s.stop:
		}
		n, err := s.rw.Read(buf)
		if n > 0 {
			select {
			case s.in <- append([]byte(nil), buf[:n]...):
			case <-s.stop:
			}
		}
		if err != nil {
			s.readErr = err
			return
		}
	}
}

// run is the life of the session over any number of power cycles. It returns why it ended.
func (s *session) run() error {
	for {
		s.m.mu.Lock()
		s.lost = s.m.lost
		s.m.mu.Unlock()
		s.buf, s.line, s.out, s.tooLong, s.answered, s.running, s.then = nil, nil, nil, false, 0, "", nil
		if err := s.power(); !errors.Is(err, errReset) {
			return err
		}
	}
}

// power is the life of the session in one power cycle.
func (s *session) power() error {
	if err := s.unsolicited(); err != nil {
		return err
	}
	if !s.opened && !s.second {
		s.opened = true
		if v, struck := s.point(OnOpen, ""); struck {
			if err := s.finish(v); err != nil {
				return err
			}
		}
	}
	for {
		b, err := s.next(true)
		if err != nil {
			return err
		}
		if err := s.accept(b); err != nil {
			return err
		}
	}
}

// next returns the next byte from the host. While idle it also sends unsolicited lines.
func (s *session) next(idle bool) (byte, error) {
	for len(s.buf) == 0 {
		if err := s.flush(); err != nil {
			return 0, err
		}
		var kick <-chan struct{}
		if idle && !s.second {
			kick = s.m.kick
		}
		select {
		case chunk, ok := <-s.in:
			if !ok {
				return 0, fmt.Errorf("read port: %w", s.readErr)
			}
			s.m.mu.Lock()
			deaf, faults := s.m.deaf(), len(s.m.faults) > 0
			s.m.mu.Unlock()
			if faults {
				if f, struck := s.m.takeFault(OnRead, ""); struck && f.Mangle != nil {
					chunk = f.Mangle(chunk)
				}
			}
			if deaf {
				s.line = s.line[:0]
				continue
			}
			s.buf = chunk
		case <-kick:
			if err := s.unsolicited(); err != nil {
				return 0, err
			}
		case <-s.lost:
			return 0, errReset
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	b := s.buf[0]
	s.buf = s.buf[1:]
	return b, nil
}

// pause waits. What the host writes meanwhile goes to record, or stays for later if record
// is nil.
func (s *session) pause(d time.Duration, record func([]byte)) error {
	if d <= 0 {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	var in chan []byte
	if record != nil {
		in = s.in
		if len(s.buf) > 0 {
			record(s.buf)
			s.buf = nil
		}
	}
	for {
		select {
		case <-t.C:
			return nil
		case chunk, ok := <-in:
			if !ok {
				return fmt.Errorf("read port: %w", s.readErr)
			}
			record(chunk)
		case <-s.lost:
			return errReset
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
}

// accept takes one byte in command state: it collects a line that begins with AT.
func (s *session) accept(b byte) error {
	s.m.mu.Lock()
	echo := s.m.vol.echo
	s.m.mu.Unlock()
	if echo {
		s.out = append(s.out, b)
	}
	switch {
	case b == '\r':
		line := string(s.line)
		tooLong := s.tooLong
		s.line, s.tooLong = s.line[:0], false
		return s.runLine(line, tooLong)
	case b == '\b' || b == 0x7f:
		if len(s.line) > 0 {
			s.line = s.line[:len(s.line)-1]
		}
	case b == 0x1b:
		s.line = s.line[:0]
		if s.m.profile.EscapeOK {
			return s.finish(verdict{})
		}
	case b < ' ':
	case len(s.line) == 0 && b|0x20 != 'a':
		// The modem hunts for the prefix; anything before it is line noise.
	case len(s.line) == 1 && b == '/':
		s.line = s.line[:0]
		s.m.mu.Lock()
		last := s.m.vol.lastLine
		s.m.mu.Unlock()
		return s.runLine(last, false)
	case len(s.line) == 1 && b|0x20 != 't':
		s.line = s.line[:0]
		if b|0x20 == 'a' {
			s.line = append(s.line, b)
		}
	case len(s.line) >= maxCommandLine:
		s.tooLong = true
	default:
		s.line = append(s.line, b)
	}
	return nil
}

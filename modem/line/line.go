package line

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Defaults and bounds.
const (
	maxLine       = 4 << 10 // octets of a line; a PDU has 2·(12+164) digits at most
	maxAnswer     = 1 << 20 // octets of the information lines of one answer
	payloadWithin = 2 * time.Second
	writeTimeout  = 5 * time.Second
	closePatience = time.Second // for a Write in progress to end
	maxIdleReads  = 100         // reads in a row without data or error
)

var (
	// ErrWriteTimeout is returned by Write, and ends the line, when the port did
	// not take the bytes in time.
	ErrWriteTimeout = errors.New("port does not accept data")
	// ErrClosed is returned by Write after Close, or after the port was lost.
	ErrClosed = errors.New("line closed")
	// ErrAborted is returned by Write when the command was aborted before it was
	// written, and ErrNoCommand when none was begun.
	ErrAborted   = errors.New("command aborted")
	ErrNoCommand = errors.New("no command begun")
)

// Options configure a Line.
type Options struct {
	// Handle is called with each unsolicited result code in order of arrival, from
	// the one goroutine that reads the port. It must not block. Nil drops them.
	Handle func(URC)
	// Trace, if not nil, is told each line and prompt read ('<') and each line
	// written ('>'), as [Mask] leaves them. It must not block and may be called from
	// two goroutines at once.
	Trace func(dir byte, line string)
}

// Line owns a port and is the io.ReadWriter for at.New. Commands are announced
// with Begin before they are given to the engine and concluded with End after it
// returned, by one goroutine. All other methods are safe for concurrent use.
type Line struct {
	o    Options
	port io.ReadWriteCloser

	writing chan struct{} // capacity 1: held while the port is written to or closed
	done    chan struct{} // closed by pump when the port is gone

	mu      sync.Mutex
	readers sync.Cond     // signals a change of out or ended to Read
	cmd     *running      // the command begun and not yet ended
	out     []byte        // what Read returns next
	ended   bool          // no more will come to Read
	closed  bool          // nothing may be written
	err     error         // why the port is gone
	dirty   bool          // an answer is overdue and could be mistaken
	lost    bool          // the overdue answer is that to a PDU
	pace    Pace          // how fast to write
	ready   time.Time     // when the command before ended
	counts  Counts        // what was dropped
	head    string        // header of an unsolicited code whose payload is awaited
	headAs  Kind          // its kind
	headAt  time.Time     // when it came
	text    time.Time     // when the latest line of a +CUSD came whose quote is open; zero if none is
	tok     tokenizer     // used by pump only
	closing sync.Once     // guards the port's Close
	stop    chan struct{} // closed when Close was called
}

// Counts tells what a Line dropped.
type Counts struct {
	Overlong   int // lines longer than 4 KiB
	Unpaired   int // headers without payload, hexadecimal lines without header
	Late       int // lines of answers after their deadline
	Unexpected int // lines that nobody asked for
	Excess     int // lines of an answer beyond 1 MiB
}

// New returns a line on port, which it owns from now on, and starts reading.
func New(port io.ReadWriteCloser, o Options) *Line {
	l := &Line{
		o: o, port: port,
		writing: make(chan struct{}, 1),
		done:    make(chan struct{}),
		stop:    make(chan struct{}),
	}
	l.readers.L = &l.mu
	go l.pump()
	return l
}

// Done is closed when the port is gone and nothing more will be handled.
func (l *Line) Done() <-chan struct{} { return l.done }

// Err returns why the port is gone, nil while it is not or if Close was called.
func (l *Line) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Counts returns what was dropped so far.
func (l *Line) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// Close closes the port and waits until nothing more is read or handled. A PDU
// that is not complete yet is abandoned first, so that the modem does not wait for
// the rest of it. It must not be called from Handle or Trace. It may be called again.
func (l *Line) Close() {
	l.mu.Lock()
	lost := l.closed
	l.closed = true
	l.mu.Unlock()
	l.closing.Do(func() {
		close(l.stop)
		l.closePort(lost)
	})
	<-l.done
}

// closePort closes the port once nobody is about to write to it: the number of
// a closed file could be that of another one by the time a late write uses it.
func (l *Line) closePort(lost bool) {
	patience := time.NewTimer(closePatience)
	defer patience.Stop()
	select {
	case l.writing <- struct{}{}:
		defer func() { <-l.writing }()
		if !lost && l.halfWritten() {
			stuck := time.AfterFunc(closePatience, func() {
				flush(l.port)
				_ = l.port.Close() // which ends the write below
			})
			_, _ = l.port.Write([]byte(escape)) // if it fails the port is broken, and the PDU with it
			stuck.Stop()
		}
	case <-patience.C:
		// The writer hangs inside the kernel, where closing cannot mislead it.
		flush(l.port)
	}
	_ = l.port.Close() // there is nothing left to do about an error
}

// halfWritten tells whether the modem waits for the rest of a PDU.
func (l *Line) halfWritten() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.cmd
	return c != nil && c.Prompt > 0 && c.written && !c.over && !c.Committed
}

// Read returns the answer to the running command for the engine, io.EOF when
// the port is gone.
func (l *Line) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.out) == 0 && !l.ended {
		l.readers.Wait()
	}
	if len(l.out) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.out)
	l.out = l.out[:copy(l.out, l.out[n:])]
	return n, nil
}

// feed hands text to the engine. The caller holds mu.
func (l *Line) feed(text string) {
	l.out = append(l.out, text...)
	l.readers.Signal()
}

// pump reads the port until it fails.
func (l *Line) pump() {
	defer close(l.done)
	buf := make([]byte, 4096)
	idle := 0
	for {
		n, err := l.port.Read(buf)
		for _, b := range buf[:n] {
			l.take(b)
		}
		if idle++; n > 0 {
			idle = 0
		}
		if err == nil && idle > maxIdleReads {
			err = io.ErrNoProgress
		}
		if err != nil {
			l.end(err)
			return
		}
	}
}

// take handles one byte from the port.
func (l *Line) take(b byte) {
	if b == '>' && l.prompt() {
		return
	}
	line, ok := l.tok.take(b)
	if !ok {
		return
	}
	if l.tok.overlong > 0 {
		l.mu.Lock()
		l.counts.Overlong += l.tok.overlong
		l.stray(l.cmd != nil && l.cmd.written && !l.cmd.over)
		l.mu.Unlock()
		l.tok.overlong = 0
	}
	if line == "" {
		return
	}
	l.hear(line)
	if u, ok := l.overdueHead(); ok {
		l.handle(u)
	}
	if u, ok := l.classify(line); ok {
		l.handle(u)
	}
}

func (l *Line) handle(u URC) {
	if l.o.Handle != nil {
		l.o.Handle(u)
	}
}

// end notes that the port is gone and lets the engine know.
func (l *Line) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.err = fmt.Errorf("read port: %w", err)
	}
	l.closed = true
	l.ended = true
	if l.cmd != nil {
		l.cmd.disarm()
	}
	l.readers.Broadcast()
}

// flush drops what a port has not sent yet, which lets a blocked Write return.
func flush(port io.ReadWriteCloser) {
	if p, ok := port.(interface{ ResetOutputBuffer() error }); ok {
		_ = p.ResetOutputBuffer() // it is about to be closed anyway
	}
}

package conform

import (
	"bytes"
	"io"
	"sync"
	"time"

	"tetherd/gateway/invariant"
)

// Recorder writes down what goes over the port of a modem, cut into lines as the
// checker of the promises wants them. The zero value is ready. It is safe for
// concurrent use.
type Recorder struct {
	// Most is how many lines are kept, the latest; 0 keeps all.
	Most int

	mu    sync.Mutex
	lines []invariant.Line
	begun time.Time // when the first octet of host was written
	host  []byte    // written by the host since the last end of a line
}

// Wrap returns rw with everything that is read from and written to it recorded.
func (r *Recorder) Wrap(rw io.ReadWriteCloser) io.ReadWriteCloser {
	r.Mark()
	return &recorded{rw, r}
}

// Mark records that the port was opened or lost.
func (r *Recorder) Mark() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.host = nil
	r.add(invariant.Line{At: time.Now(), Dir: invariant.Opened})
}

// Cleared records that the owner allowed another attempt at the PIN.
func (r *Recorder) Cleared() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(invariant.Line{At: time.Now(), Dir: invariant.Cleared})
}

// Emulator records what an emulated modem says of its port; it is meant for
// emulator.ModemOptions.Transcript where the port itself cannot be wrapped.
func (r *Recorder) Emulator(dir byte, line []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(invariant.Line{At: time.Now(), Dir: invariant.Direction(dir), Text: string(line)})
}

// Lines returns what was recorded, in order.
func (r *Recorder) Lines() []invariant.Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]invariant.Line(nil), r.lines...)
}

// written takes octets the host wrote.
func (r *Recorder) written(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for len(b) > 0 {
		if len(r.host) == 0 {
			r.begun = now
		}
		end := bytes.IndexAny(b, "\r\x1a\x1b")
		if end < 0 {
			r.host = append(r.host, b...)
			return
		}
		text := string(append(r.host, b[:end]...))
		if b[end] == 0x1b {
			text += "\x1b"
		}
		r.host, b = nil, b[end+1:]
		if text != "" {
			// A PDU counts from its Ctrl-Z, anything else from its first octet.
			at := r.begun
			if b := len(text); b > 0 && text[0] != 'A' {
				at = now
			}
			r.add(invariant.Line{At: at, Dir: invariant.FromHost, Text: text})
		}
	}
}

func (r *Recorder) add(l invariant.Line) {
	if r.Most > 0 && len(r.lines) >= r.Most {
		r.lines = append(r.lines[:0], r.lines[len(r.lines)-r.Most/2:]...)
	}
	r.lines = append(r.lines, l)
}

type recorded struct {
	io.ReadWriteCloser
	r *Recorder
}

func (p *recorded) Read(b []byte) (int, error) {
	n, err := p.ReadWriteCloser.Read(b)
	if n > 0 {
		p.r.Emulator(byte(invariant.FromModem), b[:n])
	}
	return n, err
}

func (p *recorded) Write(b []byte) (int, error) {
	p.r.written(b)
	return p.ReadWriteCloser.Write(b)
}

func (p *recorded) Close() error {
	p.r.Mark()
	return p.ReadWriteCloser.Close()
}

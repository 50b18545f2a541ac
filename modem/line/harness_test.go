package line

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/warthog618/modem/at"
)

// bench is a line with the engine on one side and a scripted modem on the other.
type bench struct {
	line   *Line
	engine *at.AT
	modem  net.Conn // the far end of the port

	mu   sync.Mutex
	urcs []URC
	sent bytes.Buffer // what the line wrote
	tap  func([]byte) // if not nil, is told as well
}

// newBench must be called in a synctest bubble.
func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchWith(t, Options{})
}

// newBenchWith adds to o that codes are kept.
func newBenchWith(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{}
	var port net.Conn
	port, b.modem = net.Pipe()
	o.Handle = func(u URC) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.urcs = append(b.urcs, u)
	}
	b.line = New(port, o)
	b.engine = at.New(b.line)
	go func() { // reads what the line writes, so that it never blocks
		_, _ = io.Copy(b, b.modem)
	}()
	t.Cleanup(func() {
		b.line.Close()
		_ = b.modem.Close()
		<-b.engine.Closed()
	})
	return b
}

// Write takes what the line wrote.
func (b *bench) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tap != nil {
		b.tap(p)
	}
	return b.sent.Write(p)
}

// say writes what the modem says and waits until the line has digested it.
func (b *bench) say(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(b.modem, text); err != nil {
		t.Fatalf("modem write: %v", err)
	}
	synctest.Wait()
}

// written returns what the line wrote since the last call.
func (b *bench) written() string {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sent.String()
	b.sent.Reset()
	return s
}

// heard returns the unsolicited codes since the last call.
func (b *bench) heard() []URC {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.urcs
	b.urcs = nil
	return u
}

// result is what became of a command.
type result struct {
	info []string
	err  error
	out  Outcome
}

// start runs a command in the background; its result comes through the channel.
func (b *bench) start(c Command, cmd, pdu string) <-chan result {
	done := make(chan result, 1)
	b.line.Begin(c)
	go func() {
		var r result
		if c.Prompt > 0 {
			r.info, r.err = b.engine.SMSCommand(cmd, pdu, at.WithTimeout(-1))
		} else {
			r.info, r.err = b.engine.Command(cmd, at.WithTimeout(-1))
		}
		r.out = b.line.End()
		done <- r
	}()
	synctest.Wait()
	return done
}

// message returns the text of an error, "" for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

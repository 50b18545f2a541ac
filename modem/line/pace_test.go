package line

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// timed is what the line wrote at a moment.
type timed struct {
	At   time.Duration
	Text string
}

// record notes what the line writes from now on, and when.
func record(b *bench) func() []timed {
	begun := time.Now()
	var got []timed
	b.mu.Lock()
	b.tap = func(p []byte) { got = append(got, timed{time.Since(begun), string(p)}) }
	b.mu.Unlock()
	return func() []timed {
		synctest.Wait()
		b.mu.Lock()
		defer b.mu.Unlock()
		return got
	}
}

// A slow modem gets the PDU in pieces, with rests around it, and the same time for
// its answer as others.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.line.SetPace(Pace{Gap: 50 * time.Millisecond, Prompt: 100 * time.Millisecond, Chunk: 32, ChunkGap: 20 * time.Millisecond, End: 500 * time.Millisecond})
		done := b.start(Command{Timeout: time.Second}, "E0", "")
		b.say(t, "\r\nOK\r\n")
		<-done
		got := record(b)
		done = b.start(submit(), "+CMGS=24", pduA)
		time.Sleep(60 * time.Millisecond)
		b.say(t, "\r\n> ")
		time.Sleep(179 * time.Second)
		b.say(t, "\r\n+CMGS: 42\r\n\r\nOK\r\n")
		if r := <-done; r.err != nil || r.out.Answer != "+CMGS: 42" {
			t.Errorf("result = %+v, want an answer", r)
		}
		ms := time.Millisecond
		want := []timed{
			{50 * ms, "AT+CMGS=24\r"},
			{160 * ms, pduA[:32]},
			{180 * ms, pduA[32:64]},
			{200 * ms, pduA[64:]},
			{700 * ms, "\x1a"},
		}
		if diff := cmp.Diff(want, got()); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
	})
}

// However slowly a PDU is written, it can be abandoned until its Ctrl-Z, and the
// modem is told so.
func TestPaceClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for at := 25 * time.Millisecond; at < 650*time.Millisecond; at += 50 * time.Millisecond {
			b := newBench(t)
			b.line.SetPace(Pace{Prompt: 100 * time.Millisecond, Chunk: 32, ChunkGap: 20 * time.Millisecond, End: 500 * time.Millisecond})
			done := b.start(submit(), "+CMGS=24", pduA)
			b.say(t, "\r\n> ")
			time.Sleep(at)
			b.line.Close()
			r := <-done
			if r.err == nil || r.out.Committed {
				t.Errorf("closed after %v: %+v, want an error and no Ctrl-Z", at, r)
			}
			if got := b.written(); got[len(got)-1:] != escape {
				t.Errorf("closed after %v: written %q, want an escape at the end", at, got)
			}
		}
	})
}

// A modem that never takes the escape does not keep the port open.
func TestCloseStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := &stuckPort{left: make(chan struct{})}
		l := New(port, Options{})
		l.Begin(Command{Prompt: time.Second, Timeout: time.Minute})
		if _, err := io.WriteString(l, "AT+CMGS=24\r\n"); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		l.Close()
		if got := time.Since(begun); got > 2*closePatience {
			t.Errorf("closed after %v", got)
		}
	})
}

// stuckPort takes one write; all further ones hang until it is closed.
type stuckPort struct {
	writes int
	closed bool
	left   chan struct{}
}

func (p *stuckPort) Read([]byte) (int, error) { <-p.left; return 0, io.EOF }

func (p *stuckPort) Write(b []byte) (int, error) {
	if p.writes++; p.writes > 1 {
		<-p.left
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func (p *stuckPort) Close() error {
	if !p.closed {
		p.closed = true
		close(p.left)
	}
	return nil
}

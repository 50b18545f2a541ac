package line

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A port that takes no data is given up at the deadline, not waited for.
func TestWriteHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port, modem := net.Pipe() // nobody reads modem
		defer modem.Close()
		l := New(port, Options{})
		l.Begin(Command{Timeout: time.Minute})
		begun := time.Now()
		_, err := l.Write([]byte("AT\r\n"))
		if !errors.Is(err, ErrWriteTimeout) {
			t.Errorf("Write = %v, want ErrWriteTimeout", err)
		}
		if got := time.Since(begun); got != writeTimeout {
			t.Errorf("gave up after %v, want %v", got, writeTimeout)
		}
		<-l.Done()
		if !errors.Is(l.Err(), ErrWriteTimeout) {
			t.Errorf("Err = %v, want ErrWriteTimeout", l.Err())
		}
		l.Close()
	})
}

// Close ends a Write that hangs, and nothing is written afterwards.
func TestCloseDuringWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port, modem := net.Pipe()
		defer modem.Close()
		l := New(port, Options{})
		l.Begin(Command{Timeout: time.Minute})
		failed := make(chan error, 1)
		go func() {
			_, err := l.Write([]byte("AT\r\n"))
			failed <- err
		}()
		synctest.Wait()
		l.Close()
		if err := <-failed; err == nil {
			t.Error("Write succeeded on a closed line")
		}
		if err := l.Interrupt(true); !errors.Is(err, ErrClosed) {
			t.Errorf("Interrupt = %v, want ErrClosed", err)
		}
		if n, err := l.Read(make([]byte, 8)); n != 0 || err != io.EOF {
			t.Errorf("Read = %d, %v; want EOF", n, err)
		}
		if err := l.Err(); err != nil {
			t.Errorf("Err = %v after Close, want nil", err)
		}
	})
}

// A port that returns nothing for ever, as one with a read timeout, ends.
func TestIdleReads(t *testing.T) {
	l := New(idle{}, Options{})
	<-l.Done()
	if err := l.Err(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("Err = %v, want ErrNoProgress", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error)    { return 0, nil }
func (idle) Write(p []byte) (int, error) { return len(p), nil }
func (idle) Close() error                { return nil }

// An answer without end neither grows without bound nor keeps the command from
// its deadline.
func TestBabble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(Command{Bare: true, Timeout: time.Minute}, "I", "")
		text := strings.Repeat(strings.Repeat("x", 1000)+"\r\n", 100)
		for range 20 {
			b.say(t, text)
		}
		r := <-done
		size := 0
		for _, line := range r.info {
			size += len(line)
		}
		if size > maxAnswer || !r.out.TimedOut {
			t.Errorf("answer of %d octets, %+v; want at most %d and TimedOut", size, r.out, maxAnswer)
		}
		if b.line.Counts().Excess == 0 {
			t.Error("nothing counted as excess")
		}
	})
}

func TestCommandNotBegun(t *testing.T) {
	l := New(&tape{begun: make(chan struct{}), r: strings.NewReader("")}, Options{})
	defer l.Close()
	if _, err := l.Write([]byte("AT\r\n")); !errors.Is(err, ErrNoCommand) {
		t.Errorf("Write = %v, want ErrNoCommand", err)
	}
}

func TestTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port, modem := net.Pipe()
		var got []string
		l := New(port, Options{Trace: func(dir byte, line string) { got = append(got, string(dir)+line) }})
		go io.Copy(io.Discard, modem)
		l.Begin(submit())
		_, _ = l.Write([]byte("AT+CMGS=24\r"))
		_, _ = io.WriteString(modem, "\r\n> ")
		synctest.Wait()
		_, _ = l.Write([]byte(pduA + "\x1a"))
		_, _ = io.WriteString(modem, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
		synctest.Wait()
		l.Close()
		_ = modem.Close()
		want := []string{">AT+CMGS=24", "<>", "><76 digits>", "<+CMGS: 1", "<OK"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("trace (-want +got):\n%s", diff)
		}
	})
}

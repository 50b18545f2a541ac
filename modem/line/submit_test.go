package line

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func submit() Command {
	return Command{
		Prefix: []string{"+CMGS:"}, Prompt: 10 * time.Second, Timeout: 180 * time.Second, Lone: 5 * time.Second, Submits: true,
	}
}

// How a modem may ask for the PDU, and that it gets it once.
func TestPrompt(t *testing.T) {
	tests := []struct {
		name, prompt, result string
		strays               int
	}{
		{"standard", "\r\n> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"CR only", "\r> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"bare", ">", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"blank before", "\r\n > ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"after an echo", "AT+CMGS=24\r\r\n> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"behind an echo", "AT+CMGS=24> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"twice", "\r\n> \r\n> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"again before the result", "\r\n> ", "\r\n> \r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"on the result's line", "\r\n> ", "\r\n> +CMGS: 42\r\n\r\nOK\r\n", 0},
		{"PDU echoed", "\r\n> ", pduA + "\x1a\r\n+CMGS: 42\r\n\r\nOK\r\n", 1},
		{"codes in between", "\r\n+CMTI: \"SM\",1\r\n> ", "\r\n+CMTI: \"SM\",2\r\n+CMGS: 42\r\n+CMTI: \"SM\",3\r\nOK\r\n", 3},
		{"overdue OK before", "\r\nOK\r\n\r\n> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 0},
		{"overdue reference before", "\r\n+CMGS: 9\r\n\r\nOK\r\n\r\n> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 1},
		{"arrow in noise", "\r\n^X: a>b\r\n> ", "\r\n+CMGS: 42\r\n\r\nOK\r\n", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				done := b.start(submit(), "+CMGS=24", pduA)
				if got, want := b.written(), "AT+CMGS=24\r"; got != want {
					t.Errorf("written = %q, want %q", got, want)
				}
				b.say(t, tt.prompt)
				if got, want := b.written(), pduA+"\x1a"; got != want {
					t.Errorf("written = %q, want %q", got, want)
				}
				b.say(t, tt.result)
				r := <-done
				if diff := cmp.Diff([]string{"+CMGS: 42"}, r.info); diff != "" || r.err != nil {
					t.Errorf("err = %v, answer (-want +got):\n%s", r.err, diff)
				}
				want := Outcome{Prompted: true, Committed: true, Answer: "+CMGS: 42", Final: "OK", Strays: tt.strays}
				if diff := cmp.Diff(want, r.out); diff != "" {
					t.Errorf("outcome (-want +got):\n%s", diff)
				}
				if got := b.written(); got != "" {
					t.Errorf("written after the PDU: %q", got)
				}
			})
		})
	}
}

// Every way a submit can end without an answer, and what is known then.
func TestSubmitCutShort(t *testing.T) {
	tests := []struct {
		name    string
		permit  func() bool
		prompt  string
		then    func(t *testing.T, b *bench)
		want    Outcome
		after   time.Duration
		written string
	}{
		{name: "refused before the prompt", prompt: "\r\n+CMS ERROR: 331\r\n", want: Outcome{Final: "+CMS ERROR: 331"}, written: "AT+CMGS=24\r"},
		{
			name: "closed before the prompt", then: func(_ *testing.T, b *bench) { b.line.Close() },
			written: "AT+CMGS=24\r\x1b",
		},
		{
			name: "closed with the result open", prompt: "\r\n> ", then: func(_ *testing.T, b *bench) { b.line.Close() },
			want: Outcome{Prompted: true, Committed: true}, written: "AT+CMGS=24\r" + pduA + "\x1a",
		},
		{
			name: "no prompt", want: Outcome{TimedOut: true, Dirty: true}, after: 10 * time.Second,
			written: "AT+CMGS=24\r\x1b",
		},
		{
			name: "not permitted", permit: func() bool { return false }, prompt: "\r\n> ",
			want: Outcome{Aborted: true, Prompted: true, Dirty: true}, written: "AT+CMGS=24\r" + pduA + "\x1b",
		},
		{
			name: "no result", prompt: "\r\n> ", after: 180 * time.Second,
			want:    Outcome{TimedOut: true, Prompted: true, Committed: true, Dirty: true},
			written: "AT+CMGS=24\r" + pduA + "\x1a",
		},
		{
			name: "reference without OK", prompt: "\r\n> ", after: 5 * time.Second,
			then:    func(t *testing.T, b *bench) { b.say(t, "\r\n+CMGS: 7\r\n") },
			want:    Outcome{Prompted: true, Committed: true, Answer: "+CMGS: 7", Dirty: true},
			written: "AT+CMGS=24\r" + pduA + "\x1a",
		},
		{
			name: "port lost with the result open", prompt: "\r\n> ",
			then:    func(_ *testing.T, b *bench) { _ = b.modem.Close() },
			want:    Outcome{Prompted: true, Committed: true},
			written: "AT+CMGS=24\r" + pduA + "\x1a",
		},
		{
			name: "port lost behind the reference", prompt: "\r\n> ",
			then:    func(t *testing.T, b *bench) { b.say(t, "\r\n+CMGS: 7\r\n"); _ = b.modem.Close() },
			want:    Outcome{Prompted: true, Committed: true, Answer: "+CMGS: 7"},
			written: "AT+CMGS=24\r" + pduA + "\x1a",
		},
		{
			name: "aborted with the result open", prompt: "\r\n> ",
			then:    func(_ *testing.T, b *bench) { b.line.Abort() },
			want:    Outcome{Aborted: true, Prompted: true, Committed: true, Dirty: true},
			written: "AT+CMGS=24\r" + pduA + "\x1a",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				c := submit()
				c.Permit = tt.permit
				begun := time.Now()
				done := b.start(c, "+CMGS=24", pduA)
				if tt.prompt != "" {
					b.say(t, tt.prompt)
				}
				if tt.then != nil {
					tt.then(t, b)
				}
				r := <-done
				if got := time.Since(begun); got != tt.after {
					t.Errorf("ended after %v, want %v", got, tt.after)
				}
				if diff := cmp.Diff(tt.want, r.out); diff != "" {
					t.Errorf("outcome (-want +got):\n%s", diff)
				}
				if got := b.written(); got != tt.written {
					t.Errorf("written = %q, want %q", got, tt.written)
				}
			})
		})
	}
}

// A prompt or a result that comes after the deadline harms nobody.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(submit(), "+CMGS=24", pduA)
		<-done
		b.written()
		b.say(t, "\r\n> ")
		if got := b.written(); strings.Contains(got, pduA) {
			t.Error("late prompt got a PDU")
		}
		resync := Command{Prefix: []string{"+CMEE:"}, Resync: true, Timeout: time.Minute}
		done = b.start(resync, "+CMEE?", "")
		b.say(t, "\r\n+CMEE: 1\r\n\r\nOK\r\n")
		if r := <-done; r.out.Dirty {
			t.Fatal("still dirty")
		}

		done = b.start(submit(), "+CMGS=24", pduA)
		b.say(t, "\r\n> ")
		<-done // at the deadline
		b.heard()
		b.say(t, "\r\n+CMGS: 9\r\n\r\nOK\r\n")
		if diff := cmp.Diff([]URC{{Kind: Late, Line: "+CMGS: 9"}}, b.heard(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("unsolicited (-want +got):\n%s", diff)
		}
	})
}

// With the result of a PDU open nothing else can be written.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(submit(), "+CMGS=24", pduA)
		b.say(t, "\r\n> ")
		b.written()
		if err := b.line.Interrupt(true); err == nil {
			t.Error("Interrupt succeeded")
		}
		if _, err := b.line.Write([]byte("\x1b\r\n")); err != nil {
			t.Errorf("Write of the engine's escape: %v", err)
		}
		if _, err := b.line.Write([]byte("AT\r\n")); err == nil {
			t.Error("Write of a command succeeded")
		}
		if got := b.written(); got != "" {
			t.Errorf("written = %q, want nothing", got)
		}
		b.say(t, "\r\n+CMGS: 1\r\n\r\nOK\r\n")
		<-done
	})
}

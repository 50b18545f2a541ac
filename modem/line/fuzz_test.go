package line

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/warthog618/modem/at"
)

// tape is a port that plays back what it was given once something was written
// to it, then ends.
type tape struct {
	start sync.Once
	begun chan struct{}
	r     io.Reader
	mu    sync.Mutex
	wrote bytes.Buffer
}

func (p *tape) Read(b []byte) (int, error) {
	<-p.begun
	return p.r.Read(b)
}

func (p *tape) Write(b []byte) (int, error) {
	p.mu.Lock()
	p.wrote.Write(b)
	p.mu.Unlock()
	p.begin()
	return len(b), nil
}

func (p *tape) Close() error { p.begin(); return nil }

func (p *tape) begin() { p.start.Do(func() { close(p.begun) }) }

func FuzzLine(f *testing.F) {
	for _, s := range []string{
		"\r\nOK\r\n", "\r\n> \r\n+CMGS: 1\r\n\r\nOK\r\n", "> > >> >\r\n", "\r\n+CMGL: 1,0,,24\r\n" + pduA + "\r\nOK\r\n",
		"+CMT: ,24\r\n+CMT: ,24\r\n" + pduA + "\r\n" + pduA + "\r\n", "\x00\xff+CMS ERROR", strings.Repeat("+CSQ: ", 2000) + "\rERROR",
		"AT+CMGS=24\r\r\n+CME ERROR 31\n0\r4\r", "+CMGS: 300\rOK", "NA\rRDY\r\"\"\"\r",
	} {
		for mode := range byte(6) {
			f.Add(mode, []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, mode byte, says []byte) {
		port := &tape{begun: make(chan struct{}), r: bytes.NewReader(says)}
		l := New(port, Options{Handle: func(u URC) {
			if u.Line == "" || len(u.Line) > maxLine || u.Payload != "" && !isPDU(u.Payload) {
				t.Errorf("unsolicited code %+v", u)
			}
		}, Trace: func(byte, string) {}})
		engine := at.New(l)
		c := Command{Timeout: time.Minute}
		text, pdu := "+CSQ", ""
		switch mode % 6 {
		case 1:
			c.Prefix = []string{"+CSQ:"}
		case 2:
			c.Bare = true
		case 3:
			c.Prefix, c.Many, c.PDU = []string{"+CMGL:", "+CMT:"}, true, true
		case 4:
			c.Prefix, c.Resync = []string{"+CMEE:"}, true
		case 5:
			c.Prefix, c.Prompt = []string{"+CMGS:"}, time.Minute
			text, pdu = "+CMGS=24", pduA
		}
		l.Begin(c)
		var info []string
		var err error
		if c.Prompt > 0 {
			info, err = engine.SMSCommand(text, pdu, at.WithTimeout(-1))
		} else {
			info, err = engine.Command(text, at.WithTimeout(-1))
		}
		out := l.End()
		l.Close()
		<-engine.Closed()

		if err == nil && out.TimedOut {
			t.Error("success at the deadline")
		}
		for _, line := range info {
			if line == "" || len(line) > maxLine || strings.ContainsAny(line, "\r\n\x00") {
				t.Errorf("answer holds %q", line)
			}
		}
		if c.Resync && err == nil && out.Answer == "" {
			t.Error("in step again without an answer")
		}
		port.mu.Lock()
		defer port.mu.Unlock()
		if n := strings.Count(port.wrote.String(), pduA); n > 1 || n == 1 && !out.Prompted {
			t.Errorf("PDU written %d times, prompted %v", n, out.Prompted)
		}
		if n := strings.Count(port.wrote.String(), "\x1a"); n > 1 || n == 1 && !out.Committed {
			t.Errorf("Ctrl-Z written %d times, committed %v", n, out.Committed)
		}
		if l.tok.buf != nil && cap(l.tok.buf) > 2*maxLine {
			t.Errorf("line buffer of %d octets", cap(l.tok.buf))
		}
	})
}

package device

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// How a port is asked. Rests are real: modems need them.
const (
	probeListen = 300 * time.Millisecond // for a port that talks unasked
	probeTry    = 500 * time.Millisecond
	probeTries  = 3
	probeIMEI   = 2 * time.Second
	probeLimit  = 6 * time.Second // of everything
	probeMost   = 8192            // bytes read before the port counts as no modem's
)

// Answer is what a port said when it was asked.
type Answer struct {
	AT   bool   // it takes AT commands
	IMEI string // 14 to 17 digits; empty if it did not tell
	Role Role   // what it is for, as far as it showed
}

// Ask finds out whether a modem takes commands on an open port, and which. It
// closes the port and returns when nothing uses it any more. The error tells that
// the port was lost or ctx ended, not that nobody answered.
func Ask(ctx context.Context, port io.ReadWriteCloser) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	p := &probe{port: port, data: make(chan []byte), done: make(chan struct{})}
	go p.read(ctx)
	// Closing ends a Read under way, and a Write to a port that takes nothing.
	closed := make(chan struct{})
	context.AfterFunc(ctx, func() { defer close(closed); _ = port.Close() })
	a, err := p.ask(ctx)
	if err != nil && ctx.Err() != nil { // which may show as a port that is closed
		err = fmt.Errorf("ask port: %w", ctx.Err())
	}
	cancel()
	<-closed
	<-p.done
	return a, err
}

// probe is a port that is being asked.
type probe struct {
	port io.ReadWriteCloser
	data chan []byte   // from read to await
	done chan struct{} // closed when read has returned
	got  []byte        // since the last command
}

func (p *probe) read(ctx context.Context) {
	defer close(p.done)
	defer close(p.data)
	for {
		buf := make([]byte, 512)
		n, err := p.port.Read(buf)
		if n > 0 {
			select {
			case p.data <- buf[:n]:
			case <-ctx.Done():
				return
			}
		}
		if err != nil || n == 0 {
			return
		}
	}
}

func (p *probe) ask(ctx context.Context) (Answer, error) {
	if _, err := p.await(ctx, probeListen, never); err != nil {
		return Answer{}, err
	}
	if role := Babble(p.got); role != RoleUnknown {
		return Answer{Role: role}, nil
	}
	answered := false
	for try := 0; try < probeTries && !answered; try++ {
		if err := p.say("AT\r"); err != nil {
			return Answer{}, err
		}
		var err error
		if answered, err = p.await(ctx, probeTry, final); err != nil {
			return Answer{}, err
		}
	}
	if !answered {
		return Answer{Role: Babble(p.got)}, nil
	}
	a := Answer{AT: true, Role: RoleUnknown}
	if err := p.say("AT+CGSN\r"); err != nil {
		return a, err
	}
	if _, err := p.await(ctx, probeIMEI, final); err != nil {
		return a, err
	}
	a.IMEI = findIMEI(p.got)
	return a, nil
}

// say writes a command, forgetting what was read before.
func (p *probe) say(cmd string) error {
	p.got = p.got[:0]
	if _, err := io.WriteString(p.port, cmd); err != nil {
		return fmt.Errorf("ask port: %w", err)
	}
	return nil
}

// await reads for d at most, or until enough says so.
func (p *probe) await(ctx context.Context, d time.Duration, enough func([]byte) bool) (bool, error) {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		if enough(p.got) {
			return true, nil
		}
		select {
		case <-t.C:
			return false, nil
		case <-ctx.Done():
			return false, fmt.Errorf("ask port: %w", ctx.Err())
		case b, ok := <-p.data:
			if !ok {
				return false, fmt.Errorf("ask port: %w", errHungUp)
			}
			if p.got = append(p.got, b...); len(p.got) > probeMost {
				return false, nil
			}
		}
	}
}

// errHungUp says that the port was lost while it was asked.
var errHungUp = errors.New("port hung up")

func never([]byte) bool { return false }

// final tells whether the text holds a final result code (V.250 §5.7), in words
// or in numbers.
func final(b []byte) bool {
	for _, line := range lines(b) {
		switch {
		case line == "OK", line == "ERROR", line == "0", line == "4", line == "COMMAND NOT SUPPORT":
			return true
		case strings.HasPrefix(line, "+CME ERROR"), strings.HasPrefix(line, "+CMS ERROR"):
			return true
		}
	}
	return false
}

// lines returns the complete lines of b, without what surrounds them.
func lines(b []byte) []string {
	end := bytes.LastIndexAny(b, "\r\n")
	if end < 0 {
		return nil
	}
	var out []string
	for _, f := range bytes.FieldsFunc(b[:end], func(r rune) bool { return r == '\r' || r == '\n' }) {
		if s := strings.TrimSpace(string(f)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// findIMEI returns the line that is an IMEI, with or without a prefix and quotes
// (3GPP TS 27.007 §5.4).
func findIMEI(b []byte) string {
	for _, line := range lines(b) {
		line = strings.Trim(strings.TrimSpace(strings.TrimPrefix(line, "+CGSN:")), `"`)
		line, _, _ = strings.Cut(line, ",") // IMEISV or a second word behind it
		if n := digits(line); n == len(line) && 14 <= n && n <= 17 {
			return line
		}
	}
	return ""
}

// Babble tells what a port is for by what it says unasked: frames of DIAG, which
// end in 0x7E and are no text, or sentences of NMEA 0183.
func Babble(b []byte) Role {
	for _, line := range lines(b) {
		if len(line) > 6 && line[0] == '$' && line[1] == 'G' && strings.Contains(line, ",") {
			return RoleGPS
		}
	}
	odd := 0
	for _, c := range b {
		if c >= 0x7f || c < ' ' && c != '\r' && c != '\n' && c != '\t' {
			odd++
		}
	}
	if bytes.IndexByte(b, 0x7e) >= 0 && odd > 1 {
		return RoleDiag
	}
	return RoleUnknown
}

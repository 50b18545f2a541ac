package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// atPort talks to a modem without a driver in between. Lines that come are passed
// on as they come. One goroutine may call command and write at a time.
type atPort struct {
	port  io.ReadWriteCloser
	show  func(line string) // called from the goroutine that reads
	lines chan string       // of the running command; written by read, read by command
	done  chan struct{}     // closed when the port is gone
	err   error             // why; read after done

	mu      sync.Mutex // guards the rest
	waiting bool       // a command runs
}

// atPrompt stands for the prompt of a modem that waits for a PDU or a text.
const atPrompt = "> "

// maxATLine bounds a line that is shown.
const maxATLine = 4096

func newATPort(port io.ReadWriteCloser, show func(line string)) *atPort {
	p := &atPort{port: port, show: show, lines: make(chan string, 1024), done: make(chan struct{})}
	go p.read()
	return p
}

// close closes the port and waits until nothing more is shown.
func (p *atPort) close() {
	_ = p.port.Close() // what was said is said
	<-p.done
}

func (p *atPort) read() {
	defer close(p.done)
	buf := make([]byte, 512)
	var line []byte
	take := func() {
		if text := string(bytes.TrimSpace(line)); text != "" {
			p.took(text)
		}
		line = line[:0]
	}
	for {
		n, err := p.port.Read(buf)
		for _, b := range buf[:n] {
			switch {
			case b == '\r' || b == '\n':
				take()
			case b == 0:
			default:
				if line = append(line, b); len(line) == maxATLine {
					take()
				}
			}
			if string(line) == atPrompt {
				line = line[:0]
				p.took(atPrompt)
			}
		}
		if err != nil {
			take()
			p.err = err
			return
		}
	}
}

func (p *atPort) took(line string) {
	p.show(line)
	p.mu.Lock()
	waiting := p.waiting
	p.mu.Unlock()
	if !waiting {
		return
	}
	select {
	case p.lines <- line:
	default: // nobody needs to wait for the end of such an answer
	}
}

// errNoFinal is why a command did not end.
var errNoFinal = errors.New("no final answer in time: is this the modem's AT port?")

// command writes text and returns the final result, atPrompt if the modem asks for
// more.
func (p *atPort) command(ctx context.Context, text, end string, limit time.Duration) (final string, err error) {
	for len(p.lines) > 0 {
		<-p.lines
	}
	p.setWaiting(true)
	defer p.setWaiting(false)
	if _, err := io.WriteString(p.port, text+end); err != nil {
		return "", fmt.Errorf("write to port: %w", err)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case line := <-p.lines:
			if line == atPrompt || isFinal(line) {
				return line, nil
			}
		case <-timer.C:
			return "", errNoFinal
		case <-ctx.Done():
			return "", ctx.Err()
		case <-p.done:
			return "", fmt.Errorf("port lost: %w", p.err)
		}
	}
}

func (p *atPort) setWaiting(on bool) {
	p.mu.Lock()
	p.waiting = on
	p.mu.Unlock()
}

// finals are how an answer ends (ITU-T V.250 section 5.7.1, and makers' own).
var finals = []string{
	"OK", "ERROR", "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "CONNECT", "COMMAND NOT SUPPORT", "MODEM ERROR",
	"+CME ERROR", "+CMS ERROR", "TOO MANY PARAMETERS",
}

func isFinal(line string) bool {
	line = strings.ToUpper(line)
	for _, f := range finals {
		if rest, ok := strings.CutPrefix(line, f); ok && (rest == "" || strings.ContainsAny(rest[:1], " :")) {
			return true
		}
	}
	return false
}

// risk is what a command does that cannot be undone.
type risk struct {
	prefixes []string // of the command without AT
	what     string
}

var risks = []risk{
	{[]string{"+CMGS", "+CMSS", "+CMGC"}, "sends an SMS, which may cost money"},
	{[]string{"+CMGD"}, "deletes messages that nobody may have read yet"},
	{[]string{"+CPIN=", "+CLCK=", "+CPWD=", "^CPIN=", "+CPINR="}, "may use up an attempt at a PIN or PUK; after the last one the SIM is blocked"},
	{[]string{"D"}, "dials a number, which may cost money"},
	{[]string{"+CUSD=1"}, "runs a service of the operator, which may cost money"},
	{[]string{"+CFUN=", "+CRESET", "^RESET", "#REBOOT", "+CPOWD", "+QPOWD", "^SMSO", "+ZRST"}, "switches the radio or the modem off or restarts it"},
	{[]string{"&W", "+CSAS", "+IPR", "^U2DIAG", "+ZCDRUN", "^SETPORT", "+QCFG", "#USBCFG", "+CUSBPIDSWITCH", "+CSCA="}, "changes settings that outlast a restart of the modem"},
	{[]string{"Z", "&F", "+CGDCONT"}, "resets settings that other programs rely on"},
}

// riskOf says what is risky about a line of commands, "" if nothing is known.
func riskOf(line string) string {
	line = strings.ToUpper(strings.ReplaceAll(line, " ", ""))
	rest, ok := strings.CutPrefix(line, "AT")
	if !ok {
		return ""
	}
	for command := range strings.SplitSeq(rest, ";") {
		for _, r := range risks {
			for _, p := range r.prefixes {
				tail, ok := strings.CutPrefix(command, p)
				if ok && tail != "?" && tail != "=?" {
					return r.what
				}
			}
		}
	}
	return ""
}

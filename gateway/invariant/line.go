package invariant

import (
	"regexp"
	"strings"
	"time"
)

// resetGap is the least time between two restarts a modem is told to make.
const resetGap = 10 * time.Minute

var (
	pinCommand = regexp.MustCompile(`^(?i:AT\+CPIN=)"?(\d+)"?$`)
	// resets are the commands that make modems restart.
	resets = regexp.MustCompile(`^(?i)AT(\+CFUN=(1,1|16)|\^RESET|\+CRESET|#REBOOT|\+CPOWD|\+QPOWD|\+ZRST|\^SMSO)`)
	final  = regexp.MustCompile(`(?m)^[ \r]*(OK|ERROR|0|4|\+CM[ES] ?ERROR.*|\+CMGS:.*|\+CMSS:.*|[A-Z ]*NOT SUPPORT[A-Z ]*)[ \r]*$`)
	pdu    = regexp.MustCompile(`^[0-9A-Fa-f]{18,}$`)
)

// line checks what went over one port.
func (c *checker) line(t *Transcript) {
	c.pins(t)
	c.quiet(t)
	c.inTurn(t)
	var reset time.Time
	for _, l := range t.Lines {
		if l.Dir != FromHost || !resets.MatchString(l.Text) {
			continue
		}
		if gap := l.At.Sub(reset); !reset.IsZero() && gap < resetGap {
			c.fail("M11: %s was told to restart %v after the last time", t.Modem, gap.Round(time.Second))
		}
		reset = l.At
	}
}

// pins checks that a PIN was tried again only after the SIM had accepted it.
func (c *checker) pins(t *Transcript) {
	open := make(map[string]bool) // tried and not known to be accepted
	trying := ""
	var read string // since the host wrote last
	for _, l := range t.Lines {
		switch l.Dir {
		case Cleared:
			clear(open)
		case FromHost:
			read = ""
			m := pinCommand.FindStringSubmatch(l.Text)
			if m == nil {
				trying = ""
				continue
			}
			if trying = m[1]; open[trying] {
				c.fail("M4: a PIN of SIM %s in %s was tried again without knowing that it is right", t.SIM, t.Modem)
			}
			open[trying] = true
		case FromModem:
			read += l.Text
			if strings.Contains(read, "READY") {
				clear(open)
			} else if trying != "" && strings.Contains(read, "OK") {
				delete(open, trying)
			}
		}
	}
}

// quiet checks that nothing was written while a modem was handing a PDU over.
func (c *checker) quiet(t *Transcript) {
	if t.Quiet == 0 {
		return
	}
	var begun time.Time // of a submission; zero if none is under way
	asked := false      // the last command was +CMGS
	var read strings.Builder
	for _, l := range t.Lines {
		switch l.Dir {
		case Opened:
			begun, asked = time.Time{}, false
		case FromHost:
			if gap := l.At.Sub(begun); !begun.IsZero() && gap < t.Quiet {
				c.fail("M10: %q was written to %s %v after a Ctrl-Z, without a result", l.Text, t.Modem, gap)
			}
			begun = time.Time{}
			if asked && pdu.MatchString(l.Text) || strings.HasPrefix(l.Text, "AT+CMSS=") {
				begun = l.At
				read.Reset()
			}
			asked = strings.HasPrefix(l.Text, "AT+CMGS=")
		case FromModem:
			if begun.IsZero() {
				continue
			}
			read.WriteString(l.Text)
			got := strings.ReplaceAll(read.String(), "\r", "\n")
			if final.MatchString(got) || restarted(got, t.Restarts) {
				begun = time.Time{}
			}
		}
	}
}

func restarted(text string, restarts []string) bool {
	for line := range strings.Lines(text) {
		for _, r := range restarts {
			if strings.HasPrefix(strings.TrimSpace(line), r) {
				return true
			}
		}
	}
	return false
}

// leastWait is how long a command waits at least for its answer.
const leastWait = time.Second

// inTurn checks that no command was written before the one before was answered
// or given up. AT alone asks whether anybody is there, and may be repeated.
func (c *checker) inTurn(t *Transcript) {
	var before Line
	answered := true
	for _, l := range t.Lines {
		switch l.Dir {
		case Opened, FromModem:
			answered = true
		case FromHost:
			command := len(l.Text) > 2 && strings.HasPrefix(strings.ToUpper(l.Text), "AT")
			if command && !answered && l.At.Sub(before.At) < leastWait {
				c.fail("M5: %q was written to %s before %q was answered", l.Text, t.Modem, before.Text)
			}
			before, answered = l, !command
		}
	}
}

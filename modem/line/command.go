package line

import "time"

// Command says what the answer to a command looks like and how long it may take.
// The zero value expects nothing but a final result, within no time at all: a
// Timeout must be given.
type Command struct {
	// Prefix lists how information lines of the answer begin, such as "+CSQ:". The
	// first such line is part of the answer; further ones are unsolicited unless
	// Many is set.
	Prefix []string
	Many   bool
	// PDU says that each information line is followed by one of hexadecimal digits.
	PDU bool
	// Bare accepts lines without a prefix, as identity commands answer them.
	Bare bool
	// Numeric accepts "0" and "4" as final results, for a modem that may have been
	// left in that mode (V.250 ATV0). Elsewhere they would be what is left of a line.
	Numeric bool
	// Timeout limits the wait for the final result; for a command that takes a PDU,
	// from the Ctrl-Z on.
	Timeout time.Duration
	// Lone, if not zero, limits the wait for the final result once an information
	// line came: some modems send none. The command then counts as successful.
	Lone time.Duration
	// Prompt, if not zero, marks a command that takes a PDU, and limits the wait
	// for the modem to ask for it.
	Prompt time.Duration
	// Permit is asked right before the Ctrl-Z that completes a PDU; if it says no the
	// PDU is abandoned. Nil always agrees. It must not block or use the Line.
	Permit func() bool
	// Submits marks a command that has a message sent: its answer is of use even
	// after the deadline.
	Submits bool
	// Resync makes the line pass over everything up to the first information line:
	// what comes before is an answer that was overdue.
	Resync bool
}

// Outcome is what is known of a command that ended.
type Outcome struct {
	// TimedOut is set if no final result came in time. The error that the engine
	// returned is then made up.
	TimedOut bool
	// Aborted is set if Abort ended it.
	Aborted bool
	// Prompted is set if the modem asked for the PDU.
	Prompted bool
	// Committed is set from the moment the Ctrl-Z was about to be written: the PDU
	// may have left.
	Committed bool
	// Answer is the first information line, also if the port was lost after it.
	Answer string
	// Final is the final result as the modem put it; empty if there was none.
	Final string
	// Strays counts the lines that came while the command ran and were no part of its
	// answer. One of them may have cut a line of the answer in two, or be what is left
	// of one.
	Strays int
	// Dirty is set while an overdue answer may still come. A Command with Resync
	// must be answered before any other.
	Dirty bool
}

// running is the state of a command between Begin and End. It is guarded by the
// Line's mu.
type running struct {
	Command
	Outcome
	text    string // as written, without CR, to know its echo
	written bool   // the command was written
	over    bool   // a final result was fed to the engine, or there will be none
	pdu     bool   // a hexadecimal line of the answer is due
	fed     int    // octets of information lines
	timer   *time.Timer
	epoch   int // tells a timer that was replaced too late
}

func (c *running) disarm() {
	c.epoch++
	if c.timer != nil {
		c.timer.Stop()
	}
}

// Begin announces the command that the engine is given next.
func (l *Line) Begin(c Command) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cmd = &running{Command: c}
}

// End concludes a command after the engine returned.
func (l *Line) End() Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.cmd
	if c == nil {
		return Outcome{Dirty: l.dirty}
	}
	l.cmd = nil
	l.ready = time.Now()
	c.disarm()
	if c.Resync && c.Answer != "" && !c.TimedOut && !c.Aborted {
		l.dirty, l.lost = false, false
	}
	c.Dirty = l.dirty
	return c.Outcome
}

// Abort ends the running command, or the next one if it was begun but not
// written yet. The Line is then dirty.
func (l *Line) Abort() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.cmd; c != nil && !c.over {
		c.Aborted = true
		l.giveUp("ERROR")
	}
}

// Clean makes the line trust answers again without a Resync, for the start of a
// session: once the port was silent for a while.
func (l *Line) Clean() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dirty, l.lost = false, false
}

// Interrupt writes ESC, with cr a CR behind it, which makes a modem that asks
// for a PDU give up. It is refused while a PDU's result is awaited.
func (l *Line) Interrupt(cr bool) error {
	l.mu.Lock()
	busy := l.cmd != nil && l.cmd.Committed && !l.cmd.over
	l.mu.Unlock()
	if busy {
		return ErrAborted
	}
	if cr {
		return l.write([]byte(escape + "\r"))
	}
	return l.write([]byte(escape))
}

// arm sets the deadline of the running command. The caller holds mu.
func (l *Line) arm(d time.Duration) {
	c := l.cmd
	c.disarm()
	epoch := c.epoch
	c.timer = time.AfterFunc(d, func() { l.expire(c, epoch) })
}

// expire ends a command at its deadline.
func (l *Line) expire(c *running, epoch int) {
	l.mu.Lock()
	if l.cmd != c || c.over || c.epoch != epoch {
		l.mu.Unlock()
		return
	}
	if c.Lone > 0 && c.Answer != "" {
		l.giveUp("OK")
		l.mu.Unlock()
		return
	}
	c.TimedOut = true
	l.giveUp("ERROR")
	unasked := c.Prompt > 0 && !c.Committed
	l.mu.Unlock()
	if unasked {
		// The modem may ask for the PDU later and must not wait for ever. If this
		// fails the port is broken and its reader finds out.
		_ = l.Interrupt(false)
	}
}

// giveUp ends the running command without the modem's final result. The caller
// holds mu.
func (l *Line) giveUp(made string) {
	c := l.cmd
	c.disarm()
	c.over = true
	if !c.written {
		return
	}
	l.dirty = true
	if c.Submits {
		l.lost = (c.Committed || c.Prompt == 0) && c.Answer == ""
	}
	l.feed(made + "\r\n")
}

// awaits reports whether line may be part of the answer.
func (c *running) awaits(line string) bool {
	for _, p := range c.Prefix {
		if _, found := cutPrefixFold(line, p); found {
			return true
		}
	}
	return false
}

package line

import "time"

// Pace slows writing down for modems that cannot keep up. The zero value writes
// as fast as the port takes it.
type Pace struct {
	// Gap is the least time between the end of a command and the next one.
	Gap time.Duration
	// Prompt is a rest between the modem's asking for a PDU and the PDU.
	Prompt time.Duration
	// Chunk is how many octets of a PDU are written at once, with ChunkGap between
	// them; 0 is all of them.
	Chunk    int
	ChunkGap time.Duration
	// End is a rest between the PDU and its Ctrl-Z.
	End time.Duration
}

// writing returns what the pace adds to the time a PDU of n digits takes.
func (p Pace) writing(n int) time.Duration {
	d := p.Prompt + p.End
	if p.Chunk > 0 {
		d += time.Duration(n/p.Chunk) * p.ChunkGap
	}
	return d
}

// SetPace changes the pace from the next command on.
func (l *Line) SetPace(p Pace) {
	l.mu.Lock()
	l.pace = p
	l.mu.Unlock()
}

// idle lets time pass, unless the port is closed or lost meanwhile.
func (l *Line) idle(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.stop:
	case <-l.done:
	}
}

// leaveGap waits until the modem had its rest since the command before.
func (l *Line) leaveGap() {
	l.mu.Lock()
	gap, since := l.pace.Gap, l.ready
	l.mu.Unlock()
	if gap > 0 && !since.IsZero() {
		l.idle(gap - time.Since(since))
	}
}

// writeDigits writes the digits of a PDU at the modem's pace.
func (l *Line) writeDigits(digits []byte) error {
	l.mu.Lock()
	p := l.pace
	if more := p.writing(len(digits)); more > 0 && l.cmd != nil && !l.cmd.over {
		l.arm(writeTimeout + l.cmd.Prompt + more)
	}
	l.mu.Unlock()
	l.idle(p.Prompt)
	for p.Chunk > 0 && len(digits) > p.Chunk {
		if err := l.write(digits[:p.Chunk]); err != nil {
			return err
		}
		digits = digits[p.Chunk:]
		l.idle(p.ChunkGap)
	}
	if err := l.write(digits); err != nil {
		return err
	}
	l.idle(p.End)
	return nil
}

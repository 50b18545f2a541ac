package emulator

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// point lets a planned fault strike. struck tells that the command ends with v.
func (s *session) point(at Point, command string) (v verdict, struck bool) {
	if at == 0 || !s.m.hasFaults() {
		return verdict{}, false
	}
	f, ok := s.m.takeFault(at, command)
	if !ok {
		return verdict{}, false
	}
	if err := s.flush(); err != nil { // what came before the point is out
		return over(err), true
	}
	if err := s.pause(f.Delay, nil); err != nil {
		return over(err), true
	}
	if len(f.Emit) > 0 {
		s.out = append(s.out, f.Emit...)
		if err := s.flush(); err != nil {
			return over(err), true
		}
	}
	f.call(s.m)
	if f.Final != "" && f.Do == 0 {
		return verdict{kind: verdictText, text: f.Final}, true
	}
	return s.strike(f)
}

// call calls the functions of a fault.
func (f Fault) call(m *Modem) {
	if f.Func != nil {
		f.Func()
	}
	if f.With != nil {
		f.With(m)
	}
}

// strike carries out the action of a fault.
func (s *session) strike(f Fault) (verdict, bool) {
	switch f.Do {
	case ClosePort, PullOut:
		if f.Do == PullOut {
			s.m.powerOff()
		}
		s.m.mu.Lock()
		s.m.back = f.Back
		s.m.mu.Unlock()
		return over(ErrPortClosed), true
	case Reboot:
		s.m.Reset()
		return over(errReset), true
	case Hang:
		s.m.hang(f.Cure, f.For)
		return none(), true
	case DropAnswer:
		return none(), true
	case Silence:
		s.m.silence(f.For)
	case Stall:
		<-s.gate
		err := s.pause(f.For, nil)
		s.gate <- struct{}{}
		if err != nil {
			return over(err), true
		}
	case OpenPrompt:
		return s.strayPrompt(), true
	}
	select {
	case <-s.lost: // Func cycled the power
		return over(errReset), true
	case <-s.ctx.Done():
		return over(fmt.Errorf("strike fault: %w", s.ctx.Err())), true
	default:
		return verdict{}, false
	}
}

// strayPrompt is a prompt an earlier host left: what is typed is taken for a PDU until an
// escape or a Ctrl-Z.
func (s *session) strayPrompt() verdict {
	for {
		b, err := s.next(false)
		switch {
		case err != nil:
			return over(err)
		case b == 0x1b:
			return verdict{}
		case b == 0x1a:
			return cms(cmsBadPDU)
		}
	}
}

// mangled writes through the fault that strikes a write, and returns what it does after.
func (s *session) mangled(out []byte) ([]byte, Fault, error) {
	f, spared, struck := s.m.takeWriteFault(s.running, len(out))
	if !struck {
		return out, Fault{}, nil
	}
	out = slices.Clone(out) // s.out is free for the pause
	if err := s.pause(f.Delay, nil); err != nil {
		return nil, Fault{}, err
	}
	switch {
	case f.Mangle != nil:
		out = append(out[:spared:spared], f.Mangle(out[spared:])...)
	case f.Do != 0:
		out = out[:spared]
	}
	return out, f, nil
}

// strikeOnTime carries out a fault of AtTime.
func (m *Modem) strikeOnTime(p *plannedFault) {
	m.mu.Lock()
	if !slices.Contains(m.faults, p) {
		m.mu.Unlock()
		return
	}
	m.strikes(p)
	if p.Times != 0 {
		p.timer.Reset(p.After)
	}
	f := p.Fault
	if len(f.Emit) > 0 && m.attached {
		m.raw = append(m.raw, f.Emit)
		m.rouse()
	}
	m.mu.Unlock()
	f.call(m)
	switch f.Do {
	case Reboot:
		m.Reset()
	case Hang:
		m.hang(f.Cure, f.For)
	case Silence, Stall:
		m.silence(f.For)
	case ClosePort, PullOut:
		m.cut(f.Do == PullOut, f.Back)
	}
}

// cut ends the stream from outside of the session.
func (m *Modem) cut(power bool, back time.Duration) {
	m.mu.Lock()
	var conn io.Closer
	if m.attached {
		conn, m.conn, m.back = m.conn, nil, back
	}
	m.mu.Unlock()
	if power {
		m.powerOff()
	}
	if conn != nil {
		conn.Close()
	}
}

// HangUntil makes the modem hang now: nothing is answered until the cure, while its
// port stays open.
func (m *Modem) HangUntil(c Cure) { m.hang(c, 0) }

// hang makes the modem hang until a cure, or for a time if d is positive.
func (m *Modem) hang(cure Cure, d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hung, m.cure = true, cure
	m.hangs++
	if hang := m.hangs; d > 0 {
		time.AfterFunc(d, func() {
			m.mu.Lock()
			defer m.release()
			if m.hangs == hang {
				m.cured()
			}
		})
	}
}

// cured ends a hang.
func (m *Modem) cured() {
	m.hung = false
	m.wakeup = true
}

// hostLeft is told when the host closed the port.
func (m *Modem) hostLeft() {
	m.mu.Lock()
	defer m.release()
	if m.hung && m.cure == CureReopen {
		m.cured()
	}
}

// stuck tells whether a hang keeps a command from being carried out, and ends one the
// command cures.
func (s *session) stuck(c command) bool {
	m := s.m
	m.mu.Lock()
	defer m.release()
	if !m.hung {
		return false
	}
	_, resets := m.profile.Resets[c.text]
	if resets || c.name == "+CFUN" && c.op == opSet && (len(c.args) > 1 || m.cure == CureRadio) {
		m.cured()
		return false
	}
	switch c.name {
	case "+CREG", "+CGREG", "+CEREG", "+CSQ":
		return true
	}
	return m.cure != CureRadio || commands[c.name].need != needNothing
}

// silence makes the modem mute for a time, for good if d is not positive.
func (m *Modem) silence(d time.Duration) {
	m.SetMute(true)
	if d > 0 {
		time.AfterFunc(d, func() { m.SetMute(false) })
	}
}

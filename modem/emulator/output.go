package emulator

import (
	"fmt"
	"strings"
)

// info adds an information line to the answer. Several lines are separated by "\r\n".
func (s *session) info(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	s.frame(text, s.verbose, s.m.profile.LineTail)
}

// frame adds text between the line ends of the profile. Numeric mode has no head (ITU-T
// V.250 §6.2.6).
func (s *session) frame(text string, verbose bool, tail string) {
	if verbose {
		s.out = append(s.out, s.m.profile.LineHead...)
	}
	if tail != "\r\n" {
		text = strings.ReplaceAll(text, "\r\n", tail)
	}
	s.out = append(s.out, text...)
	s.out = append(s.out, tail...)
}

// finish writes the final result of a line and with it everything before.
func (s *session) finish(v verdict) error {
	s.m.mu.Lock()
	vol := s.m.vol
	if v.kind == verdictCME || v.kind == verdictCMS {
		s.m.vol.failure = v.final(2, s.m.profile)
	}
	s.m.mu.Unlock()
	switch {
	case v.kind == verdictOver:
		return v.err
	case v.kind == verdictNone:
		return s.flush()
	case vol.quiet:
		return s.flush()
	}
	text := v.final(vol.cmee, s.m.profile)
	if vol.verbose {
		s.frame(text, true, s.m.profile.LineTail)
		return s.flush()
	}
	switch text {
	case "OK":
		text = "0"
	case "ERROR":
		text = "4"
	}
	s.out = append(append(s.out, text...), '\r')
	return s.flush()
}

// unsolicited sends the lines that wait. It is called only while no command and no prompt
// is open.
func (s *session) unsolicited() error {
	if s.second {
		return nil
	}
	s.m.mu.Lock()
	if s.m.boot {
		s.m.bootLines()
	}
	lines, raw := s.m.urcs, s.m.raw
	s.m.urcs, s.m.raw = nil, nil
	verbose := s.m.vol.verbose
	s.m.mu.Unlock()
	for _, l := range lines {
		s.frame(l, verbose, s.m.profile.URCTail)
		if err := s.flush(); err != nil {
			return err
		}
	}
	for _, b := range raw {
		s.out = append(s.out, b...)
		if err := s.flush(); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what was added, unless the modem is mute or hangs.
func (s *session) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	out, seq := s.out, s.answered
	s.out, s.answered = s.out[:0], 0
	s.m.mu.Lock()
	dumb, reset, faults := s.m.silent(), s.m.lost != s.lost, len(s.m.faults) > 0
	s.m.mu.Unlock()
	if reset {
		return errReset
	}
	if dumb {
		return nil
	}
	var f Fault
	if faults {
		var err error
		if out, f, err = s.mangled(out); err != nil {
			return err
		}
	}
	s.m.mu.Lock()
	s.m.written += int64(len(out))
	s.m.mu.Unlock()
	s.transcript('<', out)
	size := s.m.profile.ChunkSize
	if size <= 0 {
		size = len(out)
	}
	for len(out) > 0 {
		n := min(size, len(out))
		if _, err := s.rw.Write(out[:n]); err != nil {
			return fmt.Errorf("write port: %w", err)
		}
		out = out[n:]
	}
	if seq > 0 && f.Do == 0 {
		s.m.net.answered(seq)
	}
	if v, struck := s.strike(f); struck && v.kind == verdictOver {
		return v.err
	}
	return nil
}

func (s *session) transcript(dir byte, line []byte) {
	if t := s.m.opt.Transcript; t != nil {
		t(dir, line)
	}
}

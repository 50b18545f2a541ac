package modem

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// subscribe makes the modem store what arrives and say so (3GPP TS 27.005 §3.4.1,
// +CNMI). What it promises to accept and what it accepts are not always the same,
// so settings are tried from the best to the least; with none of them, messages
// are found by looking.
func (s *session) subscribe(context.Context) error {
	if err := s.phase(); err != nil {
		return err
	}
	var ranges [5][]int
	err := s.patiently(func() error {
		lines, err := s.conn.query("+CNMI=?", "+CNMI:", storeLimit)
		ranges = parseCNMIRanges(lines)
		return err
	})
	if fatal(err) {
		return err
	}
	accepted := false
	for _, set := range cnmiChoices(ranges, s.profile.modes, s.reports()) {
		err := s.patiently(func() error { return s.conn.set("+CNMI="+set, storeLimit) })
		if fatal(err) {
			return err
		}
		if err == nil {
			accepted = true
			break
		}
	}
	if !accepted {
		s.log.Warn().Msg("modem refuses to announce messages: they are found by looking for them")
	}
	s.cnmi, err = s.notifying()
	return err
}

// reports returns the values of <ds> to try. A report that is handed over directly
// is lost if the gateway dies at that moment, so the modem is to store them, where it
// is known that it does: its maker says so, or it names a storage for them.
func (s *session) reports() []int {
	switch {
	case s.profile.reports != nil:
		return s.profile.reports
	case s.boxes.reports:
		return storedReports
	}
	return directReports
}

// phase chooses the service in which the modem itself acknowledges what it hands
// over directly, unless it insists on another (27.005 §3.2.1, +CSMS).
func (s *session) phase() error {
	s.acks.Store(false)
	ask := func() (acks bool, err error) {
		lines, err := s.conn.query("+CSMS?", "+CSMS:", storeLimit)
		rest, _ := value(lines, "+CSMS:")
		n, ok := nth(fields(rest), 0).number()
		return ok && n == 1, err
	}
	acks, err := ask()
	if fatal(err) || !acks {
		return unlessFatal(err)
	}
	// The answer to the set command has a +CSMS: line of no interest.
	if _, err := s.conn.query("+CSMS=0", "+CSMS:", storeLimit); fatal(err) {
		return err
	}
	acks, err = ask()
	s.acks.Store(acks)
	return unlessFatal(err)
}

func unlessFatal(err error) error {
	if fatal(err) {
		return err
	}
	return nil
}

// notifying returns the settings of +CNMI, without blanks; empty if the modem
// does not tell.
func (s *session) notifying() (string, error) {
	lines, err := s.conn.query("+CNMI?", "+CNMI:", storeLimit)
	if err != nil {
		return "", unlessFatal(err)
	}
	rest, _ := value(lines, "+CNMI:")
	return strings.ReplaceAll(rest, " ", ""), nil
}

// cnmiChoices returns the parameters to try, best first. A nil range is unknown.
// To store and announce what arrives is tried even if the range does not allow it:
// the range may be garbled, and nothing else is as safe.
func cnmiChoices(ranges [5][]int, modes, reports []int) []string {
	allowed := func(i, n int) bool { return len(ranges[i]) == 0 || slices.Contains(ranges[i], n) }
	mts := []int{1}
	switch {
	case allowed(1, 1):
	case allowed(1, 0):
		mts = append(mts, 0) // stored in silence
	default:
		mts = append(mts, ranges[1][0])
	}
	bfr := 0
	if !allowed(4, 0) {
		bfr = 1
	}
	var out []string
	for _, mt := range mts {
		var short []string
		for _, mode := range modes {
			if !allowed(0, mode) {
				continue
			}
			for _, ds := range reports {
				if allowed(3, ds) {
					out = append(out, fmt.Sprintf("%d,%d,0,%d,%d", mode, mt, ds, bfr))
					short = append(short, fmt.Sprintf("%d,%d,0,%d", mode, mt, ds))
				}
			}
			short = append(short, fmt.Sprintf("%d,%d,0", mode, mt), fmt.Sprintf("%d,%d", mode, mt))
		}
		out = append(out, short...)
	}
	return out
}

// maxDrifts is how often settings that changed are believed to have been lost.
const maxDrifts = 10

// verify asks whether the modem still has our settings. A modem loses them when it
// restarts without a word, or when another program changes them.
func (s *session) verify() error {
	s.suspect = false
	if s.cnmi != "" {
		now, err := s.notifying()
		if err != nil {
			return err
		}
		if now != "" && now != s.cnmi {
			if s.drifts++; s.drifts > maxDrifts {
				s.log.Warn().Msg("modem does not keep the setting of +CNMI: it is no longer watched")
				s.cnmi = ""
				return nil
			}
			return fmt.Errorf("verify +CNMI: %w", errReconfigure)
		}
	}
	lines, err := s.conn.query("+CMGF?", "+CMGF:", storeLimit)
	if fatal(err) {
		return err
	}
	rest, _ := value(lines, "+CMGF:")
	if n, ok := nth(fields(rest), 0).number(); err == nil && ok && n != 0 {
		return fmt.Errorf("verify +CMGF: %w", errReconfigure)
	}
	lines, err = s.conn.query("+CMEE?", "+CMEE:", storeLimit)
	if fatal(err) {
		return err
	}
	rest, _ = value(lines, "+CMEE:")
	if n, ok := nth(fields(rest), 0).number(); err == nil && ok && n == 0 {
		if err := s.conn.set("+CMEE=1", quickLimit); err == nil {
			return fmt.Errorf("verify +CMEE: %w", errReconfigure)
		} else if fatal(err) {
			return err
		}
	}
	return nil
}

package modem

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// subscribe makes the modem store what arrives and say so (3GPP TS 27.005 §3.4.1,
// +CNMI). What it promises to accept and what it accepts are not always the same,
// so settings are tried from the best to the least; with none of them, messages
// are found by looking.
func (s *session) subscribe(context.Context) error {
	if err := s.phase(0); err != nil {
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
	set, err := s.negotiate(cnmiChoices(ranges, s.profile.modes, s.reports(), s.boxes.none))
	if err != nil || !routes(set) || s.profile.noAck {
		return err
	}
	// What is handed over directly exists nowhere else. Let the network keep it until
	// it is acknowledged.
	if err := s.phase(1); err != nil || !s.acks.Load() {
		return err
	}
	_, err = s.negotiate([]string{set}) // the change may have undone it
	return err
}

// negotiate gives +CNMI the first of several settings that the modem accepts and
// keeps, or failing that, the one of which it keeps most. It returns an empty one if
// the modem accepts none.
func (s *session) negotiate(sets []string) (chosen string, err error) {
	best, most := "", -1
	for _, set := range sets {
		err := s.patiently(func() error { return s.conn.set("+CNMI="+set, storeLimit) })
		if fatal(err) {
			return "", err
		}
		if err != nil {
			continue
		}
		if s.cnmi, err = s.notifying(); err != nil {
			return "", err
		}
		kept, all := keeps(s.cnmi, set)
		if all {
			return set, nil
		}
		if kept > most {
			best, most = set, kept
		}
	}
	if best == "" {
		s.log.Warn().Msg("modem refuses to announce messages: they are found by looking for them")
	} else {
		s.log.Warn().Str("cnmi", s.cnmi).Msg("modem accepts a setting of +CNMI and does not keep it: messages are found by looking for them")
		if err := s.try("+CNMI="+best, storeLimit); err != nil {
			return "", err
		}
	}
	s.cnmi, err = s.notifying()
	return best, err
}

// keeps tells how many of the parameters of a setting are as read back, and whether
// all are that matter: what <bfr> is makes no difference, and a modem that does not
// tell is believed.
func keeps(now, set string) (kept int, all bool) {
	if now == "" {
		return 0, true
	}
	have, want := fields(now), fields(set)
	all = true
	for i, w := range want {
		switch nth(have, i).text {
		case w.text:
			kept++
		default:
			all = all && i == 4
		}
	}
	return kept, all
}

// routes tells settings by which messages are handed over without being stored.
func routes(set string) bool {
	mt, _ := nth(fields(set), 1).number()
	return mt > 1
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

// phase chooses the service (27.005 §3.2.1, +CSMS): 0, in which the modem itself
// acknowledges what it hands over directly, or 1, in which that is up to us. A modem
// that insists on one or the other gets its way.
func (s *session) phase(service int) error {
	s.acks.Store(false)
	now, known, err := s.service()
	if err != nil {
		return err
	}
	if known && now != service || !known && service != 0 {
		// The answer to the set command has a +CSMS: line of no interest.
		if _, err := s.conn.query("+CSMS="+strconv.Itoa(service), "+CSMS:", storeLimit); fatal(err) {
			return err
		}
		if now, known, err = s.service(); err != nil {
			return err
		}
	}
	s.acks.Store(known && now == 1)
	return nil
}

// service returns which service is in use, known false if the modem does not say. It
// stands before three settings, and on some modems a field of no meaning before it.
func (s *session) service() (n int, known bool, err error) {
	lines, err := s.conn.query("+CSMS?", "+CSMS:", storeLimit)
	if err != nil {
		return 0, false, unlessFatal(err)
	}
	n, known = parseCSMS(lines)
	return n, known, nil
}

// parseCSMS returns which service is in use, from the answer to +CSMS?.
func parseCSMS(lines []string) (n int, known bool) {
	rest, _ := value(lines, "+CSMS:")
	fs := fields(rest)
	return nth(fs, max(len(fs)-4, 0)).number()
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
// the range may be garbled, and nothing else is as safe. Only a modem without room is
// to hand messages over first.
func cnmiChoices(ranges [5][]int, modes, reports []int, noRoom bool) []string {
	allowed := func(i, n int) bool { return len(ranges[i]) == 0 || slices.Contains(ranges[i], n) }
	mts := []int{1}
	switch {
	case noRoom && allowed(1, 2):
		mts = []int{2, 1}
	case allowed(1, 1):
	case allowed(1, 0):
		mts = append(mts, 0) // stored in silence
	default:
		mts = append(mts, ranges[1][0])
	}
	bm, bfr := 0, 0
	if !allowed(2, 0) {
		bm = ranges[2][0]
	}
	if !allowed(4, 0) {
		bfr = ranges[4][0]
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
					out = append(out, fmt.Sprintf("%d,%d,%d,%d,%d", mode, mt, bm, ds, bfr))
					short = append(short, fmt.Sprintf("%d,%d,%d,%d", mode, mt, bm, ds))
				}
			}
			short = append(short, fmt.Sprintf("%d,%d,%d", mode, mt, bm), fmt.Sprintf("%d,%d", mode, mt))
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

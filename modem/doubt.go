package modem

import (
	"strings"
	"time"

	"tetherd/modem/pdu"
)

// sound reports whether a record was read as it is stored, as far as can be told: it
// has the length that was announced, and is a PDU without a flaw. One that lost some
// digits may still have the right length, as the first of them say where it begins.
func sound(e entry) bool { return e.whole() && pdu.Sound(e.pdu) }

// full reports whether no digit of a record seems to be missing, though it may be
// flawed: it is as long as announced, or as its own fields want it to be, or filled up
// as on a SIM (3GPP TS 51.011 §10.5.3).
func full(e entry) bool {
	if e.whole() || pdu.Fits(e.pdu) {
		return true
	}
	n, known := e.announced()
	return known && len(e.pdu) > n && strings.Trim(e.pdu[n:], "F") == ""
}

// sameReads is how often in a row the same must be read of a record that is not sound,
// without another line in between.
const sameReads = 3

// readSure reads a record until it is sound, or it is certain that the storage holds it
// as it was read. A record that is full is if it is read the same several times, with
// nothing between the lines. Of one that is not, part may have been lost in the same
// way each time; it has to read the same for long.
func (s *session) readSure(mem string, e entry) (_ entry, sure bool, err error) {
	same, clean := 0, 0
	for range 2 * sameReads {
		again, ok, alone, err := s.read(e.index)
		if err != nil || !ok {
			return e, false, err
		}
		if again.stat < 0 {
			again.stat = e.stat
		}
		if again.pdu != e.pdu {
			same, clean = 0, 0
		}
		same++
		if alone {
			clean++
		}
		if e = again; sound(e) || clean == sameReads && full(e) {
			return e, true, nil
		}
		if clean == sameReads {
			break
		}
	}
	return e, same >= sameReads && s.lasting(mem, e), nil
}

// doubt is about a record that reads the same, but not as it should.
type doubt struct {
	digits string
	since  time.Time
	sweeps int // how many found it so
}

// A doubtful record counts as what the storage holds if so many sweeps read the same,
// over so long.
const (
	doubtSweeps = 3
	doubtFor    = 15 * time.Minute
)

// lasting reports whether a record that is not full was read like this for long enough
// to be taken as it is.
func (s *session) lasting(mem string, e entry) bool {
	where := place{s.simID, mem, e.index}
	d := s.m.doubts[where]
	if d.digits != e.pdu {
		if d.digits == "" {
			s.log.Warn().Str("storage", mem).Int("index", e.index).
				Msg("a stored message is read otherwise than it is announced: it stays there until it is read well, or the same for long")
		}
		d = doubt{digits: e.pdu, since: time.Now()}
	}
	d.sweeps++
	s.m.doubts[where] = d
	return d.sweeps >= doubtSweeps && time.Since(d.since) >= doubtFor
}

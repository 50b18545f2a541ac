package modem

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"tetherd/modem/line"
	"tetherd/modem/pdu"
)

// listing is what a storage was found to hold.
type listing struct {
	entries []entry
	at      time.Time
	sure    bool // each entry was read at its index
}

// When a storage that cannot be listed is read record by record instead, and how
// far: indices beyond that are not known to exist.
const (
	walkAfter = 2
	walkMost  = 500
	walkBlind = 60 // empty places in a row, where it is not known how many there are
)

// list returns the records of the storage that is open. A listing that ends with the
// session counts as one that failed: there are modems that hang over it.
func (s *session) list(mem string, f fill) (listing, error) {
	if s.profile.noList || s.m.unlisted[mem] >= walkAfter {
		return s.walk(mem, f)
	}
	s.m.unlisted[mem]++
	var entries []entry
	err := s.patiently(func() error {
		lines, err := s.conn.run("+CMGL=4", line.Command{Prefix: []string{"+CMGL:"}, Many: true, PDU: true, Timeout: listLimit})
		entries = parseCMGL(lines)
		return err
	})
	if emptyStore(err) {
		entries, err = nil, nil
	}
	if err != nil {
		return listing{}, fmt.Errorf("list storage: %w", err)
	}
	s.m.unlisted[mem] = 0
	l := listing{entries: entries, at: time.Now()}
	if ok, err := s.trusted(mem, entries); err != nil || ok {
		return l, err
	}
	return s.walk(mem, f)
}

// trusted makes sure, once for each storage, that it is listed under the indices it
// is read by: on some modems it is not, and a deletion would hit another message.
func (s *session) trusted(mem string, entries []entry) (bool, error) {
	if s.boxes.sure[mem] || len(entries) == 0 || !sound(entries[0]) {
		return true, nil // for now: what is deleted is read first
	}
	now, ok, err := s.read(entries[0].index)
	switch {
	case err != nil:
		return false, err
	case ok && now.pdu == entries[0].pdu:
		s.boxes.sure[mem] = true
		return true, nil
	case ok && sound(now):
		s.log.Warn().Str("storage", mem).Msg("modem lists its messages under wrong indices: reading them one by one")
		s.m.unlisted[mem] = walkAfter
	}
	return false, nil
}

// walk reads a storage record by record, until as many were found as it holds.
func (s *session) walk(mem string, f fill) (listing, error) {
	l := listing{at: time.Now(), sure: true}
	most := min(f.total, walkMost)
	if f.total == 0 {
		most = walkMost
	}
	// Some number their records from 0, most from 1, few from anywhere else; what was
	// announced is where it was announced.
	indices := make([]int, 0, most+1)
	for i := range most + 1 {
		indices = append(indices, i)
	}
	if base := s.profile.base; base > most {
		for i := range most {
			indices = append(indices, base+i)
		}
	}
	s.mu.Lock()
	indices = concat(indices, s.places[mem])
	s.mu.Unlock()
	vain := 0
	for _, i := range indices {
		e, ok, err := s.read(i)
		if err != nil {
			return listing{}, err
		}
		if ok {
			l.entries = append(l.entries, e)
			vain = 0
		} else {
			vain++
		}
		if f.total > 0 && len(l.entries) >= max(f.used, 1) || f.total == 0 && vain > walkBlind {
			break
		}
	}
	return l, nil
}

// read reads one record of the storage that is open. ok is false if there is
// none, or it cannot be read.
func (s *session) read(index int) (e entry, ok bool, err error) {
	err = s.patiently(func() error {
		lines, err := s.conn.run("+CMGR="+strconv.Itoa(index), line.Command{Prefix: []string{"+CMGR:"}, PDU: true, Timeout: storeLimit})
		e, ok = parseCMGR(lines, index)
		ok = ok && err == nil
		return err
	})
	return e, ok, unlessFatal(err)
}

// sound reports whether a record was read as it is stored, as far as can be told: it
// has the length that was announced, and is a PDU without a flaw. One that lost some
// digits may still have the right length, as the first of them say where it begins.
func sound(e entry) bool { return e.whole() && pdu.Sound(e.pdu) }

// sameReads is how often the same must be read of a record that does not match its
// announced length.
const sameReads = 3

// readSure reads a record until it matches its announced length, or the same was
// read several times in a row.
func (s *session) readSure(e entry) (_ entry, sure bool, err error) {
	same := 1
	for range 2 * sameReads {
		again, ok, err := s.read(e.index)
		if err != nil || !ok {
			return e, false, err
		}
		if again.stat < 0 {
			again.stat = e.stat
		}
		if again.pdu != e.pdu {
			same = 0
		}
		same++
		if e = again; sound(e) || same == sameReads {
			return e, true, nil
		}
	}
	return e, false, nil
}

// listTrust is how long after a listing its records are believed to be where it
// says.
const listTrust = 30 * time.Second

// proven makes sure before a deletion that the record is still at its index, and not
// another one that nobody took in yet: in a listing that is old or not trusted yet,
// and for a record that should be gone since an earlier one.
func (s *session) proven(mem string, l listing, e entry, late bool) (bool, error) {
	if !late && (l.sure || s.boxes.sure[mem]) && time.Since(l.at) < listTrust {
		return true, nil
	}
	now, ok, err := s.read(e.index)
	return ok && now.pdu == e.pdu, err
}

// point remembers where a message was announced. The caller holds mu.
func (s *session) point(mem string, index int) {
	list, known := s.places[mem]
	if !slices.Contains(list, index) && len(list) < walkMost && (known || len(s.places) < maxWanted) {
		s.places[mem] = append(list, index)
	}
}

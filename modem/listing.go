package modem

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"tetherd/modem/line"
)

// listing is what a storage was found to hold.
type listing struct {
	entries []entry
	at      time.Time
	sure    bool // each entry was read at its index
	gaps    bool // lines of it may be missing, so that a PDU is not where it seems to be
	told    int  // how many messages had been announced before the storage was counted
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
	var alone bool
	err := s.patiently(func() error {
		lines, clean, err := s.conn.watched("+CMGL=4", line.Command{Prefix: []string{"+CMGL:"}, Many: true, PDU: true, Timeout: listLimit})
		entries, alone = parseCMGL(lines), clean
		return err
	})
	if emptyStore(err) {
		entries, err = nil, nil
	}
	if err != nil {
		return listing{}, fmt.Errorf("list storage: %w", err)
	}
	s.m.unlisted[mem] = 0
	l := listing{entries: entries, at: time.Now(), gaps: !alone || gaps(entries, f)}
	if ok, err := s.trusted(mem, entries); err != nil || ok {
		return l, err
	}
	return s.walk(mem, f)
}

// gaps reports whether a listing cannot be all that was written: there are fewer or more
// records than the storage has, or their indices do not rise.
func gaps(entries []entry, f fill) bool {
	rise := true
	for i := 1; i < len(entries); i++ {
		rise = rise && entries[i].index > entries[i-1].index
	}
	return !rise || f.total > 0 && len(entries) != f.used
}

// trusted makes sure, once for each storage, that it is listed under the indices it
// is read by: on some modems it is not, and a deletion would hit another message.
func (s *session) trusted(mem string, entries []entry) (bool, error) {
	if s.boxes.sure[mem] || len(entries) == 0 || !sound(entries[0]) {
		return true, nil // for now: what is deleted is read first
	}
	now, ok, _, err := s.read(entries[0].index)
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
		e, ok, _, err := s.read(i)
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

// read reads one record of the storage that is open. ok is false if there is none, or
// it cannot be read. alone is set if nothing but the answer came meanwhile.
func (s *session) read(index int) (e entry, ok, alone bool, err error) {
	err = s.patiently(func() error {
		lines, clean, err := s.conn.watched("+CMGR="+strconv.Itoa(index), line.Command{Prefix: []string{"+CMGR:"}, PDU: true, Timeout: storeLimit})
		e, ok = parseCMGR(lines, index)
		ok, alone = ok && err == nil, clean
		return err
	})
	return e, ok, alone, unlessFatal(err)
}

// listTrust is how long after a listing its records are believed to be where it
// says.
const listTrust = 30 * time.Second

// proven makes sure before a deletion that the record is still at its index, and not
// another one that nobody took in yet: in a listing that is old, has gaps or is not
// trusted yet, and for a record that should be gone since an earlier one. A message that
// was announced since the storage was counted may be in the listing, and make up for one
// that is missing there.
func (s *session) proven(mem string, l listing, e entry, late bool) (bool, error) {
	if !late && (l.sure || s.boxes.sure[mem] && !l.gaps && l.told == s.told()) && time.Since(l.at) < listTrust {
		return true, nil
	}
	now, ok, _, err := s.read(e.index)
	return ok && now.pdu == e.pdu, err
}

// told returns how many messages were announced.
func (s *session) told() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pointed
}

// point remembers where a message was announced. The caller holds mu.
func (s *session) point(mem string, index int) {
	s.pointed++
	list, known := s.places[mem]
	if !slices.Contains(list, index) && len(list) < walkMost && (known || len(s.places) < maxWanted) {
		s.places[mem] = append(list, index)
	}
}

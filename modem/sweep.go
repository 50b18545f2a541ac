package modem

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tetherd/modem/line"
)

// place is where a record is stored on a SIM or in a modem.
type place struct {
	sim   string
	mem   string
	index int
}

// sweep verifies the settings and empties every storage, the one where messages
// arrive last, so that it stays open. A thorough one does not believe a storage
// that claims to be empty.
func (s *session) sweep(ctx context.Context, l *link, thorough bool) error {
	if err := s.verify(); err != nil {
		return err
	}
	s.mu.Lock()
	clear(s.wanted)
	s.mu.Unlock()
	return s.emptyAll(ctx, l, append(slices.Clone(s.boxes.others), s.boxes.main), thorough)
}

// lookAtWanted empties the storages that got a message according to the modem,
// and the main one if it did not say which.
func (s *session) lookAtWanted(ctx context.Context, l *link) error {
	s.mu.Lock()
	var mems []string
	for mem := range s.wanted {
		mems = append(mems, mem)
	}
	clear(s.wanted)
	s.mu.Unlock()
	if len(mems) == 0 {
		mems = []string{s.boxes.main}
	}
	slices.Sort(mems)
	return s.emptyAll(ctx, l, mems, true)
}

// emptyAll empties storages until that has taken long enough while a part waits to
// be sent; the rest is looked at later.
func (s *session) emptyAll(ctx context.Context, l *link, mems []string, thorough bool) error {
	begun := time.Now()
	enough := func() bool { return l.waiting.Load() > 0 && time.Since(begun) > lookMost }
	for i, mem := range mems {
		if i > 0 && enough() {
			s.later(mems[i:]...)
			return nil
		}
		if err := s.empty(ctx, mem, thorough, enough); err != nil {
			return err
		}
	}
	return nil
}

// later has storages looked at again.
func (s *session) later(mems ...string) {
	s.mu.Lock()
	for _, mem := range mems {
		s.wanted[mem] = true
	}
	s.mu.Unlock()
	kick(s.look)
}

// empty takes in what a storage has received and deletes it, until enough says so.
// A storage that does not work is passed over; an error ends the session.
func (s *session) empty(ctx context.Context, mem string, thorough bool, enough func() bool) error {
	var f fill
	known := false
	if mem != "" {
		var err error
		if f, known, err = s.enter(mem); err != nil {
			if !fatal(err) && !errors.Is(err, errReconfigure) {
				s.log.Warn().Err(err).Str("storage", mem).Msg("cannot open message storage: leaving it alone")
				s.boxes.others = slices.DeleteFunc(s.boxes.others, func(m string) bool { return m == mem && !errors.Is(err, errTimeout) })
				return nil
			}
			return err
		}
	}
	if mem == s.boxes.main && known {
		s.setFill(f)
	}
	if known && f.used == 0 && !thorough {
		s.forget(mem, nil)
		return nil
	}
	entries, err := s.list(mem, f)
	if err != nil {
		if !fatal(err) {
			s.log.Warn().Err(err).Str("storage", mem).Msg("cannot list message storage")
			return nil
		}
		return err
	}
	s.forget(mem, entries)
	for i, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if i > 0 && enough() {
			s.later(mem)
			break
		}
		gone, err := s.takeIn(ctx, mem, e)
		if err != nil {
			return err
		}
		if gone {
			f.used--
		}
	}
	if mem == s.boxes.main && known {
		s.setFill(f)
	}
	return nil
}

// When a storage that cannot be listed is read record by record instead, and how
// far: indices beyond that are not known to exist.
const (
	walkAfter = 2
	walkMost  = 500
)

// list returns the records of the storage that is open.
func (s *session) list(mem string, f fill) ([]entry, error) {
	if s.boxes.failed[mem] < walkAfter {
		var entries []entry
		err := s.patiently(func() error {
			lines, err := s.conn.run("+CMGL=4", line.Command{Prefix: []string{"+CMGL:"}, Many: true, PDU: true, Timeout: listLimit})
			entries = parseCMGL(lines)
			return err
		})
		if emptyStore(err) {
			entries, err = nil, nil
		}
		if err == nil {
			s.boxes.failed[mem] = 0
			return entries, nil
		}
		s.boxes.failed[mem]++
		return nil, fmt.Errorf("list storage: %w", err)
	}
	// Some number their records from 0, most from 1.
	var entries []entry
	for i := 0; i <= min(f.total, walkMost) && len(entries) < max(f.used, 1); i++ {
		e, ok, err := s.read(i)
		if err != nil {
			return nil, err
		}
		if ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
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

// takeIn stores a record durably and deletes it then. What is not ours to take,
// or could not be stored, stays. An error ends the session.
func (s *session) takeIn(ctx context.Context, mem string, e entry) (deleted bool, err error) {
	if !e.received() {
		return false, nil
	}
	if e.pdu == "" || !e.whole() {
		// Either the device announces wrong lengths, or the line lost something, maybe
		// even a header, so that this PDU belongs to another record. Read twice the
		// same, it is what the storage holds.
		var sure bool
		if e, sure, err = s.readSure(e); err != nil || !sure || !e.received() {
			return false, err // the next sweep tries again
		}
	}
	where := place{s.simID, mem, e.index}
	if s.m.handled[where] != e.pdu {
		stored, err := s.m.deliver(ctx, s.origin(), e.pdu)
		if err != nil {
			s.log.Error().Err(err).Msg("cannot store a received message: it stays on the SIM and is tried again")
			return false, nil
		}
		if !stored {
			return false, nil
		}
		s.m.handled[where] = e.pdu
	}
	if err := s.stillOpen(mem); err != nil {
		return false, err
	}
	err = s.patiently(func() error { return s.conn.set("+CMGD="+strconv.Itoa(e.index), storeLimit) })
	switch {
	case fatal(err):
		return false, err
	case emptyStore(err):
		// Somebody else deleted it, or the modem restarted without a word and has
		// another storage open.
		s.suspect = true
		kick(s.check)
		return false, nil
	case err != nil:
		s.log.Warn().Err(err).Str("storage", mem).Int("index", e.index).Msg("cannot delete a message that was taken in: trying again later")
		return false, nil
	}
	// It stays in handled until a listing shows that it is gone: the modem may have
	// restarted, and deleted nothing.
	return true, nil
}

// openTrust is how long a storage is believed to be open without asking.
const openTrust = 2 * time.Second

// stillOpen makes sure before a deletion that the storage that was listed is the
// one that is open: a modem that restarts without a word opens another one, where
// the index is that of a message nobody took in yet.
func (s *session) stillOpen(mem string) error {
	if mem == "" || time.Since(s.boxes.asked) < openTrust {
		return nil
	}
	_, _, err := s.enter(mem)
	return err
}

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
		if e = again; e.whole() || same == sameReads {
			return e, true, nil
		}
	}
	return e, false, nil
}

// forget drops the memory of records that are no longer what they were.
func (s *session) forget(mem string, entries []entry) {
	for where, digits := range s.m.handled {
		if where.sim != s.simID || where.mem != mem {
			continue
		}
		if !slices.ContainsFunc(entries, func(e entry) bool { return e.index == where.index && (e.pdu == digits || e.pdu == "") }) {
			delete(s.m.handled, where)
		}
	}
}

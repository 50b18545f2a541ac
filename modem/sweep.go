package modem

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
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
	return s.emptyAll(ctx, l, s.boxes.all(thorough), thorough)
}

// sweepAll empties every storage, however long that takes.
func (s *session) sweepAll(ctx context.Context) error {
	if err := s.verify(); err != nil {
		return err
	}
	for _, mem := range s.boxes.all(true) {
		if err := s.empty(ctx, mem, true, func() bool { return false }); err != nil {
			return err
		}
	}
	return nil
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
	known, told := false, s.told()
	if mem != "" {
		var err error
		if f, known, err = s.enter(mem); err != nil {
			if !fatal(err) && !errors.Is(err, errReconfigure) {
				s.shut(mem, err)
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
		s.setForeign(mem, 0, f)
		return nil
	}
	l, err := s.list(mem, f)
	if err != nil {
		if !fatal(err) {
			s.log.Warn().Err(err).Str("storage", mem).Msg("cannot list message storage")
			return nil
		}
		return err
	}
	l.told = told
	s.forget(mem, l.entries)
	foreign := 0
	for i, e := range l.entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if i > 0 && enough() {
			s.later(mem)
			foreign = max(foreign, s.boxes.foreign[mem])
			break
		}
		switch fate, err := s.takeIn(ctx, mem, l, e); {
		case err != nil:
			return err
		case fate == isGone:
			f.used--
		case fate == isForeign:
			foreign++
		}
	}
	if mem == s.boxes.main && known {
		s.setFill(f)
	}
	s.setForeign(mem, foreign, f)
	return nil
}

// recordFate says what became of a record.
type recordFate uint8

const (
	stays     recordFate = iota // for another try
	isGone                      // deleted
	isForeign                   // not ours to take: it was stored to be sent
)

// takeIn stores a record durably and deletes it then. What could not be stored
// stays, and so does what is not ours to take, unless it is to be purged. An error
// ends the session.
func (s *session) takeIn(ctx context.Context, mem string, l listing, e entry) (recordFate, error) {
	if !e.received() {
		return s.leftover(ctx, mem, l, e)
	}
	if !sound(e) {
		// Either the device announces wrong lengths or the message is flawed, or the line
		// lost something, maybe even a header, so that this PDU belongs to another record.
		again, sure, err := s.readSure(mem, e)
		if err != nil || !sure || !again.received() {
			return stays, err // the next sweep tries again
		}
		e, l = again, listing{at: time.Now(), sure: true}
	}
	where := place{s.simID, mem, e.index}
	delete(s.m.doubts, where)
	late := s.m.handled[where] == e.pdu
	if !late {
		stored, err := s.m.deliver(ctx, s.origin(), e.pdu)
		if err != nil {
			s.log.Error().Err(err).Msg("cannot store a received message: it stays on the SIM and is tried again")
			return stays, nil
		}
		if !stored {
			return s.leftover(ctx, mem, l, e)
		}
		s.m.handled[where] = e.pdu
	}
	// It stays in handled until a listing shows that it is gone: the modem may have
	// restarted, and deleted nothing.
	return s.remove(mem, l, e, late)
}

// spare leaves a record alone that others stored to be sent, unless such records are
// to be purged.
func (s *session) spare(mem string, l listing, e entry) (recordFate, error) {
	if !s.m.o.PurgeForeign && !s.purging || e.pdu == "" {
		return isForeign, nil
	}
	fate, err := s.remove(mem, l, e, false)
	switch {
	case fate == isGone:
		s.purged++
	case err == nil:
		fate = isForeign
	}
	return fate, err
}

// remove deletes a record, if it is where it is said to be.
func (s *session) remove(mem string, l listing, e entry, late bool) (recordFate, error) {
	if err := s.stillOpen(mem); err != nil {
		return stays, err
	}
	if ok, err := s.proven(mem, l, e, late); err != nil || !ok {
		return stays, err
	}
	err := s.patiently(func() error { return s.conn.set("+CMGD="+strconv.Itoa(e.index), storeLimit) })
	switch {
	case fatal(err):
		return stays, err
	case emptyStore(err):
		// Somebody else deleted it, or the modem restarted without a word and has
		// another storage open.
		s.suspect = true
		kick(s.check)
		return stays, nil
	case err != nil:
		s.log.Warn().Err(err).Str("storage", mem).Int("index", e.index).Msg("cannot delete a message that was taken in: trying again later")
		return stays, nil
	}
	return isGone, nil
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

// forget drops the memory of records that are no longer what they were.
func (s *session) forget(mem string, entries []entry) {
	for where := range s.m.doubts {
		if where.sim == s.simID && where.mem == mem && !slices.ContainsFunc(entries, func(e entry) bool { return e.index == where.index }) {
			delete(s.m.doubts, where)
		}
	}
	for where, digits := range s.m.handled {
		if where.sim != s.simID || where.mem != mem {
			continue
		}
		if !slices.ContainsFunc(entries, func(e entry) bool { return e.index == where.index && (e.pdu == digits || e.pdu == "") }) {
			delete(s.m.handled, where)
		}
	}
}

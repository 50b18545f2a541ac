package modem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tetherd/gateway"
)

// fewPlaces is too small for the modem's own memory to be preferred to the SIM.
const fewPlaces = 20

// boxes are the message storages of a modem (3GPP TS 27.005 §3.1, +CPMS).
type boxes struct {
	main    string          // where messages arrive; empty if the modem does not say
	second  string          // mem2, where messages to be sent would be written
	others  []string        // further ones that may hold messages
	shut    []string        // those among them that could not be opened
	reports bool            // there is one for status reports
	none    bool            // the modem has no room for a single message
	form    int             // how many storages a command has to name
	current string          // mem1 now
	asked   time.Time       // when the modem last said so
	sure    map[string]bool // storages whose list was found to name the right places
	foreign map[string]int  // records in them that are not ours to take
}

// leftAlone are storages that are not looked into: cell broadcasts, and a view of
// two others.
var leftAlone = []string{"BM", "MT"}

// chooseStores finds a storage for incoming messages and those that may hold old
// ones.
func (s *session) chooseStores(context.Context) error {
	s.boxes = boxes{sure: make(map[string]bool), foreign: make(map[string]int)}
	var mems [3][]string
	err := s.patiently(func() error {
		lines, err := s.conn.query("+CPMS=?", "+CPMS:", storeLimit)
		mems = parseStores(lines)
		return err
	})
	if fatal(err) {
		return err
	}
	s.boxes.reports = slices.Contains(mems[0], "SR")
	best, room := "", 0 // the largest of those that are small
	for _, mem := range candidates(mems, s.profile.stores) {
		f, known, err := s.adopt(mem, mems[1])
		if fatal(err) {
			return err
		}
		if err == nil {
			s.boxes.none = known && f.total == 0 && room == 0
		}
		if err == nil && (!known || f.total >= fewPlaces) {
			best = ""
			break
		}
		if err == nil && f.total > room {
			best, room = mem, f.total
		}
	}
	if best != "" && best != s.boxes.main {
		if _, _, err := s.adopt(best, mems[1]); fatal(err) {
			return err
		}
	}
	if s.boxes.main == "" {
		// Nothing can be set; read what there is.
		mem, f, err := s.usage()
		if fatal(err) {
			return err
		}
		if err == nil {
			s.boxes.main, s.boxes.current = mem, mem
			s.setFill(f)
		}
	}
	// The two usual ones are worth a try even if the list does not name them: it may be
	// garbled, and what cannot be opened is left alone then.
	usual := []string{"ME", "SM"}
	for _, mem := range concat(usual, mems[0]) {
		seen := s.boxes.main == "MT" && slices.Contains(usual, mem)
		if mem != s.boxes.main && !seen && !slices.Contains(leftAlone, mem) && len(s.boxes.others) < maxWanted {
			s.boxes.others = append(s.boxes.others, mem)
		}
	}
	s.m.update(func(st *gateway.ModemStatus) { st.Storage = s.boxes.main })
	return nil
}

// all returns the storages to look into, the one where messages arrive last, so that
// it stays open. A thorough look gives those a chance that could not be opened.
func (b *boxes) all(thorough bool) []string {
	var out []string
	for _, mem := range b.others {
		if thorough || !slices.Contains(b.shut, mem) {
			out = append(out, mem)
		}
	}
	return append(out, b.main)
}

// shut leaves a storage that cannot be opened alone for a while.
func (s *session) shut(mem string, err error) {
	if slices.Contains(s.boxes.shut, mem) {
		return
	}
	s.log.Warn().Err(err).Str("storage", mem).Msg("cannot open message storage: looking into it less often")
	if mem != s.boxes.main && len(s.boxes.shut) < maxWanted {
		s.boxes.shut = append(s.boxes.shut, mem)
	}
}

// candidates returns the storages to try for incoming messages, best first: the
// preferred ones among those that can be both read and written to, else any such.
func candidates(mems [3][]string, preferred []string) []string {
	able := func(mem string) bool {
		return (len(mems[0]) == 0 || slices.Contains(mems[0], mem)) && (len(mems[2]) == 0 || slices.Contains(mems[2], mem))
	}
	var out []string
	for _, mem := range preferred {
		if able(mem) {
			out = append(out, mem)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, mem := range mems[0] {
		if able(mem) && mem != "SR" && mem != "BM" {
			out = append(out, mem)
		}
	}
	return out
}

// adopt makes mem the storage where messages arrive, in the first form of the
// command that the modem takes. writable lists what mem2 can be.
func (s *session) adopt(mem string, writable []string) (f fill, known bool, err error) {
	second := mem
	if len(writable) > 0 && !slices.Contains(writable, mem) {
		second = writable[0]
	}
	before := s.boxes
	// All forms before the first again: what one modem says while it is busy another
	// says for ever to a form it does not know.
	err = s.patiently(func() error {
		var waits, err error
		for _, form := range []int{3, 1, 2} {
			s.boxes.main, s.boxes.second, s.boxes.form = mem, second, form
			if f, known, err = s.openOnce(mem); err == nil {
				s.setFill(f)
				return nil
			}
			s.boxes = before
			if fatal(err) {
				return err
			}
			if busy(err) && waits == nil {
				waits = err
			}
		}
		return cmp.Or(waits, err)
	})
	return f, known, err
}

// open makes mem the storage that is read and deleted from, and returns how full
// it is, if the modem says so.
func (s *session) open(mem string) (f fill, known bool, err error) {
	err = s.patiently(func() error {
		f, known, err = s.openOnce(mem)
		return err
	})
	return f, known, err
}

// openOnce is open without patience for a modem that is busy.
func (s *session) openOnce(mem string) (f fill, known bool, err error) {
	b := &s.boxes
	cmd := `+CPMS="` + mem + `"`
	if b.form > 1 {
		cmd += `,"` + b.second + `"`
	}
	if b.form > 2 {
		cmd += `,"` + b.main + `"`
	}
	b.current = ""
	lines, err := s.conn.query(cmd, "+CPMS:", storeLimit)
	if err != nil && !errors.Is(err, errNoAnswer) { // OK alone will do
		return fill{}, false, err
	}
	_, f, known = parseCPMS(lines)
	b.current, b.asked = mem, time.Now()
	return f, known, nil
}

// usage asks which storage is open and how full it is.
func (s *session) usage() (mem string, f fill, err error) {
	err = s.patiently(func() error {
		lines, err := s.conn.query("+CPMS?", "+CPMS:", storeLimit)
		if err != nil {
			return err
		}
		var ok bool
		if mem, f, ok = parseCPMS(lines); !ok {
			return fmt.Errorf("read +CPMS: %w", errNoAnswer)
		}
		return nil
	})
	return mem, f, err
}

// enter opens a storage and returns how full it is. known is false if the modem
// does not say.
func (s *session) enter(mem string) (f fill, known bool, err error) {
	if mem != s.boxes.current {
		return s.open(mem)
	}
	now, f, err := s.usage()
	if err != nil && !fatal(err) {
		return fill{}, false, nil // the storage can be listed all the same
	}
	if err == nil && now != "" && mem != "" && !strings.EqualFold(now, mem) {
		return fill{}, false, fmt.Errorf("open storage: %w", errReconfigure)
	}
	s.boxes.asked = time.Now()
	return f, err == nil, err
}

// setFill notes how full the storage for incoming messages is.
func (s *session) setFill(f fill) {
	s.m.update(func(st *gateway.ModemStatus) { st.Stored, st.Capacity = max(f.used, 0), f.total })
}

// setForeign notes how many records of a storage are not ours to take, and says so
// once if they fill it: the network keeps back what has no room.
func (s *session) setForeign(mem string, n int, f fill) {
	s.boxes.foreign[mem] = n
	sum := 0
	for _, n := range s.boxes.foreign {
		sum += n
	}
	s.m.update(func(st *gateway.ModemStatus) { st.Foreign = sum })
	crowded := mem == s.boxes.main && f.total > 0 && n >= f.total
	if crowded && !s.crowded {
		s.log.Warn().Str("storage", mem).Int("messages", n).
			Msg("message storage is full of messages that were stored to be sent: nothing can be received until they are purged")
	}
	s.crowded = crowded
}

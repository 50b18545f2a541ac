package modem

import (
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
	main    string         // where messages arrive; empty if the modem does not say
	second  string         // mem2, where messages to be sent would be written
	others  []string       // further ones that may hold messages
	reports bool           // there is one for status reports
	form    int            // how many storages a command has to name
	current string         // mem1 now
	asked   time.Time      // when the modem last said so
	failed  map[string]int // storages that could not be listed, and how often in a row
}

// chooseStores finds a storage for incoming messages and those that may hold old
// ones.
func (s *session) chooseStores(context.Context) error {
	s.boxes = boxes{failed: make(map[string]int)}
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
	listed := func(i int, mem string) bool { return len(mems[i]) == 0 || slices.Contains(mems[i], mem) }
	best, room := "", 0 // the largest of those that are small
	for _, mem := range s.profile.stores {
		if !listed(0, mem) || !listed(2, mem) {
			continue
		}
		f, known, err := s.adopt(mem, mems[1])
		if fatal(err) {
			return err
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
	for _, mem := range []string{"ME", "SM", "SR"} {
		// The two usual ones are worth a try even if the list does not name them: it
		// may be garbled, and what cannot be opened is left alone then.
		usual := mem != "SR"
		if mem != s.boxes.main && (usual || slices.Contains(mems[0], mem)) && (s.boxes.main != "MT" || !usual) {
			s.boxes.others = append(s.boxes.others, mem)
		}
	}
	return nil
}

// adopt makes mem the storage where messages arrive, in the first form of the
// command that the modem takes. writable lists what mem2 can be.
func (s *session) adopt(mem string, writable []string) (f fill, known bool, err error) {
	second := mem
	if len(writable) > 0 && !slices.Contains(writable, mem) {
		second = writable[0]
	}
	before := s.boxes
	for _, form := range []int{3, 1, 2} {
		s.boxes.main, s.boxes.second, s.boxes.form = mem, second, form
		f, known, err = s.open(mem)
		if err == nil {
			s.setFill(f)
			return f, known, nil
		}
		s.boxes = before
		if fatal(err) {
			break
		}
	}
	return fill{}, false, err
}

// open makes mem the storage that is read and deleted from, and returns how full
// it is, if the modem says so.
func (s *session) open(mem string) (f fill, known bool, err error) {
	b := &s.boxes
	cmd := `+CPMS="` + mem + `"`
	if b.form > 1 {
		cmd += `,"` + b.second + `"`
	}
	if b.form > 2 {
		cmd += `,"` + b.main + `"`
	}
	b.current = ""
	err = s.patiently(func() error {
		lines, err := s.conn.query(cmd, "+CPMS:", storeLimit)
		if errors.Is(err, errNoAnswer) {
			err = nil // OK alone will do
		}
		_, f, known = parseCPMS(lines)
		return err
	})
	if err != nil {
		return fill{}, false, err
	}
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

func (s *session) setFill(f fill) {
	s.m.update(func(st *gateway.ModemStatus) { st.Stored, st.Capacity = max(f.used, 0), f.total })
}

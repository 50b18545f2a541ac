package webhook

import (
	"fmt"

	"tetherd/gateway"
)

// load reads what there is at the start.
func (s *scheduler) load() (err error) {
	if s.states, err = s.queue.EndpointStates(); err != nil {
		return fmt.Errorf("read how webhooks fared: %w", err)
	}
	return s.reload()
}

// reload reads the list of webhooks.
func (s *scheduler) reload() error {
	list, err := s.queue.Endpoints()
	if err != nil {
		return fmt.Errorf("read webhooks: %w", err)
	}
	known, lines := s.byNum, s.lines
	s.lines = make(map[string]*line)
	s.byNum = make(map[uint32]*endpoint, len(list))
	s.endpoints = s.endpoints[:0]
	for _, reg := range list {
		e := known[reg.Num]
		if e == nil {
			e = newEndpoint(reg, s.states[reg.Num])
			e.setRate(gateway.RateLimit{}, reg.Rate)
			s.limit(e)
		}
		if e.replace(reg) {
			e.recover(s.o.RecoveryRate)
		}
		e.line = s.lineOf(reg.URL, lines)
		s.byNum[reg.Num] = e
		s.endpoints = append(s.endpoints, e)
	}
	s.turn = 0
	return nil
}

// lineOf returns the line at the receiver behind a URL, the known one if there is
// any.
func (s *scheduler) lineOf(url string, known map[string]*line) *line {
	at := origin(url)
	l := s.lines[at]
	if l == nil {
		if l = known[at]; l == nil {
			l = &line{places: make(map[string][]place)}
		}
		s.lines[at] = l
		l.sharers = 0
	}
	l.sharers++
	return l
}

// callUp has every webhook look again for which an event may have waited in l.
func (s *scheduler) callUp(l *line) {
	for _, e := range s.endpoints {
		if e.line == l && e.blocked != 0 {
			e.blocked, e.look = 0, true
		}
	}
}

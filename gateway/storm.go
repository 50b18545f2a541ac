package gateway

import (
	"fmt"
	"time"
)

// stormRest is for how long a message is held back that repeats itself too often.
const stormRest = time.Hour

// maxStorms is about how many numbers and texts are remembered before those that count
// no more are forgotten.
const maxStorms = 10_000

// storms notice when somebody is sent the same again and again, or when two machines
// answer each other. The meter guards it. That messages are answers is forgotten at a
// restart, what was sent is not.
type storms struct {
	protect *Protection
	same    map[uint64][]Tick  // when the same was sent to the same number
	talks   map[uint64]*volley // by number
}

// volley is a conversation by turns with a number.
type volley struct {
	heard   Tick   // latest message from it that was not answered; 0: none
	replies []Tick // answers to it
}

// heard notes a message from a number.
func (m *meter) heard(number string, now Tick) {
	if m.protect.Replies == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.storms
	s.sweep(now)
	key := hashOf(number)
	if s.talks[key] == nil {
		s.talks[key] = &volley{}
	}
	s.talks[key].heard = now
}

// refuse returns why a charge would be one too many; nil if it would not.
func (s *storms) refuse(c *Charge, now Tick) *refusal {
	what, n, most := "", 0, 0
	if limit := s.protect.Repeats; limit > 0 {
		if n = len(s.recent(s.same[sameKey(c)], now)); n >= limit {
			what, most = "the same text was sent to this number", limit
		}
	}
	if v := s.talks[c.To]; v != nil && v.heard != 0 && s.protect.Replies > 0 {
		v.replies = s.recent(v.replies, now)
		if len(v.replies) >= s.protect.Replies {
			what, n, most = "messages to this number were answered and answered again", len(v.replies), s.protect.Replies
		}
	}
	if what == "" {
		return nil
	}
	reason := fmt.Sprintf("%s %d times within %s, which looks like a loop", what, n, s.protect.StormWindow)
	return &refusal{
		loop: reason, until: now.Add(stormRest), own: true, storm: true,
		notice: LimitReached{LimitNotice{
			Limit: "storm", Used: float64(n), Most: float64(most), Unit: "messages",
			Reason: "a message is held back for an hour, or until it is released: " + reason,
		}},
	}
}

// count notes that something is sent.
func (s *storms) count(c *Charge, now Tick) {
	if s.protect.Repeats > 0 {
		s.sweep(now)
		key := sameKey(c)
		s.same[key] = append(s.recent(s.same[key], now), now)
	}
	if v := s.talks[c.To]; v != nil && v.heard != 0 {
		v.replies, v.heard = append(s.recent(v.replies, now), now), 0
	}
}

// discount takes the latest count back: it was not sent after all.
func (s *storms) discount(c *Charge) {
	key := sameKey(c)
	if n := len(s.same[key]); n > 0 {
		s.same[key] = s.same[key][:n-1]
	}
}

// recent leaves out what is too old.
func (s *storms) recent(at []Tick, now Tick) []Tick {
	for len(at) > 0 && at[0].Add(s.protect.StormWindow) <= now {
		at = at[1:]
	}
	return at
}

// sweep forgets what counts no more, when there is much.
func (s *storms) sweep(now Tick) {
	if len(s.same) > 0 && len(s.same)%maxStorms == 0 {
		for key, at := range s.same {
			if len(s.recent(at, now)) == 0 {
				delete(s.same, key)
			}
		}
	}
	if len(s.talks) > 0 && len(s.talks)%maxStorms == 0 {
		for key, v := range s.talks {
			if len(s.recent(v.replies, now)) == 0 && v.heard.Add(s.protect.StormWindow) <= now {
				delete(s.talks, key)
			}
		}
	}
}

func sameKey(c *Charge) uint64 { return c.To ^ c.Content*31 }

// holdBack keeps recipient i from being sent to for a while, after which it is not
// held back again.
func (m *Message) holdBack(i int, why *refusal, rest time.Duration, at time.Time) {
	r := &m.Recipients[i]
	r.Due, r.Hold, r.Cleared = why.until, why.loop, true
	r.hop(at, Hop{Kind: HopHeldBack, Text: why.loop})
	r.waits(rest)
}

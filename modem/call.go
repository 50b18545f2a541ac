package modem

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// How the lines of a call belong together.
const (
	callerWithin = 3 * time.Second  // from the first RING to +CLIP; without it the caller is withheld
	ringsWithin  = 10 * time.Second // between two RINGs of one call
	maxCalls     = 16               // that wait to be stored: a flood is not worth more
)

// calls follows the call that comes in.
type calls struct {
	hangUp chan struct{} // capacity 1; written by hearCall, read by serve

	mu    sync.Mutex // guards the rest
	rung  time.Time  // latest RING; zero if there is no call
	told  bool       // the latest call was passed on
	timer *time.Timer
}

// hearCall takes a line about a call, from the goroutine that reads the port.
func (s *session) hearCall(text string) {
	c := &s.calls
	c.mu.Lock()
	defer c.mu.Unlock()
	word, rest, _ := strings.Cut(text, ":")
	now := time.Now()
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "RING", "+CRING":
		if c.rung.IsZero() || now.Sub(c.rung) > ringsWithin {
			c.told = false
			c.timer = time.AfterFunc(callerWithin, s.tellWithheld)
		}
		c.rung = now
		if s.m.o.RefuseCalls {
			kick(c.hangUp)
		}
	case "+CLIP":
		if c.rung.IsZero() { // its RING got lost
			c.rung, c.told = now, false
			if s.m.o.RefuseCalls {
				kick(c.hangUp)
			}
		}
		s.tellCall(nth(fields(rest), 0).text)
	case "MISSED_CALL":
		// SIMCom: MISSED_CALL: 10:24AM +4915110000001, after the call. One that rang is
		// known.
		s.tellCall(lastWord(rest))
		c.rung, c.told = time.Time{}, false
	case "NO CARRIER", "NO ANSWER", "BUSY":
		c.rung = time.Time{}
	default:
		if strings.Contains(strings.ToUpper(rest), "END") { // SIMCom: VOICE CALL: END: 000012
			c.rung = time.Time{}
		}
	}
}

// lastWord returns what stands behind the last blank.
func lastWord(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, ' ')+1:]
}

// tellWithheld passes on a call whose number did not come.
func (s *session) tellWithheld() {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.tellCall("")
}

// tellCall passes the call on, once. The caller holds mu.
func (s *session) tellCall(caller string) {
	c := &s.calls
	if c.told {
		return
	}
	c.told = true
	if c.timer != nil {
		c.timer.Stop()
	}
	s.m.mu.Lock()
	own := s.m.status.SIMID
	s.m.mu.Unlock()
	call := gateway.Call{
		ID: gateway.NewID(), SIMID: own, Modem: s.m.o.Name, SIM: s.m.o.Slot,
		Caller: callerNumber(caller), HungUp: s.m.o.RefuseCalls, At: time.Now(),
	}
	select {
	case s.m.callers <- call:
	default:
		s.log.Warn().Msg("too many calls at once: one is not passed on")
	}
}

// callerNumber returns a number as people write it; empty for anything else.
func callerNumber(s string) string {
	if digits := strings.TrimPrefix(s, "+"); digits == "" || strings.Trim(digits, "0123456789*#abcABC") != "" {
		return ""
	}
	return s
}

// refuseCall ends the call that rings.
func (s *session) refuseCall() error {
	for _, cmd := range s.profile.refuse {
		err := s.conn.set(cmd, quickLimit)
		if err == nil || fatal(err) {
			return err
		}
	}
	return nil
}

// announceCallers asks for the numbers of callers (3GPP TS 27.007 §7.6, +CLIP).
func (s *session) announceCallers(context.Context) error {
	_, err := s.conn.run("+CLIP=1", line.Command{Timeout: storeLimit})
	return unlessFatal(err)
}

// passOnCalls stores calls until ctx ends.
func (m *Modem) passOnCalls(ctx context.Context) {
	delays := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(100*time.Millisecond), backoff.WithMaxInterval(10*time.Second), backoff.WithMaxElapsedTime(0))
	for {
		var call gateway.Call
		select {
		case call = <-m.callers:
		case <-ctx.Done():
			return
		}
		for delays.Reset(); ; {
			err := m.o.Inbox.Call(ctx, call)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			m.log.Error().Err(err).Msg("cannot store a call: trying again")
			rest(ctx, delays.NextBackOff())
		}
	}
}

package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RingEvery is the time between two RING lines.
const RingEvery = 4 * time.Second

// CallTimeout is how long a call rings before the network gives up.
const CallTimeout = 30 * time.Second

// CallEnd is how a call ended.
type CallEnd string

// The ends of a call. The empty one is a call under way.
const (
	CallMissed   CallEnd = "missed"    // it rang until the caller or the network gave up
	CallRefused  CallEnd = "refused"   // the host ended it while it rang
	CallHungUp   CallEnd = "hung up"   // the host ended it after it had answered
	CallOver     CallEnd = "over"      // the caller ended it after it was answered
	CallNoAnswer CallEnd = "unreached" // the modem was away or had a call already
)

// CallRecord is the network's account of one voice call to a modem.
type CallRecord struct {
	From, To string
	At       time.Time
	Rings    int
	Answered bool
	End      CallEnd
	Ended    time.Time
}

// call is a voice call at a modem. It is guarded by the lock of the modem.
type call struct {
	CallRecord
	m *Modem
}

// Call rings the modem with the number to. A from of "" withholds the number. The returned
// function ends the call for the caller; after CallTimeout of ringing the network does. It
// fails if no modem has the number.
func (n *Network) Call(from, to string) (hangUp func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.modem(to)
	if m == nil {
		return nil, fmt.Errorf("call: no modem has number %q", to)
	}
	c := &call{m: m, CallRecord: CallRecord{From: from, To: m.opt.Number, At: time.Now()}}
	n.calls = append(n.calls, c)
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.reachable() || m.vol.call != nil {
		c.finish(CallNoAnswer)
		return func() {}, nil
	}
	m.vol.call = c
	c.ring(m.epoch)
	return c.callerLeaves, nil
}

// Calls returns the account of all calls, in order.
func (n *Network) Calls() []CallRecord {
	n.mu.Lock()
	all := slices.Clone(n.calls)
	n.mu.Unlock()
	out := make([]CallRecord, len(all))
	for i, c := range all {
		c.m.mu.Lock()
		out[i] = c.CallRecord
		c.m.mu.Unlock()
	}
	return out
}

// ring announces the call once and arranges for the next time. The caller holds the lock.
func (c *call) ring(epoch int) {
	m := c.m
	if m.epoch != epoch || m.vol.call != c || c.Answered {
		return
	}
	if c.Rings > 0 && time.Since(c.At) >= CallTimeout {
		c.leave()
		return
	}
	c.Rings++
	line := "RING"
	if m.vol.crc == 1 {
		line = "+CRING: VOICE"
	}
	m.urc(line)
	if m.vol.clip == 1 {
		m.urc(c.clip())
	}
	time.AfterFunc(RingEvery, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		c.ring(epoch)
	})
}

// clip identifies the caller (3GPP 27.007 §7.11).
func (c *call) clip() string {
	if c.From == "" {
		return `+CLIP: "",128,"",0,"",1`
	}
	return fmt.Sprintf(`+CLIP: "%s",%d,"",0,"",0`, c.m.coded(c.From), typeOf(c.From))
}

// callerLeaves ends the call for the caller.
func (c *call) callerLeaves() {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.leave()
}

// leave ends the call from the side of the network.
func (c *call) leave() {
	if c.m.vol.call != c {
		return
	}
	c.m.urc("NO CARRIER")
	if c.Answered {
		c.finish(CallOver)
		return
	}
	if l := c.m.profile.MissedCall; l != "" {
		c.m.urc(strings.ReplaceAll(l, "{number}", c.From))
	}
	c.finish(CallMissed)
}

// finish records the end of a call.
func (c *call) finish(end CallEnd) {
	if c.m.vol.call == c {
		c.m.vol.call = nil
	}
	c.End, c.Ended = end, time.Now()
}

// cmdAnswer is ATA.
func (s *session) cmdAnswer(command) verdict {
	c := s.m.vol.call
	if c == nil || c.Answered {
		return verdict{kind: verdictText, text: "NO CARRIER"}
	}
	c.Answered = true
	return verdict{}
}

// cmdHangUp is ATH and +CHUP.
func (s *session) cmdHangUp(cmd command) verdict {
	if cmd.op == opTest {
		return verdict{}
	}
	if c := s.m.vol.call; c != nil && c.Answered {
		c.finish(CallHungUp)
	} else if c != nil {
		c.finish(CallRefused)
	}
	return verdict{}
}

// cmdCLCC lists the call there is (3GPP 27.007 §7.18).
func (s *session) cmdCLCC(cmd command) verdict {
	c := s.m.vol.call
	if c == nil || cmd.op == opTest {
		return verdict{}
	}
	state := 4 // incoming
	if c.Answered {
		state = 0 // active
	}
	number := ""
	if c.From != "" {
		number = fmt.Sprintf(`,"%s",%d`, s.m.coded(c.From), typeOf(c.From))
	}
	s.info("+CLCC: 1,1,%d,0,0%s", state, number)
	return verdict{}
}

func (s *session) cmdCRC(c command) verdict {
	return s.setting(c, &s.m.vol.crc, []int{0, 1}, cme(cmeBadParameter))
}

// cmdCLIP switches the identification of callers on and off.
func (s *session) cmdCLIP(c command) verdict {
	if c.op == opRead {
		s.info("+CLIP: %d,1", s.m.vol.clip)
		return verdict{}
	}
	return s.setting(c, &s.m.vol.clip, []int{0, 1}, cme(cmeBadParameter))
}

// cmdCGSMS selects the service that carries messages (3GPP 27.007 §10.1.21).
func (s *session) cmdCGSMS(c command) verdict {
	return s.setting(c, &s.m.vol.cgsms, []int{0, 1, 2, 3}, cme(cmeBadParameter))
}

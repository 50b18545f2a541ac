package modem

import (
	"context"
	"errors"
	"time"

	"tetherd/gateway"
)

// How often the network is asked about.
const (
	pollIdle   = 30 * time.Second // while registered
	pollLost   = 2 * time.Second  // while not, at first
	pollLong   = 15 * time.Second // while not, after a minute
	namePolls  = 20               // polls between questions for the operator's name
	selectWait = 5 * time.Minute  // unregistered before the choice of network is renewed
	radioWait  = 15 * time.Minute // unregistered before the radio is switched off and on; doubling
	radioMost  = 2 * time.Hour    // between two times
)

// registration is what is known of the network.
type registration struct {
	stat    int                 // of the best of CREG, CGREG and CEREG
	mute    [len(networks)]bool // queries the modem does not know
	polls   int                 // since the operator's name was asked for
	lost    time.Time           // when the modem was found not registered; zero while it is
	renewed time.Time           // when the choice of network was renewed
	cycled  time.Time           // when the radio was switched off and on
	cycles  int                 // how often
}

// The registrations with their queries: for calls, packets, LTE and 5G (3GPP TS
// 27.007 §7.2, §10.1.20, §10.1.22, §10.1.48). Messages can go over any.
var networks = [...]string{"+CREG", "+CGREG", "+CEREG", "+C5GREG"}

// watchNetwork makes the modem announce changes and looks at the network for the
// first time.
func (s *session) watchNetwork(ctx context.Context) error {
	s.reg = registration{stat: regUnknown}
	cmds := []string{"+COPS=3,0"} // operators by name, not by number
	for _, n := range networks {
		cmds = append(cmds, n+"=1")
	}
	for _, cmd := range cmds {
		if err := s.try(cmd, quickLimit); err != nil {
			return err
		}
	}
	return s.poll(ctx)
}

// poll brings the status of the network up to date.
func (s *session) poll(context.Context) error {
	best := regUnknown
	for i, n := range networks {
		if s.reg.mute[i] {
			continue
		}
		lines, err := s.conn.query(n+"?", n+":", storeLimit)
		if fatal(err) {
			return err
		}
		if errors.Is(err, errNoAnswer) {
			// Some say it as an unsolicited line behind the OK (Wavecom).
			lines, err = s.heard(n+":"), nil
			if len(lines) == 0 {
				continue
			}
		}
		if err != nil {
			if _, refusal := refused(err); refusal && !busy(err) {
				s.reg.mute[i] = true
			}
			continue
		}
		if stat, ok := parseCREG(lines[0]); ok && rank(stat) > rank(best) {
			best = stat
		}
		if gateway.Registered(best) {
			break
		}
	}
	if !gateway.Registered(best) {
		// The error may have been a passing one, of the very query that would tell.
		s.reg.mute = [len(networks)]bool{}
	}
	lines, err := s.conn.query("+CSQ", "+CSQ:", storeLimit)
	if fatal(err) {
		return err
	}
	signal, _ := parseCSQ(lines)

	name := s.m.current().Operator
	switch {
	case !gateway.Registered(best):
		name = ""
		s.reg.polls = 0
	case name == "" || s.reg.polls >= namePolls:
		lines, err := s.conn.query("+COPS?", "+COPS:", copsLimit)
		if fatal(err) {
			return err
		}
		name = parseCOPS(lines)
		s.reg.polls = 0
	}
	s.reg.polls++
	if best == regDenied && s.reg.stat != regDenied {
		s.log.Error().Msg("the network refuses the SIM: it is left alone until it accepts it")
	}
	s.reg.stat = best
	if gateway.Registered(best) {
		s.reg.lost, s.reg.cycles = time.Time{}, 0
	} else if s.reg.lost.IsZero() {
		s.reg.lost = time.Now()
	}
	s.m.update(func(st *gateway.ModemStatus) {
		st.Registration, st.Signal, st.Operator = best, signal, name
	})
	return nil
}

// heard returns the last unsolicited line with a prefix, if there was one.
func (s *session) heard(prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := value([]string{s.announced[prefix]}, prefix)
	if !found {
		return nil
	}
	return []string{s.announced[prefix]}
}

// rank orders registration states by how much they tell.
func rank(stat int) int {
	switch {
	case gateway.Registered(stat):
		return 5
	case stat == regDenied:
		return 4
	case stat == regSearching:
		return 3
	case stat == regEmergency, stat == 11:
		return 2
	case stat == regIdle:
		return 1
	}
	return 0
}

// nextPoll returns when to look at the network again.
func (s *session) nextPoll(now time.Time) time.Time {
	switch {
	case s.reg.lost.IsZero():
		return now.Add(pollIdle)
	case now.Sub(s.reg.lost) < time.Minute:
		return now.Add(pollLost)
	}
	return now.Add(pollLong)
}

// seekNetwork does something about a network that is missing for long. A network
// that refuses the SIM is left alone.
func (s *session) seekNetwork() error {
	r := &s.reg
	if r.lost.IsZero() || r.stat == regDenied {
		return nil
	}
	now := time.Now()
	if now.Sub(latest(r.lost, r.cycled)) >= min(radioWait<<r.cycles, radioMost) && s.m.dog.mayCycle() {
		r.cycled = now
		r.cycles = min(r.cycles+1, 8)
		s.log.Warn().Msg("no network for long: switching the modem's radio off and on")
		return s.cycleRadio("The modem was not registered in a network for long.")
	}
	if now.Sub(latest(r.lost, r.renewed)) >= selectWait {
		r.renewed = now
		s.log.Warn().Msg("no network for long: letting the modem choose one again")
		return s.try("+COPS=0", 3*copsLimit)
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// explainStat finds words for a registration state in which nothing can be sent.
func explainStat(stat int) string {
	switch stat {
	case regDenied:
		return "The network refuses this SIM. Check that it is activated and may be used in this country and device."
	case regSearching:
		return "The modem is looking for a network. If that lasts, check the antenna and its place."
	case regEmergency, 11:
		return "The network allows emergency calls only. Check that the SIM is activated."
	case regIdle:
		return "The modem is not registered and not looking for a network. Check the SIM and the antenna."
	}
	return "The modem is not registered in a network. Check the SIM and the antenna."
}

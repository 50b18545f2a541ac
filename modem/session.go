package modem

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// session is the time a port is open. Its fields belong to the goroutine of Run
// unless noted otherwise.
type session struct {
	m    *Modem
	log  zerolog.Logger
	conn *conn

	opened  chan struct{} // closed once conn is set; read by handle
	look    chan struct{} // capacity 1; written by handle, read by serve: look at the storages
	check   chan struct{} // capacity 1; written by handle, read by serve and hold: look at SIM and network
	restart chan struct{} // capacity 1; written by handle, read by serve and hold: the modem restarted

	dialogue  dialogue          // commands since the modem was set up last, while noting
	noting    bool              // commands are noted
	beginning func(what string) // told what comes next, for people; nil tells nobody

	step    gateway.RecoveryStep // to be taken before the modem is set up; noStep for none
	leaving bool                 // the modem was told to restart: the port may be lost
	opening time.Time            // when the port was opened
	since   time.Time            // when it began to serve, since the modem was set up last
	first   time.Time            // and for the first time

	profile profile
	simID   string      // identity of the SIM
	own     string      // its number
	acks    atomic.Bool // +CMT and +CDS must be acknowledged; written by subscribe, read by handle
	cnmi    string      // settings of +CNMI as read back; empty if they cannot be
	setter  baudSetter  // nil if the port has no baud rate
	rates   rateSearch
	boxes   boxes
	reg     registration
	resting bool // the state is that of m.rests
	drifts  int  // how often +CNMI was not what it had been set to
	crowded bool // it was said that the storage is full of what is not ours
	purging bool // foreign records are to go, as they were asked to
	purged  int  // how many went
	suspect bool // an error hints at lost settings: verify them soon
	mended  bool // they were verified because of an error, and nothing was sent since
	ailing  bool // messages fail in a row: have a thorough look
	linked  bool // the radio connection is kept up between PDUs
	noLink  bool // the modem refused to keep it up
	noCEER  bool // the modem refused to tell why a PDU was refused
	noStore bool // the modem refused to store what is to be sent

	ussd  ussd
	calls calls

	mu        sync.Mutex
	wanted    map[string]bool   // storages that got a message; written by handle, emptied by serve
	stirred   time.Time         // when the radio or the SIM was last switched on; read by handle
	settled   bool              // a boot line means a restart; written by bringUp, read by handle
	places    map[string][]int  // where messages were announced, by storage; written by handle, read by walk
	pointed   int               // how many messages were announced; written by handle, read by told
	announced map[string]string // last unsolicited line by its prefix; written by handle, read by heard
	late      string            // answer to a PDU after its time; written by handle, taken by submit
}

// maxWanted is more storages than any modem has.
const maxWanted = 8

func newSession(m *Modem, port io.ReadWriteCloser, step gateway.RecoveryStep) *session {
	s := &session{
		m: m, log: m.log, step: step, opening: time.Now(), setter: setterOf(port),
		opened:  make(chan struct{}),
		look:    make(chan struct{}, 1),
		check:   make(chan struct{}, 1),
		restart: make(chan struct{}, 1),
		ussd:    ussd{more: make(chan struct{}, 1)},
		calls:   calls{hangUp: make(chan struct{}, 1)},
		wanted:  make(map[string]bool), announced: make(map[string]string), places: make(map[string][]int),
	}
	o := line.Options{Handle: s.handle, Trace: m.o.Recorder.Line}
	if m.log.GetLevel() <= zerolog.TraceLevel && zerolog.GlobalLevel() <= zerolog.TraceLevel {
		o.Trace = func(dir byte, text string) {
			m.o.Recorder.Line(dir, text)
			m.log.Trace().Str("dir", string(rune(dir))).Str("line", text).Msg("serial")
		}
	}
	m.o.Recorder.Note("port opened")
	if m.ear != nil {
		port = &heardPort{port, m.ear}
	}
	s.conn = newConn(port, o)
	s.conn.told = func(e exchange) {
		if s.noting {
			s.dialogue.note(e)
		}
	}
	s.conn.resyncing = func() { m.dog.step(gateway.StepResync, "") }
	close(s.opened)
	return s
}

// hold is why a session cannot go on and waits.
type hold struct {
	state  gateway.ModemState
	reason string
	every  time.Duration // look again after
	err    error
}

func (h *hold) Error() string {
	if h.err != nil {
		return h.reason + " " + h.err.Error()
	}
	return h.reason
}

func (h *hold) Unwrap() error { return h.err }

// run sets the modem up and serves it until the port is lost or nothing but
// opening it again helps.
func (s *session) run(ctx context.Context) error {
	for {
		err := s.bringUp(ctx)
		if err == nil {
			err = s.serve(ctx)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var h *hold
		switch {
		case errors.As(err, &h):
			if h.err != nil && s.m.current().Reason != h.reason {
				s.log.Warn().Err(h.err).Msg("modem cannot be used")
			}
			s.m.enter(h.state, h.reason)
			s.m.dog.settle(s.opening) // it cannot be used, but answers
			if err := s.wait(ctx, h.every); err != nil {
				return err
			}
		case errors.Is(err, errRebooted):
			s.m.dog.lost(signReboot)
			s.log.Warn().Err(err).Msg("setting the modem up again")
			s.m.o.Recorder.Fail("the modem restarted")
			s.m.enter(gateway.ModemStarting, "The modem restarted and is being set up. If that happens often, its power supply may be too weak.")
		case errors.Is(err, errReconfigure):
			reason := "The modem lost its settings."
			if errors.Is(err, errDeaf) {
				reason = deafReason
			}
			s.m.dog.step(gateway.StepInit, reason)
			s.log.Warn().Err(err).Msg("setting the modem up again")
			if s.m.current().State != gateway.ModemStarting { // else the reason is known better
				s.m.enter(gateway.ModemStarting, "The modem lost its settings and is being set up."+s.m.blame())
			}
		default:
			return err
		}
	}
}

// wait lets time pass until something may have changed.
func (s *session) wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.check:
	case <-s.restart:
	case <-s.m.dog.ask:
		return errAsked
	case <-ctx.Done():
		return ctx.Err()
	case <-s.conn.line.Done():
		return s.conn.gone(nil)
	}
	return nil
}

// handle takes unsolicited codes, in order, from the goroutine that reads the
// port. It must not block.
func (s *session) handle(u line.URC) {
	<-s.opened
	switch u.Kind {
	case line.Stored:
		if mem, index, ok := parseStored(u.Line); ok {
			s.mu.Lock()
			if s.wanted[mem] || len(s.wanted) < maxWanted {
				s.wanted[mem] = true
				s.point(mem, index)
			}
			s.mu.Unlock()
		}
		kick(s.look)
	case line.Direct:
		if u.Payload == "" {
			kick(s.look)
			return
		}
		if strings.HasPrefix(u.Line, "+CDS") && !isReport(u.Payload) {
			// Not even a message that is kept undecoded, and not acknowledged: the
			// network may send it again.
			s.log.Warn().Msg("a delivery report was garbled on its way from the modem and is lost")
			return
		}
		s.takeDirect(u.Payload)
	case line.Ready:
		s.mu.Lock()
		expected := !s.settled || time.Since(s.stirred) < readyWithin
		s.mu.Unlock()
		if !expected {
			s.reboot()
			return
		}
		kick(s.look)
	case line.Full:
		kick(s.look)
	case line.Network:
		if prefix, _, ok := strings.Cut(u.Line, ":"); ok { // one of the few of this kind
			s.mu.Lock()
			s.announced[strings.ToUpper(prefix)+":"] = u.Line
			s.mu.Unlock()
		}
		kick(s.check)
	case line.SIM:
		kick(s.check)
	case line.Boot:
		s.mu.Lock()
		settled := s.settled
		s.mu.Unlock()
		if strings.Contains(u.Line, "VOLTAGE") {
			s.m.dog.sign(signVoltage)
		}
		if settled {
			s.reboot()
		}
	case line.Power:
		s.m.dog.sign(signVoltage)
	case line.Service:
		s.ussd.hear(u.Line)
	case line.Call:
		s.hearCall(u.Line)
	case line.Late:
		s.mu.Lock()
		s.late = u.Line
		s.mu.Unlock()
		s.log.Warn().Msg("modem answered to a message after its time was up")
	}
}

// takeLate returns and forgets what the modem answered to a PDU after its time.
func (s *session) takeLate() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	late := s.late
	s.late = ""
	return late
}

// pace returns how fast to write: as the owner says, or as the profile does.
func (s *session) pace() line.Pace {
	p := s.profile.pace
	if slow := s.m.o.SlowWrite; slow != nil {
		p = line.Pace{Gap: p.Gap}
		if *slow {
			p = slowPace
		}
	}
	return p
}

// readyWithin is how long after the radio or the SIM was switched on, lines that
// follow a start are due to that. Later they mean that the modem restarted and did not
// say so: those that find the baud rate themselves cannot.
const readyWithin = 90 * time.Second

// stir notes that lines that follow a start are to be expected.
func (s *session) stir() {
	s.mu.Lock()
	s.stirred = time.Now()
	s.mu.Unlock()
}

// reboot ends what is under way because the modem restarted.
func (s *session) reboot() {
	s.conn.abort()
	kick(s.restart)
}

// setSettled says whether boot lines mean a restart from now on.
func (s *session) setSettled(on bool) {
	s.mu.Lock()
	s.settled = on
	s.stirred = time.Now()
	s.mu.Unlock()
	if !on {
		drain(s.restart)
	}
}

func kick(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func drain(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}

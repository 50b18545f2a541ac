package modem

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
)

const (
	// doubtGrace is for how long after the time for a PDU's answer its fate may still
	// show, and the radio is left on for it.
	doubtGrace = 2 * time.Minute
	// A modem that vanished may come back by itself, soon if it was restarted.
	goneRestarted = 90 * time.Second
	goneAlone     = 5 * time.Minute
	// idleEnough PDUs in a row without an answer, on a modem that answers commands, are
	// the modem's fault.
	idleEnough = 4
)

// noStep is where there is no step to take.
const noStep gateway.RecoveryStep = -1

// watchdog knows how the modem fares and decides what is done to bring it back.
// It is safe for concurrent use.
type watchdog struct {
	name    string
	log     zerolog.Logger
	journal Journal                                     // nil keeps nothing
	blind   bool                                        // the record cannot be read; set by load
	can     func(r record, s gateway.RecoveryStep) bool // the steps the modem has
	changed func()                                      // called when a suspicion arises; nil for none
	board   string                                      // path of throttledFile
	ask     chan struct{}                               // capacity 1; written by Restart, read by whoever can start a step

	mu        sync.Mutex // guards the rest
	record    record
	dirty     bool // the record was changed since it was stored
	savedAt   time.Time
	boardOnce bool // the computer's supply was too weak before

	trouble trouble              // that the planned step answers
	planned gateway.RecoveryStep // noStep: nothing is planned
	due     time.Time            // when it was to be taken as it was planned; see dueAt
	why     string
	gone    time.Time // since when the port is missing; zero while it is there

	asked   gateway.RecoveryStep // noStep: none
	askedAt time.Time            // of the latest Restart that was accepted

	committed time.Time // when the latest PDU was complete
	quiet     time.Time // until then its fate may show
	unheard   int       // PDUs in a row without an answer
	hearing   hearing
}

func newWatchdog(o Options) *watchdog {
	return &watchdog{
		name: o.Name, log: o.Log, journal: o.Journal, changed: o.Changed, board: throttledFile,
		ask: make(chan struct{}, 1), planned: noStep, asked: noStep, savedAt: time.Now(),
	}
}

// fill adds what the watchdog knows to a status.
func (d *watchdog) fill(s *gateway.ModemStatus) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := &d.record.Ladder
	s.Counters = d.record.Counters
	s.Power = d.record.Power.problem(time.Now())
	s.Recovery = gateway.Recovery{Failing: l.Failing || d.planned != noStep, Step: l.Step, At: l.at(), Reason: l.Reason}
	if s.Recovery.Failing {
		s.Recovery.Next = max(l.Next, gateway.StepReopen)
		if d.planned != noStep {
			s.Recovery.Next, s.Recovery.NextAt = d.planned, d.dueAt(time.Now())
		}
	}
}

// settle ends a climb if the modem has worked long enough since a session began to
// serve. One that did not answer PDUs has to have answered one.
func (d *watchdog) settle(since time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := &d.record.Ladder
	if d.unheard > 0 || time.Since(since) < stableAfter {
		return
	}
	d.trouble, d.planned = untroubled, noStep // it came back before the step was due
	if !l.Failing {
		return
	}
	l.top()
	d.dirty = true
	d.log.Info().Stringer("step", l.Step).Msg("modem is stable again")
}

// able tells whether the modem has a step. The caller holds mu.
func (d *watchdog) able(s gateway.RecoveryStep) bool {
	return d.can(d.record, s) && (!d.blind || s < gateway.StepReboot)
}

// failed plans what to do about a trouble. What is planned already for the same
// trouble stays, but that the fate of a PDU handed over since is waited for, unless
// the trouble is that PDUs are not answered: then it would be put off for ever.
func (d *watchdog) failed(t trouble, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if t != troubleGone {
		d.gone = time.Time{}
	} else if d.gone.IsZero() {
		d.gone = now
	}
	// What never worked is rather the wrong port than a modem in need.
	worked := d.record.Counters.Sessions > 0
	can := func(s gateway.RecoveryStep) bool { return d.able(s) && (worked || s <= gateway.StepInit) }
	none := t == untroubled || t == troubleGone && !can(gateway.StepUSB) && !can(gateway.StepCommand)
	if none {
		d.trouble, d.planned = untroubled, noStep
		return
	}
	if d.planned != noStep && d.trouble == t {
		if t != troubleIdle && d.planned >= gateway.StepRadio {
			d.due = latest(d.due, d.quiet) // PDUs were handed over since it was planned
		}
		return
	}
	l := &d.record.Ladder
	d.trouble, d.why = t, why
	d.planned, d.due = l.plan(now, t, can, d.quiet)
	if t == troubleGone {
		patience := goneAlone
		for _, taken := range l.Taken[gateway.StepReboot:gateway.StepWait] {
			if age := now.Sub(taken); age >= 0 && age < goneAlone {
				patience = goneRestarted
			}
		}
		d.due = latest(d.due, d.gone.Add(patience))
	}
}

// gaveUp tells that every step failed to bring back a modem that once worked.
func (d *watchdog) gaveUp() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.record.Ladder.surrendered() && d.record.Counters.Sessions > 0
}

// next returns when the planned step may be taken; false if there is none.
func (d *watchdog) next() (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dueAt(time.Now()), d.planned != noStep
}

// dueAt returns when the planned step may be taken: another one that was asked for
// may have been taken since it was planned. The caller holds mu.
func (d *watchdog) dueAt(now time.Time) time.Time {
	return d.record.Ladder.earliest(now, d.due, d.planned, time.Time{})
}

// take returns the step to take now, once: one that was asked for, or the planned
// one if it is due. It is stored before it is taken, or else not taken if it is one
// of those that must not be repeated in a loop.
func (d *watchdog) take(ctx context.Context) gateway.RecoveryStep {
	d.mu.Lock()
	now := time.Now()
	step, why, climbing := noStep, "", false
	l := &d.record.Ladder
	switch {
	case d.asked != noStep && !l.earliest(now, now, d.asked, d.quiet).After(now):
		step, why = d.asked, "Somebody asked for it."
		d.asked = noStep
		drain(d.ask) // or the session to come would be ended for it, too
	case d.planned != noStep && !now.Before(d.dueAt(now)):
		step, why, climbing = d.planned, d.why, true
		d.planned = noStep
	}
	if step == noStep {
		d.mu.Unlock()
		return noStep
	}
	l.take(now, step, why, climbing)
	d.record.Counters.Steps[step]++
	d.unheard = 0
	d.mu.Unlock()
	if err := d.save(ctx); err != nil && ctx.Err() == nil {
		d.log.Error().Err(err).Stringer("step", step).Msg("cannot store a recovery step")
		if step >= gateway.StepReboot {
			return noStep
		}
	}
	if step == gateway.StepWait {
		d.log.Error().Str("reason", why).Dur("again_in", surrender).Msg("modem does not come back: giving up for now")
	} else {
		d.log.Warn().Str("reason", why).Stringer("step", step).Msg("trying to bring the modem back")
	}
	return step
}

package modem

import (
	"time"

	"tetherd/gateway"
)

// trouble is a kind of failure. It decides which steps can help.
type trouble int

const (
	untroubled  trouble = iota
	troubleMute         // the port opens, but nothing sensible is answered
	troubleIdle         // commands are answered, but PDUs are not
	troublePort         // the port is there and cannot be opened
	troubleGone         // the port is not there any more
)

// helps tells whether a step can end a trouble. What an open port is needed for
// cannot be done without one.
func (t trouble) helps(s gateway.RecoveryStep) bool {
	switch t {
	case troubleMute:
		return s >= gateway.StepReopen
	case troubleIdle:
		return s >= gateway.StepInit
	case troublePort:
		return s == gateway.StepReopen || s >= gateway.StepUSB
	case troubleGone:
		return s >= gateway.StepUSB
	}
	return false
}

// When steps are taken.
const (
	// resetGap is the least time between two steps from StepReboot on. It holds over
	// restarts of the daemon: nothing may be reset in a loop.
	resetGap = 10 * time.Minute
	// surrender is how long a modem is left alone after all steps failed, but for
	// opening its port now and then.
	surrender = time.Hour
	// stableAfter is how long a session has to last to end a climb.
	stableAfter = 5 * time.Minute
)

// stepPause is the time between a failure and each step that answers it.
var stepPause = [gateway.RecoverySteps]time.Duration{
	gateway.StepReopen:  2 * time.Second,
	gateway.StepInit:    5 * time.Second,
	gateway.StepRadio:   10 * time.Second,
	gateway.StepReboot:  20 * time.Second,
	gateway.StepUSB:     20 * time.Second,
	gateway.StepCommand: 20 * time.Second,
}

// ladder is the order in which steps are taken, each only after those before it
// failed. It is a value without a clock, kept in the durable record. The zero
// value is a modem that never failed.
type ladder struct {
	Failing bool
	Next    gateway.RecoveryStep // the first one that was not taken in this climb
	Step    gateway.RecoveryStep // latest step taken
	Reason  string               // why
	// Taken is when each step was taken last.
	Taken [gateway.RecoverySteps]time.Time
}

// plan returns the step that answers a trouble found at now, and when it may be
// taken. can tells which steps the modem has. quiet is a time before which nothing
// may disturb the modem's radio: a message may be on its way.
func (l *ladder) plan(now time.Time, t trouble, can func(gateway.RecoveryStep) bool, quiet time.Time) (step gateway.RecoveryStep, at time.Time) {
	if l.surrendered() {
		waited := l.Taken[gateway.StepWait]
		if waited.After(now) {
			waited = now
		}
		now = latest(now, waited.Add(surrender))
	}
	for step = max(l.Next, gateway.StepReopen); step < gateway.StepWait; step++ {
		if t.helps(step) && can(step) {
			return step, l.earliest(now, now.Add(stepPause[step]), step, quiet)
		}
	}
	return gateway.StepWait, now
}

// earliest returns when a step may be taken that is wanted at a time.
func (l *ladder) earliest(now, at time.Time, step gateway.RecoveryStep, quiet time.Time) time.Time {
	if step >= gateway.StepRadio {
		at = latest(at, quiet)
	}
	if step >= gateway.StepReboot && step < gateway.StepWait {
		for _, taken := range l.Taken[gateway.StepReboot:gateway.StepWait] {
			if taken.IsZero() {
				continue
			}
			if taken.After(now) {
				taken = now // the clock was set back: wait once more, not for years
			}
			at = latest(at, taken.Add(resetGap))
		}
	}
	return at
}

// take notes that a step is taken. Only a step of the climb itself makes the next
// one stronger; one that somebody asked for does not.
func (l *ladder) take(now time.Time, step gateway.RecoveryStep, reason string, climbing bool) {
	l.Step, l.Reason, l.Taken[step] = step, reason, now
	if !climbing {
		return
	}
	l.Failing = true
	if l.Next = step + 1; step == gateway.StepWait {
		l.Next = gateway.StepReopen
	}
}

// surrendered tells that every step failed and the first was not taken again.
func (l *ladder) surrendered() bool { return l.Failing && l.Next == gateway.StepReopen }

// top ends a climb: the modem works.
func (l *ladder) top() { l.Failing, l.Next = false, 0 }

// at returns when the latest step was taken, zero if none ever was.
func (l *ladder) at() time.Time { return l.Taken[l.Step] }

package gateway

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RecoveryStep is one measure to bring a modem back. Each is stronger than the one
// before it and is taken only after that failed.
type RecoveryStep int

// The steps.
const (
	StepResync  RecoveryStep = iota // bring its answers in step
	StepReopen                      // close the port and open it again
	StepInit                        // set it up from the start, with more patience
	StepRadio                       // switch its radio off and on
	StepReboot                      // restart it by its own command
	StepUSB                         // reset the USB device it is
	StepCommand                     // run the owner's command, which may cut its power
	StepWait                        // give up for an hour
)

// RecoverySteps is how many steps there are.
const RecoverySteps = int(StepWait) + 1

var stepNames = [RecoverySteps]string{"resync", "reopen", "init", "radio", "reboot", "usb", "command", "wait"}

// String returns the name of the step, as the API and the metrics have it.
func (s RecoveryStep) String() string {
	if s < 0 || int(s) >= RecoverySteps {
		return "step " + strconv.Itoa(int(s))
	}
	return stepNames[s]
}

// ParseStep reads the name or the number of a step that somebody may ask for:
// from reopen, 1, to command, 6.
func ParseStep(s string) (RecoveryStep, error) {
	i := slices.Index(stepNames[:], strings.ToLower(s))
	if n, err := strconv.Atoi(s); err == nil {
		i = n
	}
	if i < int(StepReopen) || i > int(StepCommand) {
		return 0, Invalidf("level must be one of 1 to 6, or %s", strings.Join(stepNames[StepReopen:StepWait], ", "))
	}
	return RecoveryStep(i), nil
}

// Recovery is how far the attempts to bring a modem back have come. The zero value
// is a modem that needs none.
type Recovery struct {
	// Failing is set while steps are taken: from the first failure until the modem
	// has worked for a while.
	Failing bool
	Step    RecoveryStep // latest step taken, if At is set
	At      time.Time    // when; zero if never. Kept over restarts and after success
	Reason  string       // why, one sentence
	Next    RecoveryStep // the step that comes if the modem fails again or stays away
	NextAt  time.Time    // not before; zero: at once
}

// PowerProblem is the suspicion that a modem's supply is too weak. The zero value
// is none.
type PowerProblem struct {
	Reason string    // what was seen and what to do; empty: no suspicion
	Since  time.Time // of the latest sign; the suspicion ends after a quiet day
}

// ModemCounters count over the life of a modem's record: they are kept over
// restarts of the daemon, but the latest minutes can be missing after a crash.
type ModemCounters struct {
	Sessions    uint64                // set-ups that succeeded
	Reboots     uint64                // restarts of the modem that nobody asked for
	PortLosses  uint64                // ends of an open port that nobody asked for
	BrownOuts   uint64                // of these two, those within 5 s after a PDU was handed over
	Steps       [RecoverySteps]uint64 // recovery steps taken, by step
	SentOK      uint64                // PDUs the network accepted
	SentFailed  uint64                // PDUs refused, or not handed over
	SentUnknown uint64                // PDUs without an answer
	Received    uint64                // messages taken in, by part
	Reports     uint64                // delivery reports taken in
}

// ModemStatus returns the snapshot of one modem, by its name or its slot. A name
// that is a number goes before the slot of that number.
func (g *Gateway) ModemStatus(ref string) (ModemStatus, error) {
	l, err := g.laneOf(ref)
	if err != nil {
		return ModemStatus{}, err
	}
	return g.statusOf(l), nil
}

// RestartModem asks for a recovery step of one modem, given by name or slot. See
// [Modem.Restart].
func (g *Gateway) RestartModem(ctx context.Context, ref string, step RecoveryStep) error {
	l, err := g.laneOf(ref)
	if err != nil {
		return err
	}
	l.log.Info().Stringer("step", step).Msg("restart of the modem asked for")
	return l.modem.Restart(ctx, step)
}

// PurgeModem deletes what others stored on the SIM or in the modem given by name or
// slot. See [Modem.PurgeStored].
func (g *Gateway) PurgeModem(ctx context.Context, ref string) (int, error) {
	l, err := g.laneOf(ref)
	if err != nil {
		return 0, err
	}
	n, err := l.modem.PurgeStored(ctx)
	l.log.Info().Int("messages", n).Msg("foreign messages were purged as asked for")
	return n, err
}

func (g *Gateway) laneOf(ref string) (*lane, error) {
	for _, l := range g.lanes {
		if l.modem.ID() == ref {
			return l, nil
		}
	}
	for _, l := range g.lanes {
		if strconv.Itoa(l.slot) == ref {
			return l, nil
		}
	}
	var names []string
	for _, l := range g.lanes {
		names = append(names, l.modem.ID())
	}
	return nil, &Error{Code: NotFound, Message: fmt.Sprintf("there is no modem %q; there is %s", ref, strings.Join(names, ", "))}
}

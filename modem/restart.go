package modem

import (
	"context"
	"fmt"
	"time"

	"tetherd/gateway"
)

// restartGap is the least time between two restarts that are asked for.
const restartGap = 30 * time.Second

// Restart implements [gateway.Modem].
func (m *Modem) Restart(_ context.Context, step gateway.RecoveryStep) error {
	d := m.dog
	d.mu.Lock()
	defer d.mu.Unlock()
	if step < gateway.StepReopen || step > gateway.StepCommand || !d.able(step) {
		return gateway.Invalidf("modem %s has no recovery step %s%s", m.o.Name, step, missingStep(step))
	}
	now := time.Now()
	wait := d.record.Ladder.earliest(now, now, step, time.Time{}).Sub(now)
	if !d.askedAt.IsZero() {
		wait = max(wait, restartGap-now.Sub(d.askedAt))
	}
	if wait > 0 {
		return &gateway.Error{
			Code: gateway.TooSoon, After: wait,
			Message: fmt.Sprintf("modem %s was restarted just now: try again in %v", m.o.Name, max(wait.Round(time.Second), time.Second)),
		}
	}
	d.asked, d.askedAt = step, now
	if late := d.quiet.Sub(now); step >= gateway.StepRadio && late > 0 {
		time.AfterFunc(late, func() { // once the fate of a PDU has shown
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.asked != noStep { // else it was taken meanwhile
				kick(d.ask)
			}
		})
		return nil
	}
	kick(d.ask)
	return nil
}

// missingStep says what a step that a modem has not would take.
func missingStep(step gateway.RecoveryStep) string {
	switch step {
	case gateway.StepReboot:
		return ": it is not known to come back from a command to restart"
	case gateway.StepUSB:
		return ": it is on no USB port that this process may reset"
	case gateway.StepCommand:
		return ": set reset_command in its configuration"
	}
	return ""
}

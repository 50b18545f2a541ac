package modem

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tetherd/gateway"
)

// restartGap is the least time between two restarts that are asked for.
const restartGap = 30 * time.Second

// watchdog knows what was tried to bring the modem back. It is safe for
// concurrent use.
type watchdog struct {
	ask chan struct{} // capacity 1; written by Restart, read by whoever can start a step

	mu      sync.Mutex // guards the rest
	asked   gateway.RecoveryStep
	askedAt time.Time // of the latest Restart that was accepted
}

func newWatchdog() *watchdog { return &watchdog{ask: make(chan struct{}, 1)} }

// Restart implements [gateway.Modem].
func (m *Modem) Restart(_ context.Context, step gateway.RecoveryStep) error {
	d := m.dog
	d.mu.Lock()
	defer d.mu.Unlock()
	if step != gateway.StepReopen {
		return gateway.Invalidf("modem %s has no recovery step %s", m.o.Name, step)
	}
	now := time.Now()
	if wait := restartGap - now.Sub(d.askedAt); !d.askedAt.IsZero() && wait > 0 {
		return &gateway.Error{
			Code: gateway.TooSoon, After: wait,
			Message: fmt.Sprintf("modem %s was restarted just now: try again in %v", m.o.Name, wait.Round(time.Second)),
		}
	}
	d.asked, d.askedAt = step, now
	kick(d.ask)
	return nil
}

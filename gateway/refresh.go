package gateway

import (
	"context"
	"sync"
	"time"
)

// sweeper is a [Modem] that can look for messages that it was not told of.
type sweeper interface {
	// Sweep takes in what the storages of the modem hold. It returns an error of code
	// Conflict if the modem cannot be asked now, or that of ctx.
	Sweep(ctx context.Context) error
}

// sweepLimit bounds how long a modem is waited for.
const sweepLimit = 2 * time.Minute

// Refresh has every modem look for messages that were received and not taken in, in
// the background. One that cannot be asked now looks by itself when it can.
func (g *Gateway) Refresh() { kick(g.kickSweep) }

// runSweeps has the modems look when they are asked to, until soft ends.
func (g *Gateway) runSweeps(soft context.Context) {
	for {
		select {
		case <-soft.Done():
			return
		case <-g.kickSweep:
		}
		var sweeps sync.WaitGroup
		for _, l := range g.lanes {
			if m, ok := l.modem.(sweeper); ok {
				sweeps.Go(func() {
					ctx, cancel := context.WithTimeout(soft, sweepLimit)
					defer cancel()
					if err := m.Sweep(ctx); err != nil && soft.Err() == nil {
						l.log.Debug().Err(err).Msg("modem did not look for messages")
					}
				})
			}
		}
		sweeps.Wait()
	}
}

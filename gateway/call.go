package gateway

import (
	"context"
	"time"
)

// Call is a call that came in on a SIM. Nobody answers it.
type Call struct {
	ID     string // random
	SIMID  string // identity of the SIM
	Modem  string
	SIM    int    // slot, from 1
	Caller string // number; empty if withheld
	HungUp bool   // the gateway ends it
	At     time.Time
}

// Call takes in a call. When it returns nil its event is stored.
func (g *Gateway) Call(ctx context.Context, c Call) error {
	var change Change
	g.emit(&change, c.ID, c.At, CallReceived{Caller: c.Caller, SIM: c.SIM, Modem: c.Modem, HungUp: c.HungUp, At: c.At})
	g.log.Info().Str("modem", c.Modem).Bool("hung_up", c.HungUp).Msg("call came in")
	return g.commit(ctx, change)
}

package gateway

import "context"

// TellStarted stores the event that the gateway was started, with the modems that are
// attached. The process calls it once, before Run: it alone knows whether that is a
// start.
func (g *Gateway) TellStarted(ctx context.Context) error {
	p := Started{Version: g.Version, At: g.now()}
	for _, l := range g.lanes {
		p.SIMs = append(p.SIMs, StartedSIM{SIM: l.slot, Modem: l.modem.ID(), Number: l.modem.Status().Number})
	}
	return g.Raise(ctx, "", p, "")
}

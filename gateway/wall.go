package gateway

import "time"

// Now returns the wall clock for stored times, without its monotonic part.
func (g *Gateway) Now() time.Time { return g.now() }

func (g *Gateway) now() time.Time {
	t, _ := g.clock.Wall()
	return t.Round(0)
}

// Tick returns the present on the timeline.
func (g *Gateway) Tick() Tick { return g.clock.Now() }

// TimeOf returns what the wall clock shows, or showed, at t if it always went as it
// does now. Only people should be told: the two clocks drift apart.
func (g *Gateway) TimeOf(t Tick) time.Time { return g.now().Add(g.clock.Now().Until(t)) }

// tickOf returns the tick at which, by the same reckoning, the wall clock showed t;
// at least 1, and 0 for the zero time.
func (g *Gateway) tickOf(t time.Time) Tick {
	if t.IsZero() {
		return 0
	}
	return max(1, g.clock.Now().Add(t.Sub(g.now())))
}

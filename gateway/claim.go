package gateway

import "time"

// claim is what is kept of a limit of money for a message that has waited for it for as
// long as the limit looks back: of what becomes free, those that cost less would take
// everything, and it would wait for ever.
type claim struct {
	message  uint64 // Message.Seq
	to       uint64 // hash of the number
	priority int8
	amount   int64
	until    Tick // unless it is made again
}

// claimHold is how long a claim holds that is not made again, as when the modem is gone
// that is to send the message.
const claimHold = 10 * time.Minute

// of reports whether a charge is what the claim is for.
func (k *claim) of(c *Charge) bool { return k.message == c.Message && k.to == c.To }

// claimed returns how much of a limit a charge must leave to others.
func (g *gauge) claimed(c *Charge, now Tick) int64 {
	if k := g.claim; k != nil && k.until > now && !k.of(c) && c.Priority <= k.priority {
		return k.amount
	}
	return 0
}

// claim keeps room for what is refused, if it has waited for long enough and nothing
// else claims it, and returns until when to ask again at the latest.
func (m *meter) claim(c *Charge, r *refusal, waited time.Duration, now Tick) (until Tick) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := r.gauge
	if g.claim == nil || !g.claim.of(c) {
		m.disclaim(c) // something else refuses it now
	}
	other := g.claim != nil && g.claim.until > now && !g.claim.of(c)
	if other || !g.money || g.window.Length() == 0 || waited < g.window.Length() || r.adds > r.room {
		return r.until
	}
	g.claim = &claim{message: c.Message, to: c.To, priority: c.Priority, amount: r.adds, until: now.Add(claimHold)}
	return min(r.until, now.Add(claimHold/2))
}

// disclaim gives up what was kept for a charge that was granted or is not asked for any
// more. The caller holds m.mu.
func (m *meter) disclaim(c *Charge) {
	for _, g := range m.gauges {
		if g.claim != nil && g.claim.of(c) {
			g.claim = nil
			m.epoch.Add(1)
		}
	}
}

// withdraw gives up what was kept for a message that does not wait any more.
func (m *meter) withdraw(c *Charge) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disclaim(c)
}

package gateway

import (
	"strconv"
	"time"
)

// ttlExpired is the error of a recipient whose message ended before it was sent.
const ttlExpired = "TTL expired"

// Delays between attempts at one recipient.
const (
	retryBase  = 30 * time.Second
	retryMax   = time.Hour
	refusedMax = 5 * time.Minute // while the network refuses the modem, not the message
)

// maxResends is how often a PDU is sent again although its copy may have left.
const maxResends = 1

// backoff returns base doubled n-1 times, at most limit. n counts from 1.
func backoff(base time.Duration, n int, limit time.Duration) time.Duration {
	for ; n > 1 && base < limit; n-- {
		base *= 2
	}
	return min(base, limit)
}

// settleFault moves recipient i on after an attempt that did not send all of it.
// It reports whether the recipient was still in the attempt.
func (g *Gateway) settleFault(m *Message, c *Change, i int, f *SendError) (changed bool) {
	r := &m.Recipients[i]
	if r.Phase != Active {
		return false
	}
	now, tick := g.now(), g.clock.Now()
	if f.Fate == Unknown {
		m.unsure(i, tick, g.UnknownGrace, f, now)
		return true
	}
	m.refuse(i, f, now)
	switch {
	case f.Action == Wait:
		r.Attempts-- // not the message's fault
		r.Waits++
		var delay time.Duration
		if f.Fate == Rejected {
			delay = max(backoff(retryBase, r.Waits, refusedMax), f.After)
		}
		m.requeue(i, tick, delay, f.Text, now)
	case f.Action == Fail || r.Attempts >= g.Attempts || r.refused():
		g.failRecipient(m, c, i, "Send result: "+f.Text, f.Code)
	default:
		r.Waits = 0
		m.requeue(i, tick, max(backoff(retryBase, r.Attempts, retryMax), f.After), f.Text, now)
	}
	return true
}

// endGrace applies the policy for unknown outcomes to recipient i.
func (g *Gateway) endGrace(m *Message, c *Change, i int) {
	r := &m.Recipients[i]
	if r.Phase != Grace {
		return
	}
	m.giveUpProof(i, g.now())
	// A canary is no use a second time, and its budget is of SMS.
	if g.OnUnknown == FailUnknown || m.Canary != "" || r.Resends >= maxResends || r.Attempts >= g.Attempts {
		reason := "Send result: it is unknown whether the message left"
		if r.Error != "" {
			reason += ": " + r.Error
		}
		g.failRecipient(m, c, i, reason, "UNKNOWN")
		return
	}
	m.resend(i, g.clock.Now())
	g.log.Warn().Str("message_id", m.ID).Int("recipient", i+1).
		Msg("no evidence whether the message left, sending it again: possible duplicate")
}

func (g *Gateway) failRecipient(m *Message, c *Change, i int, reason, code string) {
	now := g.now()
	m.fail(i, reason, code, now)
	g.announce(c, m, i, now, MessageFailed{
		MessageProgress: m.progress(i, g.ownNumber(m.Recipients[i].SIM), now), Reason: reason, Code: code,
	})
}

// announce adds an event of recipient i to c, and to the hop that caused it.
func (g *Gateway) announce(c *Change, m *Message, i int, at time.Time, p Payload) {
	if m.Canary != "" && !g.tellsCanaries() {
		return
	}
	m.Recipients[i].told(g.emitTo(c, m.ID, &happening{at: at, payload: p, message: m, canary: m.Canary != ""}, nil))
}

// failAll ends every recipient that still waits to be sent to, and reports
// whether there was any.
func (g *Gateway) failAll(m *Message, c *Change, reason, code string) (changed bool) {
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Phase == Held || r.Phase == Queued {
			g.failRecipient(m, c, i, reason, code)
			changed = true
		}
	}
	return changed
}

// acceptPart records that the SMSC took a part, and what follows when it was the
// last. It reports whether that part was still owed.
func (g *Gateway) acceptPart(m *Message, c *Change, i int, p SentPart, at time.Time) bool {
	r := &m.Recipients[i]
	if r.State.Final() || r.Parts[p.Index].Fate == Accepted {
		return false
	}
	if !m.accept(i, p, at) {
		return true
	}
	g.announce(c, m, i, at, MessageSent{MessageProgress: m.progress(i, g.ownNumber(r.SIM), at), Parts: len(r.Parts)})
	if r.refused() { // reports on earlier parts came while the last was sent
		g.failRecipient(m, c, i, refusedReason, "")
	}
	return true
}

// refusedReason is the error of a recipient that a part was not delivered to.
const refusedReason = "Delivery result from SC: a part of the message was not delivered"

// ownNumber returns the number of the SIM in a slot, if it is known.
func (g *Gateway) ownNumber(slot int) string {
	if slot < 1 || slot > len(g.lanes) {
		return ""
	}
	return g.lanes[slot-1].modem.Status().Number
}

// expired reports whether m may no longer be sent. The end by the wall clock is
// judged only while that is plausible.
func (g *Gateway) expired(m *Message) bool {
	if m.Expires != 0 && g.clock.Now() >= m.Expires {
		return true
	}
	now, plausible := g.clock.Wall()
	return plausible && !m.ValidUntil.IsZero() && !now.Before(m.ValidUntil)
}

// validity returns how long the SMSC should keep trying, 0 if the message sets
// no end.
func (g *Gateway) validity(m *Message) time.Duration {
	var d time.Duration
	if m.Expires != 0 {
		d = g.clock.Now().Until(m.Expires)
	}
	if now, plausible := g.clock.Wall(); plausible && !m.ValidUntil.IsZero() {
		d = m.ValidUntil.Sub(now)
	}
	return max(d, 0)
}

// settingRef is where the concatenation references given out are remembered.
const settingRef = "concat_ref"

// refGap is by how much a restart skips ahead: commits of several modems can be
// stored in another order than their references were given out.
const refGap = 16

// nextRef returns a fresh concatenation reference and adds its being used to c.
func (g *Gateway) nextRef(c *Change) uint16 {
	n := g.ref.Add(1)
	if c.Settings == nil {
		c.Settings = make(map[string]string)
	}
	c.Settings[settingRef] = strconv.FormatUint(uint64(n), 10)
	return uint16(n)
}

// loadRef continues the references of the run before.
func (g *Gateway) loadRef() error {
	s, err := g.store.Setting(settingRef)
	if err != nil || s == "" {
		return err
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return err
	}
	g.ref.Store(uint32(n) + refGap)
	return nil
}

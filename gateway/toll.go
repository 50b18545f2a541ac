package gateway

// reserve asks the limits for an attempt to send so many parts, and adds what follows
// from it to c. If they refuse it returns false, and a.settled says whether m was
// altered.
func (l *lane) reserve(a *attempt, m *Message, parts int, st ModemStatus, c *Change) bool {
	g, i := l.g, a.ref.Idx
	r := &m.Recipients[i]
	settings := g.Settings().Messages
	a.priority, a.epoch, a.settled = m.Priority, g.meter.epoch.Load(), false
	a.lane, a.since = m.Lane(i), m.CreatedAt
	if m.ScheduleAt.After(a.since) {
		a.since = m.ScheduleAt
	}
	a.asked = Charge{
		Modem: st.Modem, Message: m.Seq, Priority: m.Priority, To: hashOf(r.Address), Content: m.content(),
		Parts: parts, Cost: g.meter.protect.cost(r.Address, parts),
	}
	a.granted, a.refused = g.meter.reserve(a.asked, &settings, g.point(), r.Cleared)
	now := g.now()
	switch {
	case a.refused != nil && a.refused.storm:
		m.holdBack(i, a.refused, stormRest, now)
		g.announce(c, m, i, now, g.stamped(a.refused.notice, m.ID, now))
		a.settled = true
		return false
	case a.refused != nil:
		g.announceLimits(c, &a.refused.news)
		a.settled = g.reroute(m, i, a.refused, l)
		return false
	}
	a.settled = true
	g.announceLimits(c, &a.granted.news)
	c.Charges = append(c.Charges, a.granted.Charge)
	return true
}

// cancel takes back what was reserved for an attempt that was not begun, or told of its
// refusal, because that was not stored.
func (l *lane) cancel(a *attempt) {
	if a.refused != nil {
		l.g.meter.unsaid(a.refused)
	}
	if a.granted != nil {
		l.g.meter.cancel(a.granted, l.g.point())
		a.granted = nil
	}
}

// charge ends what was reserved for an attempt, of which so many parts may have left,
// and returns what is to be stored.
func (l *lane) charge(a *attempt, left int) Charge {
	g := l.g
	settings := g.Settings().Messages
	c, wake := g.meter.finish(a.granted, left, &settings, g.point())
	if wake {
		g.wakeLanes()
	}
	return c
}

// reroute lets another modem send what was chosen for one whose own limit does not allow
// it, though it may allow others, and reports whether m was altered.
func (g *Gateway) reroute(m *Message, i int, why *refusal, from *lane) bool {
	r := &m.Recipients[i]
	if !why.own || !why.modem || m.SIM != 0 || r.Pin != "" || r.Prefer == "" {
		return false
	}
	for _, l := range g.lanes {
		if l != from && g.serves(l, Lane{Rule: r.Rule}) && !l.out.Load() {
			r.Prefer = ""
			return true
		}
	}
	return false
}

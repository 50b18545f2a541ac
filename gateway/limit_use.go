package gateway

// LimitUse is how much of a limit is used now.
type LimitUse struct {
	Limit    string // as in [LimitNotice]
	Modem    string // whose it is; empty: all together
	SIM      int
	Used     float64
	Most     float64
	Reserved float64 // of Most, for messages of a higher priority
	Unit     string
	Reason   string // both as a sentence for people
}

// Limits returns the limits that hold: those of all modems together first, then each
// modem's, then that of the settings. Shorter times come before longer ones.
func (g *Gateway) Limits() []LimitUse {
	now, settings := g.point(), g.Settings().Messages
	m := &g.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []LimitUse
	add := func(l *gauge, slot int) {
		used := l.window.Used(now)
		out = append(out, LimitUse{
			Limit: l.name, Modem: l.modem, SIM: slot, Used: l.value(used), Most: l.value(l.limit),
			Reserved: l.value(l.limit - l.room(0, &m.protect)), Unit: l.unit, Reason: l.notice(used),
		})
	}
	for _, l := range m.gauges {
		if l.modem == "" {
			add(l, 0)
		}
	}
	for _, lane := range g.lanes {
		for _, l := range m.gauges {
			if l.modem == lane.modem.ID() {
				add(l, lane.slot)
			}
		}
	}
	if l := m.periods[settings.LimitPeriod]; l != nil && settings.LimitValue > 0 {
		l.limit = int64(settings.LimitValue)
		add(l, 0)
	}
	return out
}

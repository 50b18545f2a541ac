package gateway

import "time"

// open reports whether messages that are not urgent are sent at a time of the wall
// clock, in its zone, and if not, when they are again.
func (h WorkHours) open(now time.Time) (ok bool, next time.Time) {
	if !h.Enabled || h.Start == h.End {
		return true, time.Time{}
	}
	minute := now.Hour()*60 + now.Minute()
	inside := h.Start <= minute && minute < h.End
	if h.Start > h.End {
		inside = minute >= h.Start || minute < h.End
	}
	if inside {
		return true, time.Time{}
	}
	for d := range 2 {
		next = time.Date(now.Year(), now.Month(), now.Day()+d, h.Start/60, h.Start%60, 0, 0, now.Location())
		if next.After(now) {
			break
		}
	}
	return false, next
}

// closed reports whether work hours keep messages from being sent that are not urgent,
// and when they end to. While the clock is not plausible they keep none.
func (g *Gateway) closed() (closed bool, opens time.Time) {
	now, plausible := g.clock.Wall()
	if !plausible {
		return false, time.Time{}
	}
	open, next := g.Settings().Messages.WorkHours.open(now.In(g.meter.protect.Zone))
	return !open, next
}

func closedReason(opens time.Time) string {
	return "it is outside of work hours; messages that are not urgent are sent from " + opens.Format("2006-01-02 15:04 -07:00") + " on"
}

// checkWorkHours says whether messages wait for them.
func (g *Gateway) checkWorkHours(checks map[string]Check) {
	if !g.Settings().Messages.WorkHours.Enabled {
		return
	}
	c := Check{Status: Pass, ObservedValue: 1, ObservedUnit: "boolean", Description: "Messages are sent"}
	if _, plausible := g.clock.Wall(); !plausible {
		c.Status, c.Description = Warn, "The clock of this machine is not set: messages are sent at any time, whatever the work hours (is NTP reachable?)"
	} else if closed, opens := g.closed(); closed {
		c.ObservedValue, c.Description = 0, "Messages that are not urgent wait: "+closedReason(opens)
	}
	checks["messages:workHours"] = c
}

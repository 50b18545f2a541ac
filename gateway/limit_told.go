package gateway

import (
	"fmt"

	"tetherd/gateway/rolling"
)

// warnAt is the part of a limit, in percent, at which EventLimitWarning is stored; of
// what is left of the limit beside the reserve, if there is one.
const warnAt = 80

// level is what is told of a limit.
type level int

const (
	nearlyUsed level = iota // warnAt is reached
	usedUp
	doesNotFit // a message waits though the limit is not used up: for a reserve, or for its length
	levels
)

// telling is when a level was told, which it is not again in the same month or, for
// other lengths of time, so soon.
type telling struct {
	at    Tick // 0: never
	month int
	limit int64 // that it was about
}

// settingTold begins the keys under which it is kept what was told.
const settingTold = "limit_told/"

func (g *gauge) toldKey(l level) string {
	return fmt.Sprintf("%s%x/%d", settingTold, hashOf(g.modem, g.name), l)
}

func (t telling) String() string { return fmt.Sprintf("%d %d %d", t.at, t.month, t.limit) }

// loadTold reads what was told before the start.
func (g *Gateway) loadTold(gauge *gauge) error {
	for l := range levels {
		s, err := g.store.Setting(gauge.toldKey(l))
		if err != nil || s == "" {
			if err != nil {
				return fmt.Errorf("read what was told of limits: %w", err)
			}
			continue
		}
		t := &gauge.told[l]
		if _, err := fmt.Sscan(s, &t.at, &t.month, &t.limit); err != nil {
			return fmt.Errorf("read what was told of limits: %w", err)
		}
	}
	return nil
}

// wasTold reports whether a level was told in the present period.
func (g *gauge) wasTold(l level, now rolling.Point) bool {
	t := g.told[l]
	if t.at == 0 || t.limit != g.limit {
		return false
	}
	if g.window.Length() == 0 {
		return t.month == now.Month
	}
	return t.at.Add(max(tellAgain, g.window.Length())) > Tick(now.Tick)
}

// news is what is to be told of limits, once, by whoever asked them.
type limitNews struct {
	payloads []Payload
	facts    map[string]string // settings to be stored with them
	undo     []func()
}

// tell adds that a level is reached.
func (n *limitNews) tell(g *gauge, l level, used int64, reason string, now rolling.Point) {
	if g.wasTold(l, now) {
		return
	}
	was := g.told[l]
	g.told[l] = telling{Tick(now.Tick), now.Month, g.limit}
	n.undo = append(n.undo, func() { g.told[l] = was })
	if n.facts == nil {
		n.facts = make(map[string]string)
	}
	n.facts[g.toldKey(l)] = g.told[l].String()
	notice := LimitNotice{
		Limit: g.name, Modem: g.modem, Used: g.value(used), Most: g.value(g.limit), Unit: g.unit, Reason: reason,
	}
	if l == nearlyUsed {
		n.payloads = append(n.payloads, LimitWarning{notice})
	} else {
		n.payloads = append(n.payloads, LimitReached{notice})
	}
}

// grown adds what follows from a limit being used more than before.
func (n *limitNews) grown(g *gauge, p *Protection, before, after int64, now rolling.Point) {
	if g.limit == 0 {
		return
	}
	ordinary := g.room(none+1, p)
	for l, threshold := range []int64{nearlyUsed: (ordinary*warnAt + 99) / 100, usedUp: g.limit} {
		if before < threshold && after >= threshold {
			n.tell(g, level(l), after, g.notice(after), now)
		}
	}
}

// refused adds that a message waits for a limit, unless it is known to be used up.
func (n *limitNews) refused(r *refusal, now rolling.Point) {
	if !r.gauge.wasTold(usedUp, now) {
		n.tell(r.gauge, doesNotFit, r.used, r.reason(), now)
	}
}

// takeBack forgets that it was told: it was not stored.
func (n *limitNews) takeBack() {
	for _, undo := range n.undo {
		undo()
	}
	*n = limitNews{}
}

// announceLimits adds what is to be told of limits to c.
func (g *Gateway) announceLimits(c *Change, n *limitNews) {
	now := g.now()
	for _, p := range n.payloads {
		g.emit(c, "limits", now, g.stamped(p, "", now))
	}
	for key, value := range n.facts {
		if c.Settings == nil {
			c.Settings = make(map[string]string)
		}
		c.Settings[key] = value
	}
}

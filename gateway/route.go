package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
)

// Lane is where a queued recipient waits: it says which modems may send to it.
// The zero Lane is for any. What a lane means can change without its rows being
// touched: when a modem dies the others serve its lanes, too.
type Lane struct {
	SIM    int    // slot that alone may, from 1, because the caller asked for it; 0 is none
	Pin    string // ID of the modem that alone may, because it began with the parts
	Rule   string // prefix of the rule that applies
	Prefer string // ID of the modem that was chosen
}

// Lane returns where recipient i waits while it is Queued.
func (m *Message) Lane(i int) Lane {
	r := &m.Recipients[i]
	switch {
	case r.Pin != "":
		return Lane{Pin: r.Pin}
	case m.SIM != 0:
		return Lane{SIM: m.SIM}
	}
	return Lane{Rule: r.Rule, Prefer: r.Prefer}
}

// affinityKey names the other side of a conversation: the last digits of its
// number, which service centres and people write with different prefixes. It is
// empty for a sender that cannot be answered.
func affinityKey(number string) string {
	digits := onlyDigits(number)
	if len(digits) < len(number)-1 || digits == "" {
		return "" // a name
	}
	if len(digits) < wholeBelow {
		return digits
	}
	return digits[max(0, len(digits)-tailDigits):]
}

// route chooses the modems for the recipients of m that wait to be sent to,
// unless the caller has.
func (g *Gateway) route(m *Message) error {
	if m.SIM != 0 || len(g.lanes) == 0 {
		return nil
	}
	rt := &g.Routing
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if r.Phase != Queued || r.Parts != nil {
			continue
		}
		rule := rt.ruleFor(r.Address)
		r.Rule, r.Prefer = "", ""
		if rule != nil {
			r.Rule = rule.Prefix
		}
		var err error
		if r.Prefer, err = g.prefer(rt, rule, r.Address); err != nil {
			return err
		}
	}
	return nil
}

// prefer returns the modem that is to send to a number; empty leaves it to the
// one that is free first.
func (g *Gateway) prefer(rt *Routing, rule *Rule, address string) (modem string, err error) {
	if rt.Sticky {
		if key := affinityKey(address); key != "" {
			if modem, err = g.store.Affinity(key); err != nil {
				return "", fmt.Errorf("look up conversation: %w", err)
			}
		}
		if modem != "" && g.byModem[modem] != nil && rule.allows(modem) {
			return modem, nil
		}
	}
	selection := g.Settings().Messages.Selection
	if selection == SelectFree {
		return "", nil
	}
	from := g.candidates(rule)
	if len(from) == 0 {
		return "", nil
	}
	if selection == SelectAtRandom {
		return from[rand.IntN(len(from))].modem.ID(), nil
	}
	return from[int(g.turn.Add(1)-1)%len(from)].modem.ID(), nil
}

// candidates returns the lanes of the modems that a rule allows and that can be
// used; if there are none, of those it allows.
func (g *Gateway) candidates(rule *Rule) []*lane {
	var usable, allowed []*lane
	for _, l := range g.lanes {
		if !rule.allows(l.modem.ID()) {
			continue
		}
		allowed = append(allowed, l)
		if !l.out.Load() {
			usable = append(usable, l)
		}
	}
	if len(usable) > 0 {
		return usable
	}
	return allowed
}

// out reports whether a modem has been unable to send for so long that others
// take its work, or is not configured.
func (g *Gateway) out(modem string) bool {
	l := g.byModem[modem]
	return l == nil || l.out.Load()
}

// serves reports whether a modem may send what waits in a lane, now.
func (g *Gateway) serves(l *lane, waits Lane) bool {
	id := l.modem.ID()
	switch {
	case waits.Pin != "":
		return waits.Pin == id
	case waits.SIM != 0:
		return waits.SIM == l.slot
	}
	rule := g.Routing.rule(waits.Rule)
	if waits.Prefer != "" && rule.allows(waits.Prefer) && !g.out(waits.Prefer) {
		return waits.Prefer == id
	}
	if rule.allows(id) {
		return true
	}
	return !rule.Strict && !slices.ContainsFunc(rule.Modems, func(m string) bool { return !g.out(m) })
}

// settingSlots is where the largest number of slots there ever was is kept.
const settingSlots = "slots"

func (g *Gateway) loadSlots() error {
	s, err := g.store.Setting(settingSlots)
	if err != nil || s == "" {
		return err
	}
	g.slots, err = strconv.Atoi(s)
	return err
}

// noteSlots remembers how many modems there are: a message for a slot that was
// there once waits for it to come back, one for any other fails at once.
func (g *Gateway) noteSlots(ctx context.Context) error {
	if len(g.lanes) <= g.slots {
		return nil
	}
	err := g.commit(ctx, Change{Settings: map[string]string{settingSlots: strconv.Itoa(len(g.lanes))}})
	if err != nil {
		return fmt.Errorf("store number of slots: %w", err)
	}
	return nil
}

package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// runCanaries sends canaries and looks what became of them until soft ends.
func (g *Gateway) runCanaries(soft context.Context) {
	g.canaries.mu.Lock()
	// While the gateway was not there nothing could come in.
	for i := range g.canaries.state.Modems {
		if f := g.canaries.state.Modems[i].Flight; f != nil {
			f.Deadline = max(f.Deadline, g.clock.Now().Add(g.Canary.Timeout))
		}
	}
	g.canaries.mu.Unlock()
	notBefore := g.uptime() + canarySettle
	repeat(soft, g.canaries.kick, func() time.Duration {
		next, err := g.tendCanaries(soft, max(notBefore-g.uptime(), 0))
		if err != nil && soft.Err() == nil {
			g.log.Error().Err(err).Msg("cannot tend the canaries, trying again later")
			next = time.Minute
		}
		return next
	})
}

// tendCanaries settles those that came in or are late, and sends those that are due,
// but not before settle has passed. It returns when to look again.
func (g *Gateway) tendCanaries(ctx context.Context, settle time.Duration) (next time.Duration, err error) {
	g.canaries.mu.Lock()
	defer g.canaries.mu.Unlock()
	next = time.Hour
	lanes := g.canaryLanes()
	if gone := g.forgetCanaries(lanes); gone {
		if err := g.saveCanaries(ctx, Change{}, g.canaries.state.clone()); err != nil {
			return next, err
		}
	}
	for i, l := range lanes {
		if ctx.Err() != nil {
			return next, nil
		}
		if err := g.settleCanary(ctx, l); err != nil {
			return next, err
		}
		s, now := g.canaries.state.clone(), g.clock.Now()
		m := s.of(l.modem.ID())
		switch {
		case m.Flight != nil:
			next = min(next, now.Until(m.Flight.Deadline))
			continue
		case m.Next == 0: // the first; not all at the same time
			m.Next = now.Add(settle + g.Canary.Every*time.Duration(i)/time.Duration(len(lanes)))
			if err := g.saveCanaries(ctx, Change{}, s); err != nil {
				return next, err
			}
		}
		due := min(m.Next, now.Add(g.Canary.Every)) // it may have been set shorter
		if wait := max(now.Until(due), settle, g.canaryWindow()); wait > 0 {
			next = min(next, wait)
			continue
		}
		if left, more := s.spent(now, g.Canary.PerDay); left == 0 {
			next = min(next, now.Until(more))
			continue
		}
		if err := g.sendCanary(ctx, l, s); err != nil && CodeOf(err) != Conflict {
			return next, err
		}
		next = min(next, time.Second) // to find out when it is due again
	}
	return max(next, time.Millisecond), nil
}

// forgetCanaries forgets modems that send none any more, and reports whether there
// were any; mu is locked.
func (g *Gateway) forgetCanaries(lanes []*lane) bool {
	had := len(g.canaries.state.Modems)
	g.canaries.state.Modems = slices.DeleteFunc(g.canaries.state.Modems, func(m CanaryStatus) bool {
		return m.Flight == nil && !slices.ContainsFunc(lanes, func(l *lane) bool { return l.modem.ID() == m.Modem })
	})
	return len(g.canaries.state.Modems) != had
}

// canaryWindow returns how long it is not the time of day to send; a minute at a time,
// because the clock can be set. Outside of work hours a message would wait.
func (g *Gateway) canaryWindow() time.Duration {
	now, plausible := g.clock.Wall()
	open, _ := g.Canary.Window.open(now.In(g.meter.protect.Zone))
	if closed, _ := g.closed(); closed || !open || g.Canary.Window.Enabled && !plausible {
		return time.Minute
	}
	return 0
}

// saveCanaries stores s with c; mu is locked.
func (g *Gateway) saveCanaries(ctx context.Context, c Change, s canaryState) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode canaries: %w", err)
	}
	if c.Settings == nil {
		c.Settings = make(map[string]string)
	}
	c.Settings[settingCanary] = string(b)
	if err := g.commit(context.WithoutCancel(ctx), c); err != nil {
		return fmt.Errorf("store canaries: %w", err)
	}
	g.canaries.state = s
	return nil
}

// sendCanary has a canary sent; mu is locked. s is a copy of the state. The error is an
// [Error] if that cannot be done, which s then holds as the problem.
func (g *Gateway) sendCanary(ctx context.Context, l *lane, s canaryState) error {
	now, m := g.clock.Now(), s.of(l.modem.ID())
	m.Next = now.Add(g.Canary.Every)
	to := g.Canary.To
	if to == "" {
		to = l.modem.Status().Number
	}
	own := slices.ContainsFunc(g.lanes, func(l *lane) bool {
		number := l.modem.Status().Number
		return number != "" && sameNumber(number, to)
	})
	f := &CanaryFlight{Token: newCanaryToken(), At: g.now(), Began: now, Deadline: now.Add(g.Canary.Timeout), Own: own}
	msg, err := g.canaryMessage(ctx, l, to, f)
	if err != nil {
		m.Next = now.Add(min(g.Canary.Every, time.Hour))
		m.Problem = fmt.Sprintf("No test message can be sent by %s: %v", m.Modem, err)
		if err := g.saveCanaries(ctx, Change{}, s); err != nil {
			return err
		}
		return &Error{Code: Conflict, Message: m.Problem}
	}
	f.Message, m.Flight, m.Problem = msg.ID, f, ""
	s.Sent = append(s.Sent, now)
	return g.saveCanaries(ctx, Change{Messages: []Message{msg}}, s)
}

func (g *Gateway) canaryMessage(ctx context.Context, l *lane, to string, f *CanaryFlight) (Message, error) {
	if to == "" {
		return Message{}, Invalidf("the number of its SIM is not known: set modems[].number or canary.to")
	}
	msg, err := g.newMessage(ctx, Submission{
		Text: canaryText(f.Token), Numbers: []string{to}, SIM: l.slot, Priority: canaryPriority,
		DeliveryReport: !f.Own, TTL: g.Canary.Timeout,
	})
	if err == nil {
		err = g.route(&msg)
	}
	msg.Canary = l.modem.ID()
	return msg, err
}

// RunCanary has a canary sent now by the given modem, or by each if it is empty, at any
// time of day. The error is an [Error]: Conflict if there are none, one is under way, or
// none can be sent, TooSoon if there were enough in the last 24 hours. Of several modems
// the first error is returned if none could send.
func (g *Gateway) RunCanary(ctx context.Context, modem string) error {
	if g.Canary == nil {
		return &Error{Code: Conflict, Message: "canaries are not enabled: set canary.enabled in the configuration"}
	}
	if g.stopping.Load() {
		return &Error{Code: Unavailable, Message: "the gateway is stopping; try again in a minute"}
	}
	defer kick(g.canaries.kick)
	g.canaries.mu.Lock()
	defer g.canaries.mu.Unlock()
	sent, found := false, false
	var first error
	for _, l := range g.canaryLanes() {
		if modem != "" && modem != l.modem.ID() {
			continue
		}
		found = true
		err := g.orderCanary(ctx, l)
		switch {
		case err == nil:
			sent = true
		case CodeOf(err) != Conflict && CodeOf(err) != TooSoon:
			return err
		case first == nil:
			first = err
		}
	}
	if !found {
		return &Error{Code: NotFound, Message: "there is no modem of this name that sends canaries; canary.modems says which do"}
	}
	if sent {
		return nil
	}
	return first
}

// orderCanary sends one that somebody asks for; mu is locked.
func (g *Gateway) orderCanary(ctx context.Context, l *lane) error {
	s, now := g.canaries.state.clone(), g.clock.Now()
	m := s.of(l.modem.ID())
	if m.Flight != nil {
		return &Error{Code: Conflict, Message: fmt.Sprintf("a canary of %s is under way: wait for it", m.Modem)}
	}
	if left, more := s.spent(now, g.Canary.PerDay); left == 0 {
		return &Error{Code: TooSoon, After: now.Until(more), Message: fmt.Sprintf("%d canaries were sent in the last 24 hours, which is all that canary.budget_per_day allows", len(s.Sent))}
	}
	return g.sendCanary(ctx, l, s)
}

package gateway

import (
	"math"
	"strings"
	"time"
)

// lookAgain is how often it is asked again whether what depends on the wall clock lets
// messages pass: it may have been set.
const lookAgain = time.Minute

// brake is why a lane does not send messages up to a priority.
type brake struct {
	refusal
	priority int8
	epoch    uint64
}

// holds reports whether the brake still holds.
func (b *brake) holds(m *meter, now Tick) bool {
	return b != nil && b.epoch == m.epoch.Load() && b.until > now
}

// turn is what a lane may look for now.
type turn struct {
	query QueueQuery
	wake  Tick // when more may be allowed; 0: never by itself
	whole bool // nothing is left out
}

func (t *turn) wakeAt(at Tick) {
	if t.wake == 0 || at < t.wake {
		t.wake = at
	}
}

// atLeast leaves out what has a lower priority, and reports false if that is all.
func (t *turn) atLeast(priority int, until Tick) bool {
	t.whole = false
	t.wakeAt(until)
	if priority > math.MaxInt8 {
		return false
	}
	t.query.Least = max(t.query.Least, int8(priority))
	return true
}

// turn returns what the lane may look for, and false if that is nothing. The caller
// holds g.mu until it has looked.
func (l *lane) turn(now Tick, s *MessageSettings) (t turn, ok bool) {
	g := l.g
	t = turn{whole: true, query: QueueQuery{
		Serves: func(waits Lane) bool { return g.serves(l, waits) },
		Now:    now, Least: math.MinInt8, Newest: s.Order == LIFO,
	}}
	ok = true
	if closed, opens := g.closed(); closed {
		ok = t.atLeast(Expedited, now.Add(min(lookAgain, max(opens.Sub(g.now()), time.Millisecond))))
	}
	if b := l.brake.Load(); b.holds(&g.meter, now) {
		ok = t.atLeast(int(b.priority)+1, b.until) && ok
	}
	return t, ok
}

// next looks for what to send next. The caller holds g.mu.
func (l *lane) next(t *turn, now Tick, s *MessageSettings) (ref RecipientRef, ok bool, next Tick, err error) {
	g := l.g
	point, wall := g.point(), g.now()
	g.meter.turnMonth(point)
	epoch := g.meter.epoch.Load()
	lists, soonest := [...]*passed{&g.passed, &l.passed}, never
	t.query.Skip = func(row QueueRow) Passing {
		if _, held := g.taken[row.RecipientRef]; held || g.aside.hasRecipient(row.RecipientRef) {
			return Passing{Over: true}
		}
		for i, p := range lists {
			if over, until, run := p.look(row, &g.meter, s, point, wall, epoch); over {
				t.whole = false
				soonest = min(soonest, until)
				t.wakeAt(min(until, now.Add(lookAgain)))
				return Passing{Over: true, Reason: i + 1, Run: run}
			}
		}
		return Passing{}
	}
	t.query.Passed = func(reason int, run QueueRun) { lists[reason-1].note(run, soonest, epoch) }
	ref, ok, next, err = g.store.NextQueued(t.query)
	if err != nil || !ok {
		return ref, ok, next, err
	}
	till, latest := g.meter.paced(l.modem.ID(), s, now)
	if till == 0 || ref.Seq == latest.message && !s.PaceRecipients {
		return ref, true, 0, nil
	}
	if !t.atLeast(max(Expedited, latest.priority+1), till) {
		return RecipientRef{}, false, 0, nil
	}
	return g.store.NextQueued(t.query)
}

// refuse notes that a message may not be sent now. Other modems may have looked for
// something to send while this one had it in hand.
func (l *lane) refuse(a *attempt) {
	g := l.g
	if a.refused.modem || !a.refused.own {
		defer g.wakeLanes()
	}
	if a.refused.own {
		list := &g.passed
		if a.refused.modem {
			list = &l.passed
		}
		g.mu.Lock()
		list.add(a.ref, &passing{lane: a.lane, charge: a.asked, since: a.since, until: a.refused.until, epoch: a.epoch})
		g.mu.Unlock()
		// It may have been withdrawn before it was added.
		if m, err := g.store.MessageBySeq(a.ref.Seq); err == nil {
			g.notePassed([]Message{m})
		}
		return
	}
	b := &brake{refusal: *a.refused, priority: a.priority, epoch: a.epoch}
	if b.until == never {
		b.until = g.clock.Now().Add(lookAgain)
	}
	l.brake.Store(b)
	if a.refused.modem {
		l.noteResting()
	}
}

// reconsider lets everything be asked for again: what limits has changed.
func (g *Gateway) reconsider() {
	g.meter.epoch.Add(1)
}

// braked says why the lane does not send a message of a priority now; empty if it
// does.
func (l *lane) braked(priority int8, now Tick) string {
	g := l.g
	if closed, opens := g.closed(); closed && priority < Expedited {
		return closedReason(opens)
	}
	if b := l.brake.Load(); b.holds(&g.meter, now) && priority <= b.priority {
		return b.reason() + g.eased(&b.refusal, now)
	}
	s := g.Settings().Messages
	if till, latest := g.meter.paced(l.modem.ID(), &s, now); till != 0 && !outranks(priority, latest.priority) {
		return "modem " + l.modem.ID() + " rests between messages; the next is sent in " + span(now.Until(till))
	}
	return ""
}

// waitsForTurn says why none of the modems that could send to a recipient does so now,
// though they are able to; empty if one does. own is by which it is passed over.
func (g *Gateway) waitsForTurn(waits turnOf, own map[*lane]*passing, now Tick) string {
	var why []string
	for _, l := range g.lanes {
		if !g.serves(l, waits.lane) || l.trouble() != "" {
			continue
		}
		reason := g.whyPassed(own[l])
		if reason == "" {
			reason = l.braked(waits.priority, now)
		}
		if reason == "" {
			return ""
		}
		if len(why) < mostTroubles && (len(why) == 0 || why[len(why)-1] != reason) {
			why = append(why, reason)
		}
	}
	return strings.Join(why, "; ")
}

// checkLimits says what keeps messages from being sent.
func (g *Gateway) checkLimits(checks map[string]Check) {
	now := g.clock.Now()
	c := Check{Status: Pass, ObservedUnit: "recipients", Description: "No limit keeps a message from being sent"}
	defer func() { checks["messages:limits"] = c }()
	lanes, _, err := g.store.QueueLengths()
	if err != nil {
		c = Check{Status: Down, ObservedUnit: "recipients", Description: "The store cannot be read; see the log"}
		return
	}
	why, whole := "", make(map[Lane]bool)
	for waits, n := range lanes {
		if reason := g.limitedLane(waits, now); reason != "" {
			c.ObservedValue += n
			why, whole[waits] = reason, true
		}
	}
	for ref, waits := range g.allPassed() {
		if whole[waits.lane] {
			continue
		}
		all, own := g.passings(ref)
		reason := g.whyPassed(all)
		if reason == "" && own != nil {
			reason = g.waitsForTurn(waits, own, now)
		}
		if reason != "" {
			c.ObservedValue++
			why = reason
		}
	}
	if why != "" {
		c.Status, c.Description = Warn, "Messages wait: "+why
	}
}

// limitedLane says which limit keeps all modems from sending what waits in a lane, unless
// it is urgent; empty if none does.
func (g *Gateway) limitedLane(waits Lane, now Tick) (why string) {
	for _, l := range g.lanes {
		if !g.serves(l, waits) || l.trouble() != "" {
			continue
		}
		b := l.brake.Load()
		if !b.holds(&g.meter, now) {
			return ""
		}
		why = b.reason() + g.eased(&b.refusal, now)
	}
	return why
}

package gateway

import (
	"slices"
	"time"

	"tetherd/gateway/rolling"
)

// maxRuns bounds how many runs are remembered; older ones are found again by looking.
const maxRuns = 64

// passed are the queued recipients that a limit does not allow while it may allow
// others: to numbers that were sent to before, say. They are looked past without being
// read, each as long as it is queued and the limits do not allow it. The zero value has
// none. Gateway.mu guards it.
type passed struct {
	rows map[RecipientRef]*passing
	runs []passedRun // of rows; those that do not hold any more are left out when met
}

// passing is a recipient that was passed over.
type passing struct {
	lane   Lane
	charge Charge
	since  time.Time // it could have been sent
	until  Tick      // when to ask again at the latest
	epoch  uint64    // of the meter when it was asked
}

// passedRun is where rows stand that are all passed over.
type passedRun struct {
	QueueRun
	until Tick
	epoch uint64
}

// add notes a recipient.
func (p *passed) add(ref RecipientRef, row *passing) {
	if p.rows == nil {
		p.rows = make(map[RecipientRef]*passing)
	}
	p.rows[ref] = row
}

// look reports whether a row is passed over, until when to look again at the latest, and
// the run it stands in, if one is known.
func (p *passed) look(row QueueRow, m *meter, s *MessageSettings, now rolling.Point, wall time.Time, epoch uint64) (over bool, until Tick, run QueueRun) {
	of := p.rows[row.RecipientRef]
	if of == nil {
		return false, 0, run
	}
	if of.until <= Tick(now.Tick) || of.epoch != epoch {
		refused := m.again(&of.charge, s, now)
		if refused == nil {
			delete(p.rows, row.RecipientRef)
			return false, 0, run
		}
		of.until, of.epoch = m.claim(&of.charge, refused, wall.Sub(of.since), Tick(now.Tick)), epoch
	}
	for i := range p.runs {
		r := &p.runs[i]
		if r.until > Tick(now.Tick) && r.epoch == epoch && r.holds(&row) {
			return true, r.until, r.QueueRun
		}
	}
	return true, of.until, run
}

// note remembers a run, in place of those it holds.
func (p *passed) note(run QueueRun, until Tick, epoch uint64) {
	p.runs = slices.DeleteFunc(p.runs, func(r passedRun) bool {
		return r.Lane == run.Lane && r.Priority == run.Priority &&
			(r.epoch != epoch || !r.Last.Before(run.First) && !run.Last.Before(r.First))
	})
	if len(p.runs) >= maxRuns {
		p.runs = slices.Delete(p.runs, 0, 1)
	}
	p.runs = append(p.runs, passedRun{run, until, epoch})
}

// changed forgets what a stored message makes wrong: that a recipient is passed over
// which is not queued any more, and runs in whose midst one is queued.
func (p *passed) changed(m *Message, meter *meter) {
	if len(p.rows) == 0 {
		return
	}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		ref := RecipientRef{Seq: m.Seq, Idx: i}
		if r.Phase != Queued {
			if of := p.rows[ref]; of != nil {
				meter.withdraw(&of.charge)
				delete(p.rows, ref)
			}
			continue
		}
		row := QueueRow{Lane: m.Lane(i), Priority: m.Priority, QueuePlace: QueuePlace{Due: r.Due, RecipientRef: ref}}
		p.runs = slices.DeleteFunc(p.runs, func(run passedRun) bool { return run.holds(&row) })
	}
}

// notePassed forgets of what is passed over what stored messages make wrong.
func (g *Gateway) notePassed(ms []Message) {
	if len(ms) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range ms {
		g.passed.changed(&ms[i], &g.meter)
		for _, l := range g.lanes {
			l.passed.changed(&ms[i], &g.meter)
		}
	}
}

// holds reports whether a row stands in the run.
func (r *QueueRun) holds(row *QueueRow) bool {
	return r.Lane == row.Lane && r.Priority == row.Priority &&
		!row.QueuePlace.Before(r.First) && !r.Last.Before(row.QueuePlace)
}

// passings returns how a recipient is passed over: by all modems, or by each of its own
// limit. Nil is that it is not.
func (g *Gateway) passings(ref RecipientRef) (all *passing, own map[*lane]*passing) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range g.lanes {
		if p := l.passed.rows[ref]; p != nil {
			if own == nil {
				own = make(map[*lane]*passing)
			}
			own[l] = p
		}
	}
	return g.passed.rows[ref], own
}

// whyPassed says why a recipient is passed over; empty if it is not any more.
func (g *Gateway) whyPassed(p *passing) string {
	if p == nil {
		return ""
	}
	s := g.Settings().Messages
	if r := g.meter.again(&p.charge, &s, g.point()); r != nil {
		return r.reason() + g.eased(r, g.clock.Now())
	}
	return ""
}

// allPassed returns the recipients that are passed over, by all modems or by some, where
// they wait.
func (g *Gateway) allPassed() map[RecipientRef]turnOf {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make(map[RecipientRef]turnOf)
	note := func(p *passed) {
		for ref, of := range p.rows {
			out[ref] = turnOf{of.lane, of.charge.Priority}
		}
	}
	note(&g.passed)
	for _, l := range g.lanes {
		note(&l.passed)
	}
	return out
}

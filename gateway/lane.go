package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// lane drives one modem: it takes the recipient that is next in the queue for
// its slot, stores the intent, hands the PDUs over and stores the outcome,
// together with the intent for the one after, so that a single-part message
// costs one fsync under load.
type lane struct {
	g     *Gateway
	modem Modem
	slot  int // simNumber, from 1
	log   zerolog.Logger
	kick  chan struct{} // capacity 1; written by anyone, read by run
	// kickBalance has capacity 1. It is written by anyone when the modem's state
	// changes or it has nothing in hand any more, and read by runBalance.
	kickBalance chan struct{}

	// Of the goroutine in run.
	pause      time.Duration // latest pause after a Wait; 0 after a success
	pausedTill Tick
	pausedAt   time.Time    // ModemStatus.Since when the pause began
	idle       RecipientRef // the latest taken for which there was nothing to do

	presence presence // of the goroutine in runWatch

	// Written by run, read by runWatch; in Gateway.uptime, 0 for none.
	restingSince atomic.Int64           // the modem is ready, but refuses or is held back, since
	restingFor   atomic.Pointer[string] // what the modem said; nil for nothing
	progressAt   atomic.Int64           // when the modem was last heard of in the attempt in hand

	out atomic.Bool // others take the modem's work; written by runWatch, read by anyone

	passed passed                // what does not fit this modem's own limits; guarded by Gateway.mu
	brake  atomic.Pointer[brake] // why messages are not sent, if limits keep them; written by run

	mu      sync.Mutex
	current *attempt // what the modem has in hand; written by run, read by match
}

// attempt is what a lane hands to its modem.
type attempt struct {
	ref     RecipientRef
	out     Outgoing
	simID   string
	report  bool
	began   time.Time
	settled bool // the recipient is no longer queued, or set aside
	started bool // the intent was stored; false if the recipient was no longer to be sent to

	priority int8         // of the message
	granted  *reservation // nil until limits allowed it
	refused  *refusal     // why they did not; nil if they did
	asked    Charge       // what they were asked for
	lane     Lane         // where the recipient waited
	since    time.Time    // it could have been sent
	epoch    uint64       // of the meter when it was asked
}

// Pauses of a lane whose modem answers that it cannot send.
const (
	minPause = 500 * time.Millisecond
	maxPause = time.Minute
)

func newLane(g *Gateway, m Modem, slot int) *lane {
	return &lane{
		g: g, modem: m, slot: slot, kick: make(chan struct{}, 1), kickBalance: make(chan struct{}, 1),
		log: g.log.With().Str("modem", m.ID()).Logger(),
	}
}

func (l *lane) wake() { kick(l.kick) }

// run sends until soft ends; what the modem has in hand then may finish until
// hard ends.
func (l *lane) run(soft, hard context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var outcome *edit // of the attempt before, not stored yet
	for {
		ref, ok, next := l.take(soft)
		switch {
		case ok:
			a, err := l.begin(hard, outcome, ref)
			if err != nil {
				l.stopOn(soft, err)
				return
			}
			outcome = nil
			if a.started {
				outcome = l.send(hard, a)
			} else if a.refused != nil && !a.settled {
				l.refuse(a)
			} else if !a.settled {
				l.nothingToDo(ref)
			}
		case outcome != nil:
			if err := l.conclude(hard, *outcome); err != nil {
				l.stopOn(soft, err)
				return
			}
			outcome = nil
		case soft.Err() != nil:
			return
		default:
			if l.progressAt.Swap(0) != 0 && l.out.Load() {
				kick(l.g.kickWatch)
			}
			wait := time.Hour
			if now := l.g.clock.Now(); next > 0 {
				wait = max(now.Until(next), time.Millisecond)
			}
			timer.Reset(wait)
			select {
			case <-l.kick:
			case <-timer.C:
			case <-soft.Done():
			}
		}
	}
}

// stopOn ends the lane's work after the store failed: what it would send could
// not be accounted for.
func (l *lane) stopOn(soft context.Context, err error) {
	l.log.Error().Err(err).Msg("sending stopped: the store does not take changes")
	<-soft.Done()
}

// take reserves the recipient to send to next, if the modem can send now. next
// is when to look again, 0 if only a kick can change anything.
func (l *lane) take(soft context.Context) (ref RecipientRef, ok bool, next Tick) {
	if soft.Err() != nil || l.g.broken.Load() {
		return ref, false, 0
	}
	st := l.modem.Status()
	st.Modem, st.Slot = l.modem.ID(), l.slot
	if st.State != ModemReady {
		return ref, false, 0
	}
	now := l.g.clock.Now()
	if l.pausedTill > now && st.Since.Equal(l.pausedAt) {
		return ref, false, l.pausedTill
	}
	if h, held := l.g.held(st); held {
		l.noteResting()
		return ref, false, h.Until
	}
	g := l.g
	if b := l.brake.Load(); l.pause == 0 && (!b.holds(&g.meter, now) || !b.modem) {
		l.rested()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	settings := g.Settings().Messages
	t, ok := l.turn(now, &settings)
	if !ok {
		return ref, false, t.wake
	}
	ref, ok, next, err := l.next(&t, now, &settings)
	switch {
	case err != nil:
		l.log.Error().Err(err).Msg("cannot read the queue, trying again")
		return ref, false, now.Add(time.Second)
	case ok:
		g.taken[ref] = struct{}{}
		return ref, true, 0
	case next == 0 && t.whole:
		// Nothing is left to show that it can send again, and while it counts as unable
		// nothing is chosen for it.
		l.rested()
	case t.wake != 0 && (next == 0 || t.wake < next):
		next = t.wake
	}
	return ref, false, next
}

// begin stores the outcome of the attempt before and the intent of the next one
// in one commit.
func (l *lane) begin(hard context.Context, outcome *edit, ref RecipientRef) (*attempt, error) {
	g := l.g
	defer func() {
		g.mu.Lock()
		delete(g.taken, ref)
		g.mu.Unlock()
	}()
	a := &attempt{ref: ref}
	st := l.modem.Status()
	st.Modem, st.Slot = l.modem.ID(), l.slot
	intent := edit{ref.Seq, func(m *Message, c *Change) bool { return l.intend(a, m, c, st) }}
	var err error
	if outcome == nil {
		err = g.update(context.WithoutCancel(hard), intent)
	} else if err = g.update(context.WithoutCancel(hard), *outcome, intent); err != nil && !g.fatal(err) {
		// One of the two is at fault; the other must not suffer.
		if err := l.conclude(hard, *outcome); err != nil {
			return nil, err
		}
		outcome = nil
		err = g.update(context.WithoutCancel(hard), intent)
	}
	switch {
	case err != nil && g.fatal(err):
		return nil, fmt.Errorf("store intent: %w", err)
	case err != nil && !errors.Is(err, ErrNotFound):
		a.started, a.settled = false, true
		g.setAside(ref, err)
	case err != nil:
		a.started = false
	}
	if err != nil {
		l.cancel(a)
	}
	if outcome != nil {
		l.settle(hard)
	}
	l.setCurrent(a)
	if a.started && l.progressAt.Swap(int64(g.uptime())) == 0 {
		kick(g.kickWatch)
	}
	return a, nil
}

// conclude stores the outcome of an attempt that no other follows yet.
func (l *lane) conclude(hard context.Context, outcome edit) error {
	if err := l.g.update(context.WithoutCancel(hard), outcome); err != nil {
		err = fmt.Errorf("store outcome: %w", err)
		if l.g.fatal(err) {
			return err
		}
		l.log.Error().Err(err).Uint64("message_row", outcome.seq).Msg("what became of a message cannot be stored")
	}
	l.setCurrent(nil)
	l.settle(hard)
	return nil
}

// nothingToDo is called when a recipient was taken that need not be sent to. It
// can have been withdrawn just then; if it comes up again at once, its row in the
// queue is wrong.
func (l *lane) nothingToDo(ref RecipientRef) {
	if l.idle == ref {
		l.g.setAside(ref, errStale)
	}
	l.idle = ref
}

func (l *lane) setCurrent(a *attempt) {
	l.mu.Lock()
	l.current = a
	l.mu.Unlock()
	if a == nil {
		kick(l.kickBalance)
	}
}

// intend makes a recipient Active, unless it is no longer to be sent to.
func (l *lane) intend(a *attempt, m *Message, c *Change, st ModemStatus) bool {
	g, i := l.g, a.ref.Idx
	l.cancel(a)
	a.started, a.settled, a.refused = false, false, nil
	if i >= len(m.Recipients) || m.Recipients[i].Phase != Queued {
		return false
	}
	a.settled = true
	r := &m.Recipients[i]
	now := g.now()
	if g.expired(m) {
		g.failRecipient(m, c, i, ttlExpired, "")
		return true
	}
	if r.Parts == nil && g.stopped(r.Address) {
		g.failRecipient(m, c, i, reasonOptedOut, "")
		return true
	}
	segments, data, err := g.segments(m)
	if m.Sealed != "" && err != nil {
		g.failRecipient(m, c, i, fmt.Sprintf("Can't send message: %v", err), "")
		return true
	}
	if err != nil || r.Parts != nil && len(r.Parts) != len(segments) {
		g.failRecipient(m, c, i, fmt.Sprintf("sendSMS: text cannot be split: %v", err), "")
		return true
	}
	if !l.reserve(a, m, len(segments)-r.owed(), st, c) {
		return a.settled
	}
	var ref uint16
	if len(segments) > 1 && r.Parts == nil {
		ref = g.nextRef(c)
	}
	m.begin(i, st, len(segments), ref, now)
	a.out = Outgoing{
		MessageID: m.ID, To: r.Address, Segments: segments, From: r.owed(), Ref: r.Ref,
		DeliveryReport: m.DeliveryReport, Validity: g.validity(m),
		Data: data, Ports: m.Ports, Flash: m.Flash, SMSC: m.SMSC,
	}
	a.simID, a.report, a.began, a.started = st.SIMID, m.DeliveryReport, now, true
	return true
}

// send hands an attempt to the modem and returns what to store of the outcome.
func (l *lane) send(hard context.Context, a *attempt) *edit {
	g, i := l.g, a.ref.Idx
	last, failed := SentPart{Index: -1}, a.out.From
	err := l.modem.Send(hard, a.out, func(p SentPart) error {
		l.progressAt.Store(int64(g.uptime()))
		failed = p.Index + 1
		if p.Index == len(a.out.Segments)-1 {
			last = p
			return nil // stored with the outcome
		}
		now := g.now()
		return g.update(context.WithoutCancel(hard), edit{a.ref.Seq, func(m *Message, c *Change) bool {
			return g.acceptPart(m, c, i, p, now)
		}})
	})
	now := g.now()
	if last.Index >= 0 { // every part was accepted, whatever Send says besides
		l.resume()
		charge := l.charge(a, len(a.out.Segments)-a.out.From)
		return &edit{a.ref.Seq, func(m *Message, c *Change) bool {
			c.Charges = append(c.Charges, charge)
			return g.acceptPart(m, c, i, last, now)
		}}
	}
	fault, ok := errors.AsType[*SendError](err)
	if !ok {
		// The store refused a part, or the modem broke its contract.
		fault = &SendError{Fate: Unknown, Text: "the outcome was lost", Err: err}
	}
	l.log.Warn().Err(fault).Str("message_id", a.out.MessageID).Int("part", failed+1).Msg("sending failed")
	switch {
	case fault.Fate == Unknown || fault.Action != Wait:
		l.resume()
	default:
		l.rest(fault.Text)
	}
	left := failed - a.out.From
	if fault.Fate == Unknown {
		left++
	}
	charge := l.charge(a, left)
	return &edit{a.ref.Seq, func(m *Message, c *Change) bool {
		c.Charges = append(c.Charges, charge)
		return g.settleFault(m, c, i, fault)
	}}
}

// rest pauses the lane, each time for longer; the pause ends early when the
// modem's state changes.
func (l *lane) rest(fault string) {
	l.restingFor.Store(&fault)
	l.pause = min(max(2*l.pause, minPause), maxPause)
	l.pausedTill = l.g.clock.Now().Add(l.pause)
	l.pausedAt = l.modem.Status().Since
	l.noteResting()
}

func (l *lane) noteResting() {
	if l.restingSince.CompareAndSwap(0, int64(l.g.uptime())) {
		kick(l.g.kickWatch)
	}
}

func (l *lane) resume() {
	l.pause, l.pausedTill = 0, 0
	l.rested()
}

// rested notes that nothing is known to keep the modem from sending.
func (l *lane) rested() {
	if l.restingSince.Swap(0) != 0 {
		kick(l.g.kickWatch)
	}
}

// settle matches reports that came before the outcome they are about was stored.
func (l *lane) settle(hard context.Context) {
	if id := l.modem.Status().SIMID; id != "" {
		if err := l.g.settleParked(context.WithoutCancel(hard), id); err != nil {
			l.log.Error().Err(err).Msg("cannot match parked delivery reports")
		}
	}
}

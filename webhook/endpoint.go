package webhook

import (
	"cmp"
	"time"

	"tetherd/gateway"
)

const (
	minPause = 10 * time.Second // after a local fault
	maxPause = 5 * time.Minute
	// maxClockPause bounds the pause for a wrong clock, which may be set at any
	// moment.
	maxClockPause = time.Minute
	// maxLocal is for how long faults of this machine are not counted, when there
	// is nothing else: a receiver that is gone for good looks the same.
	maxLocal = 48 * time.Hour
	// coolDown is for how long nothing is started after a webhook was paused by
	// what it answered, even if it is resumed at once.
	coolDown = time.Minute
	// failingAfter is how many failures in a row make a webhook share half of the
	// slots with others like it.
	failingAfter = 3
	// maxSlots bounds the attempts under way to one webhook.
	maxSlots = 32
)

// endpoint is what the scheduler, who owns it, knows of one webhook. Nothing in
// here grows with what is waiting.
type endpoint struct {
	gateway.Endpoint
	throttle
	streak

	look  bool         // rows may be due
	next  gateway.Tick // unless look is set: when the next row falls due; 0 if none waits
	hold  gateway.Tick // nothing is started before, because of local faults
	asked gateway.Tick // nor before this: the receiver asked for it
	cool  gateway.Tick // nor before this: it was paused just now
	line  *line        // shared with the other webhooks of the receiver
	// blocked is when a row that waits in line need not wait any longer; 0 if none
	// does.
	blocked gateway.Tick
	// retrying is set while rows may be waiting that were attempted before, so
	// that the order of their due times need not be that of the events.
	retrying bool
	unread   bool   // the latest reading of rows failed
	first    uint64 // no event before this Event.Seq waits; for a webhook in strict order
	pausing  bool   // its pause is being stored

	busy     int                 // attempts under way
	inHand   map[uint64]struct{} // Event.Seq of attempts under way or not stored yet
	subjects map[string]struct{} // their subjects

	ping    *attempt // to be started when a slot is free
	pinging bool     // one is in hand
}

func newEndpoint(e gateway.Endpoint, state gateway.EndpointState) *endpoint {
	state.Endpoint = e.Num
	return &endpoint{
		Endpoint: e, streak: streak{state: state}, look: true, retrying: true,
		inHand: make(map[uint64]struct{}), subjects: make(map[string]struct{}),
	}
}

// replace takes in a changed registration, and reports whether it ended a pause.
func (e *endpoint) replace(to gateway.Endpoint) (resumed bool) {
	if e.URL != to.URL { // what the old address did says nothing of the new one
		e.look, e.hold, e.asked, e.cool = true, 0, 0, 0
		e.bound(false, false)
		e.forgive()
	}
	if !to.HasEvent(gateway.EventPing) || to.Paused != nil {
		e.ping = nil
	}
	if e.Ordered != to.Ordered {
		e.look, e.first = true, 0
	}
	e.setRate(e.Rate, to.Rate)
	resumed = e.Paused != nil && to.Paused == nil
	if resumed {
		e.look, e.hold, e.asked = true, 0, 0
		e.forgive()
	}
	e.Endpoint = to
	return resumed
}

// failing reports whether the latest attempts failed.
func (e *endpoint) failing() bool { return e.state.Failures >= failingAfter }

// newestFirst reports whether what happened last is to be attempted first.
func (e *endpoint) newestFirst() bool {
	return e.limited && e.newest || e.Newest && (e.recovering || e.failing())
}

// slots returns how many attempts may be under way.
func (e *endpoint) slots(usual int) int {
	n := min(cmp.Or(e.Slots, usual), maxSlots)
	if e.Ordered {
		n = 1
	}
	if e.recovering {
		n = min(n, e.window)
	}
	return n
}

// held returns until when nothing is started.
func (e *endpoint) held() gateway.Tick { return max(e.hold, e.asked, e.cool) }

// stopped reports whether nothing is started until its owner wants it.
func (e *endpoint) stopped() bool { return e.Paused != nil || e.pausing }

// ready reports whether something may be started.
func (e *endpoint) ready(now gateway.Tick, slots int) bool {
	if e.stopped() || e.busy >= e.slots(slots) || now < e.held() || e.left(now) == 0 {
		return false
	}
	return e.look || e.ping != nil || e.next != 0 && e.next <= now || e.blocked != 0 && e.blocked <= now
}

// wake returns when something may be started, by time alone; 0 if never.
func (e *endpoint) wake(now gateway.Tick, slots int) gateway.Tick {
	if e.stopped() || e.busy >= e.slots(slots) {
		return 0
	}
	least := max(e.held(), e.throttle.wake(now))
	switch {
	case e.look || e.ping != nil:
		return max(least, 1)
	case e.blocked != 0 && (e.next == 0 || e.blocked < e.next):
		return max(least, e.blocked)
	case e.next != 0:
		return max(least, e.next)
	}
	return 0
}

// taken reports whether d cannot be started now: it, or another event of its
// subject, is in hand, or it waits in line.
func (e *endpoint) taken(d *gateway.Delivery, now gateway.Tick) bool {
	if _, ok := e.inHand[d.Event]; ok {
		return true
	}
	if _, ok := e.subjects[d.Subject]; ok && d.Subject != "" {
		return true
	}
	if until := e.line.behind(d, now); until != 0 {
		if e.blocked == 0 || until < e.blocked {
			e.blocked = until
		}
		return true
	}
	return false
}

// take notes that a is in hand.
func (e *endpoint) take(a *attempt, now gateway.Tick) {
	e.busy++
	e.throttle.take(now)
	if a.ping {
		e.pinging = true
		return
	}
	e.inHand[a.delivery.Event] = struct{}{}
	if a.delivery.Subject != "" {
		e.subjects[a.delivery.Subject] = struct{}{}
	}
}

// release notes that a is not in hand any more.
func (e *endpoint) release(a *attempt) {
	e.look = true
	if a.ping {
		e.pinging = false
		return
	}
	delete(e.inHand, a.delivery.Event)
	delete(e.subjects, a.delivery.Subject)
}

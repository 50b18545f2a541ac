package webhook

import (
	"time"

	"tetherd/gateway"
)

const (
	minPause = 10 * time.Second // after a local fault
	maxPause = 5 * time.Minute
	// maxLocal is for how long faults of this machine are not counted, when there
	// is nothing else: a receiver that is gone for good looks the same.
	maxLocal = 48 * time.Hour
	// failingAfter is how many failures in a row make a webhook share half of the
	// slots with others like it.
	failingAfter = 3
)

// endpoint is what the scheduler, who owns it, knows of one webhook. Nothing in
// here grows with what is waiting.
type endpoint struct {
	gateway.Endpoint

	look bool         // rows may be due
	next gateway.Tick // unless look is set: when the next row falls due; 0 if none waits
	hold gateway.Tick // nothing is started before
	line *line        // shared with the other webhooks of the receiver
	// blocked is when a row that waits in line need not wait any longer; 0 if none
	// does.
	blocked gateway.Tick
	// retrying is set while rows may be waiting that were attempted before, so
	// that the order of their due times need not be that of the events.
	retrying bool
	unread   bool // the latest reading of rows failed

	busy     int                 // attempts under way
	inHand   map[uint64]struct{} // Event.Seq of attempts under way or not stored yet
	subjects map[string]struct{} // their subjects

	ping    *attempt // to be started when a slot is free
	pinging bool     // one is in hand

	failures   int          // in a row
	faults     int          // local ones in a row
	faultSince gateway.Tick // the first of them
}

func newEndpoint(e gateway.Endpoint) *endpoint {
	return &endpoint{
		Endpoint: e, look: true, retrying: true,
		inHand: make(map[uint64]struct{}), subjects: make(map[string]struct{}),
	}
}

// replace takes in a changed registration.
func (e *endpoint) replace(to gateway.Endpoint) {
	if e.URL != to.URL {
		e.look, e.hold, e.faults = true, 0, 0
	}
	if !to.HasEvent(gateway.EventPing) {
		e.ping = nil
	}
	e.Endpoint = to
}

// failing reports whether the latest attempts failed.
func (e *endpoint) failing() bool { return e.failures >= failingAfter }

// ready reports whether something may be started.
func (e *endpoint) ready(now gateway.Tick, slots int) bool {
	if e.busy >= slots || now < e.hold {
		return false
	}
	return e.look || e.ping != nil || e.next != 0 && e.next <= now || e.blocked != 0 && e.blocked <= now
}

// wake returns when something may be started, by time alone; 0 if never.
func (e *endpoint) wake(slots int) gateway.Tick {
	switch {
	case e.busy >= slots:
		return 0
	case e.look || e.ping != nil:
		return max(e.hold, 1)
	case e.blocked != 0 && (e.next == 0 || e.blocked < e.next):
		return max(e.hold, e.blocked)
	case e.next != 0:
		return max(e.hold, e.next)
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
func (e *endpoint) take(a *attempt) {
	e.busy++
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

// note keeps count of what the outcome says of the webhook.
func (e *endpoint) note(o *outcome) {
	if o.verdict == cancelled {
		return
	}
	if o.verdict == local {
		if e.faults == 0 {
			e.faultSince = o.ended
		}
		if e.faults == 0 || o.ended >= e.hold { // not for those that ran beside the first
			e.faults++
			e.hold = o.ended.Add(growingDelay(minPause, maxPause, e.faults))
		}
		return
	}
	if e.faults > 0 {
		e.faults, e.hold = 0, 0
	}
	switch o.verdict {
	case delivered:
		e.failures = 0
	case failed:
		e.failures++
		e.retrying = true
	}
}

package webhook

import (
	"net/url"
	"slices"
	"time"

	"tetherd/gateway"
)

const (
	// maxWait is for how long an event waits for an earlier one of its subject that
	// goes to another webhook of the same receiver.
	maxWait = time.Second
	// maxPlaces bounds the events that stand in line at one receiver. Beyond it
	// they are delivered without regard to those of other webhooks.
	maxPlaces = 4096
	// sweepEvery is the least time between two searches of a full line for places
	// that hold nobody up any more.
	sweepEvery = maxWait / 4
)

// line is the order in which one receiver, which may have a webhook for each
// kind of event, is to get the fresh events of a subject: that a message was sent
// before that it was delivered. It holds an event up only while the first attempt
// at an earlier one is under way, and never for longer than maxWait.
type line struct {
	places  map[string][]place // by subject, in the order of events
	n       int
	sharers int          // webhooks of the receiver: with one there is nothing to wait for
	swept   gateway.Tick // when it was searched last
}

// place is a fresh event that was not attempted yet.
type place struct {
	event uint64 // Event.Seq
	num   uint32 // Endpoint.Num
	until gateway.Tick
}

// origin names the receiver behind a URL.
func origin(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	return u.Scheme + "://" + u.Host
}

// enter puts a fresh event at the end of the line.
func (l *line) enter(subject string, p place, now gateway.Tick) {
	if subject == "" || l.sharers < 2 {
		return
	}
	if l.n >= maxPlaces && l.swept.Until(now) >= sweepEvery {
		l.sweep(now)
	}
	if l.n >= maxPlaces {
		return
	}
	l.places[subject] = append(l.places[subject], p)
	l.n++
}

// sweep removes the places that hold nobody up any more.
func (l *line) sweep(now gateway.Tick) {
	l.swept = now
	for subject, ps := range l.places {
		kept := slices.DeleteFunc(ps, func(p place) bool { return p.until <= now })
		l.n -= len(ps) - len(kept)
		if l.places[subject] = kept; len(kept) == 0 {
			delete(l.places, subject)
		}
	}
}

// behind returns until when d has to wait for an earlier event at another
// webhook, 0 if it need not.
func (l *line) behind(d *gateway.Delivery, now gateway.Tick) gateway.Tick {
	for _, p := range l.places[d.Subject] {
		if p.event < d.Event && p.num != d.Endpoint && p.until > now {
			return p.until
		}
	}
	return 0
}

// leave takes an event that was attempted out of the line, and reports whether
// others of its subject are still in it.
func (l *line) leave(d *gateway.Delivery) (others bool) {
	ps := l.places[d.Subject]
	i := slices.IndexFunc(ps, func(p place) bool { return p.event == d.Event && p.num == d.Endpoint })
	if i < 0 {
		return false
	}
	l.n--
	if ps = slices.Delete(ps, i, i+1); len(ps) == 0 {
		delete(l.places, d.Subject)
		return false
	}
	l.places[d.Subject] = ps
	return true
}

package modem

import (
	"time"

	"tetherd/gateway"
)

// Pauses of a modem that the network refuses.
const (
	minRest = 30 * time.Second
	maxRest = 10 * time.Minute
	// incapableRest is how long a phone that cannot send is not asked to.
	incapableRest = time.Hour
	// failuresInRow to different numbers make the modem itself a suspect.
	failuresInRow = 3
)

// rests keeps a modem from sending after errors that are its own, the SIM's or
// the network's fault, each time for longer. The zero value rests for nothing.
type rests struct {
	until   time.Time
	length  time.Duration
	reason  string
	blocked bool     // it cannot send at all, as it seems
	denials int      // how often in a row it said that it does not send
	failed  []string // numbers refused one after the other, without the last's repetitions
}

// begin starts a rest of at least first, or twice as long as the one before.
func (r *rests) begin(now time.Time, first time.Duration, reason string) {
	if first == 0 {
		first = minRest
	}
	r.length = min(max(2*r.length, first), maxRest)
	r.until = now.Add(r.length)
	r.reason, r.blocked = reason, false
	r.failed = r.failed[:0]
}

// incapable notes that the modem says that it does not send. It may be a setting,
// which is looked at, or a phone that only receives.
func (r *rests) incapable(now time.Time, reason string) {
	if r.denials++; r.denials < failuresInRow {
		r.begin(now, 0, "Sending rests after an error: "+reason)
		return
	}
	r.until = now.Add(incapableRest)
	r.blocked = true
	r.reason = "The modem refuses to send any message: many phones only receive over a cable. Use another modem for sending."
}

// renew lets a modem that was set up anew try again, once: it may be another one.
func (r *rests) renew() {
	if r.blocked {
		r.until, r.blocked = time.Time{}, false
	}
}

// resting returns the state and the reason while the modem rests.
func (r *rests) resting(now time.Time) (state gateway.ModemState, reason string, ok bool) {
	state = gateway.ModemWaiting
	if r.blocked {
		state = gateway.ModemBlocked
	}
	return state, r.reason, now.Before(r.until)
}

// refused notes a message that failed, maybe through no fault of its own. When
// messages to several numbers do, one after the other, it is time to rest.
func (r *rests) refused(number string) bool {
	for _, n := range r.failed {
		if n == number {
			return false
		}
	}
	r.failed = append(r.failed, number)
	return len(r.failed) >= failuresInRow
}

// proven ends all suspicion: a message was accepted.
func (r *rests) proven() { *r = rests{failed: r.failed[:0]} }

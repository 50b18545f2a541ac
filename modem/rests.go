package modem

import (
	"time"
)

// Pauses of a modem that the network refuses.
const (
	minRest = 30 * time.Second
	maxRest = 10 * time.Minute
	// failuresInRow to different numbers make the modem itself a suspect.
	failuresInRow = 3
)

// rests keeps a modem from sending after errors that are its own, the SIM's or
// the network's fault, each time for longer. The zero value rests for nothing.
type rests struct {
	until  time.Time
	length time.Duration
	reason string
	failed []string // numbers refused one after the other, without the last's repetitions
}

// begin starts a rest of at least first, or twice as long as the one before.
func (r *rests) begin(now time.Time, first time.Duration, reason string) {
	if first == 0 {
		first = minRest
	}
	r.length = min(max(2*r.length, first), maxRest)
	r.until = now.Add(r.length)
	r.reason = reason
	r.failed = r.failed[:0]
}

// resting returns why the modem rests, and whether it does.
func (r *rests) resting(now time.Time) (reason string, ok bool) {
	return r.reason, now.Before(r.until)
}

// refused notes a message that was refused, maybe through no fault of its own.
// When messages to several numbers are, one after the other, it is time to rest.
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

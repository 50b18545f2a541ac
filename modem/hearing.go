package modem

import (
	"time"

	"tetherd/gateway"
)

// When a silence is longer than normal.
const (
	hearingLeast   = 10 // messages that have to have come before anything is normal
	deafAfterLeast = 12 * time.Hour
	deafMeans      = 10 // times the mean gap between messages
	deafLongest    = 3  // times the longest
	deafPatience   = 6  // doublings of the time between remedies
)

// hearing tells a modem that nothing reaches any more from one that nobody writes
// to. The zero value heard nothing yet, and is never deaf.
type hearing struct {
	heardN  int
	mean    time.Duration // of the gaps, the latest weighing most
	longest time.Duration
	last    time.Time
	tried   int // remedies since
}

// heard notes that a message came.
func (h *hearing) heard(now time.Time) {
	if h.heardN > 0 {
		gap := now.Sub(h.last)
		if h.heardN == 1 {
			h.mean = gap
		}
		h.mean += (gap - h.mean) / 8
		h.longest = max(h.longest, gap)
	}
	h.heardN++
	h.last, h.tried = now, 0
}

// remedy returns what to do about a silence that is too long: settings first, the
// radio then. since is when the session began to serve.
func (h *hearing) remedy(now, since time.Time) (step gateway.RecoveryStep, ok bool) {
	if h.heardN < hearingLeast {
		return 0, false
	}
	normal := max(deafAfterLeast, deafMeans*h.mean, deafLongest*h.longest)
	if h.tried < deafPatience {
		normal <<= h.tried
	} else {
		normal <<= deafPatience
	}
	if now.Sub(latest(h.last, since)) < normal {
		return 0, false
	}
	h.tried++
	if h.tried == 1 {
		return gateway.StepInit, true
	}
	return gateway.StepRadio, true
}

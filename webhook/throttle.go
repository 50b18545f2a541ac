package webhook

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"tetherd/gateway"
)

const (
	// A webhook that failed this often in a row, while more than this many deliveries
	// wait for it, is attempted at a bounded rate only: what waits may be a million,
	// and each attempt that fails at once costs the others a commit. With fewer the
	// schedule of retries is kept as it is.
	limitFailures = 20
	limitPending  = 256

	doubtRate  = 10               // attempts a second, until it failed for limitAfter
	limitAfter = 60 * time.Second // then limitBurst, and one every limitEvery
	limitBurst = 64
	limitEvery = 10 * time.Second
)

// bucket lets attempts through at a bounded rate on the timeline. The nil bucket
// lets all through.
type bucket struct{ *rate.Limiter }

func newBucket(perSecond float64, burst int) *bucket {
	return &bucket{rate.NewLimiter(rate.Limit(perSecond), max(burst, 1))}
}

// instant returns t as a time of the kind that limiters count in.
func instant(t gateway.Tick) time.Time { return time.UnixMilli(int64(t)) }

// left returns how many attempts may be started now.
func (b *bucket) left(now gateway.Tick) int {
	if b == nil {
		return math.MaxInt
	}
	return max(int(b.TokensAt(instant(now))), 0)
}

// take notes that an attempt is started now. One that is started without need to
// wait, a ping, may be taken on credit.
func (b *bucket) take(now gateway.Tick) {
	if b != nil {
		b.ReserveN(instant(now), 1)
	}
}

// wake returns when the next attempt may be started; 0 if it may be now.
func (b *bucket) wake(now gateway.Tick) gateway.Tick {
	if b == nil {
		return 0
	}
	missing := 1 - b.TokensAt(instant(now))
	if missing <= 0 {
		return 0
	}
	return now.Add(time.Duration(math.Ceil(missing / float64(b.Limit()) * float64(time.Second))))
}

// throttle is what bounds the attempts at one webhook besides its slots.
type throttle struct {
	rate *bucket // the webhook's own; nil: none
	// doubted and limited are set while the webhook fails and too much waits for it:
	// at first the one, then the other.
	doubted, limited bool
	doubt            *bucket
	limit            *bucket // kept when limited ends, so that it is not filled by that
	newest           bool    // the next to be attempted is the newest
	// recovering is set from the end of a failure until what waits is delivered.
	recovering bool
	window     int     // slots while recovering
	recovery   *bucket // nil: none
}

// each calls f for the buckets that count now.
func (t *throttle) each(f func(*bucket)) {
	f(t.rate)
	if t.doubted {
		f(t.doubt)
	}
	if t.limited {
		f(t.limit)
	}
	if t.recovering {
		f(t.recovery)
	}
}

func (t *throttle) left(now gateway.Tick) int {
	n := math.MaxInt
	t.each(func(b *bucket) { n = min(n, b.left(now)) })
	return n
}

func (t *throttle) take(now gateway.Tick) {
	t.each(func(b *bucket) { b.take(now) })
}

func (t *throttle) wake(now gateway.Tick) gateway.Tick {
	var at gateway.Tick
	t.each(func(b *bucket) { at = max(at, b.wake(now)) })
	return at
}

// setRate takes in the webhook's own limit.
func (t *throttle) setRate(was, is gateway.RateLimit) {
	switch {
	case is.PerSecond <= 0:
		t.rate = nil
	case t.rate == nil || was != is:
		t.rate = newBucket(is.PerSecond, is.Burst)
	}
}

// bound begins or ends the bounded rates of a webhook that fails, and has failed for
// long or not.
func (t *throttle) bound(fails, long bool) {
	t.doubted, t.limited = fails && !long, fails && long
	if t.doubted && t.doubt == nil {
		t.doubt = newBucket(doubtRate, 1)
	}
	if t.limited && t.limit == nil {
		t.limit = newBucket(1/limitEvery.Seconds(), limitBurst)
	}
}

// recover begins to drain what waits, slowly at first and then at up to perSecond
// attempts; 0: as fast as slots allow.
func (t *throttle) recover(perSecond float64) {
	t.bound(false, false)
	t.recovering, t.window, t.recovery = true, 1, nil
	if perSecond > 0 {
		t.recovery = newBucket(perSecond, 1)
	}
}

// grow widens the window after a success.
func (t *throttle) grow() {
	if t.window < maxSlots {
		t.window *= 2
	}
}

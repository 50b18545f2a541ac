package webhook

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"

	"tetherd/gateway"
)

const (
	maxDelay      = 24 * time.Hour // between two attempts
	maxRetryAfter = 24 * time.Hour // that a receiver may ask for
	maxJitter     = 10             // percent
)

// retryDelay returns how long to wait after the n-th failed attempt, from 1. It
// depends on n and chance alone, so that a restart changes nothing.
func retryDelay(p *gateway.RetryPolicy, base time.Duration, n int) time.Duration {
	d := growingDelay(cmp.Or(p.Base, base), maxDelay, n)
	if k := len(p.Schedule); k > 0 {
		d = min(p.Schedule[min(max(n, 1), k)-1], maxDelay)
	}
	if percent := min(p.Jitter, maxJitter); percent > 0 && d > 0 {
		d += time.Duration(rand.Int64N(int64(d)/100*int64(percent) + 1)) // later, never earlier
	}
	return d
}

// growingDelay returns base·2^(n-1), the delay after the n-th failure, at most
// limit.
func growingDelay(base, limit time.Duration, n int) time.Duration {
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(base),
		backoff.WithMultiplier(2),
		backoff.WithRandomizationFactor(0),
		backoff.WithMaxInterval(limit),
		backoff.WithMaxElapsedTime(0),
	)
	var d time.Duration
	for range min(max(n, 1), 64) { // 2^63 ns exceed any limit
		d = b.NextBackOff()
	}
	return min(d, limit)
}

// parseRetryAfter returns the delay a Retry-After header asks for, as seconds,
// with decimals or not, or as a date, at most a day; 0 if it is not readable or
// past.
func parseRetryAfter(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s > 0) { // also NaN
			return 0
		}
		return time.Duration(min(s, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(t.Sub(now), 0), maxRetryAfter)
}

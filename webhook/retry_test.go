package webhook

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tetherd/gateway"
)

func TestGrowingDelay(t *testing.T) {
	var sum time.Duration
	for n := range 14 {
		got, want := growingDelay(10*time.Second, maxDelay, n+1), 10*time.Second<<n
		if got != want {
			t.Errorf("delay after failure %d: got %s, want %s", n+1, got, want)
		}
		sum += got
	}
	if sum != 163_830*time.Second {
		t.Errorf("sum of 14: %s", sum)
	}
}

func TestGrowingDelayNeverShrinksOrOverflows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "base"))
		limit := time.Duration(rapid.Int64Range(1, int64(maxDelay)).Draw(t, "limit"))
		n := rapid.IntRange(-1, math.MaxInt).Draw(t, "n")
		d := growingDelay(base, limit, n)
		if d <= 0 || d > limit || d < min(base, limit) {
			t.Errorf("delay %d: %s", n, d)
		}
		if n < math.MaxInt && growingDelay(base, limit, n+1) < d {
			t.Errorf("delay %d is longer than the next", n)
		}
	})
}

func TestSettle(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	before := gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", Attempts: 2, Due: 1000, LastCode: 1, LastErr: "x"}
	for _, c := range []struct {
		name    string
		outcome outcome
		retries int
		want    gateway.Delivery
	}{
		{
			"success",
			outcome{verdict: delivered, Exchange: gateway.Exchange{Code: 204}, ended: 5000, at: at},
			14,
			gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", State: gateway.Succeeded, Attempts: 3, Due: 1000, Ended: 5000, LastCode: 204, LastAt: at},
		},
		{
			"failure",
			outcome{verdict: failed, Exchange: gateway.Exchange{Code: 500, Error: "HTTP 500"}, ended: 5000, at: at},
			14,
			gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", Attempts: 3, Due: 45_000, LastCode: 500, LastErr: "HTTP 500", LastAt: at},
		},
		{
			"later than the schedule",
			outcome{verdict: failed, Exchange: gateway.Exchange{Code: 503, Error: "HTTP 503"}, ended: 5000, at: at, after: time.Minute},
			14,
			gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", Attempts: 3, Due: 65_000, LastCode: 503, LastErr: "HTTP 503", LastAt: at},
		},
		{
			"last retry",
			outcome{verdict: failed, Exchange: gateway.Exchange{Error: "reset"}, ended: 5000, at: at},
			2,
			gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", State: gateway.Exhausted, Attempts: 3, Due: 1000, Ended: 5000, LastErr: "reset", LastAt: at},
		},
		{
			"refused",
			outcome{verdict: blocked, Exchange: gateway.Exchange{Error: "refused"}, ended: 5000, at: at},
			14,
			gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", State: gateway.Blocked, Attempts: 2, Due: 1000, Ended: 5000, LastErr: "refused", LastAt: at},
		},
		{
			"many retries",
			outcome{verdict: failed, Exchange: gateway.Exchange{Error: "reset"}, ended: 5000, at: at},
			math.MaxInt,
			gateway.Delivery{ID: "d", Endpoint: 3, Event: 4, Subject: "s", Attempts: 3, Due: 45_000, LastErr: "reset", LastAt: at},
		},
	} {
		a := &attempt{delivery: before, outcome: c.outcome}
		a.settle(c.retries, 10*time.Second)
		diff(t, c.name, c.want, a.settled)
	}
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"":                              0,
		"5":                             5 * time.Second,
		" 5 ":                           5 * time.Second,
		"0.5":                           500 * time.Millisecond,
		"-5":                            0,
		"0":                             0,
		"NaN":                           0,
		"Inf":                           24 * time.Hour,
		"1000000000":                    24 * time.Hour,
		"1e300":                         24 * time.Hour,
		"soon":                          0,
		"Thu, 01 Jan 2026 00:02:00 GMT": 2 * time.Minute,
		"Thu, 01 Jan 2026 09:00:00 GMT": 9 * time.Hour,
		"Mon, 05 Jan 2026 00:00:00 GMT": 24 * time.Hour,
		"Wed, 31 Dec 2025 00:00:00 GMT": 0,
	} {
		if got := parseRetryAfter(v, now); got != want {
			t.Errorf("%q: got %s, want %s", v, got, want)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	f.Add("5")
	f.Add("Thu, 01 Jan 2026 00:02:00 GMT")
	f.Fuzz(func(t *testing.T, v string) {
		if d := parseRetryAfter(v, time.Unix(0, 0)); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %s", v, d)
		}
	})
}

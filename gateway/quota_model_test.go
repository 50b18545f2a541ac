package gateway

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The windows, moved step by step, say what counting everything again would.
func TestUsageCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quota{
			PerMinute: rapid.IntRange(0, 5).Draw(t, "per minute"),
			PerHour:   rapid.IntRange(0, 9).Draw(t, "per hour"),
			PerDay:    rapid.IntRange(0, 14).Draw(t, "per day"),
		}
		u := newUsage(q)
		type sent struct {
			at Tick
			n  int
		}
		var all []sent
		var numbers []int
		now := Tick(1)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 60, 900, 3600, 40_000}).Draw(t, "seconds")) * time.Second)
			u.advance(now)
			if len(all) > 0 && rapid.IntRange(0, 5).Draw(t, "refund") == 0 {
				i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				u.refund(numbers[i])
				all[i].n = 0
			}
			n := rapid.IntRange(1, 4).Draw(t, "recipients")
			var want time.Duration
			impossible := false
			for _, w := range []struct {
				limit  int
				length time.Duration
			}{{q.PerMinute, time.Minute}, {q.PerHour, time.Hour}, {q.PerDay, 24 * time.Hour}} {
				if w.limit == 0 {
					continue
				}
				impossible = impossible || n > w.limit
				waits := []time.Duration{0} // it ends when something is as old as the limit looks back
				for _, s := range all {
					waits = append(waits, max(0, w.length-s.at.Until(now)))
				}
				slices.Sort(waits)
				for _, wait := range waits {
					sum := n
					for _, s := range all {
						if s.at.Until(now.Add(wait)) < w.length {
							sum += s.n
						}
					}
					if sum <= w.limit {
						want = max(want, wait)
						break
					}
				}
			}
			err := u.check("u", n, now)
			e, _ := err.(*Error)
			switch {
			case impossible && (e == nil || e.Code != Invalid), !impossible && want > 0 && (e == nil || e.After != want), !impossible && want == 0 && e != nil:
				t.Fatalf("got %v, want a wait of %v (impossible: %t)", err, want, impossible)
			case e == nil:
				numbers = append(numbers, u.add(now, n))
				all = append(all, sent{now, n})
			}
		}
	})
}

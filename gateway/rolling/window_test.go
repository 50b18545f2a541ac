package rolling

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// event is something that happened at some moment between its begin and its end.
type event struct {
	begun, at, ended int64
	n                int64
	key              uint64
}

// Whoever begins only what fits never has more than the limit in any window, wherever
// between begin and end the things really happened.
func TestNeverMoreThanTheLimit(t *testing.T) {
	for name, distinct := range map[string]bool{"amounts": false, "keys": true} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			length := int64(100)
			limit := rapid.Int64Range(1, 6).Draw(t, "limit")
			w := New(time.Duration(length)*time.Millisecond, distinct)
			var done, open []event
			now := int64(1)
			t.Repeat(map[string]func(*rapid.T){
				"wait": func(t *rapid.T) { now += rapid.Int64Range(0, 70).Draw(t, "for") },
				"begin": func(t *rapid.T) {
					e := event{begun: now, n: rapid.Int64Range(1, 3).Draw(t, "n"), key: rapid.Uint64Range(1, 8).Draw(t, "key")}
					if w.Adds(Point{Tick: now}, e.n, e.key)+w.Used(Point{Tick: now}) > limit {
						if need := limit - w.Adds(Point{Tick: now}, e.n, e.key); need >= 0 {
							wantUntil(t, w, now, need)
						}
						return
					}
					w.Begin(e.n, e.key)
					open = append(open, e)
				},
				"end": func(t *rapid.T) {
					if len(open) == 0 {
						return
					}
					e := open[0]
					open = open[1:]
					left := rapid.Int64Range(0, e.n).Draw(t, "left")
					w.End(Point{Tick: now}, e.n, left, e.key)
					if left > 0 {
						e.ended, e.n, e.at = now, left, rapid.Int64Range(e.begun, now).Draw(t, "at")
						done = append(done, e)
					}
				},
				"": func(t *rapid.T) {
					for _, last := range done {
						var sum int64
						keys := make(map[uint64]bool)
						for _, e := range done {
							if e.at > last.at-length && e.at <= last.at {
								sum += e.n
								keys[e.key] = true
							}
						}
						if distinct {
							sum = int64(len(keys))
						}
						if sum > limit {
							t.Fatalf("%d in the window up to %d, the limit is %d: %+v", sum, last.at, limit, done)
						}
					}
				},
			})
		}))
	}
}

// wantUntil checks that Until is the first moment at which there is room.
func wantUntil(t *rapid.T, w *Window, now, room int64) {
	tick, ok := w.Until(Point{Tick: now}, room)
	if !ok {
		return
	}
	copied := *w
	copied.ended = append([]item(nil), w.ended...)
	if w.keys != nil {
		copied.keys = make(map[uint64]int)
		for k, n := range w.keys {
			copied.keys[k] = n
		}
	}
	if got := copied.Used(Point{Tick: tick - 1}); tick > now && got <= room {
		t.Fatalf("%d at %d, before %d, where there is room for %d", got, tick-1, tick, room)
	}
	if got := copied.Used(Point{Tick: tick}); got > room {
		t.Fatalf("%d at %d, which is more than %d", got, tick, room)
	}
}

func TestMonth(t *testing.T) {
	w := New(0, false)
	begin := func(n int64, month int) {
		w.Begin(n, 0)
		w.End(Point{Tick: 1, Month: month}, n, n, 0)
	}
	begin(3, 10)
	begin(4, 11)
	for _, tt := range []struct {
		month int
		want  int64
	}{{10, 7}, {11, 4}, {10, 4}, {12, 0}} {
		if got := w.Used(Point{Month: tt.month}); got != tt.want {
			t.Errorf("month %d: got %d, want %d", tt.month, got, tt.want)
		}
	}
}

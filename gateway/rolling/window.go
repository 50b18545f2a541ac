// Package rolling counts what happened within windows of time, exactly.
package rolling

import "time"

// Point is a point in time: on a timeline that only runs forward, and by the calendar.
type Point struct {
	Tick  int64 // milliseconds
	Month int   // number of the month, such as 12*year + month
}

// Window holds what happened in the latest length of time, or in a calendar month. What
// has begun counts from then until it has been over for that length: whenever in
// between it really happened, no such length of time holds more than the Window showed.
//
// Ends must come in the order of their ticks. It is not safe for concurrent use.
type Window struct {
	length int64          // milliseconds; 0 is a calendar month
	keys   map[uint64]int // how many items have each key; nil if amounts are summed up

	ended []item // oldest first
	head  int    // of ended: items before it count no more
	sum   int64  // amounts of what ended
	open  int64  // amounts of what only began
}

type item struct {
	at  Point
	n   int64
	key uint64
}

// New returns an empty window; length 0 stands for the calendar month. A distinct one
// counts keys, each once, any other amounts.
func New(length time.Duration, distinct bool) *Window {
	w := &Window{length: length.Milliseconds()}
	if distinct {
		w.keys = make(map[uint64]int)
	}
	return w
}

// Length returns the length of the window, 0 for the calendar month.
func (w *Window) Length() time.Duration { return time.Duration(w.length) * time.Millisecond }

// Used returns what the window holds.
func (w *Window) Used(now Point) int64 {
	w.forget(now)
	if w.keys != nil {
		return int64(len(w.keys))
	}
	return w.sum + w.open
}

// Adds returns by how much Used would grow.
func (w *Window) Adds(now Point, n int64, key uint64) int64 {
	if w.keys == nil {
		return n
	}
	w.forget(now) // or what is too old would still be known
	if w.keys[key] > 0 {
		return 0
	}
	return 1
}

// Begin counts something that happens from now on.
func (w *Window) Begin(n int64, key uint64) {
	w.open += n
	if w.keys != nil {
		w.keys[key]++
	}
}

// End says that what was begun with begun is over, and that n of it happened; zero is
// that nothing did, and then it does not count.
func (w *Window) End(at Point, begun, n int64, key uint64) {
	w.open -= begun
	if n == 0 {
		w.drop(key)
		return
	}
	w.sum += n
	w.ended = append(w.ended, item{at, n, key})
}

// Until returns the tick from which on the window holds at most room; ok is false if
// that is not known, because of what has not ended, or because it depends on the
// calendar.
func (w *Window) Until(now Point, room int64) (tick int64, ok bool) {
	used := w.Used(now)
	if used <= room {
		return now.Tick, true
	}
	if w.length == 0 {
		return 0, false
	}
	left := make(map[uint64]int) // of keys, how many items were taken out
	for _, i := range w.ended[w.head:] {
		if w.keys == nil {
			used -= i.n
		} else if left[i.key]++; left[i.key] == w.keys[i.key] {
			used--
		}
		if used <= room {
			return i.at.Tick + w.length, true
		}
	}
	return 0, false
}

// forget takes out what is too old.
func (w *Window) forget(now Point) {
	for ; w.head < len(w.ended) && w.old(w.ended[w.head].at, now); w.head++ {
		i := w.ended[w.head]
		w.sum -= i.n
		w.drop(i.key)
	}
	if w.head > 1024 && w.head > len(w.ended)/2 {
		w.ended = append(w.ended[:0], w.ended[w.head:]...)
		w.head = 0
	}
}

func (w *Window) old(at, now Point) bool {
	if w.length == 0 {
		return at.Month < now.Month
	}
	return at.Tick+w.length <= now.Tick
}

func (w *Window) drop(key uint64) {
	if w.keys == nil {
		return
	}
	if w.keys[key]--; w.keys[key] <= 0 {
		delete(w.keys, key)
	}
}

package emulator

import (
	"container/heap"
	"time"
)

// agenda runs functions at their times, those of one moment in the order they were added.
// It has no goroutine of its own: the timer of the earliest entry runs what is due. Its
// methods are called with the owner's lock held; fire takes that lock.
type agenda struct {
	entries entryHeap
	added   int
	timer   *time.Timer
	fire    func() // what the timer calls; it must lock and call due
}

type entry struct {
	at    time.Time
	order int
	run   func()
}

// after arranges for run to be called d from now, at once if d is not positive and nothing
// that is already due waits.
func (a *agenda) after(d time.Duration, run func()) {
	if d <= 0 && len(a.entries) == 0 {
		run()
		return
	}
	a.added++
	heap.Push(&a.entries, entry{at: time.Now().Add(d), order: a.added, run: run})
	a.due()
}

// due runs what is due and sets the timer for the rest.
func (a *agenda) due() {
	for len(a.entries) > 0 {
		wait := time.Until(a.entries[0].at)
		if wait > 0 {
			if a.timer == nil {
				a.timer = time.AfterFunc(wait, a.fire)
			} else {
				a.timer.Reset(wait)
			}
			return
		}
		e := heap.Pop(&a.entries).(entry)
		e.run()
	}
}

// stop drops everything that has not run.
func (a *agenda) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
	a.entries = nil
}

type entryHeap []entry

func (h entryHeap) Len() int { return len(h) }

func (h entryHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].order < h[j].order
	}
	return h[i].at.Before(h[j].at)
}

func (h entryHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *entryHeap) Push(x any) { *h = append(*h, x.(entry)) }

func (h *entryHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

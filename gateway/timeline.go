package gateway

import (
	"sync"
	"time"
)

// Tick is a point on the gateway's own timeline, in milliseconds. The timeline
// only runs forward and only while the machine is up, whatever happens to the
// wall clock, so that retries and time-outs neither stick nor stampede when a
// machine without a real-time clock learns the date. Zero means "at once" where
// a due time is asked for, and "never" where an end is.
type Tick int64

// Add returns t moved by d, rounded up to the next millisecond.
func (t Tick) Add(d time.Duration) Tick {
	ms := d / time.Millisecond
	if d > ms*time.Millisecond {
		ms++
	}
	return t + Tick(ms)
}

// Until returns how long after t the tick u lies; negative if it is past.
func (t Tick) Until(u Tick) time.Duration {
	return time.Duration(u-t) * time.Millisecond
}

// ClockSource is where a [Timeline] takes its time from.
type ClockSource struct {
	// Boot returns the time since the machine booted, including suspend, and an
	// identity of that boot. Required.
	Boot func() (sinceBoot time.Duration, bootID string)
	// Synced reports whether the wall clock is known to be right, as after an NTP
	// synchronisation. Nil means never known.
	Synced func() bool
	// Floor is a time the present cannot be before, such as the date of the
	// build. The zero value accepts any clock.
	Floor time.Time
}

// ClockSnapshot is what is kept of a timeline over a restart.
type ClockSnapshot struct {
	Tick   Tick          `json:"tick"`
	Boot   time.Duration `json:"boot"`
	BootID string        `json:"bootId"`
	Wall   time.Time     `json:"wall"`
	Synced bool          `json:"synced"`
}

// maxAbsence bounds by how much the timeline may be advanced for the time the
// machine was off.
const maxAbsence = 7 * 24 * time.Hour

// Timeline turns a [ClockSource] into ticks that continue over restarts. Time
// during which the machine was off does not count, until both the old and the
// new wall clock are known to be right; then it is added once, up to seven days.
// It is safe for concurrent use.
type Timeline struct {
	src ClockSource

	mu     sync.Mutex // guards all below
	base   Tick       // tick at boot0
	boot0  time.Duration
	bootID string
	last   Tick
	floor  time.Time
	// absence is set after a reboot: the saved wall time, at tick saved, that may
	// still be made up for.
	absence   time.Time
	absenceAt Tick
}

// NewTimeline continues the timeline that saved was taken from; a zero saved
// starts one at tick 1.
func NewTimeline(src ClockSource, saved ClockSnapshot) *Timeline {
	boot, id := src.Boot()
	t := &Timeline{src: src, base: saved.Tick, boot0: boot, bootID: id, floor: src.Floor}
	if t.base == 0 {
		t.base = 1
	}
	if saved.Wall.After(t.floor) {
		t.floor = saved.Wall
	}
	switch {
	case saved.BootID == "":
	case saved.BootID == id && boot >= saved.Boot:
		t.boot0 = saved.Boot
	case saved.Synced:
		t.absence, t.absenceAt = saved.Wall, saved.Tick
	}
	t.last = t.base
	return t
}

// Now returns the present tick. It never decreases.
func (t *Timeline) Now() Tick {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

func (t *Timeline) now() Tick {
	boot, _ := t.src.Boot()
	n := t.base + Tick((boot-t.boot0)/time.Millisecond)
	if !t.absence.IsZero() && t.synced() {
		// The machine was up for n-absenceAt since the snapshot; what the wall
		// clock says beyond that is the time it was off.
		off := time.Since(t.absence) - t.absenceAt.Until(n)
		t.absence = time.Time{}
		if off = min(off, maxAbsence); off > 0 {
			t.base += Tick(off / time.Millisecond)
			n += Tick(off / time.Millisecond)
		}
	}
	if n < t.last {
		n = t.last
	}
	t.last = n
	return n
}

func (t *Timeline) synced() bool {
	return t.src.Synced != nil && t.src.Synced()
}

// Wall returns the wall clock for things people see, never before the floor
// (the build date, or the last time that was saved), and whether it is
// plausible: at or after that floor.
func (t *Timeline) Wall() (now time.Time, plausible bool) {
	now = time.Now()
	t.mu.Lock()
	floor := t.floor
	t.mu.Unlock()
	if now.Before(floor) {
		return floor, false
	}
	return now, true
}

// Snapshot returns what [NewTimeline] needs to continue.
func (t *Timeline) Snapshot() ClockSnapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	boot, id := t.src.Boot()
	wall := time.Now()
	if wall.Before(t.floor) {
		wall = t.floor
	}
	return ClockSnapshot{
		Tick: t.now(), Boot: boot, BootID: id,
		Wall: wall.Round(0), Synced: t.synced(),
	}
}

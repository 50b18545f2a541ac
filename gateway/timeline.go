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
	// Wall is the wall clock. Nil means time.Now; tests set it back and forth.
	Wall func() time.Time
}

// ClockSnapshot is what is kept of a timeline over a restart.
type ClockSnapshot struct {
	Tick   Tick          `json:"tick"`
	Boot   time.Duration `json:"boot"`
	BootID string        `json:"bootId"`
	Wall   time.Time     `json:"wall"` // as [Timeline.Wall] tells it
	Synced bool          `json:"synced"`
	// Reached is what [Timeline.Reached] would tell of a clock that is far ahead;
	// zero in snapshots of earlier versions, which are taken to have reached Wall.
	Reached time.Time `json:"reached,omitzero"`
	Certain bool      `json:"certain,omitempty"` // Reached goes back to a clock that was synchronised
	Off     bool      `json:"off,omitempty"`     // the machine was off since, and it is not known for how long
}

const (
	// maxAbsence bounds by how much the timeline may be advanced for the time the
	// machine was off.
	maxAbsence = 7 * 24 * time.Hour
	// maxAhead is how far a clock that is not synchronised may be ahead of the time that
	// was certainly reached, for which a machine may have been off.
	maxAhead = 10 * 365 * 24 * time.Hour
	// maxDrift is by how much such a clock may be behind it: oscillators drift.
	maxDrift = time.Hour
	// minStep is how far a clock moves against the time since boot when it was set.
	minStep = time.Minute
)

// Timeline turns a [ClockSource] into ticks that continue over restarts. Time
// during which the machine was off does not count, until a clock is synchronised
// that was synchronised before, too; then it is added once, up to seven days.
// It is safe for concurrent use.
type Timeline struct {
	src ClockSource

	mu    sync.Mutex // guards all below
	base  Tick       // tick at boot0
	boot0 time.Duration
	last  Tick
	off   bool // the machine was off for a time that may still be made up for

	reached   time.Time // a wall time that has come, at tick reachedAt; synchronised if certain
	reachedAt Tick
	certain   bool
	low       time.Time     // before it the wall clock is not believed, unless it was set
	wall0     time.Time     // wall clock at boot1
	boot1     time.Duration // since boot when the process started
}

// NewTimeline continues the timeline that saved was taken from; a zero saved
// starts one at tick 1.
func NewTimeline(src ClockSource, saved ClockSnapshot) *Timeline {
	if src.Wall == nil {
		src.Wall = time.Now
	}
	boot, id := src.Boot()
	t := &Timeline{
		src: src, base: max(saved.Tick, 1), boot0: boot, boot1: boot, wall0: src.Wall().Round(0),
		reached: saved.Reached, certain: saved.Certain, off: saved.Off, low: src.Floor,
	}
	if saved.BootID == id && boot >= saved.Boot {
		t.boot0 = saved.Boot
	} else if saved.BootID != "" {
		t.off = true
	}
	switch {
	case saved.Tick == 0:
		t.reached = t.wall0
		if f := src.Floor; !f.IsZero() && (t.wall0.Before(f) || t.wall0.After(f.Add(maxAhead))) {
			t.reached = f
		}
	case saved.Reached.IsZero():
		t.reached, t.certain = saved.Wall, saved.Synced
	}
	if saved.Wall.After(t.low) {
		t.low = saved.Wall
	}
	if t.reached.Before(src.Floor) {
		t.reached = src.Floor
	}
	t.last, t.reachedAt = t.base, t.base
	return t
}

// Now returns the present tick. It never decreases.
func (t *Timeline) Now() Tick {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now()
}

func (t *Timeline) now() Tick {
	if t.off && t.synced() {
		t.makeUp()
	}
	boot, _ := t.src.Boot()
	t.last = max(t.last, t.base+Tick((boot-t.boot0)/time.Millisecond))
	return t.last
}

// makeUp adds the time the machine was off: what the wall clock says beyond the
// time the machine was up since it was right last.
func (t *Timeline) makeUp() {
	t.off = false
	if !t.certain {
		return
	}
	if off := min(t.src.Wall().Sub(t.estimate()), maxAbsence); off > 0 {
		t.base += Tick(off / time.Millisecond)
	}
}

func (t *Timeline) synced() bool {
	return t.src.Synced != nil && t.src.Synced()
}

// estimate returns the wall time that has come at least, going by the timeline.
func (t *Timeline) estimate() time.Time {
	return t.reached.Add(t.reachedAt.Until(t.now()))
}

// Wall returns the wall clock for things people see, and whether it is plausible. It
// is when it is synchronised. When it is not, it must not be before the build date
// or the time it showed last, unless somebody has set it since, and neither an hour
// before nor ten years behind a time that is known to have come. Instead of a clock
// that is not plausible Wall returns the least that the time can be, which goes on.
func (t *Timeline) Wall() (now time.Time, plausible bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wall()
}

func (t *Timeline) wall() (now time.Time, plausible bool) {
	tick := t.now() // before what it looks back to changes
	now = t.src.Wall()
	if t.synced() && !now.Before(t.src.Floor) {
		t.reached, t.reachedAt, t.certain = now.Round(0), tick, true
		return now, true
	}
	estimate, low := t.estimate(), t.low
	if t.wasSet(now) {
		low = t.src.Floor
	}
	boot, _ := t.src.Boot()
	least := low.Add(boot - t.boot1)
	if behind := estimate.Add(-maxDrift); t.certain && behind.After(t.src.Floor) {
		low, least = behind, estimate
	}
	if now.Before(low) || now.After(estimate.Add(maxAhead)) {
		if least.After(estimate) {
			return least, false
		}
		return estimate, false
	}
	return now, true
}

// wasSet reports whether the wall clock was set since the process started.
func (t *Timeline) wasSet(now time.Time) bool {
	boot, _ := t.src.Boot()
	return (now.Round(0).Sub(t.wall0) - (boot - t.boot1)).Abs() > minStep
}

// Reached returns a wall time that has certainly come, by which to decide what is old
// enough to be deleted: that of the wall clock, but not more than the timeline
// allows since the clock was synchronised last, or since the first start.
func (t *Timeline) Reached() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, _ := t.wall()
	if e := t.estimate(); e.Before(now) {
		return e
	}
	return now
}

// Snapshot returns what [NewTimeline] needs to continue.
func (t *Timeline) Snapshot() ClockSnapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	wall, _ := t.wall()
	boot, id := t.src.Boot()
	return ClockSnapshot{
		Tick: t.now(), Boot: boot, BootID: id, Wall: wall.Round(0), Synced: t.synced(),
		Reached: t.estimate(), Certain: t.certain, Off: t.off,
	}
}

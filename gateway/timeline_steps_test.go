package gateway

import (
	"testing"
	"time"
)

// A pi is a machine without a clock that runs while it is off. What it shows is
// known or not; what the time really is only the test knows.
type pi struct {
	boot   time.Duration
	bootID string
	wall   time.Time // as it shows it
	synced bool
	floor  time.Time
}

func (m *pi) source() ClockSource {
	return ClockSource{
		Boot:   func() (time.Duration, string) { return m.boot, m.bootID },
		Synced: func() bool { return m.synced },
		Wall:   func() time.Time { return m.wall },
		Floor:  m.floor,
	}
}

// runs lets time pass while the machine is up.
func (m *pi) runs(d time.Duration) { m.boot, m.wall = m.boot+d, m.wall.Add(d) }

// boots turns the machine off and on; then it shows a time.
func (m *pi) boots(id string, shows time.Time) {
	m.boot, m.bootID, m.wall, m.synced = 0, id, shows, false
}

const year = 365 * 24 * time.Hour

// Whatever the wall clock does, ticks go on as the machine runs, what people see is
// as right as it can be known, and nothing is taken for old that is not.
func TestClockSteps(t *testing.T) {
	build := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	epoch := time.Unix(0, 0).UTC()
	tests := []struct {
		name   string
		synced bool // at first, for an hour
		steps  func(m *pi, restart func())

		ticks     time.Duration // since the end of the first hour
		wall      time.Time
		plausible bool
		reached   time.Time // if it is not wall
	}{
		{
			name: "thirty years ahead, known to be wrong", synced: true,
			steps: func(m *pi, _ func()) { m.synced, m.wall = false, m.wall.Add(30*year); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(2 * time.Hour),
		},
		{
			name:  "thirty years ahead, never synchronised",
			steps: func(m *pi, _ func()) { m.wall = m.wall.Add(30 * year); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(2 * time.Hour),
		},
		{
			name: "thirty years ahead over a restart, then right", synced: true,
			steps: func(m *pi, restart func()) {
				m.synced, m.wall = false, m.wall.Add(30*year)
				m.runs(time.Hour)
				restart()
				m.synced, m.wall = true, m.wall.Add(-30*year)
				m.runs(time.Hour)
			},
			ticks: 2 * time.Hour, wall: now.Add(3 * time.Hour), plausible: true,
		},
		{
			name: "five years ahead, which may be", synced: true,
			steps: func(m *pi, _ func()) { m.synced, m.wall = false, m.wall.Add(5*year); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(5*year + 2*time.Hour), plausible: true, reached: now.Add(2 * time.Hour),
		},
		{
			name: "a year behind, known to be wrong", synced: true,
			steps: func(m *pi, _ func()) { m.synced, m.wall = false, m.wall.Add(-year); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(2 * time.Hour),
		},
		{
			name:  "a month behind, set by hand, never synchronised",
			steps: func(m *pi, _ func()) { m.wall = m.wall.Add(-30 * 24 * time.Hour); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(2*time.Hour - 30*24*time.Hour), plausible: true,
		},
		{
			name:  "a year behind, before the build",
			steps: func(m *pi, _ func()) { m.wall = m.wall.Add(-year); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(2 * time.Hour),
		},
		{
			name: "wrong by the net, corrected by the net", synced: true,
			steps: func(m *pi, _ func()) { m.wall = m.wall.Add(-30 * time.Minute); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(90 * time.Minute), plausible: true,
		},
		{
			name: "booted at 1970, not synchronised yet", synced: true,
			steps: func(m *pi, restart func()) { m.boots("b", epoch); restart(); m.runs(time.Hour) },
			ticks: time.Hour, wall: now.Add(2 * time.Hour),
		},
		{
			name: "booted at 1970, then synchronised, off for a day", synced: true,
			steps: func(m *pi, restart func()) {
				m.boots("b", epoch)
				restart()
				m.runs(time.Hour)
				m.synced, m.wall = true, now.Add(26*time.Hour)
				m.runs(time.Hour)
			},
			ticks: 26 * time.Hour, wall: now.Add(27 * time.Hour), plausible: true,
		},
		{
			name: "the same, and the process was restarted in between", synced: true,
			steps: func(m *pi, restart func()) {
				m.boots("b", epoch)
				restart()
				m.runs(time.Hour)
				restart()
				m.synced, m.wall = true, now.Add(26*time.Hour)
				m.runs(time.Hour)
			},
			ticks: 26 * time.Hour, wall: now.Add(27 * time.Hour), plausible: true,
		},
		{
			name: "the same, off twice", synced: true,
			steps: func(m *pi, restart func()) {
				m.boots("b", epoch)
				restart()
				m.runs(time.Hour)
				m.boots("c", epoch)
				restart()
				m.synced, m.wall = true, now.Add(26*time.Hour)
				m.runs(time.Hour)
			},
			ticks: 26 * time.Hour, wall: now.Add(27 * time.Hour), plausible: true,
		},
		{
			name: "off for a month", synced: true,
			steps: func(m *pi, restart func()) {
				m.boots("b", now.Add(30*24*time.Hour))
				restart()
				m.synced = true
				m.runs(time.Hour)
			},
			ticks: 7*24*time.Hour + time.Hour, wall: now.Add(30*24*time.Hour + time.Hour), plausible: true,
		},
		{
			name: "synchronised for the first time after the machine was off",
			steps: func(m *pi, restart func()) {
				m.boots("b", epoch)
				restart()
				m.synced, m.wall = true, now.Add(26*time.Hour)
				m.runs(time.Hour)
			},
			ticks: time.Hour, wall: now.Add(27 * time.Hour), plausible: true,
		},
		{
			name: "booted at 1970, set by hand", synced: false,
			steps: func(m *pi, restart func()) {
				m.boots("b", epoch)
				restart()
				m.runs(time.Hour)
				m.wall = now.Add(26 * time.Hour)
				m.runs(time.Hour)
			},
			ticks: 2 * time.Hour, wall: now.Add(27 * time.Hour), plausible: true, reached: now.Add(3 * time.Hour),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &pi{boot: time.Minute, bootID: "a", wall: now, synced: tt.synced, floor: build}
			l := NewTimeline(m.source(), ClockSnapshot{})
			m.runs(time.Hour)
			start := l.Now()
			l.Wall()
			last := start
			restart := func() { // as after a commit, and perhaps a crash
				last = l.Now()
				l = NewTimeline(m.source(), l.Snapshot())
			}
			// What was saved last was saved before the machine went off.
			saved := l.Snapshot()
			before := *m
			tt.steps(m, func() {
				if m.bootID != before.bootID {
					l = NewTimeline(m.source(), saved)
				} else {
					restart()
				}
				saved, before = l.Snapshot(), *m
			})
			if got := l.Now(); got < last || start.Until(got) != tt.ticks {
				t.Errorf("ticks: got %v since the first hour, want %v", start.Until(got), tt.ticks)
			}
			wall, plausible := l.Wall()
			if !wall.Equal(tt.wall) || plausible != tt.plausible {
				t.Errorf("wall clock: got %v, %v, want %v, %v", wall, plausible, tt.wall, tt.plausible)
			}
			want := tt.wall
			if !tt.reached.IsZero() {
				want = tt.reached
			}
			if got := l.Reached(); !got.Equal(want) {
				t.Errorf("reached: got %v, want %v", got, want)
			}
		})
	}
}

// Snapshots of earlier versions, which said less, are continued.
func TestOldSnapshot(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	saved := ClockSnapshot{Tick: 1000, Boot: time.Hour, BootID: "a", Wall: now, Synced: true}
	m := &pi{boot: time.Minute, bootID: "b", wall: now.Add(2 * time.Hour), synced: true}
	l := NewTimeline(m.source(), saved)
	if got := saved.Tick.Until(l.Now()); got != 2*time.Hour {
		t.Errorf("got %v of timeline since, want the two hours the machine was off", got)
	}
}

package gateway

import (
	"testing"
	"testing/synctest"
	"time"
)

// boot is a machine that can be switched off: its time since boot, in a synctest
// bubble.
type boot struct {
	at     time.Time
	id     string
	synced bool
}

func (b *boot) source() ClockSource {
	return ClockSource{
		Boot:   func() (time.Duration, string) { return time.Since(b.at), b.id },
		Synced: func() bool { return b.synced },
	}
}

func TestTimelineContinues(t *testing.T) {
	tests := map[string]struct {
		off        time.Duration // 0: the process restarts, the machine stays up
		before     bool          // clock synchronised before
		after      bool          // and after
		wantPassed time.Duration
	}{
		"process restart":             {0, false, false, 3 * time.Hour},
		"reboot, time unknown":        {48 * time.Hour, false, false, time.Hour},
		"reboot, only now known":      {48 * time.Hour, false, true, time.Hour},
		"reboot, known":               {48 * time.Hour, true, true, 49 * time.Hour},
		"reboot after a month, known": {30 * 24 * time.Hour, true, true, 7*24*time.Hour + time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &boot{at: time.Now().Add(-10 * time.Minute), id: "one", synced: tt.before}
				l := NewTimeline(b.source(), ClockSnapshot{})
				time.Sleep(time.Hour)
				saved := l.Snapshot()
				if tt.off > 0 {
					time.Sleep(tt.off)
					*b = boot{at: time.Now(), id: "two"}
				} else {
					time.Sleep(2 * time.Hour)
				}
				l = NewTimeline(b.source(), saved)
				if tt.off > 0 {
					time.Sleep(30 * time.Minute)
					l.Now()
					b.synced = tt.after
					time.Sleep(30 * time.Minute)
				} else {
					time.Sleep(time.Hour)
				}
				if got := saved.Tick.Until(l.Now()); got != tt.wantPassed {
					t.Errorf("passed since the snapshot: got %v, want %v", got, tt.wantPassed)
				}
			})
		})
	}
}

func TestTimelineNeverRunsBack(t *testing.T) {
	since := time.Hour
	src := ClockSource{Boot: func() (time.Duration, string) { return since, "one" }}
	l := NewTimeline(src, ClockSnapshot{})
	since += time.Minute
	first := l.Now()
	since -= 30 * time.Second
	if got := l.Now(); got < first {
		t.Errorf("tick after the source went back: got %d, want at least %d", got, first)
	}
}

func TestTimelineWallFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the bubble's clock starts in 2000
		src := (&boot{at: time.Now(), id: "one"}).source()
		if _, ok := NewTimeline(src, ClockSnapshot{}).Wall(); !ok {
			t.Error("a clock without a floor is not plausible")
		}
		src.Floor = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		got, ok := NewTimeline(src, ClockSnapshot{}).Wall()
		if ok || !got.Equal(src.Floor) {
			t.Errorf("clock behind the build date: got %v, %v; want %v, false", got, ok, src.Floor)
		}
		saved := ClockSnapshot{Tick: 5, Wall: src.Floor.AddDate(1, 0, 0)}
		if got, _ := NewTimeline(src, saved).Wall(); !got.Equal(saved.Wall) {
			t.Errorf("clock behind the saved one: got %v, want %v", got, saved.Wall)
		}
	})
}

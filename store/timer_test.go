package store

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tetherd/gateway"
)

// A modelTimer is a timer and when it is due, in the units of its clock.
type modelTimer struct {
	gateway.Timer
	due int64
}

// timers returns every timer of the model, in the order in which they are told.
func (o *model) timers() (ts []modelTimer) {
	for k := range o.msgs {
		m := &o.msgs[k]
		held, waiting := false, false
		for i, r := range m.Recipients {
			held = held || r.Phase == gateway.Held
			waiting = waiting || r.Phase == gateway.Held || r.Phase == gateway.Queued
			if r.Phase == gateway.Grace {
				ref := gateway.RecipientRef{Seq: m.Seq, Idx: i}
				ts = append(ts, modelTimer{gateway.Timer{Kind: gateway.TimerGrace, RecipientRef: ref}, int64(r.Due)})
			}
		}
		add := func(ok bool, kind gateway.TimerKind, due int64) {
			if ok {
				ts = append(ts, modelTimer{gateway.Timer{Kind: kind, RecipientRef: gateway.RecipientRef{Seq: m.Seq}}, due})
			}
		}
		add(held, gateway.TimerSchedule, ceilMs(m.ScheduleAt))
		add(waiting && !m.ValidUntil.IsZero(), gateway.TimerValidUntil, ceilMs(m.ValidUntil))
		add(waiting && m.Expires != 0, gateway.TimerExpires, int64(m.Expires))
	}
	slices.SortFunc(ts, func(a, b modelTimer) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.due, b.due), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Idx, b.Idx))
	})
	return ts
}

func ceilMs(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

func (o *model) compareTimers(t *rapid.T, db *DB, now gateway.Tick) {
	var wall time.Time
	if rapid.Bool().Draw(t, "clock is plausible") {
		wall = near().Draw(t, "wall")
	}
	most := rapid.IntRange(0, 5).Draw(t, "most timers")
	got, nextWall, nextTick, err := db.DueTimers(wall, now, most, nil)
	if err != nil {
		t.Fatal(err)
	}
	var (
		want     []gateway.Timer
		wantWall time.Time
		wantTick gateway.Tick
	)
	full := false // a kind stops at its first row that is not told
	for i, ts := 0, o.timers(); i < len(ts); i++ {
		tm := ts[i]
		if i > 0 && ts[i-1].Kind != tm.Kind {
			full = false
		}
		onWall := tm.Kind == gateway.TimerSchedule || tm.Kind == gateway.TimerValidUntil
		if full || onWall && wall.IsZero() {
			continue
		}
		until := int64(now)
		if onWall {
			until = wall.UnixMilli()
		}
		switch {
		case tm.due <= until && len(want) < most:
			want = append(want, tm.Timer)
		case onWall:
			full = true
			if at := time.UnixMilli(max(tm.due, 1)); wantWall.IsZero() || at.Before(wantWall) {
				wantWall = at
			}
		default:
			full = true
			if at := gateway.Tick(max(tm.due, 1)); wantTick == 0 || at < wantTick {
				wantTick = at
			}
		}
	}
	diff(t, "timers", want, got)
	diff(t, "next wall timer", wantWall, nextWall)
	diff(t, "next tick timer", wantTick, nextTick)
}

func TestDueTimers(t *testing.T) {
	db := openTest(t)
	later := date.Add(time.Hour)

	m := newMessage("scheduled")
	m.Recipients[0].Phase = gateway.Held
	m.ScheduleAt, m.ValidUntil = date, later
	scheduled := put(t, db, m)

	m = newMessage("in grace")
	m.Recipients[0].Phase, m.Recipients[0].Due, m.Recipients[0].State = gateway.Grace, 100, gateway.Processed
	m.Expires = 150 // counts once the grace is over
	grace := put(t, db, m)

	m = newMessage("queued")
	m.Recipients[0].Phase, m.Expires = gateway.Queued, 200
	queued := put(t, db, m)

	timer := func(kind gateway.TimerKind, m gateway.Message) gateway.Timer {
		return gateway.Timer{Kind: kind, RecipientRef: gateway.RecipientRef{Seq: m.Seq}}
	}
	up := func(t time.Time) time.Time { return t.Truncate(time.Millisecond).Add(time.Millisecond) }
	tests := []struct {
		name     string
		wall     time.Time
		now      gateway.Tick
		want     []gateway.Timer
		nextWall time.Time
		nextTick gateway.Tick
	}{
		{"nothing yet", date.Add(-time.Hour), 99, nil, up(date), 100},
		{"the part of a millisecond is waited for", date, 99, nil, up(date), 100},
		{"scheduled", up(date), 99, []gateway.Timer{timer(gateway.TimerSchedule, scheduled)}, up(later), 100},
		{"the clock is not plausible", time.Time{}, 100, []gateway.Timer{timer(gateway.TimerGrace, grace)}, time.Time{}, 200},
		{"all", up(later), 200, []gateway.Timer{
			timer(gateway.TimerSchedule, scheduled), timer(gateway.TimerValidUntil, scheduled),
			timer(gateway.TimerExpires, queued), timer(gateway.TimerGrace, grace),
		}, time.Time{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, nextWall, nextTick, err := db.DueTimers(tt.wall, tt.now, 10, nil)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "timers", tt.want, got)
			diff(t, "next", []any{tt.nextWall, tt.nextTick}, []any{nextWall, nextTick})
		})
	}
}

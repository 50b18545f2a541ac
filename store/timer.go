package store

import (
	"math"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// wallMs returns t in milliseconds since 1970, rounded up: what is due then is
// due at t, too.
func wallMs(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	return ms
}

// DueTimers implements [gateway.Reader]. If more than max timers are due, the
// next one is due already. Skip is called while a read transaction is open: it
// must be quick and must not use the store.
func (db *DB) DueTimers(wall time.Time, now gateway.Tick, max int, skip func(gateway.Timer) bool) (due []gateway.Timer, nextWall time.Time, nextTick gateway.Tick, err error) {
	kinds := []struct {
		kind gateway.TimerKind
		wall bool
	}{
		{gateway.TimerSchedule, true},
		{gateway.TimerValidUntil, true},
		{gateway.TimerExpires, false},
		{gateway.TimerGrace, false},
	}
	err = db.view("timers", func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(bktTimer)).Cursor()
		for _, k := range kinds {
			until := int64(now)
			if k.wall {
				if wall.IsZero() {
					continue
				}
				until = wall.UnixMilli()
			}
			ts, next, more := db.timers(c, k.kind, until, max-len(due), skip)
			due = append(due, ts...)
			switch {
			case !more:
			case k.wall:
				if t := time.UnixMilli(next); nextWall.IsZero() || t.Before(nextWall) {
					nextWall = t
				}
			case nextTick == 0 || gateway.Tick(next) < nextTick:
				nextTick = gateway.Tick(next)
			}
		}
		return nil
	})
	return due, nextWall, nextTick, err
}

// timers returns up to limit timers of a kind that are due by until, and when
// the next one is due, if there is more.
func (db *DB) timers(c *bolt.Cursor, kind gateway.TimerKind, until int64, limit int, skip func(gateway.Timer) bool) (ts []gateway.Timer, next int64, more bool) {
	for k, _ := c.Seek(timerKey(kind, math.MinInt64)); len(k) > 0 && k[0] == byte(kind); k, _ = c.Next() {
		r := reader{b: k[1:]}
		due := r.i64()
		t := gateway.Timer{Kind: kind, RecipientRef: r.ref()}
		if err := r.end(); err != nil {
			db.passOver(damaged(bktTimer, k, err))
			continue
		}
		if skip != nil && skip(t) {
			continue
		}
		if due > until || len(ts) >= limit {
			return ts, max(due, 1), true // zero would mean that there is none
		}
		ts = append(ts, t)
	}
	return ts, 0, false
}

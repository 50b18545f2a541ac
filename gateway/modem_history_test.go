package gateway_test

import (
	"testing"
	"time"

	"tetherd/gateway"
)

func TestModemHistory(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.History = true
		w.start()
		read := func(from, to time.Time) []gateway.ModemSample {
			t.Helper()
			s, err := w.gw.ModemHistory("modem1", from, to)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		begin := time.Now()
		w.pass(time.Hour)
		if n := len(read(time.Time{}, time.Time{})); n < 12 || n > 13 {
			t.Errorf("%d samples in an hour, want one every 5 minutes", n)
		}
		// A change is noted soon, but not each of many.
		w.pass(time.Minute)
		changed := time.Now()
		for range 100 {
			w.modems[0].set(gateway.ModemWaiting)
			w.pass(50 * time.Millisecond)
			w.modems[0].set(gateway.ModemReady)
			w.pass(50 * time.Millisecond)
		}
		w.modems[0].set(gateway.ModemAbsent)
		w.pass(time.Minute)
		s := read(changed, time.Now())
		if len(s) < 2 || len(s) > 4 || s[0].State != gateway.ModemWaiting || s[len(s)-1].State != gateway.ModemAbsent {
			t.Errorf("got %+v, want the changes, once in 10 s", s)
		}
		before := len(read(time.Time{}, time.Time{}))
		w.stop()
		w.start()
		w.settle()
		if n := len(read(time.Time{}, time.Time{})); n != before+1 {
			t.Errorf("%d samples after a restart, want %d", n, before+1)
		}
		w.pass(8 * 24 * time.Hour)
		all := read(time.Time{}, time.Time{})
		if n := len(all); n < 7*24*12-12 || n > 7*24*12+12 || all[0].At.Before(time.Now().Add(-7*24*time.Hour)) {
			t.Errorf("%d samples from %v on, want those of a week", n, all[0].At)
		}
		if s := read(begin, begin.Add(time.Hour)); len(s) != 0 {
			t.Errorf("%d samples from before a week are there", len(s))
		}
		if _, err := w.gw.ModemHistory("lost", time.Time{}, time.Time{}); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("got %v, want that there is no such modem", err)
		}
	})
}

package gateway_test

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// TestWorkHours sends a message at a time of day and looks when it leaves. The clock of
// a bubble begins at midnight UTC on 1 January 2000, a Saturday.
func TestWorkHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string, zone *time.Location) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for name, tt := range map[string]struct {
		zone       *time.Location
		hours      string // start, end
		send, want string
		priority   int8
		astray     bool
	}{
		"inside":          {time.UTC, "09:00 19:00", "2000-01-02 12:00", "2000-01-02 12:00", 0, false},
		"before":          {time.UTC, "09:00 19:00", "2000-01-02 08:59", "2000-01-02 09:00", 0, false},
		"after":           {time.UTC, "09:00 19:00", "2000-01-02 19:00", "2000-01-03 09:00", 0, false},
		"over midnight":   {time.UTC, "22:00 06:00", "2000-01-02 05:59", "2000-01-02 05:59", 0, false},
		"between nights":  {time.UTC, "22:00 06:00", "2000-01-02 06:00", "2000-01-02 22:00", 0, false},
		"always":          {time.UTC, "09:00 09:00", "2000-01-02 03:00", "2000-01-02 03:00", 0, false},
		"urgent":          {time.UTC, "09:00 19:00", "2000-01-02 03:00", "2000-01-02 03:00", 100, false},
		"not quite":       {time.UTC, "09:00 19:00", "2000-01-02 03:00", "2000-01-02 09:00", 99, false},
		"zone":            {berlin, "09:00 19:00", "2000-01-02 08:30", "2000-01-02 09:00", 0, false},
		"summer begins":   {berlin, "09:00 19:00", "2000-03-25 20:00", "2000-03-26 09:00", 0, false},
		"in the gap":      {berlin, "02:30 19:00", "2000-03-26 01:00", "2000-03-26 03:00", 0, false},
		"summer ends":     {berlin, "09:00 19:00", "2000-10-28 20:00", "2000-10-29 09:00", 0, false},
		"clock not known": {time.UTC, "09:00 19:00", "2000-01-02 03:00", "2000-01-02 03:00", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				time.Sleep(time.Until(at(tt.send, tt.zone)) - time.Minute)
				w.opts.Protection.Zone = tt.zone
				if tt.astray {
					w.astray.Store(true)
					w.floor = time.Now().Add(10 * 365 * 24 * time.Hour)
				}
				w.start()
				start, end, _ := strings.Cut(tt.hours, " ")
				doc := `{"messages":{"work_hours_enabled":true,"work_hours_start":"` + start + `","work_hours_end":"` + end + `"}}`
				if err := w.change(doc, false); err != nil {
					w.t.Fatal(err)
				}
				w.pass(time.Until(at(tt.send, tt.zone)))
				m := w.submit(gateway.Submission{Priority: tt.priority})
				w.pass(time.Second)
				late := at(tt.want, tt.zone).After(at(tt.send, tt.zone))
				m = w.message(m.ID)
				if why := w.gw.Waits().Message(&m); late != strings.Contains(why, "outside of work hours") {
					t.Errorf("waits for %q", why)
				}
				if c := w.gw.Health().Checks["messages:workHours"]; tt.astray != (c.Status == gateway.Warn) {
					t.Errorf("health says %+v", c)
				}
				w.pass(24 * time.Hour)
				all := w.ledger.all()
				if len(all) != 1 {
					w.t.Fatalf("sent %d times", len(all))
				}
				if d := all[0].At.Sub(at(tt.want, tt.zone)); d < 0 || d > 2*time.Second {
					t.Errorf("sent at %s, want %s", all[0].At.In(tt.zone), tt.want)
				}
			})
		})
	}
}

package filter

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// window holds while the wall clock of a zone is within it.
type window struct {
	days       [7]bool // by time.Weekday
	daysGiven  bool
	start, end int // minutes of the day; 0 and 1440 for all of it
	hoursGiven bool
	zone       *time.Location
	zoneGiven  bool
	skip       bool // on_unknown is skip
}

const minutesPerDay = 24 * 60

func parseWindow(o *object) node {
	o.known("type", "days", "hours", "timezone", "on_unknown")
	w := window{zone: time.Local, end: minutesPerDay, daysGiven: o.has("days"), hoursGiven: o.has("hours"), zoneGiven: o.has("timezone")}
	if !w.daysGiven && !w.hoursGiven {
		o.failf("days", "and hours are both missing: give one of them at least")
	}
	if w.daysGiven {
		w.parseDays(o)
	}
	if w.hoursGiven && o.err == nil {
		w.parseHours(o)
	}
	if w.zoneGiven {
		w.parseZone(o)
	}
	switch o.text("on_unknown", false) {
	case "", "match":
	case "skip":
		w.skip = true
	default:
		o.failf("on_unknown", "is neither match nor skip")
	}
	return w
}

func (w *window) parseDays(o *object) {
	for i, name := range o.texts("days", 7, 32) {
		d := slices.IndexFunc(weekdays[:], func(day string) bool { return strings.EqualFold(day, name) })
		if d < 0 {
			o.failf(fmt.Sprintf("days[%d]", i), "is none of %s", strings.Join(weekdays[:], ", "))
			return
		}
		w.days[d] = true
	}
}

func (w *window) parseHours(o *object) {
	h := newObject(o.path+".hours", o.fields["hours"])
	if h.err != nil {
		o.failf("hours", `must be an object such as {"start":"09:00","end":"17:00"}`)
		return
	}
	h.known("start", "end")
	w.start, w.end = h.clock("start"), h.clock("end")
	switch {
	case h.err != nil:
	case w.start == minutesPerDay:
		h.failf("start", "must be before 24:00: a day begins at 00:00")
	case w.start == w.end:
		h.failf("end", "is the same as start: leave hours out for the whole day")
	}
	if h.err != nil {
		o.err = h.err
	}
}

// clock returns a time of day in minutes.
func (o *object) clock(name string) int {
	s := o.text(name, true)
	if o.err != nil {
		return 0
	}
	if s == "24:00" {
		return minutesPerDay
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		o.failf(name, "must be HH:MM, from 00:00 to 24:00")
	}
	return t.Hour()*60 + t.Minute()
}

func (w *window) parseZone(o *object) {
	name := o.text("timezone", true)
	zone, err := time.LoadLocation(name)
	if o.err == nil && (name == "" || name == "Local" || err != nil) {
		o.failf("timezone", "is not the name of a time zone such as Europe/Berlin that the gateway knows: leave it out for its own, or install the package tzdata")
	}
	if o.err == nil {
		w.zone = zone
	}
}

func (w window) match(f *Facts, want bool) bool {
	if !f.ClockKnown {
		return want != w.skip
	}
	at := f.At.In(w.zone)
	day, now := at.Weekday(), at.Hour()*60+at.Minute()
	within := now >= w.start && now < w.end
	if w.end < w.start {
		within = now >= w.start || now < w.end
		if now < w.end {
			day = (day + 6) % 7
		}
	}
	return within && (!w.daysGiven || w.days[day])
}

// weekdays are the names of the days, by time.Weekday.
var weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

type hoursSpec struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type windowSpec struct {
	Type      string     `json:"type"`
	Days      []string   `json:"days,omitempty"`
	Hours     *hoursSpec `json:"hours,omitempty"`
	Timezone  string     `json:"timezone,omitempty"`
	OnUnknown string     `json:"on_unknown,omitempty"`
}

func (w window) spec() any {
	s := windowSpec{Type: "time"}
	for i := range weekdays {
		if d := (i + 1) % 7; w.days[d] { // a week begins with its monday
			s.Days = append(s.Days, weekdays[d])
		}
	}
	if w.hoursGiven {
		s.Hours = &hoursSpec{clockText(w.start), clockText(w.end)}
	}
	if w.zoneGiven {
		s.Timezone = w.zone.String()
	}
	if w.skip {
		s.OnUnknown = "skip"
	}
	return s
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

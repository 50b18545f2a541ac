package filter

import (
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	const (
		office   = `{"type":"time","days":["monday","tuesday"],"hours":{"start":"09:00","end":"17:00"},"timezone":"America/New_York"}`
		fridays  = `{"type":"time","days":["friday"],"hours":{"start":"22:00","end":"06:00"},"timezone":"Europe/Berlin"}`
		evenings = `{"type":"time","hours":{"start":"18:30","end":"24:00"},"timezone":"Europe/Berlin"}`
		sundays  = `{"type":"time","days":["sunday"],"timezone":"Pacific/Auckland"}`
		night    = `{"type":"time","hours":{"start":"02:15","end":"02:45"},"timezone":"Europe/Berlin"}`
		early    = `{"type":"time","hours":{"start":"02:30","end":"04:00"},"timezone":"Europe/Berlin"}`
		overDST  = `{"type":"time","days":["saturday"],"hours":{"start":"23:00","end":"02:30"},"timezone":"Europe/Berlin"}`
		local    = `{"type":"time","hours":{"start":"12:00","end":"13:00"}}`
		midnight = `{"type":"time","days":["monday"],"hours":{"start":"17:00","end":"00:00"},"timezone":"UTC"}`
	)
	tests := []struct {
		name, filter, at string
		want             bool
	}{
		{"first minute", office, "2024-10-28T09:00:00-04:00", true},
		{"before the first minute", office, "2024-10-28T08:59:59-04:00", false},
		{"last second", office, "2024-10-28T16:59:59-04:00", true},
		{"the end is outside", office, "2024-10-28T17:00:00-04:00", false},
		{"another day", office, "2024-10-30T12:00:00-04:00", false},
		{"the day of the zone, not of UTC", office, "2024-10-29T13:30:00Z", true},

		{"evening of the day", fridays, "2024-10-25T22:00:00+02:00", true},
		{"morning after belongs to the day", fridays, "2024-10-26T05:59:00+02:00", true},
		{"end of the morning after", fridays, "2024-10-26T06:00:00+02:00", false},
		{"morning of the day belongs to the day before", fridays, "2024-10-25T05:00:00+02:00", false},
		{"evening of the day after", fridays, "2024-10-26T22:00:00+02:00", false},
		{"noon", fridays, "2024-10-25T12:00:00+02:00", false},

		{"until the day ends", evenings, "2024-10-25T23:59:59+02:00", true},
		{"not into the next day", evenings, "2024-10-26T00:00:00+02:00", false},
		{"until midnight written as 00:00", midnight, "2024-10-28T23:59:00Z", true},
		{"midnight itself", midnight, "2024-10-29T00:00:00Z", false},
		{"sunday far ahead of UTC", sundays, "2024-10-26T11:00:00Z", true},
		{"saturday there, too", sundays, "2024-10-26T10:59:00Z", false},

		// The clock goes from 02:00 CET to 03:00 CEST at 2024-03-31T01:00:00Z.
		{"before the gap", night, "2024-03-31T00:59:59Z", false},
		{"behind the gap", night, "2024-03-31T01:00:00Z", false},
		{"a quarter of an hour behind the gap", night, "2024-03-31T01:15:00Z", false},
		{"window that begins in the gap, before", early, "2024-03-31T00:59:59Z", false},
		{"window that begins in the gap, behind", early, "2024-03-31T01:00:00Z", true},
		{"window that begins in the gap, end", early, "2024-03-31T02:00:00Z", false},
		{"window over the gap", overDST, "2024-03-31T00:59:00Z", true},
		{"window that ends in the gap", overDST, "2024-03-31T01:00:00Z", false},

		// The clock goes from 03:00 CEST to 02:00 CET at 2024-10-27T01:00:00Z.
		{"first time", night, "2024-10-27T00:30:00Z", true},
		{"between the two times", night, "2024-10-27T00:50:00Z", false},
		{"second time", night, "2024-10-27T01:30:00Z", true},
		{"after the second time", night, "2024-10-27T01:45:00Z", false},
		{"window over the fold, first time", overDST, "2024-10-27T00:29:00Z", true},
		{"window over the fold, its end", overDST, "2024-10-27T00:30:00Z", false},
		{"window over the fold, once more", overDST, "2024-10-27T01:29:00Z", true},
		{"window over the fold, its last end", overDST, "2024-10-27T01:30:00Z", false},

		{"own zone", local, "2024-10-25T11:30:00Z", true}, // TestMain makes it +01:00
		{"not in the own zone", local, "2024-10-25T12:30:00Z", false},
		{"a clock that was never set", office, "1970-01-01T00:00:00Z", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := parse(t, tt.filter).Match(&Facts{At: at, ClockKnown: true}); got != tt.want {
				t.Errorf("at %s: got %v, want %v", tt.at, got, tt.want)
			}
		})
	}
}

// With a clock that is not known to be right the whole filter goes the way that
// on_unknown says, also below a not.
func TestWindowUnknown(t *testing.T) {
	const (
		match = `{"type":"time","days":["monday"]}`
		skip  = `{"type":"time","days":["monday"],"on_unknown":"skip"}`
		no    = `{"type":"device","device_ids":["none"]}`
		yes   = `{"not":` + no + `}`
	)
	tests := []struct {
		name, filter string
		want         bool
	}{
		{"match", match, true},
		{"skip", skip, false},
		{"not match", `{"not":` + match + `}`, true},
		{"not skip", `{"not":` + skip + `}`, false},
		{"not not match", `{"not":{"not":` + match + `}}`, true},
		{"match and no", `{"all":[` + match + `,` + no + `]}`, false},
		{"match and yes", `{"all":[` + match + `,` + yes + `]}`, true},
		{"skip or yes", `{"any":[` + skip + `,` + yes + `]}`, true},
		{"not of match and yes", `{"not":{"all":[` + match + `,` + yes + `]}}`, true},
		{"not of skip and yes", `{"not":{"all":[` + skip + `,` + yes + `]}}`, false},
		{"not of skip and no", `{"not":{"all":[` + skip + `,` + no + `]}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse(t, tt.filter).Match(&Facts{}); got != tt.want {
				t.Errorf("%s: got %v, want %v", tt.filter, got, tt.want)
			}
		})
	}
}

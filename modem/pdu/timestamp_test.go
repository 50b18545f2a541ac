package pdu_test

import (
	"testing"
	"time"
)

func TestDecodeTimestamp(t *testing.T) {
	zone := func(hours float64) *time.Location { return time.FixedZone("", int(hours*3600)) }
	const (
		noTime = "service centre time stamp is not a time"
		noZone = "time zone unreadable, UTC assumed"
	)
	for _, tt := range []struct {
		name, digits string
		want         time.Time
		wantRepair   string
	}{
		{"east", "52013171035480", time.Date(2025, 10, 13, 17, 30, 45, 0, zone(2)), ""},
		{"west", "5201317103540A", time.Date(2025, 10, 13, 17, 30, 45, 0, zone(-5)), ""},
		{"quarter of an hour", "52013171035432", time.Date(2025, 10, 13, 17, 30, 45, 0, zone(5.75)), ""},
		{"universal time", "52013171035400", time.Date(2025, 10, 13, 17, 30, 45, 0, time.UTC), ""},
		{"minus zero", "52013171035408", time.Date(2025, 10, 13, 17, 30, 45, 0, time.UTC), ""},
		{"last century", "99211332959500", time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC), ""},
		{"leap day", "42209200000000", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), ""},
		{"no leap day", "52209200000000", time.Time{}, noTime},
		{"zeros", "00000000000000", time.Time{}, noTime},
		{"fill", "FFFFFFFFFFFFFF", time.Time{}, noTime},
		{"month 13", "52313171035400", time.Time{}, noTime},
		{"hour 24", "52013142035400", time.Time{}, noTime},
		{"second 60", "52013171030600", time.Time{}, noTime},
		{"not decimal", "5201317103A400", time.Time{}, noTime},
		{"zone not decimal", "520131710354F0", time.Date(2025, 10, 13, 17, 30, 45, 0, time.UTC), noZone},
		{"zone too far", "52013171035475", time.Date(2025, 10, 13, 17, 30, 45, 0, time.UTC), noZone},
		{"zone farthest", "52013171035465", time.Date(2025, 10, 13, 17, 30, 45, 0, zone(14)), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, smscField+"04"+oaField+"0000"+tt.digits+"0141")
			if !got.SCTS.Equal(tt.want) {
				t.Errorf("SCTS = %v, want %v", got.SCTS, tt.want)
			}
			_, gotOffset := got.SCTS.Zone()
			if _, want := tt.want.Zone(); gotOffset != want {
				t.Errorf("SCTS is %d s east of UTC, want %d", gotOffset, want)
			}
			checkRepairs(t, got.Repairs, tt.wantRepair)
			if text(got.Body) != "A" {
				t.Errorf("text %q, want %q", text(got.Body), "A")
			}
		})
	}
}

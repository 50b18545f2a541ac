package pdu

import (
	"time"

	"github.com/warthog618/sms/encoding/bcd"
)

// Repairs of time stamps.
const (
	repairSCTS      = "service centre time stamp is not a time"
	repairDischarge = "discharge time is not a time"
	repairZone      = "time zone unreadable, UTC assumed"
)

// maxZone is the largest distance from UTC in quarters of an hour: 14 h.
const maxZone = 14 * 4

// timestamp reads the seven octets of a time stamp (3GPP TS 23.040 section
// 9.2.3.11) in the zone they name. One that is not a time is noted as repair
// and returned as the zero time.
func (r *reader) timestamp(field, repair string) (time.Time, error) {
	octets, err := r.take(7, field)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := clock(octets[:6])
	if !ok {
		r.repaired(repair)
		return time.Time{}, nil
	}
	zone, ok := location(octets[6])
	if !ok {
		r.repaired(repairZone)
	}
	return t.in(zone), nil
}

// A reading is what a time stamp says without its zone.
type reading struct {
	year, month, day, hour, minute, second int
}

// clock decodes year, month, day, hour, minute and second, and reports whether
// such a moment exists.
func clock(octets []byte) (reading, bool) {
	var v [6]int
	for i, octet := range octets {
		n, err := bcd.Decode(octet)
		if err != nil {
			return reading{}, false
		}
		v[i] = n
	}
	// Two digits; GSM is older than 2000.
	year := 2000 + v[0]
	if v[0] >= 90 {
		year = 1900 + v[0]
	}
	t := reading{year, v[1], v[2], v[3], v[4], v[5]}
	// time.Date normalises what does not exist.
	u := t.in(time.UTC)
	same := u.Year() == t.year && int(u.Month()) == t.month && u.Day() == t.day &&
		u.Hour() == t.hour && u.Minute() == t.minute && u.Second() == t.second
	return t, same
}

func (t reading) in(zone *time.Location) time.Time {
	return time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute, t.second, 0, zone)
}

// location decodes the zone of a time stamp: quarters of an hour east of UTC in
// BCD, with a sign in bit 3.
func location(octet byte) (*time.Location, bool) {
	quarters, err := bcd.DecodeSigned(octet)
	switch {
	case err != nil || quarters > maxZone || quarters < -maxZone:
		return time.UTC, false
	case quarters == 0:
		return time.UTC, true
	}
	return time.FixedZone("", quarters*15*60), true
}

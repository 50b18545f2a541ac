package emulator

import (
	"errors"
	"time"
)

// timestampOctets is the size of a TP-SCTS or TP-DT (3GPP 23.040 §9.2.3.11).
const timestampOctets = 7

var errTimestamp = errors.New("time stamp is not decimal")

// encodeTimestamp builds a time stamp in the zone of t, rounded down to a quarter hour.
func encodeTimestamp(t time.Time) []byte {
	_, offset := t.Zone()
	quarters := offset / 900
	sign := byte(0)
	if quarters < 0 {
		quarters, sign = -quarters, 0x08
	}
	out := make([]byte, timestampOctets)
	for i, v := range []int{t.Year() % 100, int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), quarters} {
		out[i] = byte(v%10<<4 | v/10%10)
	}
	out[6] |= sign
	return out
}

// decodeTimestamp reads a time stamp. Years are of this century up to 89, as 23.040 has no
// century of its own.
func decodeTimestamp(b []byte) (time.Time, error) {
	if len(b) < timestampOctets {
		return time.Time{}, errShort
	}
	var v [timestampOctets]int
	for i := range v {
		o := b[i]
		if i == 6 {
			o &^= 0x08
		}
		if o&0x0f > 9 || o>>4 > 9 {
			return time.Time{}, errTimestamp
		}
		v[i] = int(o&0x0f)*10 + int(o>>4)
	}
	offset := v[6] * 900
	if b[6]&0x08 != 0 {
		offset = -offset
	}
	year := 2000 + v[0]
	if v[0] >= 90 {
		year -= 100
	}
	zone := time.FixedZone("", offset)
	return time.Date(year, time.Month(v[1]), v[2], v[3], v[4], v[5], 0, zone), nil
}

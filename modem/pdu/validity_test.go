package pdu_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tetherd/modem/pdu"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// encodedValidity returns the TP-VP that Encode makes of d.
func encodedValidity(t interface {
	Helper()
	Fatalf(string, ...any)
}, d time.Duration,
) byte {
	t.Helper()
	got, _, err := pdu.Submit{To: "1002", Segment: segment("A"), Validity: d}.Encode()
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	rest, ok := strings.CutPrefix(got, "00"+"1100"+"04810120"+"0000")
	if !ok {
		t.Fatalf("Encode = %s", got)
	}
	vp, err := hex.DecodeString(rest[:2])
	if err != nil {
		t.Fatalf("Encode = %s: %v", got, err)
	}
	return vp[0]
}

func TestValidity(t *testing.T) {
	for _, tt := range []struct {
		validity time.Duration
		want     byte
	}{
		{1, 0},
		{5 * time.Minute, 0},
		{5*time.Minute + 1, 1},
		{10 * time.Minute, 1},
		{11 * time.Minute, 2},
		{time.Hour, 11},
		{12 * time.Hour, 143},
		{12*time.Hour + 1, 144},
		{12*time.Hour + 30*time.Minute, 144},
		{23*time.Hour + 31*time.Minute, 167},
		{day, 167},
		{day + 1, 168},
		{2 * day, 168},
		{30 * day, 196},
		{30*day + 1, 197},
		{5 * week, 197},
		{5*week + 1, 198},
		{62 * week, 254},
		{63*week - 1, 255},
		{pdu.MaxValidity, 255},
		{pdu.MaxValidity + 1, 255},
		{1<<63 - 1, 255},
	} {
		t.Run(tt.validity.String(), func(t *testing.T) {
			if got := encodedValidity(t, tt.validity); got != tt.want {
				t.Errorf("TP-VP = %d, want %d", got, tt.want)
			}
		})
	}
}

// period is the table of 3GPP TS 23.040 section 9.2.3.12.1.
func period(vp int) time.Duration {
	v := time.Duration(vp)
	switch {
	case vp <= 143:
		return (v + 1) * 5 * time.Minute
	case vp <= 167:
		return 12*time.Hour + (v-143)*30*time.Minute
	case vp <= 196:
		return (v - 166) * day
	default:
		return (v - 192) * week
	}
}

// TestValidityRoundsUp: the period sent is the shortest that is long enough.
func TestValidityRoundsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(1, int64(pdu.MaxValidity)).Draw(t, "validity"))
		vp := int(encodedValidity(t, d))
		if period(vp) < d {
			t.Fatalf("%v is sent as %v", d, period(vp))
		}
		if vp > 0 && period(vp-1) >= d {
			t.Fatalf("%v is sent as %v, but %v would do", d, period(vp), period(vp-1))
		}
	})
}

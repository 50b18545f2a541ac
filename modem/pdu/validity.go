package pdu

import (
	"time"

	"github.com/warthog618/sms/encoding/tpdu"
)

// The steps of a relative validity period (3GPP TS 23.040 section 9.2.3.12.1).
const (
	day  = 24 * time.Hour
	week = 7 * day

	minuteStep = 5 * time.Minute  // up to 12 h, values 0 to 143
	hourStep   = 30 * time.Minute // up to 24 h, values 144 to 167
	maxMinutes = 12 * time.Hour
	maxDays    = 30 * day
	// MaxValidity is the longest validity period there is: 63 weeks.
	MaxValidity = 63 * week
)

// relativeValidity returns the TP-VP of the shortest period that is not
// shorter than d; beyond MaxValidity that is MaxValidity. d must be positive.
func relativeValidity(d time.Duration) byte {
	switch {
	case d <= maxMinutes:
		return byte(steps(d, minuteStep) - 1)
	case d <= day:
		return byte(143 + steps(d-maxMinutes, hourStep))
	case d <= maxDays:
		return byte(166 + steps(d, day))
	case d < MaxValidity:
		return byte(192 + steps(d, week))
	default:
		return 255
	}
}

// steps returns how many steps reach d.
func steps(d, step time.Duration) time.Duration {
	return (d + step - 1) / step
}

// validityOctets returns the size of a TP-VP field of that format.
func validityOctets(format tpdu.ValidityPeriodFormat) int {
	switch format {
	case tpdu.VpfNotPresent:
		return 0
	case tpdu.VpfRelative:
		return 1
	default:
		return 7
	}
}

package emulator

import "time"

// DefaultValidity is how long the network keeps a message that names no validity period.
const DefaultValidity = 72 * time.Hour

// validity is how long the network keeps a submitted message (3GPP 23.040 §9.2.3.12).
func (s submit) validity(now time.Time) time.Duration {
	if len(s.Validity) == 0 {
		return DefaultValidity
	}
	switch s.First & 0x18 {
	case 0x10:
		return relativeValidity(s.Validity[0])
	case 0x18:
		at, err := decodeTimestamp(s.Validity)
		if err != nil {
			return DefaultValidity
		}
		return max(at.Sub(now), 0)
	}
	switch s.Validity[0] & 0x07 { // enhanced, §9.2.3.12.3
	case 1:
		return relativeValidity(s.Validity[1])
	case 2:
		return time.Duration(s.Validity[1]) * time.Second
	case 3:
		two := func(o byte) time.Duration { return time.Duration(o&0x0f)*10 + time.Duration(o>>4) }
		return two(s.Validity[1])*time.Hour + two(s.Validity[2])*time.Minute + two(s.Validity[3])*time.Second
	}
	return DefaultValidity
}

// relativeValidity reads the octet of §9.2.3.12.1.
func relativeValidity(vp byte) time.Duration {
	const day = 24 * time.Hour
	switch n := time.Duration(vp); {
	case n <= 143:
		return (n + 1) * 5 * time.Minute
	case n <= 167:
		return 12*time.Hour + (n-143)*30*time.Minute
	case n <= 196:
		return (n - 166) * day
	default:
		return (n - 192) * 7 * day
	}
}

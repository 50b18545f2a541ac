package modem

import "time"

// How far sending is slowed down.
const (
	minBrake = 5 * time.Second
	maxBrake = time.Minute
)

// brake slows a modem down while the network is congested: each refusal for that
// reason doubles the time between two PDUs, each success halves it. The zero value
// slows nothing down.
type brake struct {
	gap   time.Duration
	until time.Time // no PDU before
}

// congested notes that the network refused a PDU because it is busy.
func (b *brake) congested(now time.Time) {
	b.gap = min(max(2*b.gap, minBrake), maxBrake)
	b.until = now.Add(b.gap)
}

// passed notes that the network took a PDU.
func (b *brake) passed(now time.Time) {
	if b.gap /= 2; b.gap < minBrake {
		*b = brake{}
		return
	}
	b.until = now.Add(b.gap)
}

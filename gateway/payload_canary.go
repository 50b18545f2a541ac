package gateway

import "time"

// CanaryFailed is the payload of [EventCanaryFailed]: messages that a modem sends as a
// test do not come through any more.
type CanaryFailed struct{ CanaryNotice }

// CanaryRecovered is the payload of [EventCanaryRecovered]: after that, one came
// through again.
type CanaryRecovered struct{ CanaryNotice }

// CanaryNotice is what the events about canaries have in common.
type CanaryNotice struct {
	SIM       int           `json:"sim"`
	Modem     string        `json:"modem"`
	Misses    int           `json:"misses"`              // in a row
	Reason    string        `json:"reason,omitempty"`    // of the latest
	RoundTrip time.Duration `json:"roundTrip,omitempty"` // of the one that came through
	At        time.Time     `json:"at"`
}

// EventType implements [Payload].
func (CanaryFailed) EventType() EventType { return EventCanaryFailed }

// EventType implements [Payload].
func (CanaryRecovered) EventType() EventType { return EventCanaryRecovered }

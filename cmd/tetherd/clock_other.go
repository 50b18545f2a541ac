//go:build !linux

package main

import (
	"time"

	"tetherd/gateway"
)

// clockSource returns the clock of the process: each start counts as a boot, and
// the wall clock is never known to be synchronised.
func clockSource(floor time.Time) gateway.ClockSource {
	begin, id := time.Now(), gateway.NewID()
	return gateway.ClockSource{
		Boot:  func() (time.Duration, string) { return time.Since(begin), id },
		Floor: floor,
	}
}

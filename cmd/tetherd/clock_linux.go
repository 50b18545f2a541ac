package main

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"tetherd/gateway"
)

// clockSource returns the clocks of the machine. CLOCK_BOOTTIME counts suspend,
// too, and is not touched when the date is set.
func clockSource(floor time.Time) gateway.ClockSource {
	bootID := gateway.NewID() // an unknown boot is a new one
	if b, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		bootID = strings.TrimSpace(string(b))
	}
	begin := time.Now()
	return gateway.ClockSource{
		Boot: func() (time.Duration, string) {
			var ts unix.Timespec
			if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
				// Only a sandbox can forbid it, and then it always does.
				return time.Since(begin), bootID
			}
			return time.Duration(ts.Nano()), bootID
		},
		Synced: clockSynced,
		Floor:  floor,
	}
}

// clockSynced asks the kernel whether something such as NTP keeps the clock right.
func clockSynced() bool {
	var tx unix.Timex
	state, err := unix.Adjtimex(&tx)
	if err == nil {
		return state != unix.TIME_ERROR && tx.Status&unix.STA_UNSYNC == 0
	}
	// A sandbox may forbid even reading; systemd-timesyncd leaves this mark.
	_, err = os.Stat("/run/systemd/timesync/synchronized")
	return err == nil
}

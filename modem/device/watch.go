package device

import (
	"context"
	"sync"
	"time"
)

// pollInterval is how often sysfs is looked at whether or not a uevent came:
// containers may get none.
const pollInterval = 2 * time.Second

// Watch calls changed soon after a terminal or a USB device came or went, until
// ctx ends. changed must not block and may be called for nothing.
func (s System) Watch(ctx context.Context, changed func()) {
	var wg sync.WaitGroup
	defer wg.Wait()
	// Without uevents polling does.
	wg.Go(func() { _ = listen(ctx, changed) })
	t := time.NewTicker(pollInterval)
	defer t.Stop()
	for before := s.Fingerprint(); ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if now := s.Fingerprint(); now != before {
			before = now
			changed()
		}
	}
}

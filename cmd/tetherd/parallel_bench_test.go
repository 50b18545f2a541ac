package main_test

import (
	"fmt"
	"testing"
	"time"
)

const (
	manyModems    = 16
	parallelRadio = 250 * time.Millisecond // a fast network: real ones take seconds
	perModem      = 40                     // messages
)

// BenchmarkParallel sends with one modem and then with sixteen in one process, all
// on ptys, and reports how many times as fast sixteen are. Modems do not wait for
// each other, so that it is sixteen, within five in a hundred; less is an error.
func BenchmarkParallel(b *testing.B) {
	for b.Loop() {
		one := sendRate(b, 1)
		many := sendRate(b, manyModems)
		ratio := many / one
		b.ReportMetric(one, "messages/s/1-modem")
		b.ReportMetric(many, fmt.Sprintf("messages/s/%d-modems", manyModems))
		b.ReportMetric(ratio, "ratio")
		if ratio < manyModems*0.95 {
			b.Errorf("%d modems send %.2f times as fast as one, want at least %.1f", manyModems, ratio, manyModems*0.95)
		}
	}
}

// sendRate returns how many messages per second n modems send.
func sendRate(b *testing.B, n int) float64 {
	b.Helper()
	q := newFullQueue(b, n, n*perModem, parallelRadio)
	defer q.close()
	begun := time.Now()
	q.send()
	return float64(n*perModem) / time.Since(begun).Seconds()
}

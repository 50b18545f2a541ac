package main_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"tetherd/gateway"
)

// BenchmarkSendLimits measures what limits cost on the whole way of a message through one
// emulated modem: CPU time, and bytes written, without any and with all of them. It sends
// messages in turn with and without, so that whatever else the machine does hits both.
func BenchmarkSendLimits(b *testing.B) {
	const each = 1000
	most := gateway.Caps{
		PerMinute: 1e6, Per30Minutes: 1e6, PerHour: 1e6, PerDay: 1e6, PerMonth: 1e6,
		Recipients: 1e6, CostPerDay: 1e12, CostPerMonth: 1e12,
	}
	all := gateway.Protection{
		Total: most, Modems: map[string]gateway.Caps{"m0": most}, Reserve: 20, Repeats: 10, Replies: 30,
		Prices: []gateway.Price{{Prefix: "+49", PerPart: 90_000}, {Prefix: "+49170", PerPart: 70_000}},
	}
	var cpu [2]time.Duration
	var wrote [2]int64
	rounds := 0
	for b.Loop() {
		for i, limits := range []gateway.Protection{{}, all} {
			q := newLimitedQueue(b, 1, each, 0, limits)
			was, written := cpuTime(b), bytesWritten(b)
			q.send()
			cpu[i] += cpuTime(b) - was
			wrote[i] += bytesWritten(b) - written
			q.close()
		}
		rounds++
	}
	n := float64(rounds * each)
	for i, name := range []string{"without", "with"} {
		b.ReportMetric(float64(cpu[i].Microseconds())/n, "µs-CPU/message-"+name)
		b.ReportMetric(float64(wrote[i])/1024/n, "KiB/message-"+name)
	}
	b.ReportMetric(100*(float64(cpu[1])/float64(cpu[0])-1), "%-more-CPU")
}

// bytesWritten returns how many bytes the process gave to write calls.
func bytesWritten(b *testing.B) (n int64) {
	b.Helper()
	stat, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(stat) {
		if _, err := fmt.Sscanf(string(line), "wchar: %d", &n); err == nil {
			return n
		}
	}
	b.Fatal("/proc/self/io does not say what was written")
	return 0
}

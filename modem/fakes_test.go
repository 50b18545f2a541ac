package modem

import (
	"context"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

// inbox is an Inbox that remembers.
type inbox struct {
	mu        sync.Mutex
	fragments []gateway.Fragment
	reports   []gateway.Report
	calls     []gateway.Call
	refuse    func(f gateway.Fragment) error // nil stores everything
	arrived   chan struct{}
}

func (i *inbox) Receive(_ context.Context, f gateway.Fragment) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse != nil {
		if err := i.refuse(f); err != nil {
			return err
		}
	}
	i.fragments = append(i.fragments, f)
	i.tell()
	return nil
}

func (i *inbox) Report(_ context.Context, r gateway.Report) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reports = append(i.reports, r)
	i.tell()
	return nil
}

func (i *inbox) Call(_ context.Context, c gateway.Call) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse != nil {
		if err := i.refuse(gateway.Fragment{}); err != nil {
			return err
		}
	}
	i.calls = append(i.calls, c)
	i.tell()
	return nil
}

// tell wakes whoever waits. The caller holds mu.
func (i *inbox) tell() {
	if i.arrived != nil {
		close(i.arrived)
		i.arrived = nil
	}
}

// await waits until ok holds of what arrived.
func (i *inbox) await(t *testing.T, what string, ok func(fs []gateway.Fragment, rs []gateway.Report) bool) {
	t.Helper()
	limit := time.NewTimer(10 * time.Minute)
	defer limit.Stop()
	for {
		i.mu.Lock()
		done := ok(i.fragments, i.reports)
		if i.arrived == nil {
			i.arrived = make(chan struct{})
		}
		arrived := i.arrived
		i.mu.Unlock()
		if done {
			return
		}
		select {
		case <-arrived:
		case <-limit.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (i *inbox) awaitFragments(t *testing.T, n int) []gateway.Fragment {
	t.Helper()
	i.await(t, "messages", func(fs []gateway.Fragment, _ []gateway.Report) bool { return len(fs) >= n })
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]gateway.Fragment(nil), i.fragments...)
}

func (i *inbox) awaitReports(t *testing.T, n int) []gateway.Report {
	t.Helper()
	i.await(t, "reports", func(_ []gateway.Fragment, rs []gateway.Report) bool { return len(rs) >= n })
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]gateway.Report(nil), i.reports...)
}

// texts returns the texts of single fragments.
func texts(fs []gateway.Fragment) []string {
	var out []string
	for _, f := range fs {
		out = append(out, sms.Join([]sms.Body{f.Body}))
	}
	return out
}

// journal is a Journal in memory, which outlives modems as a durable one does.
type journal struct {
	mu    sync.Mutex
	tried map[string]bool
	dogs  map[string][]byte
	fail  error
}

func (j *journal) PINTried(sim, pin string) (bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tried[sim+"/"+pin], j.fail
}

func (j *journal) RecordPIN(_ context.Context, sim, pin string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail != nil {
		return j.fail
	}
	if j.tried == nil {
		j.tried = make(map[string]bool)
	}
	j.tried[sim+"/"+pin] = true
	return nil
}

func (j *journal) ClearPIN(_ context.Context, sim, pin string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.tried, sim+"/"+pin)
	return nil
}

func (j *journal) Watchdog(modem string) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.dogs[modem], j.fail
}

func (j *journal) RecordWatchdog(_ context.Context, modem string, b []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail != nil {
		return j.fail
	}
	if j.dogs == nil {
		j.dogs = make(map[string][]byte)
	}
	j.dogs[modem] = b
	return nil
}

func (j *journal) records() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.tried)
}

package gateway_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
)

// A message that is passed on incomplete and then completed is told whole exactly
// once, and linked, whichever commit fails on the way, stored or not.
func TestLatePartsWithFailingCommits(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %v", after), func(t *testing.T) {
			for k := 0; ; k++ {
				hit := false
				bubble(t, 0, func(w *world) { hit = lateRun(w, k, after) })
				if t.Failed() {
					t.Fatalf("at commit %d", k)
				}
				if !hit {
					if k < 3 {
						t.Fatalf("the scenario has %d commits only", k)
					}
					return
				}
			}
		})
	}
}

func lateRun(w *world, k int, after bool) (hit bool) {
	w.start()
	w.subscribe()
	w.stop()
	fs := fragments("first one", 4, 9, time.Now())
	commits := 0
	var mu sync.Mutex
	w.wrap = func(s gateway.Store) gateway.Store { return &faultyStore{s, &mu, &commits, k, after} }
	w.start()
	if w.gw != nil {
		for _, f := range fs[:2] {
			w.gw.Receive(w.t.Context(), f) // an error leaves it on the SIM
		}
		w.pass(73 * time.Hour)
		w.gw.Receive(w.t.Context(), fs[2])
	}
	hit = commits > k
	w.wrap = nil
	w.stopFailed()
	w.start()
	w.receive(fs...)
	w.pass(80 * time.Hour)

	ins := w.stored()
	last := ins[len(ins)-1]
	switch {
	case last.Text != "first one" || last.Missing != 0 || last.ReplacedBy != 0:
		w.t.Errorf("the last message is %+v, want the whole one", last)
	case len(ins) == 2 && (ins[0].Missing == 0 || ins[0].ReplacedBy != 2 || last.Replaces != 1 || !last.Completes):
		w.t.Errorf("the messages are not linked: %+v", ins)
	case len(ins) > 2 || len(ins) == 1 && last.Replaces != 0:
		w.t.Errorf("%d messages, want at most the incomplete and the whole one: %+v", len(ins), ins)
	}
	if told := w.payloads(); len(told) != len(ins) || told[len(told)-1].(gateway.MessageReceived).Text != "first one" {
		w.t.Errorf("%d messages, told %+v", len(ins), told)
	}
	return hit
}

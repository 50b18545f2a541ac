package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

// faultyStore fails at the k-th Commit, before or after storing it, and at all
// later ones: the disk is gone until the next start.
type faultyStore struct {
	gateway.Store
	mu    *sync.Mutex
	n     *int
	k     int
	after bool
}

func (s *faultyStore) Commit(ctx context.Context, c gateway.Change) error {
	s.mu.Lock()
	n := *s.n
	*s.n++
	s.mu.Unlock()
	switch {
	case n < s.k:
		return s.Store.Commit(ctx, c)
	case n == s.k && s.after:
		if err := s.Store.Commit(ctx, c); err != nil {
			return err
		}
	}
	return gateway.ErrStoreFailed
}

// Every path of the engine keeps its promises when any one commit of it fails,
// whether or not it was stored all the same, and the gateway is started again.
func TestFailingCommits(t *testing.T) {
	for _, policy := range []gateway.UnknownPolicy{gateway.ResendUnknown, gateway.FailUnknown} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stored %v", policy, after), func(t *testing.T) {
				for k := 0; ; k++ {
					hit := false
					bubble(t, 2, func(w *world) { hit = faultRun(w, policy, k, after) })
					if t.Failed() {
						t.Fatalf("at commit %d", k)
					}
					if !hit {
						if k < 20 {
							t.Fatalf("the scenario has %d commits only", k)
						}
						return
					}
				}
			})
		}
	}
}

// faultRun runs a scenario with a fault at commit k, restarts, lets everything
// come to an end and checks the promises. It reports whether the fault was met.
func faultRun(w *world, policy gateway.UnknownPolicy, k int, after bool) (hit bool) {
	w.opts.OnUnknown = policy
	w.opts.Routing = gateway.Routing{Selection: gateway.SelectInTurn, Sticky: true, Handover: 30 * time.Second}
	run := &invariant.Run{
		Resends:    policy == gateway.ResendUnknown,
		Subscribed: []gateway.EventType{gateway.EventReceived, gateway.EventSent, gateway.EventDelivered, gateway.EventFailed},
	}
	// Registered before the faults begin, so that every event counts.
	w.start()
	w.subscribe()
	w.stop()

	commits := 0
	var mu sync.Mutex
	w.wrap = func(s gateway.Store) gateway.Store { return &faultyStore{s, &mu, &commits, k, after} }
	for i, m := range w.modems {
		m.radio = 100 * time.Millisecond
		m.script = func(_ *gateway.Outgoing, _, nth int) answer {
			switch {
			case i == 0 && nth == 1:
				return answer{fault: rejected(gateway.Retry)}
			case i == 1 && nth == 2:
				return answer{fault: unknown(), lost: true, reports: []byte{0}}
			}
			return answer{reports: []byte{0}, early: nth%2 == 0}
		}
	}
	incoming := [][]gateway.Fragment{
		fragments("incoming one", 70, 0, time.Now()),
		fragments("incoming two, in parts 😀", 6, 5, time.Now()),
	}
	w.start()
	feed(w, run, incoming)
	hit = commits > k
	w.wrap = nil
	w.stopFailed()

	w.start()
	observe(w, run)
	feedAgain(w, incoming)
	for range 40 { // reports of PDUs whose outcome was lost with the store
		w.pass(time.Minute)
		observe(w, run)
	}
	w.pass(2 * time.Hour)
	observe(w, run)
	conclude(w, run)
	if v := run.Violations(); len(v) > 0 {
		w.t.Errorf("fault at commit %d:\n%s", k, strings.Join(v, "\n"))
	}
	return hit
}

// feed submits messages and takes in texts until the store fails.
func feed(w *world, run *invariant.Run, incoming [][]gateway.Fragment) {
	for _, in := range incoming {
		text := textOf(in)
		run.Arrivals = append(run.Arrivals, invariant.Arrival{Text: text, Copies: 1})
	}
	if w.gw == nil {
		return
	}
	for i, s := range []gateway.Submission{
		{Text: "one", DeliveryReport: true},
		{Text: long, DeliveryReport: true},
		{Text: "two people", Numbers: []string{"+4915110000011", "+4915110000012"}, DeliveryReport: true},
		{Text: "later", ScheduleAt: time.Now().Add(10 * time.Second), DeliveryReport: true},
	} {
		s.ID = fmt.Sprint("m", i)
		if s.Numbers == nil {
			s.Numbers = []string{fmt.Sprintf("+491511000002%d", i)}
		}
		if m, err := w.gw.Submit(w.t.Context(), s); err == nil {
			p := invariant.Promise{Message: m.ID, Recipients: s.Numbers, Parts: 1}
			if s.Text == long {
				p.Parts = 3
			}
			run.Promises = append(run.Promises, p)
		}
	}
	for _, in := range incoming {
		for _, f := range in {
			w.gw.Receive(w.t.Context(), f) // an error leaves it on the SIM
		}
	}
	for range 5 {
		w.pass(20 * time.Second)
		observe(w, run)
	}
}

// feedAgain reads everything that is still on the SIM, which for want of a
// deletion is all of it.
func feedAgain(w *world, incoming [][]gateway.Fragment) {
	for _, in := range incoming {
		w.receive(in...)
	}
}

func observe(w *world, run *invariant.Run) {
	if w.gw == nil {
		return
	}
	ms, _, err := w.gw.Messages(gateway.MessageQuery{Limit: 100})
	if err != nil {
		w.t.Fatalf("read messages: %v", err)
	}
	for i := range ms {
		run.Observations = append(run.Observations, invariant.Observe(&ms[i]))
	}
}

// conclude fills in what the outsiders saw.
func conclude(w *world, run *invariant.Run) {
	run.Ledger = w.ledger.all()
	run.Inbox = w.inbox()
	for _, e := range w.emissions() {
		p, _ := invariant.NewPost(e.delivery.ID, &e.event)
		run.Posts = append(run.Posts, p)
	}
}

func textOf(fs []gateway.Fragment) string {
	var units []uint16
	for _, f := range fs {
		units = append(units, f.Body.UTF16...)
	}
	return decode(units)
}

package gateway_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// raise stores n events in one commit, for each webhook that is registered for them.
func (w *world) raise(n int) {
	w.t.Helper()
	now := w.db.Timeline().Now()
	var c gateway.Change
	for i := range n {
		e := gateway.Emission{Event: gateway.Event{
			ID: gateway.NewID(), At: w.gw.Now(), Payload: gateway.HookFailing{HookNotice: gateway.HookNotice{Webhook: fmt.Sprint(i)}},
		}}
		for _, ep := range w.gw.Endpoints() {
			e.Deliveries = append(e.Deliveries, gateway.Delivery{ID: gateway.NewID(), Endpoint: ep.Num, Rev: ep.Rev, Due: now})
		}
		c.Emissions = append(c.Emissions, e)
	}
	if err := w.db.Commit(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

var failing = []gateway.EventType{gateway.EventHookFailing}

// rows returns every delivery to a webhook, oldest event first.
func (w *world) rows(id string) []gateway.Delivery {
	w.t.Helper()
	ds, _, err := w.gw.Deliveries(id, gateway.DeliveryQuery{Limit: 1 << 20})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(ds)
	return ds
}

// end ends a delivery after so many attempts.
func (w *world) end(d gateway.Delivery, s gateway.DeliveryState, attempts int) gateway.Delivery {
	w.t.Helper()
	d.State, d.Attempts, d.Ended = s, attempts, w.db.Timeline().Now()
	if err := w.db.Commit(w.t.Context(), gateway.Change{Deliveries: []gateway.Delivery{d}}); err != nil {
		w.t.Fatal(err)
	}
	return d
}

func TestRedeliver(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{ID: "x", Events: failing})
		w.raise(3)
		ds := w.rows("x")
		ended := w.end(ds[0], gateway.Succeeded, 3)
		waits := ds[1]
		waits.Attempts, waits.Due = 2, w.db.Timeline().Now().Add(time.Hour)
		if err := w.db.Commit(w.t.Context(), gateway.Change{Deliveries: []gateway.Delivery{waits}}); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		now := w.db.Timeline().Now()
		again := func(d gateway.Delivery, newID bool) gateway.Delivery {
			t.Helper()
			_, e, err := w.gw.Redeliver(w.t.Context(), "x", d.ID, newID)
			if err != nil || e.Payload == nil {
				t.Fatalf("redeliver: %v", err)
			}
			return w.rows("x")[d.Event-ds[0].Event]
		}
		want := ended
		want.State, want.Ended, want.Due, want.Base, want.Replays = gateway.Undelivered, 0, now, 3, 1
		if diff := cmp.Diff(want, again(ended, false)); diff != "" {
			t.Errorf("one that ended (-want +got)\n%s", diff)
		}
		want = waits
		want.Due = now
		if diff := cmp.Diff(want, again(waits, false)); diff != "" {
			t.Errorf("one that waits (-want +got)\n%s", diff)
		}
		w.end(want, gateway.Exhausted, 15)
		if got := again(want, true); got.ID == want.ID || got.Base != 15 || got.Replays != 1 {
			t.Errorf("with another id: got %+v", got)
		}

		d, _, err := w.gw.CancelDelivery(w.t.Context(), "x", ds[2].ID)
		if err != nil || d.State != gateway.Withdrawn || d.Ended != now || w.rows("x")[2].State != gateway.Withdrawn {
			t.Errorf("cancel: got %+v, %v", d, err)
		}
		if _, _, err := w.gw.CancelDelivery(w.t.Context(), "x", ds[2].ID); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("cancel again: got %v, want a conflict", err)
		}
		for webhook, delivery := range map[string]string{"x": "none", "none": ds[0].ID} {
			if _, _, err := w.gw.Redeliver(w.t.Context(), webhook, delivery, false); gateway.CodeOf(err) != gateway.NotFound {
				t.Errorf("redeliver %s of %s: got %v", delivery, webhook, err)
			}
			if _, _, err := w.gw.CancelDelivery(w.t.Context(), webhook, delivery); gateway.CodeOf(err) != gateway.NotFound {
				t.Errorf("cancel %s of %s: got %v", delivery, webhook, err)
			}
		}
	})
}

// states counts the deliveries to a webhook by their states and replays.
func (w *world) states(id string) map[string]int {
	out := make(map[string]int)
	for _, d := range w.rows(id) {
		key := d.State.String()
		if d.Replays > 0 {
			key += " again"
		}
		out[key]++
	}
	return out
}

// job waits for a job to end.
func (w *world) job(j gateway.Job, err error) gateway.Job {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	w.settle()
	done, err := w.gw.Job(j.Webhook, j.ID)
	if err != nil || done.Ended.IsZero() {
		w.t.Fatalf("the job did not end: %+v, %v", done, err)
	}
	return done
}

// With more rows than fit into one commit.
func TestRecover(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{ID: "x", Events: failing})
		w.register(gateway.Endpoint{ID: "other", Events: failing})
		const n = 2500
		w.raise(n)
		var c gateway.Change
		for i, d := range w.rows("x") {
			d.Ended = w.db.Timeline().Now().Add(time.Duration(i) * time.Millisecond)
			switch {
			case i%100 == 0:
				d.State = gateway.Succeeded
			case i%100 == 1:
				d.State = gateway.Withdrawn
			case i%100 == 2:
				d.State = gateway.Dropped
			case i%100 == 3:
				d.State = gateway.Blocked
			case i%100 == 4:
				continue
			default:
				d.State, d.Attempts = gateway.Exhausted, 15
			}
			c.Deliveries = append(c.Deliveries, d)
		}
		start := w.gw.Now()
		if err := w.db.Commit(w.t.Context(), c); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		check := func(what string, want map[string]int) {
			t.Helper()
			if diff := cmp.Diff(want, w.states("x")); diff != "" {
				t.Errorf("%s (-want +got)\n%s", what, diff)
			}
		}

		j := w.job(w.gw.Recover("x", gateway.RecoverQuery{States: []gateway.DeliveryState{gateway.Withdrawn}}))
		if j.Total != 25 || j.Done != 25 || j.Changed != 25 || j.State != gateway.JobDone {
			t.Errorf("cancelled ones: got %+v", j)
		}
		// The second half, of which 36 are of other states.
		j = w.job(w.gw.Recover("x", gateway.RecoverQuery{Since: start.Add(1250 * time.Millisecond), Until: start.Add(time.Minute)}))
		if j.Done != 1250-36 {
			t.Errorf("since: got %+v", j)
		}
		half := j.Done
		j = w.job(w.gw.Recover("x", gateway.RecoverQuery{}))
		if j.Done+half != 2425 || j.Total != j.Done {
			t.Errorf("all: got %+v besides %d", j, half)
		}
		check("after all", map[string]int{"succeeded": 25, "pending": 25, "pending again": 2450})
		if diff := cmp.Diff(map[string]int{"pending": n}, w.states("other")); diff != "" {
			t.Errorf("another webhook (-want +got)\n%s", diff)
		}
		// They go in the order of their events.
		e, _ := w.gw.Endpoint("x")
		ds, _, _, err := w.db.DueDeliveries(e.Num, 1<<62, 1<<20, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		late := ds[len(ds)-j.Done:]
		if !slices.IsSortedFunc(late, func(a, b gateway.Delivery) int { return int(a.Event) - int(b.Event) }) {
			t.Error("they do not go in the order of their events")
		}
		// Again there is nothing to do.
		if j = w.job(w.gw.Recover("x", gateway.RecoverQuery{})); j.Done != 0 || j.State != gateway.JobDone {
			t.Errorf("again: got %+v", j)
		}
		if _, err := w.gw.Recover("x", gateway.RecoverQuery{States: []gateway.DeliveryState{gateway.Succeeded}}); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("those that succeeded: got %v", err)
		}
		if _, err := w.gw.Recover("none", gateway.RecoverQuery{}); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("no such webhook: got %v", err)
		}
		js, err := w.gw.Jobs("x")
		if err != nil || len(js) != 4 || js[0].ID != j.ID {
			t.Errorf("got %+v, %v, want four, the newest first", js, err)
		}
		if js, err := w.gw.Jobs("other"); err != nil || len(js) != 0 {
			t.Errorf("of another webhook: got %+v, %v", js, err)
		}
	})
}

func TestReplayMissing(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{ID: "before", Events: failing})
		w.raise(1200)
		w.pass(time.Hour)
		middle := w.gw.Now()
		w.raise(100)
		if err := w.gw.Raise(w.t.Context(), "", gateway.HookRecovered{}, ""); err != nil {
			t.Fatal(err)
		}
		w.register(gateway.Endpoint{ID: "x", Events: failing})
		w.raise(10)

		j := w.job(w.gw.ReplayMissing("x", middle))
		if j.Done != 110 || j.Changed != 100 || j.Total != 110 {
			t.Errorf("since the middle: got %+v, want 100 of 110", j)
		}
		j = w.job(w.gw.ReplayMissing("x", time.Time{}))
		if j.Done != 1310 || j.Changed != 1200 {
			t.Errorf("all: got %+v, want 1200 of 1310", j)
		}
		if j = w.job(w.gw.ReplayMissing("x", time.Time{})); j.Changed != 0 {
			t.Errorf("again: got %+v, want nothing to do", j)
		}
		if got := len(w.told("x")); got != 1310 {
			t.Errorf("got %d deliveries, want 1310", got)
		}
		if got := len(w.told("before")); got != 1310 {
			t.Errorf("got %d deliveries to the other, want 1310 as before", got)
		}
		if _, err := w.gw.ReplayMissing("none", time.Time{}); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("no such webhook: got %v", err)
		}
	})
}

// Jobs that cannot run yet are bounded, and end with the gateway.
func TestJobsAreBounded(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.register(gateway.Endpoint{ID: "x", Events: failing})
		for range 60 {
			w.job(w.gw.ReplayMissing("x", time.Time{}))
		}
		if js, _ := w.gw.Jobs("x"); len(js) != 50 {
			t.Errorf("got %d jobs remembered, want 50", len(js))
		}
		w.soft() // nothing is begun any more
		w.settle()
		var err error
		for i := range 20 {
			if _, err = w.gw.ReplayMissing("x", time.Time{}); err != nil {
				if i != 10 || gateway.CodeOf(err) != gateway.TooSoon {
					t.Errorf("job %d: got %v", i, err)
				}
				break
			}
		}
		if err == nil {
			t.Error("any number of jobs can wait")
		}
	})
}

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tetherd/gateway"
)

// compareHistory compares what can be asked of ended deliveries with rows, in the
// order of events.
func compareHistory(t *rapid.T, db *DB, num uint32, rows []gateway.Delivery) {
	q := gateway.DeliveryQuery{
		Endpoint: num,
		States: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) gateway.DeliveryState {
			return gateway.DeliveryState(rapid.IntRange(0, int(gateway.Withdrawn)).Draw(t, "listed state"))
		}), 0, 3).Draw(t, "states"),
		Before: rapid.Uint64Range(0, 5).Draw(t, "before"),
		Limit:  rapid.IntRange(0, 4).Draw(t, "limit"),
	}
	dead := len(q.States) > 0 && !slices.ContainsFunc(q.States, func(s gateway.DeliveryState) bool { return !s.Dead() })
	if dead {
		q.Since = gateway.Tick(rapid.IntRange(0, 5).Draw(t, "since"))
	}
	var want []gateway.Delivery
	for _, d := range slices.Backward(rows) {
		if d.Endpoint == num && len(want) < q.Limit && (q.Before == 0 || d.Event < q.Before) &&
			(len(q.States) == 0 || slices.Contains(q.States, d.State)) && (!dead || d.Ended >= q.Since) {
			want = append(want, d)
		}
	}
	ds, es, err := db.Deliveries(q)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "history", want, ds)
	for i := range ds {
		if es[i].Seq != ds[i].Event || es[i].Payload == nil {
			t.Errorf("delivery of event %d comes with %+v", ds[i].Event, es[i])
		}
	}
	if len(rows) == 0 {
		return
	}
	d := rapid.SampledFrom(rows).Draw(t, "found")
	got, e, err := db.Delivery(d.Endpoint, d.ID)
	if err != nil || e.Seq != d.Event {
		t.Errorf("got event %d, %v, want %d", e.Seq, err, d.Event)
	}
	diff(t, "found delivery", d, got)
}

func TestDeliveryNotFound(t *testing.T) {
	db := openTest(t)
	ep := addEndpoint(t, db, "one")
	emit(t, db, "e1", 5, ep.Num)
	for num, id := range map[uint32]string{ep.Num: "e1", 99: "e1d"} {
		if _, _, err := db.Delivery(num, id); !errors.Is(err, gateway.ErrNotFound) {
			t.Errorf("webhook %d, delivery %s: got %v, want ErrNotFound", num, id, err)
		}
	}
	commit(t, db, gateway.Change{DropEndpoints: []string{"one"}})
	if ds, _, err := db.Deliveries(gateway.DeliveryQuery{Endpoint: ep.Num, Limit: 9}); err != nil || len(ds) > 0 {
		t.Errorf("got %v, %v of a webhook that was deleted", ds, err)
	}
}

// What ended stays ended, except for a replay, and for a receiver that took what was
// given up meanwhile.
func TestOutcomesThatComeLate(t *testing.T) {
	tests := []struct {
		name         string
		stored, late gateway.Delivery
		want         gateway.DeliveryState
	}{
		{"retry of a dropped one", gateway.Delivery{State: gateway.Dropped}, gateway.Delivery{Attempts: 3}, gateway.Dropped},
		{"success of a dropped one", gateway.Delivery{State: gateway.Dropped}, gateway.Delivery{State: gateway.Succeeded}, gateway.Succeeded},
		{"success of a withdrawn one", gateway.Delivery{State: gateway.Withdrawn}, gateway.Delivery{State: gateway.Succeeded}, gateway.Succeeded},
		{"end of one that arrived", gateway.Delivery{State: gateway.Succeeded}, gateway.Delivery{State: gateway.Exhausted}, gateway.Succeeded},
		{"replay", gateway.Delivery{State: gateway.Succeeded}, gateway.Delivery{Replays: 1}, gateway.Undelivered},
		{"end of what was begun before the replay", gateway.Delivery{Replays: 1}, gateway.Delivery{State: gateway.Exhausted}, gateway.Undelivered},
		{"success from before the replay", gateway.Delivery{Replays: 1}, gateway.Delivery{State: gateway.Succeeded}, gateway.Undelivered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t)
			d := emit(t, db, "e1", 5, addEndpoint(t, db, "one").Num).Deliveries[0]
			for _, change := range []gateway.Delivery{tt.stored, tt.late} {
				n := d
				n.State, n.Attempts, n.Replays = change.State, change.Attempts, change.Replays
				commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{n}})
			}
			got, _, err := db.Delivery(d.Endpoint, d.ID)
			if err != nil || got.State != tt.want {
				t.Errorf("got state %v, %v, want %v", got.State, err, tt.want)
			}
			if ended := got.Ended != 0; ended != (tt.want != gateway.Undelivered) {
				t.Errorf("got an end at %d", got.Ended)
			}
		})
	}
}

// Deliveries that never were are made up for, once each.
func TestMissedDeliveries(t *testing.T) {
	db := openTest(t)
	one := addEndpoint(t, db, "one")
	emit(t, db, "e1", 5, one.Num)
	emit(t, db, "e2", 5)
	late := addEndpoint(t, db, "late")
	var seen []gateway.Delivery
	db.OnCommit(func(c gateway.Change) { seen = append(seen, c.Missed...) })

	missed := []gateway.Delivery{
		{ID: "a", Endpoint: late.Num, Event: 1, Due: 3},
		{ID: "b", Endpoint: late.Num, Event: 2, Due: 3},
		{ID: "c", Endpoint: one.Num, Event: 1}, // it has one
		{ID: "d", Endpoint: 99, Event: 1},
		{ID: "e", Endpoint: one.Num, Event: 99},
	}
	c := gateway.Change{Missed: slices.Clone(missed)}
	commit(t, db, c)
	diff(t, "observed", missed[:2], seen)
	for i := range missed[2:] {
		missed[2+i].Event = 0
	}
	diff(t, "told", missed, c.Missed)
	ds, es, _, err := db.DueDeliveries(late.Num, 5, 9, nil, nil)
	if err != nil || len(ds) != 2 || es[1].ID != "e2" {
		t.Errorf("got %v, %v", ds, err)
	}
	commit(t, db, gateway.Change{Missed: slices.Clone(missed[:2])})
	if loads, err := db.EndpointLoads(); err != nil || loads[late.Num].Pending != 2 {
		t.Errorf("got %v, %v, want that nothing is added twice", loads, err)
	}
}

func TestEventsAfter(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	ep := addEndpoint(t, db, "one")
	read := func(after uint64, most int, want []string, wantGap bool) {
		t.Helper()
		es, gap, err := db.EventsAfter(after, most)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, e := range es {
			ids = append(ids, e.ID)
		}
		diff(t, fmt.Sprint("events after ", after), want, ids)
		if gap != wantGap {
			t.Errorf("events after %d: got gap %v, want %v", after, gap, wantGap)
		}
	}
	read(0, 5, nil, false)
	emit(t, db, "e1", 5, ep.Num)
	emit(t, db, "e2", 5)
	emit(t, db, "e3", 5, ep.Num)
	read(0, 2, []string{"e1", "e2"}, false)
	read(2, 5, []string{"e3"}, false)
	read(3, 5, nil, false)
	read(4, 5, nil, true) // given by a store that was replaced by an older copy
	clock.boot += day
	if _, _, err := db.Prune(context.Background(), PruneLimits{Deliveries: 1}); err != nil {
		t.Fatal(err)
	}
	read(0, 5, []string{"e1", "e3"}, true) // the second waited for nobody
	read(2, 5, []string{"e3"}, false)
	// The latest are the ones that are gone.
	emit(t, db, "e4", 5)
	clock.boot += day
	if _, _, err := db.Prune(context.Background(), PruneLimits{Deliveries: 1}); err != nil {
		t.Fatal(err)
	}
	read(2, 1, []string{"e3"}, false) // there may be more
	read(2, 5, []string{"e3"}, true)
	read(3, 5, nil, true)
	read(4, 5, nil, false)
	if seq, err := db.LatestEvent(); err != nil || seq != 4 {
		t.Errorf("latest event: got %d, %v, want 4", seq, err)
	}
}

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tetherd/gateway"
)

// addEndpoint registers a webhook and returns it with its number.
func addEndpoint(t tb, db *DB, id string) gateway.Endpoint {
	t.Helper()
	es := []gateway.Endpoint{{ID: id, URL: "https://example.org/" + id, Events: []gateway.EventType{gateway.EventSent}, CreatedAt: date}}
	commit(t, db, gateway.Change{Endpoints: es})
	return es[0]
}

func sentEvent(id string) gateway.Event {
	return gateway.Event{
		ID: id, At: date, Subject: "m1",
		Payload: gateway.MessageSent{MessageProgress: gateway.MessageProgress{MessageID: "m1", At: date}, Parts: 1},
	}
}

// emit stores an event with a delivery to each endpoint, due at due.
func emit(t tb, db *DB, id string, due gateway.Tick, endpoints ...uint32) gateway.Emission {
	t.Helper()
	em := []gateway.Emission{{Event: sentEvent(id)}}
	for _, num := range endpoints {
		em[0].Deliveries = append(em[0].Deliveries, gateway.Delivery{ID: id + "d", Endpoint: num, Due: due})
	}
	commit(t, db, gateway.Change{Emissions: em})
	return em[0]
}

func TestDeliveryIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := gateway.Delivery{
			ID: rapid.String().Draw(t, "id"), Endpoint: rapid.Uint32().Draw(t, "endpoint"),
			Event: rapid.Uint64().Draw(t, "event"), Subject: rapid.String().Draw(t, "subject"),
			State:    gateway.DeliveryState(rapid.Byte().Draw(t, "state")),
			Attempts: rapid.IntRange(0, math.MaxInt).Draw(t, "attempts"),
			Due:      gateway.Tick(rapid.Int64().Draw(t, "due")),
			LastCode: rapid.IntRange(0, 999).Draw(t, "code"), LastErr: rapid.String().Draw(t, "err"),
			Rev: rapid.Uint32().Draw(t, "rev"), Base: rapid.IntRange(0, math.MaxInt).Draw(t, "base"),
			Replays: rapid.IntRange(0, math.MaxInt).Draw(t, "replays"),
			Ended:   gateway.Tick(rapid.Int64().Draw(t, "ended")),
		}
		if rapid.Bool().Draw(t, "attempted") {
			d.LastAt = anyTime().Draw(t, "at").UTC()
		}
		row := encodeDelivery(&d)
		got, err := decodeDelivery(deliveryKey(d.Endpoint, d.Event), row)
		if err != nil {
			t.Fatal(err)
		}
		if other := d.ID + "x"; !hasDeliveryID(row, d.ID) || hasDeliveryID(row, other) {
			t.Errorf("row of %q: got %v, and %v for %q", d.ID, hasDeliveryID(row, d.ID), hasDeliveryID(row, other), other)
		}
		if d := cmp.Diff(d, got); d != "" {
			t.Errorf("delivery (-want +got):\n%s", d)
		}
	})
}

func FuzzDecodeDelivery(f *testing.F) {
	d := gateway.Delivery{ID: "d1", Endpoint: 1, Event: 2, Subject: "m1", Attempts: 3, Due: 4, LastCode: 500, LastAt: date}
	f.Add(deliveryKey(1, 2), encodeDelivery(&d))
	f.Add([]byte{}, []byte{deliveryForm})
	f.Fuzz(func(t *testing.T, k, v []byte) {
		d, err := decodeDelivery(k, v)
		if err != nil {
			return
		}
		again, err := decodeDelivery(deliveryKey(d.Endpoint, d.Event), encodeDelivery(&d))
		if err != nil || !cmp.Equal(d, again) {
			t.Errorf("got %+v, %v, want %+v", again, err, d)
		}
	})
}

func FuzzDecodeEventRow(f *testing.F) {
	e := eventRow{stored: 7, endpoints: []uint32{1, 300}, json: []byte("{}")}
	f.Add(e.encode())
	f.Add(append(appendTick(nil, 7), "{}"...))
	f.Add([]byte{eventForm})
	f.Fuzz(func(t *testing.T, v []byte) {
		e, err := decodeEventRow(v)
		if err != nil || e.all {
			return
		}
		again, err := decodeEventRow(e.encode())
		if err != nil || again.stored != e.stored || !slices.Equal(again.endpoints, e.endpoints) || !bytes.Equal(again.json, e.json) {
			t.Errorf("got %+v, %v, want %+v", again, err, e)
		}
	})
}

func TestEmission(t *testing.T) {
	db := openTest(t)
	one, two := addEndpoint(t, db, "one"), addEndpoint(t, db, "two")
	var seen gateway.Change
	db.mu.Lock()
	db.observers = append(db.observers, func(c gateway.Change) { seen = c })
	db.mu.Unlock()

	em := emit(t, db, "e1", 5, one.Num, 99, two.Num)
	if em.Event.Seq != 1 {
		t.Errorf("got Seq %d, want 1", em.Event.Seq)
	}
	var events []uint64
	for _, d := range em.Deliveries {
		events = append(events, d.Event)
	}
	diff(t, "Delivery.Event, 0 if its endpoint is gone", []uint64{1, 0, 1}, events)
	diff(t, "observed deliveries", []gateway.Delivery{em.Deliveries[0], em.Deliveries[2]}, seen.Emissions[0].Deliveries)

	ds, _, next, err := db.DueDeliveries(two.Num, 4, 10, nil, nil)
	if err != nil || len(ds) > 0 || next != 5 {
		t.Errorf("before they are due: got %v, next %d, %v, want none, next 5", ds, next, err)
	}
	ds, es, next, err := db.DueDeliveries(two.Num, 5, 10, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := gateway.Delivery{ID: "e1d", Endpoint: two.Num, Event: 1, Subject: "m1", Due: 5}
	diff(t, "deliveries", []gateway.Delivery{want}, ds)
	diff(t, "events", []gateway.Event{em.Event}, es)
	diff(t, "next", gateway.Tick(0), next)
}

func TestImpossibleEmissions(t *testing.T) {
	tests := []struct {
		name     string
		emission gateway.Emission
	}{
		{"no payload", gateway.Emission{Event: gateway.Event{ID: "e1"}}},
		{"received without a message", gateway.Emission{Inbound: 1, Event: gateway.Event{Payload: gateway.MessageReceived{}}}},
		{"twice to one endpoint", gateway.Emission{
			Event:      sentEvent("e1"),
			Deliveries: []gateway.Delivery{{Endpoint: 1}, {Endpoint: 1}},
		}},
		{"negative attempts", gateway.Emission{Event: sentEvent("e1"), Deliveries: []gateway.Delivery{{Attempts: -1}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openTest(t)
			err := db.Commit(context.Background(), gateway.Change{Emissions: []gateway.Emission{tt.emission}})
			if err == nil || errors.Is(err, gateway.ErrStoreFailed) {
				t.Errorf("got %v, want a refusal", err)
			}
			if err := db.Failed(); err != nil {
				t.Errorf("the store failed: %v", err)
			}
		})
	}
}

func TestResultsOfDeliveries(t *testing.T) {
	db := openTest(t)
	ep := addEndpoint(t, db, "one")
	em := emit(t, db, "e1", 5, ep.Num)
	d := em.Deliveries[0]
	load := func(want gateway.EndpointLoad) {
		t.Helper()
		loads, err := db.EndpointLoads()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "loads", map[uint32]gateway.EndpointLoad{ep.Num: want}, loads)
	}
	load(gateway.EndpointLoad{Pending: 1, NextDue: 5})

	d.Attempts, d.Due, d.LastCode, d.LastErr, d.LastAt = 1, 10, 503, "busy", date
	gone := d
	gone.Event = 77
	stray := d
	stray.Endpoint = 77
	commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{gone, stray, d}})
	load(gateway.EndpointLoad{Pending: 1, NextDue: 10})
	ds, _, next, err := db.DueDeliveries(ep.Num, 9, 10, nil, nil)
	if err != nil || len(ds) != 0 || next != 10 {
		t.Errorf("got %v, next %d, %v, want none, next 10", ds, next, err)
	}
	if ds, _, _, err = db.DueDeliveries(ep.Num, 10, 10, nil, nil); err != nil {
		t.Fatal(err)
	}
	diff(t, "delivery", []gateway.Delivery{d}, ds)

	d.State = gateway.Succeeded
	commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{d}})
	load(gateway.EndpointLoad{})
	if ds, _, _, err = db.DueDeliveries(ep.Num, math.MaxInt64, 10, nil, nil); err != nil || len(ds) > 0 {
		t.Errorf("got %v, %v after success, want none", ds, err)
	}
}

func TestDueDeliveriesAgreeWithModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db := openAt(rt, tempFile(t), newClock())
		nums := []uint32{addEndpoint(rt, db, "one").Num, addEndpoint(rt, db, "two").Num}
		var rows []gateway.Delivery // in the order of events
		due := func(rt *rapid.T) gateway.Tick { return gateway.Tick(rapid.IntRange(0, 4).Draw(rt, "due")) }
		rt.Repeat(map[string]func(*rapid.T){
			"emit": func(rt *rapid.T) {
				rows = append(rows, emit(rt, db, fmt.Sprint("e", len(rows)), due(rt), nums...).Deliveries...)
			},
			"result": func(rt *rapid.T) {
				if len(rows) == 0 {
					rt.Skip("there is none")
				}
				k := rapid.IntRange(0, len(rows)-1).Draw(rt, "row")
				d := rows[k]
				d.Attempts++
				d.Due = due(rt)
				d.State = gateway.DeliveryState(rapid.IntRange(0, int(gateway.Withdrawn)).Draw(rt, "state"))
				d.LastAt = date.Add(time.Duration(d.Attempts))
				ended := d.State != gateway.Undelivered
				if rapid.Bool().Draw(rt, "replay") {
					d.Replays++
				}
				if ended {
					d.Ended = d.Due + 1
				} else {
					d.Ended = 0
				}
				late := d.State == gateway.Succeeded && (rows[k].State == gateway.Dropped || rows[k].State == gateway.Withdrawn)
				if rows[k].State == gateway.Undelivered || d.Replays > rows[k].Replays || late {
					rows[k] = d
				}
				commit(rt, db, gateway.Change{Deliveries: []gateway.Delivery{d}})
			},
			"": func(rt *rapid.T) { compareDeliveries(rt, db, nums, rows) },
		})
	})
}

// compareNewest expects what [DB.DueDeliveries] returns without a bound, from its end.
func compareNewest(t *rapid.T, db *DB, num uint32, now gateway.Tick, most int, held func(uint64) bool, skip func(gateway.Delivery) bool, rows []gateway.Delivery) {
	want, _, wantNext, err := db.DueDeliveries(num, now, len(rows)+1, held, skip)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(want)
	got, es, next, err := db.NewestDue(num, now, most, held, skip)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "newest deliveries", want[:min(most, len(want))], got)
	diff(t, "next behind the newest", wantNext, next)
	for i, e := range es {
		if e.Seq != got[i].Event {
			t.Errorf("delivery of event %d comes with event %d", got[i].Event, e.Seq)
		}
	}
}

func compareFirst(t *rapid.T, db *DB, num uint32, rows []gateway.Delivery) {
	from := rapid.Uint64Range(0, 6).Draw(t, "from")
	var want gateway.Delivery
	for _, d := range rows {
		if d.Endpoint == num && d.State == gateway.Undelivered && d.Event >= from && (want.Event == 0 || d.Event < want.Event) {
			want = d
		}
	}
	got, e, err := db.FirstDelivery(num, from)
	if want.Event == 0 {
		if !errors.Is(err, gateway.ErrNotFound) {
			t.Errorf("first delivery: got %+v, %v; want none", got, err)
		}
		return
	}
	if err != nil || e.Seq != got.Event {
		t.Errorf("first delivery: got event %d, %v", e.Seq, err)
	}
	diff(t, "first delivery", want, got)
}

func compareDeliveries(t *rapid.T, db *DB, nums []uint32, rows []gateway.Delivery) {
	num := rapid.SampledFrom(nums).Draw(t, "endpoint")
	now := gateway.Tick(rapid.IntRange(0, 5).Draw(t, "now"))
	most := rapid.IntRange(0, 4).Draw(t, "most")
	odd := rapid.Bool().Draw(t, "odd attempts only")
	skip := func(d gateway.Delivery) bool { return odd && d.Attempts%2 == 0 }
	third := rapid.Bool().Draw(t, "not every third")
	held := func(event uint64) bool { return third && event%3 == 0 }
	var (
		want     []gateway.Delivery
		wantNext gateway.Tick
		wantLoad gateway.EndpointLoad
	)
	for due := range gateway.Tick(5) {
		for _, d := range rows {
			if due == 0 && d.Endpoint == num && d.State.Dead() {
				wantLoad.Dead++
			}
			if d.Endpoint != num || d.State != gateway.Undelivered || d.Due != due {
				continue
			}
			if wantLoad.Pending++; wantLoad.Pending == 1 {
				wantLoad.NextDue = due
			}
			switch {
			case due > now:
				if wantNext == 0 {
					wantNext = due
				}
			case len(want) < most && !held(d.Event) && !skip(d):
				want = append(want, d)
			}
		}
	}
	ds, es, next, err := db.DueDeliveries(num, now, most, held, skip)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "deliveries", want, ds)
	diff(t, "next", wantNext, next)
	compareNewest(t, db, num, now, most, held, skip, rows)
	compareFirst(t, db, num, rows)
	for i, e := range es {
		if e.Seq != ds[i].Event {
			t.Errorf("delivery of event %d comes with event %d", ds[i].Event, e.Seq)
		}
	}
	loads, err := db.EndpointLoads()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "load", wantLoad, loads[num])
	compareHistory(t, db, num, rows)
}

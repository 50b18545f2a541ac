package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"tetherd/gateway"
)

// Whatever happens to webhooks, in any order and with little room, every index and
// counter agrees with the rows, nothing exceeds its limit, and nothing is lost but
// what is told to be.
func TestHistoryIsConsistent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		clock := newClock()
		const pending = 4
		v, err := sentEvent("e0").MarshalJSON()
		if err != nil {
			rt.Fatal(err)
		}
		limit := int64(len(v)) * 6
		db, err := Open(tempFile(t), Options{Clock: clock.source(), Log: zerolog.Nop(), noSync: true, MaxPending: pending, MaxWaiting: limit})
		if err != nil {
			rt.Fatal(err)
		}
		rt.Cleanup(func() { closeChecked(rt, db) })
		h := historian{db: db, eps: make(map[string]uint32), waits: make(map[string]bool)}
		db.OnCommit(h.observe)
		for _, id := range []string{"a", "b", "c"} {
			h.eps[id] = addEndpoint(rt, db, id).Num
		}
		rt.Repeat(map[string]func(*rapid.T){
			"emit":     h.emit,
			"result":   h.result,
			"missed":   h.missed,
			"endpoint": h.replaceEndpoint,
			"prune": func(rt *rapid.T) {
				clock.boot += time.Duration(rapid.IntRange(0, 3).Draw(rt, "hours")) * time.Hour
				l := PruneLimits{
					Deliveries: time.Duration(rapid.IntRange(0, 2).Draw(rt, "age")) * time.Hour, Attempts: time.Hour,
					History: int64(rapid.IntRange(0, 3).Draw(rt, "history")) * int64(len(v)),
				}
				if _, _, err := db.Prune(context.Background(), l); err != nil {
					rt.Fatal(err)
				}
			},
			"": func(rt *rapid.T) {
				if err := db.Check(context.Background()); err != nil {
					rt.Fatal(err)
				}
				h.compare(rt, pending)
			},
		})
	})
}

// A historian does things to webhooks and knows what must wait.
type historian struct {
	db    *DB
	eps   map[string]uint32
	rows  []gateway.Delivery // as they were when they were new
	waits map[string]bool    // by Delivery.ID
	n     int
}

// observe runs in the goroutine that writes, while its committer waits.
func (h *historian) observe(c gateway.Change) {
	for _, em := range c.Emissions {
		for _, d := range em.Deliveries {
			h.waits[d.ID] = true
		}
		h.rows = append(h.rows, em.Deliveries...)
	}
	for _, d := range c.Missed {
		h.waits[d.ID] = true
		h.rows = append(h.rows, d)
	}
	for _, d := range c.Dropped {
		h.waits[d.ID] = false
	}
}

func (h *historian) emit(t *rapid.T) {
	em := gateway.Emission{Event: sentEvent("e0")}
	for _, id := range []string{"a", "b", "c"} {
		if rapid.Bool().Draw(t, id) {
			h.n++
			em.Deliveries = append(em.Deliveries, gateway.Delivery{ID: fmt.Sprint("d", h.n), Endpoint: h.eps[id], Due: 1})
		}
	}
	commit(t, h.db, gateway.Change{Emissions: []gateway.Emission{em}})
}

// result stores what became of a delivery that may have been read long ago.
func (h *historian) result(t *rapid.T) {
	if len(h.rows) == 0 {
		t.Skip("there is none")
	}
	d := rapid.SampledFrom(h.rows).Draw(t, "row")
	now, _, err := h.db.Delivery(d.Endpoint, d.ID)
	if err != nil {
		now = d // gone
	}
	d = now
	d.State = gateway.DeliveryState(rapid.IntRange(0, int(gateway.Withdrawn)).Draw(t, "state"))
	d.Due = gateway.Tick(rapid.IntRange(0, 9).Draw(t, "due"))
	if err == nil && rapid.Bool().Draw(t, "replay") {
		d.Replays++
	}
	if err == nil && follows(&now, &d) {
		h.waits[d.ID] = d.State == gateway.Undelivered
	}
	commit(t, h.db, gateway.Change{
		Deliveries: []gateway.Delivery{d}, Attempts: []gateway.Attempt{attemptAt(d.Endpoint, d.ID, 1)},
		EndpointStates: []gateway.EndpointState{{Endpoint: d.Endpoint, Failed: 1}},
	})
}

func (h *historian) missed(t *rapid.T) {
	h.n++
	commit(t, h.db, gateway.Change{Missed: []gateway.Delivery{{
		ID: fmt.Sprint("d", h.n), Endpoint: h.eps[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "endpoint")],
		Event: rapid.Uint64Range(1, 9).Draw(t, "event"), Due: 1,
	}}})
}

func (h *historian) replaceEndpoint(t *rapid.T) {
	id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "endpoint")
	commit(t, h.db, gateway.Change{DropEndpoints: []string{id}})
	for _, d := range h.rows {
		if d.Endpoint == h.eps[id] {
			h.waits[d.ID] = false
		}
	}
	h.eps[id] = addEndpoint(t, h.db, id).Num
}

func (h *historian) compare(t *rapid.T, most int) {
	want, got := make(map[string]bool), make(map[string]bool)
	for id, waits := range h.waits {
		if waits {
			want[id] = true
		}
	}
	loads, err := h.db.EndpointLoads()
	if err != nil {
		t.Fatal(err)
	}
	for id, num := range h.eps {
		if n := loads[num].Pending; n > most {
			t.Errorf("%d wait for %s, want at most %d", n, id, most)
		}
		ds, _, _, err := h.db.DueDeliveries(num, 1<<62, 100, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			got[d.ID] = true
		}
	}
	diff(t, "what waits", want, got)
}

// Damage in any row of a webhook stops neither the others nor what deletes it.
func TestHistorySurvivesDamage(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for _, bucket := range []string{bktDelivery, bktEvent, bktAttempt, bktEPState, bktDead} {
		t.Run(bucket, func(t *testing.T) {
			clock := newClock()
			db, err := Open(tempFile(t), Options{Clock: clock.source(), Log: zerolog.Nop(), noSync: true, MaxPending: 3})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			one, two := addEndpoint(t, db, "one"), addEndpoint(t, db, "two")
			for i := range 9 {
				ds := emit(t, db, fmt.Sprint("e", i), 1, one.Num, two.Num).Deliveries[:1]
				ds[0].State = gateway.DeliveryState(i % 3)
				commit(t, db, gateway.Change{
					Deliveries: ds, Attempts: []gateway.Attempt{attemptAt(one.Num, ds[0].ID, 1)},
					EndpointStates: []gateway.EndpointState{{Endpoint: one.Num}},
				})
			}
			spoilRandom(t, db, rnd, bucket)
			for i := range 9 {
				emit(t, db, fmt.Sprint("f", i), 1, one.Num, two.Num)
			}
			q := gateway.DeliveryQuery{Endpoint: one.Num, Limit: 100}
			if ds, _, err := db.Deliveries(q); err != nil || len(ds) < 17 {
				t.Errorf("got %d deliveries, %v", len(ds), err)
			}
			if _, err := db.Attempts(gateway.AttemptQuery{Endpoint: one.Num, Limit: 100}); err != nil {
				t.Error(err)
			}
			if _, err := db.EndpointStates(); err != nil {
				t.Error(err)
			}
			if got := len(waiting(t, db, two.Num)); got < 2 || got > 3 {
				t.Errorf("%d wait for the other webhook, want 3, or 2 beside a damaged one", got)
			}
			drain(t, db, one.Num, clock)
			drain(t, db, two.Num, clock)
			clock.boot += day
			pruneAll(t, db, PruneLimits{Deliveries: time.Hour, Attempts: time.Hour})
			if n := rowCount(t, db, bktEvent) + rowCount(t, db, bktDelivery) + rowCount(t, db, bktDue) + rowCount(t, db, bktAttempt); n != 0 {
				t.Errorf("%d rows are left", n)
			}
			commit(t, db, gateway.Change{DropEndpoints: []string{"one", "two"}})
			if err := db.Failed(); err != nil {
				t.Error(err)
			}
		})
	}
}

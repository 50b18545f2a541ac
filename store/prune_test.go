package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

const day = 24 * time.Hour

// pruneAll prunes until there is nothing more to do, and returns how many
// entities went and in how many calls.
func pruneAll(t tb, db *DB, l PruneLimits) (deleted, calls int) {
	t.Helper()
	for more := true; more; calls++ {
		n, m, err := db.Prune(context.Background(), l)
		if err != nil {
			t.Fatal(err)
		}
		deleted, more = deleted+n, m
	}
	return deleted, calls
}

func finished(id string, state gateway.State, created time.Time) gateway.Message {
	m := newMessage(id)
	m.CreatedAt = created
	m.Recipients[0].Phase, m.Recipients[0].State = gateway.Finished, state
	return m
}

func TestPruneMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openTest(t)
		now := time.Now()
		ms := []gateway.Message{
			finished("old sent", gateway.Sent, now.Add(-8*day)),
			finished("old failed", gateway.Failed, now.Add(-8*day)),
			finished("old cancelled", gateway.Cancelled, now.Add(-8*day)),
			finished("young", gateway.Delivered, now.Add(-7*day)),
			finished("old delivered", gateway.Delivered, now.Add(-7*day-1)),
			newMessage("old queued"),
			finished("old cancelled, part in hand", gateway.Cancelled, now.Add(-8*day)),
		}
		ms[5].CreatedAt = now.Add(-800 * day)
		ms[6].Recipients = append(ms[6].Recipients, gateway.Recipient{State: gateway.Processed, Phase: gateway.Active})
		commit(t, db, gateway.Change{Messages: ms})

		if n, _ := pruneAll(t, db, PruneLimits{}); n != 0 {
			t.Errorf("got %d deleted without a limit, want 0", n)
		}
		if n, _ := pruneAll(t, db, PruneLimits{Messages: 7 * day}); n != 4 {
			t.Errorf("got %d deleted, want 4", n)
		}
		got, _, err := db.Messages(gateway.MessageQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range got {
			ids = append(ids, m.ID)
		}
		diff(t, "left", []string{"young", "old cancelled, part in hand", "old queued"}, ids)
		if again := put(t, db, newMessage("old sent")); again.Seq != 8 {
			t.Errorf("got Seq %d for a free ID, want 8", again.Seq)
		}
		closeChecked(t, db)
	})
}

// While the wall clock cannot be right it decides nothing.
func TestPruneWaitsForTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := newClock()
		source := clock.source()
		source.Floor = time.Now().Add(time.Hour)
		db, err := Open(tempFile(t), Options{Clock: source, noSync: true})
		if err != nil {
			t.Fatal(err)
		}
		old := finished("old", gateway.Sent, time.Now().Add(-day))
		in := received("old", old.CreatedAt)
		commit(t, db, gateway.Change{Messages: []gateway.Message{old}, Inbound: []gateway.Inbound{in}})
		l := PruneLimits{Messages: time.Hour, Inbound: time.Hour}
		if n, _ := pruneAll(t, db, l); n != 0 {
			t.Errorf("got %d deleted by a clock before its floor, want 0", n)
		}
		time.Sleep(2 * time.Hour)
		if n, _ := pruneAll(t, db, l); n != 2 {
			t.Errorf("got %d deleted, want 2", n)
		}
		closeChecked(t, db)
	})
}

// A wall clock that is years ahead makes nothing old.
func TestPruneByClockThatIsAhead(t *testing.T) {
	clock, wall := newClock(), date
	source := clock.source()
	source.Wall = func() time.Time { return wall }
	db, err := Open(tempFile(t), Options{Clock: source, noSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer closeChecked(t, db)
	commit(t, db, gateway.Change{
		Messages: []gateway.Message{finished("m1", gateway.Sent, date)}, Inbound: []gateway.Inbound{received("in", date)},
	})
	l := PruneLimits{Messages: day, Inbound: day}
	for _, ahead := range []time.Duration{365 * day, 30 * 365 * day} {
		wall = date.Add(ahead)
		if n, _ := pruneAll(t, db, l); n != 0 {
			t.Errorf("%v ahead: got %d deleted, want none", ahead, n)
		}
	}
	wall = date.Add(2 * day)
	clock.boot += 2 * day
	if n, _ := pruneAll(t, db, l); n != 2 {
		t.Errorf("got %d deleted after two days, want 2", n)
	}
}

func TestPruneByTimeline(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	store := func(k byte) {
		since := db.Timeline().Now()
		commit(t, db, gateway.Change{
			Seen: []gateway.FragmentKey{{k}},
			Park: []gateway.ParkedReport{{Report: gateway.Report{SIMID: "8949", MR: int(k)}, Since: since}},
		})
	}
	store(1)
	clock.boot += time.Hour
	store(2)
	clock.boot += time.Hour
	l := PruneLimits{Seen: time.Hour + time.Minute, Parked: time.Hour + time.Minute}
	if n, _ := pruneAll(t, db, l); n != 2 {
		t.Errorf("got %d deleted, want 2", n)
	}
	for k, want := range map[byte]bool{1: false, 2: true} {
		if got, err := db.Seen(gateway.FragmentKey{k}); got != want || err != nil {
			t.Errorf("key %d: got %v, %v, want %v", k, got, err, want)
		}
	}
	ps, err := db.ParkedReports("8949")
	if err != nil || len(ps) != 1 || ps[0].Report.MR != 2 {
		t.Errorf("got %v, %v, want the younger report", ps, err)
	}
}

func TestPruneDeliveries(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	one, two := addEndpoint(t, db, "one"), addEndpoint(t, db, "two")
	finish := func(d gateway.Delivery, s gateway.DeliveryState) {
		d.State = s
		commit(t, db, gateway.Change{Deliveries: []gateway.Delivery{d}})
	}
	done := emit(t, db, "done", 1, one.Num, two.Num)
	half := emit(t, db, "half", 1, one.Num, two.Num)
	emit(t, db, "none", 1)
	clock.boot += 2 * time.Hour
	young := emit(t, db, "young", 1, one.Num)
	for _, d := range []gateway.Delivery{done.Deliveries[0], half.Deliveries[0], young.Deliveries[0]} {
		finish(d, gateway.Succeeded)
	}
	finish(done.Deliveries[1], gateway.Exhausted)

	l := PruneLimits{Deliveries: time.Hour}
	// Both rows and the event of "done", one row of "half", the event of "none".
	if n, _ := pruneAll(t, db, l); n != 5 {
		t.Errorf("got %d deleted, want 5", n)
	}
	ds, es, _, err := db.DueDeliveries(two.Num, 1, 10, nil, nil)
	if err != nil || len(ds) != 1 || es[0].ID != "half" {
		t.Errorf("got %v, %v, want the delivery of half", es, err)
	}
	finish(half.Deliveries[1], gateway.Blocked)
	if n, _ := pruneAll(t, db, l); n != 2 {
		t.Errorf("got %d deleted, want the rest of half", n)
	}
	if got := rowCount(t, db, bktEvent); got != 1 {
		t.Errorf("got %d events, want the young one", got)
	}
}

// Much is deleted in several commits; what waits is passed over once a round.
func TestPruneGoesOn(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	ep := addEndpoint(t, db, "one")
	emitMany(t, db, 1500, ep.Num) // they wait
	emitMany(t, db, 2500)
	clock.boot += time.Hour
	before := commits(t, db)
	n, calls := pruneAll(t, db, PruneLimits{Deliveries: time.Minute})
	if n != 2500 || calls != 3 {
		t.Errorf("got %d deleted in %d calls, want 2500 in 3", n, calls)
	}
	if got := commits(t, db) - before; got != 3 {
		t.Errorf("got %d transactions, want 3", got)
	}
	ds, _, _, err := db.DueDeliveries(ep.Num, math.MaxInt64, 5000, nil, nil)
	if err != nil || len(ds) != 1500 {
		t.Errorf("got %d deliveries, %v, want 1500", len(ds), err)
	}
	if n, calls := pruneAll(t, db, PruneLimits{Deliveries: time.Minute}); n != 0 || calls != 1 {
		t.Errorf("got %d deleted in %d calls, want none in 1", n, calls)
	}
}

// A row that changes between finding and deleting stays.
func TestPruneLooksTwice(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	ms := []gateway.Message{finished("m1", gateway.Sent, date)}
	seen := gateway.FragmentKey{1}
	ep := addEndpoint(t, db, "one")
	em := emit(t, db, "e1", 1, ep.Num)
	em.Deliveries[0].State = gateway.Exhausted
	commit(t, db, gateway.Change{Messages: ms, Seen: []gateway.FragmentKey{seen}, Deliveries: slices.Clone(em.Deliveries)})
	clock.boot += day

	release := hold(t, db)
	change := make(chan error)
	go func() {
		m := ms[0]
		m.Recipients = queuedTo("+49151")
		em.Deliveries[0].State = gateway.Undelivered // to be sent again
		em.Deliveries[0].Replays++
		change <- db.Commit(context.Background(), gateway.Change{
			Messages: []gateway.Message{m}, Seen: []gateway.FragmentKey{seen}, Deliveries: em.Deliveries,
		})
	}()
	waitQueued(db, 1)
	type result struct {
		n   int
		err error
	}
	pruned := make(chan result)
	go func() {
		n, _, err := db.Prune(context.Background(), PruneLimits{Messages: 1, Seen: time.Hour, Deliveries: time.Hour})
		pruned <- result{n, err}
	}()
	waitQueued(db, 2)
	release()
	if err := <-change; err != nil {
		t.Fatal(err)
	}
	if r := <-pruned; r.n != 0 || r.err != nil {
		t.Errorf("got %d deleted, %v, want none", r.n, r.err)
	}
	if _, err := db.Message("m1"); err != nil {
		t.Error(err)
	}
}

// A message to many goes with all its rows.
func TestPruneMessageToMany(t *testing.T) {
	db := openTest(t)
	m := finished("m1", gateway.Sent, date)
	for len(m.Recipients) < 2*chunk+1 {
		m.Recipients = append(m.Recipients, m.Recipients[0])
	}
	put(t, db, m)
	if n, _ := pruneAll(t, db, PruneLimits{Messages: time.Hour}); n != 1 {
		t.Errorf("got %d deleted, want 1", n)
	}
	for _, name := range []string{bktMessage, bktMsgID, bktRcpt, bktList, bktCounters} {
		if n := rowCount(t, db, name); n != 0 {
			t.Errorf("got %d rows in %s, want none", n, name)
		}
	}
}

func TestPruneInboundInChunks(t *testing.T) {
	db := openTest(t)
	var ins []gateway.Inbound
	for i := range 700 {
		ins = append(ins, received(fmt.Sprint(i), date))
	}
	commit(t, db, gateway.Change{Inbound: append(ins, received("young", time.Now()))})
	n, calls := pruneAll(t, db, PruneLimits{Inbound: time.Hour})
	if n != 700 || calls != 3 {
		t.Errorf("got %d deleted in %d calls, want 700 in 3", n, calls)
	}
	if _, err := inboundBySeq(db, 1); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// History has its own size: the oldest events that wait for nobody go, however
// young they are, and those that wait are neither counted nor touched.
func TestPruneHistoryBySize(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	ep := addEndpoint(t, db, "one")
	emitMany(t, db, 10, ep.Num) // these wait
	clock.boot += time.Minute
	emitMany(t, db, 2000)
	ended := emit(t, db, "ended", 1, ep.Num).Deliveries
	ended[0].State = gateway.Succeeded
	commit(t, db, gateway.Change{Deliveries: ended})
	v, err := sentEvent("e100").MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	limit := int64(len(v))*500 + 250
	n, _ := pruneAll(t, db, PruneLimits{History: limit})
	if left := rowCount(t, db, bktEvent); n+left != 2011 || left < 505 || left > 512 {
		t.Errorf("got %d events left and %d deleted, want about 510 left", left, n)
	}
	if got := len(waiting(t, db, ep.Num)); got != 10 {
		t.Errorf("%d deliveries wait, want 10", got)
	}
	if d, _, err := db.Delivery(ep.Num, ended[0].ID); err != nil || d.State != gateway.Succeeded {
		t.Errorf("the youngest: got %+v, %v", d, err)
	}
	if n, calls := pruneAll(t, db, PruneLimits{History: limit}); n != 0 || calls != 1 {
		t.Errorf("got %d deleted in %d calls, want that it was enough", n, calls)
	}
}

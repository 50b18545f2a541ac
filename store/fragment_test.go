package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

func part(g gateway.GroupKey, n int, since gateway.Tick) gateway.StoredFragment {
	f := gateway.Fragment{
		SIMID: g.SIMID, Modem: "office", SIM: 1, From: g.From, TOA: g.TOA, SCTS: date, At: date,
		Concat: &gateway.Concat{Ref: g.Ref, Wide: g.Wide, Part: n, Total: g.Total},
		Body:   sms.Body{Text: fmt.Sprint("part ", n)}, Class: -1, TPDU: []byte{byte(n)},
	}
	return gateway.StoredFragment{Group: g, Fragment: f, Since: since}
}

func TestFragments(t *testing.T) {
	db := openTest(t)
	g := gateway.GroupKey{SIMID: "8949", From: "+4915", TOA: 0x91, Ref: 7, Total: 3}
	again, other := g, g
	again.Gen, other.Ref = 1, 8
	fs := []gateway.StoredFragment{part(g, 1, 10), part(g, 3, 30), part(again, 2, 20), part(other, 1, 25)}
	commit(t, db, gateway.Change{Fragments: fs})

	check := func(ask gateway.GroupKey, want ...gateway.StoredFragment) {
		t.Helper()
		got, err := db.Fragments(ask)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "fragments", want, got)
	}
	stale := func(before gateway.Tick, max int, want ...gateway.GroupKey) {
		t.Helper()
		got, err := db.StaleFragments(before, max)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, fmt.Sprint("stale before ", before), want, got)
	}
	check(again, fs[0], fs[1], fs[2]) // whatever the generation asked for
	check(other, fs[3])
	stale(20, 10)
	stale(26, 10, again, other) // the newest fragment of a group counts
	stale(31, 2, again, other)
	stale(31, 10, again, other, g)

	replaced := part(g, 3, 5) // the same part once more: its group gets older
	commit(t, db, gateway.Change{Fragments: []gateway.StoredFragment{replaced}})
	check(g, fs[0], replaced, fs[2])
	stale(11, 10, g)

	// A group can be dropped and put anew at once.
	commit(t, db, gateway.Change{
		DropFragments: []gateway.GroupKey{g, {SIMID: "unknown"}},
		Fragments:     []gateway.StoredFragment{part(g, 2, 40)},
	})
	check(g, part(g, 2, 40), fs[2])
	commit(t, db, gateway.Change{DropFragments: []gateway.GroupKey{g, again, other}})
	check(g)
	stale(100, 10)
}

func TestFragmentWithoutConcat(t *testing.T) {
	db := openTest(t)
	f := part(gateway.GroupKey{}, 1, 1)
	f.Fragment.Concat = nil
	if err := db.Commit(context.Background(), gateway.Change{Fragments: []gateway.StoredFragment{f}}); err == nil {
		t.Error("a fragment of no message was stored")
	}
}

func TestSeen(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	k := gateway.FragmentKey{1, 2, 3}
	seen := func(want bool) {
		t.Helper()
		got, err := db.Seen(k)
		if err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	seen(false)
	commit(t, db, gateway.Change{Seen: []gateway.FragmentKey{k, {4}}})
	seen(true)
	clock.boot += time.Hour
	commit(t, db, gateway.Change{Seen: []gateway.FragmentKey{k, k}}) // its age starts again; Check looks at the index
	seen(true)
}

func TestParkedReports(t *testing.T) {
	db := openTest(t)
	park := func(simID string, mr int) gateway.ParkedReport {
		t.Helper()
		ps := []gateway.ParkedReport{{Report: gateway.Report{SIMID: simID, MR: mr, At: date, TPDU: []byte{6}}, Since: 5}}
		commit(t, db, gateway.Change{Park: ps})
		return ps[0]
	}
	a, b, c := park("8949", 2), park("89490", 1), park("8949", 1)
	check := func(simID string, want ...gateway.ParkedReport) {
		t.Helper()
		got, err := db.ParkedReports(simID)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "reports of "+simID, want, got)
	}
	check("8949", a, c)
	check("89490", b)
	check("")
	commit(t, db, gateway.Change{Unpark: []uint64{a.Seq, b.Seq, 99}})
	check("8949", c)
	check("89490")
}

func TestCountFragments(t *testing.T) {
	db := openTest(t)
	for i, g := range []gateway.GroupKey{
		{SIMID: "a", From: "1", Total: 3}, {SIMID: "a", From: "1", Ref: 7, Total: 3}, {SIMID: "a", From: "2", Total: 3}, {SIMID: "b", From: "1", Total: 3},
	} {
		commit(t, db, gateway.Change{Fragments: []gateway.StoredFragment{part(g, 1, 5), part(g, 2, 5)}})
		if _, all, err := db.CountFragments("", "", 100); err != nil || all != 2*i+2 {
			t.Errorf("after %d groups: %d, %v", i+1, all, err)
		}
	}
	for _, tt := range []struct {
		sim, from            string
		max, ofSender, total int
	}{
		{"a", "1", 100, 4, 8}, {"a", "2", 100, 2, 8}, {"b", "1", 100, 2, 8}, {"b", "2", 100, 0, 8}, {"", "", 100, 0, 8}, {"a", "1", 3, 3, 3},
	} {
		ofSender, all, err := db.CountFragments(tt.sim, tt.from, tt.max)
		if err != nil || ofSender != tt.ofSender || all != tt.total {
			t.Errorf("%+v: got %d and %d, %v", tt, ofSender, all, err)
		}
	}
}

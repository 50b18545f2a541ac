package store

import (
	"testing"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func TestOptOuts(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	a := gateway.OptOut{Number: "+4917012345678", Since: date, Keyword: "STOP"}
	b := gateway.OptOut{Number: "+33712345678", Since: date}
	c := gateway.OptOut{Number: "22912", Since: date}
	commit(t, db, gateway.Change{OptOuts: []gateway.OptOut{a, b, c}})
	a.Keyword = "QUIT"
	commit(t, db, gateway.Change{OptOuts: []gateway.OptOut{a}})
	page := func(what string, limit, offset, total int, want ...gateway.OptOut) {
		t.Helper()
		got, n, err := db.OptOuts(limit, offset)
		if err != nil || n != total {
			t.Errorf("%s: %d in all, %v; want %d", what, n, err, total)
		}
		diff(t, what, want, got)
	}
	of := func(key string, want ...gateway.OptOut) {
		t.Helper()
		got, err := db.OptOutsOf(key)
		if err != nil {
			t.Error(err)
		}
		diff(t, key, want, got)
	}
	of("12345678", b, a)
	of("22912", c)
	of("2291")
	page("all", 10, 0, 3, c, b, a)
	page("a page", 1, 1, 3, b)
	page("behind the end", 10, 3, 3)
	page("the number alone", 0, 0, 3)
	closeChecked(t, db)

	db = openAt(t, path, clock)
	commit(t, db, gateway.Change{DropOptOuts: []string{b.Number, "+33712345679", ""}})
	of("12345678", a)
	page("without one", 10, 0, 2, c, a)
	for _, bad := range []string{"", "vodafone", string(make([]byte, maxKey+1))} {
		if err := db.Commit(t.Context(), gateway.Change{OptOuts: []gateway.OptOut{{Number: bad}}}); err == nil {
			t.Errorf("%q was stored", bad)
		}
	}
}

// Of a row that is damaged the number counts.
func TestOptOutDamaged(t *testing.T) {
	db := openTest(t)
	bad := gateway.OptOut{Number: "+4917012345678", Since: date}
	good := gateway.OptOut{Number: "+33712345678", Since: date}
	commit(t, db, gateway.Change{OptOuts: []gateway.OptOut{bad, good}})
	put := func(v string) {
		t.Helper()
		err := db.submit(t.Context(), &op{apply: func(t *txn) error { return t.put(bktOptOut, optOutKey(&bad), []byte(v)) }})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("{")
	for range 2 {
		got, err := db.OptOutsOf("12345678")
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "what can be read", []gateway.OptOut{good, {Number: bad.Number}}, got)
	}
	if n, _ := db.Damage(); n != 1 {
		t.Errorf("%d damaged rows, want 1", n)
	}
	if err := db.bolt.View(func(tx *bolt.Tx) error { return check(t.Context(), tx) }); err == nil {
		t.Error("the check found nothing")
	}
	put(`{"number":"+4917012345678","since":"2026-03-01T12:00:00Z"}`)
}

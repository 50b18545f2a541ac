package store

import (
	"testing"
	"time"

	"tetherd/gateway"
)

func TestCharges(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	charge := func(num uint64, parts int, open bool) gateway.Charge {
		return gateway.Charge{
			Num: num, At: db.Timeline().Now(), Open: open, Month: 24312, Modem: "office", Message: 7, Priority: -3,
			To: 1<<63 + 1, Content: 5, Parts: parts, Cost: 90_000, Rest: time.Second,
		}
	}
	want := func(want ...gateway.Charge) {
		t.Helper()
		got, err := db.Charges()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "charges", want, got)
	}
	one, two := charge(1, 2, true), charge(2, 1, true)
	commit(t, db, gateway.Change{Charges: []gateway.Charge{one, two}})
	want(one, two)
	one.Open, one.Parts = false, 1
	commit(t, db, gateway.Change{Charges: []gateway.Charge{one, charge(2, 0, false)}})
	want(one)
	closeChecked(t, db)
	db = openAt(t, path, clock)
	want(one)

	clock.boot += gateway.ChargeAge - time.Hour
	three := charge(3, 1, true)
	commit(t, db, gateway.Change{Charges: []gateway.Charge{three}})
	want(one, three)
	clock.boot += 2 * time.Hour
	four := charge(4, 1, true)
	commit(t, db, gateway.Change{Charges: []gateway.Charge{four}})
	want(three, four)
}

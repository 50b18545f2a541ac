package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func attemptAt(num uint32, delivery string, at gateway.Tick) gateway.Attempt {
	return gateway.Attempt{
		Endpoint: num, Delivery: delivery, Event: 1, Type: gateway.EventSent, Number: 1,
		Verdict: gateway.AttemptFailed, At: date, Tick: at, Next: at + 10,
		Exchange: gateway.Exchange{
			Code: 503, Error: "busy", ContentType: "text/html", Body: []byte("\xff<b>\x00"), Truncated: true,
			RetryAfter: time.Minute, Remote: "192.0.2.1:443", TLS: "TLS 1.3", Timings: gateway.Timings{Total: 7},
		},
	}
}

func TestAttempts(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	one, two := addEndpoint(t, db, "one"), addEndpoint(t, db, "two")
	as := []gateway.Attempt{
		attemptAt(one.Num, "d1", 1), attemptAt(two.Num, "d1", 2), attemptAt(one.Num, "d2", 3), attemptAt(one.Num, "d1", 4),
	}
	commit(t, db, gateway.Change{Attempts: as})
	commit(t, db, gateway.Change{Attempts: []gateway.Attempt{attemptAt(99, "d1", 1)}})
	if as[0].Seq == 0 || as[3].Seq <= as[2].Seq {
		t.Errorf("got numbers %d, %d, %d", as[0].Seq, as[2].Seq, as[3].Seq)
	}
	closeChecked(t, db)
	db = openAt(t, path, clock)
	tests := []struct {
		name string
		q    gateway.AttemptQuery
		want []gateway.Attempt
	}{
		{"of a webhook", gateway.AttemptQuery{Endpoint: one.Num, Limit: 9}, []gateway.Attempt{as[3], as[2], as[0]}},
		{"of a delivery", gateway.AttemptQuery{Endpoint: one.Num, Delivery: "d1", Limit: 9}, []gateway.Attempt{as[3], as[0]}},
		{"a page", gateway.AttemptQuery{Endpoint: one.Num, Limit: 1, Before: as[3].Seq}, []gateway.Attempt{as[2]}},
		{"none", gateway.AttemptQuery{Endpoint: one.Num}, nil},
		{"unknown webhook", gateway.AttemptQuery{Endpoint: 99, Limit: 9}, nil},
		{"unknown delivery", gateway.AttemptQuery{Endpoint: two.Num, Delivery: "d2", Limit: 9}, nil},
	}
	for _, tt := range tests {
		got, err := db.Attempts(tt.q)
		if err != nil {
			t.Error(err)
		}
		diff(t, tt.name, tt.want, got)
	}
	clock.boot += time.Hour
	if n, _ := pruneAll(t, db, PruneLimits{Attempts: time.Duration(db.Timeline().Now()-2) * time.Millisecond}); n != 2 {
		t.Errorf("got %d deleted, want those that ended by tick 2", n)
	}
	commit(t, db, gateway.Change{DropEndpoints: []string{"one"}})
	if n := rowCount(t, db, bktAttempt); n != 0 {
		t.Errorf("%d attempts are left", n)
	}
	long := attemptAt(two.Num, "d1", 1)
	long.Body = make([]byte, gateway.MaxAttemptBody+1)
	if err := db.Commit(t.Context(), gateway.Change{Attempts: []gateway.Attempt{long}}); err == nil || !strings.Contains(err.Error(), "4097 bytes") {
		t.Errorf("got %v for an answer that is too long", err)
	}
}

// The newest attempts are kept, fewer of each webhook if there are many.
func TestAttemptsAreBounded(t *testing.T) {
	db := openTest(t)
	ep := addEndpoint(t, db, "one")
	add := func(n int) {
		var c gateway.Change
		for i := range n {
			c.Attempts = append(c.Attempts, attemptAt(ep.Num, fmt.Sprint("d", i), 1))
		}
		commit(t, db, c)
	}
	add(maxAttempts + 7)
	as, err := db.Attempts(gateway.AttemptQuery{Endpoint: ep.Num, Limit: 2 * maxAttempts})
	if err != nil || len(as) != maxAttempts || as[len(as)-1].Delivery != "d7" {
		t.Errorf("got %d attempts down to %s, %v", len(as), as[len(as)-1].Delivery, err)
	}
	var c gateway.Change
	for i := range 399 {
		c.Endpoints = append(c.Endpoints, gateway.Endpoint{ID: fmt.Sprint(i)})
	}
	commit(t, db, c)
	add(maxAttempts)
	if n := rowCount(t, db, bktAttempt); n != maxAllAttempts/400 {
		t.Errorf("got %d attempts with 400 webhooks, want %d", n, maxAllAttempts/400)
	}
}

func TestEndpointStates(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	one := addEndpoint(t, db, "one")
	addEndpoint(t, db, "two")
	want := gateway.EndpointState{Endpoint: one.Num, Succeeded: 3, Failures: 2, FailingSince: 7, LastSuccess: date}
	commit(t, db, gateway.Change{EndpointStates: []gateway.EndpointState{{Endpoint: one.Num, Dropped: 1}, {Endpoint: 99}}})
	commit(t, db, gateway.Change{EndpointStates: []gateway.EndpointState{want}})
	closeChecked(t, db)
	db = openAt(t, path, newClock())
	got, err := db.EndpointStates()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "states", map[uint32]gateway.EndpointState{one.Num: want}, got)
	commit(t, db, gateway.Change{DropEndpoints: []string{"one"}})
	if got, err := db.EndpointStates(); err != nil || len(got) > 0 {
		t.Errorf("got %v, %v of a webhook that was deleted", got, err)
	}
}

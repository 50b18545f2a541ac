package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestSearchMessages(t *testing.T) {
	db := openTest(t)
	var c gateway.Change
	for i := range 300 {
		m := newMessage(fmt.Sprintf("m%d", i))
		m.CreatedAt = date.Add(time.Duration(i/2) * time.Second) // two at once
		switch i {
		case 7:
			m.Text = `Grüße aus KÖLN & "Bonn"`
		case 8:
			m.Recipients = nil
			for n := range 20 {
				m.Recipients = append(m.Recipients, queuedTo(fmt.Sprintf("+4917000%04d", n))...)
			}
		}
		c.Messages = append(c.Messages, m)
	}
	commit(t, db, c)
	ids := func(q gateway.Search) (ids []string) {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		for range 1000 {
			ms, next, err := db.SearchMessages(q)
			if err != nil || len(ms) > q.Limit {
				t.Fatalf("got %d, %v", len(ms), err)
			}
			for i := range ms {
				ids = append(ids, ms[i].ID)
			}
			if next.IsZero() {
				return ids
			}
			again, ok := gateway.ParsePlace(next.String())
			if !ok || !again.At.Equal(next.At) || again.Seq != next.Seq {
				t.Fatalf("%v became %v", next, again)
			}
			q.Before = again
		}
		t.Fatal("there is no end")
		return nil
	}
	for text, want := range map[string]string{
		"köln":         "m7",
		"GRÜSSE":       "",
		"grü":          "m7",
		`& "bonn"`:     "m7",
		"+49170000019": "m8", // of a row of its own
		"M299":         "m299",
		"nothing":      "",
		"ü":            "m7",
	} {
		if got := strings.Join(ids(gateway.Search{Text: text}), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for _, limit := range []int{1, 7, 299, 300, 301} { // nothing is missed or told twice
		got := ids(gateway.Search{Limit: limit, State: gateway.Pending})
		if len(got) != 300 || got[0] != "m299" || got[299] != "m0" {
			t.Errorf("limit %d: got %d messages from %s to %s", limit, len(got), got[0], got[len(got)-1])
		}
	}
	if got := ids(gateway.Search{Text: "köln", Patience: 1}); len(got) != 1 {
		t.Errorf("without time: got %v, want m7 in the end", got)
	}
	got := ids(gateway.Search{From: date.Add(10 * time.Second), To: date.Add(11 * time.Second)})
	if strings.Join(got, " ") != "m23 m22 m21 m20" {
		t.Errorf("got %v", got)
	}
	if got := ids(gateway.Search{State: gateway.Failed}); got != nil {
		t.Errorf("got %v, want none that failed", got)
	}
	if ms, next, err := db.SearchMessages(gateway.Search{}); ms != nil || !next.IsZero() || err != nil {
		t.Errorf("no limit: got %v, %v, %v, want nothing", ms, next, err)
	}
}

func TestParsePlace(t *testing.T) {
	for _, s := range []string{"", "x", strings.Repeat("_", 27), "AAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if p, ok := gateway.ParsePlace(s); ok {
			t.Errorf("%q: got %v", s, p)
		}
	}
}

// BenchmarkSearchMillion looks among a million messages for one that is there, the
// oldest, and for a page of the newest, and counts those of a time.
func BenchmarkSearchMillion(b *testing.B) {
	for _, rows := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			path, clock := tempFile(b), newClock()
			db, err := Open(path, Options{Clock: clock.source(), noSync: true})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			for i := 0; i < rows; i += 1000 {
				var c gateway.Change
				for j := i; j < i+1000; j++ {
					m := newMessage(fmt.Sprintf("m%d", j))
					m.CreatedAt = date.Add(time.Duration(j) * time.Second)
					m.Recipients[0].Modem = "office"
					c.Messages = append(c.Messages, m)
				}
				commit(b, db, c)
			}
			for b.Loop() { // what follows measures itself
			}
			measure := func(name string, calls int, do func() error) {
				b.ReportMetric(perCall(b, calls, do), "µs/"+name)
			}
			measure("newest", 100, func() error {
				_, _, err := db.SearchMessages(gateway.Search{Text: "hello", Limit: 50, Patience: 200e6})
				return err
			})
			measure("rare", 3, func() error {
				_, _, err := db.SearchMessages(gateway.Search{Text: "not there", Limit: 50, Patience: 200e6})
				return err
			})
			measure("modem", 100, func() error {
				_, _, err := db.SearchMessages(gateway.Search{Modem: "office", Slot: 1, Limit: 50, Patience: 200e6})
				return err
			})
			measure("idle-modem", 3, func() error {
				_, _, err := db.SearchMessages(gateway.Search{Modem: "van", Slot: 2, Limit: 50, Patience: 200e6})
				return err
			})
			measure("list", 100, func() error {
				_, _, err := db.Messages(gateway.MessageQuery{Limit: 50})
				return err
			})
			measure("state", 100, func() error {
				_, _, err := db.Messages(gateway.MessageQuery{State: gateway.Pending, Limit: 50})
				return err
			})
			measure("lookup", 100, func() error {
				_, err := db.Message("m500")
				return err
			})
			measure("range", 5, func() error {
				_, _, err := db.Messages(gateway.MessageQuery{From: date, Limit: 50})
				return err
			})
		})
	}
}

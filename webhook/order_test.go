package webhook

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/store"
)

// texts returns the numbers of the events in the order of the hits.
func texts(hits []hit) []string {
	var out []string
	for _, h := range hits {
		_, rest, _ := strings.Cut(h.body, `"message":"text `)
		n, _, _ := strings.Cut(rest, `"`)
		out = append(out, n)
	}
	return out
}

// slowly answers 200 after d.
func slowly(d time.Duration) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return status(200, ""), nil
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
}

func TestFirstAttemptsStartInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Slots: 1}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(slowly(time.Second))
		var want []string
		for n := range 50 {
			w.emit(fmt.Sprint("subject ", n%7), ep)
			want = append(want, fmt.Sprint(n+1))
		}
		pass(time.Minute)
		diff(t, "order", want, texts(w.rcv.take()))
	})
}

func TestOneSubjectIsNotSentTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(slowly(time.Second))
		start := time.Now()
		for _, subject := range []string{"a", "a", "a", "b", "a", "", ""} {
			w.emit(subject, ep)
		}
		pass(time.Minute)
		var got []string
		hits := w.rcv.take()
		for i, n := range texts(hits) {
			got = append(got, n+" at "+hits[i].at.Sub(start).String())
		}
		sorted := map[string][]string{}
		for _, g := range got {
			_, at, _ := strings.Cut(g, " at ")
			sorted[at] = append(sorted[at], g)
		}
		for at, want := range map[string]int{"0s": 4, "1s": 1, "2s": 1, "3s": 1} {
			if len(sorted[at]) != want {
				t.Errorf("%d attempts at %s, want %d: %v", len(sorted[at]), at, want, got)
			}
		}
		diff(t, "last three", []string{"2 at 1s", "3 at 2s", "5 at 3s"}, got[4:])
	})
}

// Rows that failed before can be due in another order than that of their events:
// the later one here has the earlier due time.
func TestEarlierEventOfASubjectGoesFirst(t *testing.T) {
	for _, rows := range []int{0, lookAhead - 2} { // other rows between the two
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{Slots: 1}).open()
			ep := w.register("hook", "https://example.com/x")
			w.rcv.set(slowly(time.Second))
			w.emit("a", ep)
			w.emit("a", ep)
			for range rows {
				w.emit("", ep)
			}
			ds, _, _, err := w.db.DueDeliveries(ep.Num, w.db.Timeline().Now(), 1000, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			now := w.db.Timeline().Now()
			for i := range ds {
				switch {
				case i == 0: // the first event is due last
					ds[i].Due, ds[i].Attempts = now.Add(20*time.Second), 1
				case i == 1:
					ds[i].Due = now.Add(10 * time.Second)
				default:
					ds[i].Due = now.Add(15 * time.Second)
				}
			}
			w.commit(gateway.Change{Deliveries: ds})
			pass(time.Minute)
			w.start()
			pass(time.Hour)
			got := texts(w.rcv.take())
			if len(got) != rows+2 || got[0] != "1" {
				t.Errorf("%d rows between: got %v, want 1 to go first", rows, got)
			}
		})
	}
}

// A subject with many rows must not hide the others for ever, nor cost a look at
// each row for each attempt.
func TestManyEventsOfOneSubject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		q := &countingQueue{}
		w.queue = func(db *store.DB) Queue { q.Queue = db; return q }
		w.start()
		ep := w.register("hook", "https://example.com/x")
		w.rcv.set(slowly(time.Millisecond))
		var c gateway.Change
		const many = 3 * maxPassed
		for n := range many {
			c.Emissions = append(c.Emissions, w.emission(n+1, "a", ep))
		}
		c.Emissions = append(c.Emissions, w.emission(many+1, "b", ep))
		w.commit(c)
		pass(time.Hour)
		got := texts(w.rcv.take())
		if len(got) != many+1 {
			t.Fatalf("got %d attempts, want %d", len(got), many+1)
		}
		at := 0
		for i, n := range got {
			if n == fmt.Sprint(many+1) {
				at = i
			}
		}
		if at == len(got)-1 {
			t.Errorf("the other subject came last of %d", len(got))
		}
		if most := q.most.Load(); most > maxPassed+lookAhead {
			t.Errorf("%d rows were looked at at once, want %d at most", most, maxPassed+lookAhead)
		}
	})
}

func TestDeadAndSlowReceiversDelayNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Slots: 4, GlobalSlots: 8}).start()
		var all []gateway.Endpoint
		for n := range 10 { // more than there are slots
			all = append(all, w.register(fmt.Sprint("dead", n), fmt.Sprintf("https://dead%d.example.com/x", n)))
		}
		healthy := w.register("healthy", "https://healthy.example.com/x")
		w.rcv.set(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "healthy.example.com" {
				return status(200, ""), nil
			}
			return hang(req)
		})
		for range 20 {
			w.emit("", all...)
		}
		pass(10 * time.Minute) // by now it is known that they are dead
		w.rcv.take()
		for range 20 {
			start := time.Now()
			w.emit("", healthy)
			pass(time.Second)
			var got []time.Duration
			for _, h := range w.rcv.take() {
				if h.host == "healthy.example.com" {
					got = append(got, h.at.Sub(start))
				}
			}
			diff(t, "delays of the healthy receiver", []time.Duration{0}, got)
			pass(time.Minute)
			w.rcv.take()
		}
	})
}

func TestSlotsAreSharedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Slots: 4, GlobalSlots: 4}).start()
		var all []gateway.Endpoint
		for n := range 4 {
			all = append(all, w.register(fmt.Sprint("hook", n), fmt.Sprintf("https://r%d.example.com/x", n)))
		}
		w.rcv.set(slowly(time.Second))
		var c gateway.Change
		for n := range 40 { // all for the first, then one each for the others
			c.Emissions = append(c.Emissions, w.emission(n, "", all[0]))
		}
		for i := range 3 {
			c.Emissions = append(c.Emissions, w.emission(100+i, "", all[i+1]))
		}
		w.commit(c)
		synctest.Wait()
		diff(t, "attempts by receiver", map[string]int{
			"r0.example.com": 1, "r1.example.com": 1, "r2.example.com": 1, "r3.example.com": 1,
		}, byHost(w.rcv.take()))
		pass(time.Second)
		diff(t, "attempts by receiver, later", map[string]int{"r0.example.com": 4}, byHost(w.rcv.take()))
	})
}

func byHost(hits []hit) map[string]int {
	n := map[string]int{}
	for _, h := range hits {
		n[h.host]++
	}
	return n
}

func TestFewSlotsGoRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{GlobalSlots: 1}).start()
		var all []gateway.Endpoint
		for n := range 3 {
			all = append(all, w.register(fmt.Sprint("hook", n), fmt.Sprintf("https://r%d.example.com/x", n)))
		}
		w.rcv.set(slowly(time.Second))
		for range 10 {
			w.emit("", all...)
		}
		pass(500 * time.Millisecond) // attempts start at whole seconds
		for round := range 10 {
			pass(2 * time.Second)
			diff(t, fmt.Sprint("round ", round), map[string]int{
				"r0.example.com": 1, "r1.example.com": 1, "r2.example.com": 1,
			}, byHost(w.rcv.take()))
			pass(time.Second)
		}
	})
}

func TestManyEndpointsManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		var all []gateway.Endpoint
		for n := range 30 {
			all = append(all, w.register(fmt.Sprint("hook", n), fmt.Sprintf("https://r%d.example.com/x", n)))
		}
		w.rcv.set(slowly(10 * time.Millisecond))
		for n := range 20 {
			w.emit(fmt.Sprint("s", n), all...)
		}
		pass(time.Hour)
		ids := map[string]int{}
		for _, h := range w.rcv.take() {
			ids[h.id]++
		}
		if len(ids) != 600 {
			t.Errorf("%d deliveries arrived, want 600", len(ids))
		}
		for id, n := range ids {
			if n != 1 {
				t.Errorf("delivery %s came %d times", id, n)
			}
		}
		if err := w.db.Check(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

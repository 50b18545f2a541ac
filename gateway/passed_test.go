package gateway_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
)

// lookCounter counts the rows that are looked at to find what is next.
type lookCounter struct {
	gateway.Store
	rows *atomic.Int64
}

func (s lookCounter) NextQueued(q gateway.QueueQuery) (gateway.RecipientRef, bool, gateway.Tick, error) {
	skip := q.Skip
	q.Skip = func(r gateway.QueueRow) gateway.Passing { s.rows.Add(1); return skip(r) }
	return s.Store.NextQueued(q)
}

// many returns a batch of messages, each to another number.
func many(n int) (b gateway.Batch) {
	for _, to := range numbers("+49151", n) {
		b.Items = append(b.Items, gateway.BatchItem{Submission: gateway.Submission{Text: "hello", Numbers: []string{to}}})
	}
	return b
}

// However many messages a limit keeps back one by one, finding the next costs little, in
// either order; and what is queued among or behind them is found.
func TestManyPassedOver(t *testing.T) {
	for _, order := range []string{"FIFO", "LIFO"} {
		t.Run(order, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				const n = 2000
				var rows atomic.Int64
				w.wrap = func(s gateway.Store) gateway.Store { return lookCounter{s, &rows} }
				w.opts.Protection.Total = gateway.Caps{Recipients: 1}
				w.start()
				w.modems[0].set(gateway.ModemAbsent)
				if err := w.change(`{"messages":{"processing_order":"`+order+`"}}`, false); err != nil {
					w.t.Fatal(err)
				}
				later := w.submit(gateway.Submission{ID: "later", Numbers: []string{"+4915100000001"}, ScheduleAt: time.Now().Add(time.Hour)})
				w.submit(gateway.Submission{ID: "known", Priority: 1, Numbers: []string{"+4915100000001"}})
				if _, err := w.gw.SubmitBatch(w.t.Context(), many(n)); err != nil {
					w.t.Fatal(err)
				}
				w.modems[0].set(gateway.ModemReady)
				w.pass(30 * time.Second)
				if rows.Load() > 10*n {
					t.Errorf("looked at %d rows to pass over %d, want at most 10 for each", rows.Load(), n)
				}
				c := w.gw.Health().Checks["messages:limits"]
				if c.ObservedValue != n || !strings.Contains(c.Description, "may send to 1 numbers a month") {
					t.Errorf("health says %+v, want %d messages to wait", c, n)
				}
				rows.Store(0)
				for i := range 20 {
					m := w.submit(gateway.Submission{ID: fmt.Sprint("alert", i), Numbers: []string{"+4915100000001"}})
					w.pass(time.Second)
					w.wantState(m.ID, gateway.Sent)
				}
				if rows.Load() > 20*40 {
					t.Errorf("looked at %d rows to find 20, want at most 40 for each", rows.Load())
				}
				w.pass(time.Hour)
				w.wantState(later.ID, gateway.Sent)
				w.pass(32 * 24 * time.Hour) // each month one more
				if got := len(w.ledger.all()); got < 23 || got > 26 {
					t.Errorf("%d SMS were sent in the end", got)
				}
			})
		})
	}
}

// What fits no limit, even while nothing is used, waits and says what to do, and keeps
// nothing else waiting.
func TestNeverFits(t *testing.T) {
	for name, tt := range map[string]struct {
		reserve int
		text    string
		want    string
	}{
		"limit":   {0, strings.Repeat("long ", 300), "the message alone needs 10 SMS: raise the limit, or cancel it"},
		"reserve": {50, strings.Repeat("long ", 80), "the message alone needs 3 SMS, and 2 SMS of them are kept for messages of a higher priority: give it one, raise the limit, or cancel it"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.opts.Protection.Total, w.opts.Protection.Reserve = gateway.Caps{PerMinute: 4}, tt.reserve
				w.start()
				w.subscribe()
				w.submit(gateway.Submission{ID: "big", Text: tt.text})
				w.submit(gateway.Submission{ID: "small"})
				w.pass(time.Second)
				w.wantState("small", gateway.Sent)
				m := w.wantState("big", gateway.Pending)
				if got := w.gw.Waits().Message(&m); !strings.HasSuffix(got, tt.want) {
					t.Errorf("waits for %q, want %q in the end", got, tt.want)
				}
				if got := strings.Count(w.eventTypes(), "limit:reached"); got != 1 {
					t.Errorf("told %d times, want once", got)
				}
			})
		})
	}
}

// What a modem's own limit does not allow is sent by another, also if it was chosen for
// the first.
func TestOwnLimitOfModem(t *testing.T) {
	for _, selection := range []gateway.Selection{gateway.SelectFree, gateway.SelectInTurn} {
		t.Run(string(selection), func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				w.opts.Routing.Selection = selection
				w.opts.Protection.Modems = map[string]gateway.Caps{"modem1": {Recipients: 2}}
				w.start()
				if _, err := w.gw.SubmitBatch(w.t.Context(), many(20)); err != nil {
					w.t.Fatal(err)
				}
				w.pass(time.Second)
				if got, want := w.sentBy(), "2 18"; got != want {
					t.Errorf("the modems sent %q, want %q", got, want)
				}
				w.stop()
				w.opts.Protection.Total = gateway.Caps{PerDay: 20}
				w.start()
				w.submit(gateway.Submission{ID: "neither", Numbers: []string{"+4917012345679"}})
				w.pass(time.Second)
				neither := w.wantState("neither", gateway.Pending)
				if got := w.gw.Waits().Message(&neither); !strings.Contains(got, "the gateway may send 20 SMS a day and has sent 20 SMS") {
					t.Errorf("waits for %q", got)
				}
				if c := w.gw.Health().Checks["messages:limits"]; c.ObservedValue != 1 || c.ObservedUnit != "recipients" {
					t.Errorf("health says %+v, want one to wait", c)
				}
				m := w.submit(gateway.Submission{SIM: 1, Numbers: []string{"+4917012345678"}})
				w.pass(time.Second)
				m = w.wantState(m.ID, gateway.Pending)
				if got, want := w.gw.Waits().Message(&m), "modem modem1 may send to 2 numbers a month and has sent to 2 numbers"; !strings.HasPrefix(got, want) {
					t.Errorf("waits for %q, want %q", got, want)
				}
			})
		})
	}
}

// A limit that is nearly used up is told once in its period, whatever restarts.
func TestToldOnce(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Total, w.opts.Protection.Zone = gateway.Caps{PerMonth: 10}, time.UTC
		m, failing := w.modems[0], false
		m.script = func(*gateway.Outgoing, int, int) answer {
			if failing = !failing; failing {
				return answer{fault: rejected(gateway.Fail)}
			}
			return answer{}
		}
		w.start()
		w.subscribe()
		for range 2 {
			for range 24 {
				w.submit(gateway.Submission{})
				w.pass(time.Hour)
				w.crash()
				w.start()
			}
			w.pass(time.Hour)
			w.crash()
			time.Sleep(31 * 24 * time.Hour)
			w.start()
			w.pass(time.Hour)
		}
		if got, want := strings.ReplaceAll(w.eventTypes(), "sms:", ""), 2; strings.Count(got, "limit:warning") != want || strings.Count(got, "limit:reached") != want {
			t.Errorf("told %q, want each of the two once a month", got)
		}
	})
}

// A message that costs much is not kept waiting for ever by those that cost little and
// take whatever becomes free; and what costs nothing is not kept waiting by it.
func TestDearIsNotStarved(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Total = gateway.Caps{CostPerDay: 1e6}
		w.opts.Protection.Prices = []gateway.Price{{Prefix: "+49", PerPart: 100_000}}
		w.start()
		for range 5 {
			w.submit(gateway.Submission{})
		}
		w.submit(gateway.Submission{ID: "dear", Text: strings.Repeat("long ", 280)}) // nine parts
		sent, kept := time.Duration(0), false
		for i := range 4 * 48 {
			w.submit(gateway.Submission{ID: fmt.Sprint("cheap", i)})
			w.pass(30 * time.Minute)
			if m := w.message("dear"); m.State() == gateway.Sent && sent == 0 {
				sent = time.Duration(i) * 30 * time.Minute
			}
			m := w.message(fmt.Sprint("cheap", i))
			kept = kept || strings.Contains(w.gw.Waits().Message(&m), "may spend 1.00 a day and has spent 0.20; what is left is kept for a message that has waited for longer")
			if kept && sent == 0 {
				m = w.submit(gateway.Submission{Numbers: []string{"+15551234567"}})
				w.settle()
				w.wantState(m.ID, gateway.Sent)
			}
		}
		if !kept {
			t.Error("it is not said that room is kept")
		}
		if sent == 0 || sent > 50*time.Hour {
			t.Errorf("the dear message was sent after %s, want two days at most", sent)
		}
	})
}

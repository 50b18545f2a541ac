package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// mostWithin returns how many SMS were handed over within any window of a length.
func (w *world) mostWithin(length time.Duration) int {
	all := w.ledger.all()
	most, head := 0, 0
	for i := range all {
		for all[i].At.Sub(all[head].At) >= length {
			head++
		}
		most = max(most, i-head+1)
	}
	return most
}

// Whatever is asked for, fails, is lost or crashes, no window ever holds more SMS than
// the limits allow, of all modems or of one; and in the end everything is sent.
func TestNeverMoreThanTheLimits(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				rnd := rand.New(rand.NewPCG(seed, 1))
				w.opts.Protection.Total = gateway.Caps{PerMinute: 6, PerHour: 60}
				w.opts.Protection.Modems = map[string]gateway.Caps{"modem1": {PerMinute: 4}}
				w.opts.UnknownGrace = 5 * time.Second
				for i, m := range w.modems {
					rnd := rand.New(rand.NewPCG(seed, uint64(i)+2))
					m.radio = time.Duration(rnd.IntN(3000)) * time.Millisecond
					m.script = func(*gateway.Outgoing, int, int) answer {
						switch rnd.IntN(12) {
						case 0:
							return answer{fault: rejected(gateway.Retry)}
						case 1:
							return answer{fault: notSent()}
						case 2:
							return answer{fault: unknown(), lost: rnd.IntN(2) == 0}
						}
						return answer{}
					}
				}
				w.start()
				texts := []string{"short", strings.Repeat("long ", 50), strings.Repeat("longer ", 80)}
				for i := range 60 {
					w.submit(gateway.Submission{ID: fmt.Sprint(i), Text: texts[rnd.IntN(3)], Numbers: numbers("+49151", 1+rnd.IntN(2)), Priority: int8(rnd.IntN(3))})
					w.pass(time.Duration(rnd.IntN(20_000)) * time.Millisecond)
					switch rnd.IntN(12) {
					case 0:
						w.crash()
						w.start()
					case 1:
						w.stop()
						w.start()
					case 2:
						w.kill()
						w.start()
					}
				}
				w.pass(24 * time.Hour)
				if got := w.mostWithin(time.Minute); got > 6 {
					t.Errorf("%d SMS within a minute, the limit is 6", got)
				}
				if got := w.mostWithin(time.Hour); got > 60 || got < 50 {
					t.Errorf("%d SMS within an hour, the limit is 60", got)
				}
				ms, total, err := w.gw.Messages(gateway.MessageQuery{State: gateway.Pending, Limit: 10})
				if err != nil || total != 0 {
					t.Errorf("%d messages are left: %v, %v", total, ms, err)
				}
			})
		})
	}
}

// A limit that is reached is told, shown, and ends with its window, over a restart and
// when the wall clock is set ahead.
func TestLimitIsReached(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Total = gateway.Caps{PerHour: 5}
		w.start()
		w.subscribe()
		for i := range 7 {
			w.submit(gateway.Submission{ID: fmt.Sprint(i)})
		}
		w.pass(30 * time.Minute)
		if got := len(w.ledger.all()); got != 5 {
			w.t.Fatalf("sent %d, want 5", got)
		}
		m := w.message("5")
		const why = "the gateway may send 5 SMS an hour and has sent 5 SMS"
		if got := w.gw.Waits().Message(&m); got != why+"; more may be sent in 30m0s" {
			t.Errorf("waits for %q, want %q", got, why)
		}
		if c := w.gw.Health().Checks["messages:limits"]; c.Status != gateway.Warn || !strings.Contains(c.Description, why) {
			t.Errorf("health says %+v", c)
		}
		var told []string
		for _, e := range w.events() {
			switch p := e.Payload.(type) {
			case gateway.LimitWarning:
				told = append(told, fmt.Sprint("warning ", p.Used, " of ", p.Most, " ", p.Limit))
			case gateway.LimitReached:
				told = append(told, fmt.Sprint("reached ", p.Used, " of ", p.Most, " ", p.Limit))
			}
		}
		if got, want := strings.Join(told, ", "), "warning 4 of 5 per_hour, reached 5 of 5 per_hour"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		w.crash()
		w.start()
		w.pass(29 * time.Minute)
		if got := len(w.ledger.all()); got != 5 {
			t.Errorf("sent %d before the hour was over, want 5", got)
		}
		w.pass(2 * time.Minute)
		if got := len(w.ledger.all()); got != 7 {
			t.Errorf("sent %d after the hour, want 7", got)
		}
		w.submit(gateway.Submission{ID: "7"})
		w.submit(gateway.Submission{ID: "8"})
		w.submit(gateway.Submission{ID: "9"})
		w.submit(gateway.Submission{ID: "10"})
		w.jump(5 * time.Hour)
		if got := len(w.ledger.all()); got != 10 {
			t.Errorf("sent %d after the clock was set ahead, want 10", got)
		}
	})
}

// The limit of the settings counts messages, not their parts or recipients, and lets
// one pass that is urgent and outranks the one before. One of the configuration counts
// SMS, and lets none pass.
func TestKindsOfLimits(t *testing.T) {
	long := strings.Repeat("long ", 50) // two parts
	for name, tt := range map[string]struct {
		settings string
		caps     gateway.Caps
		reserve  int
		send     []gateway.Submission
		want     string // messages sent at once, by their parts
	}{
		"messages": {
			`{"messages":{"limit_period":"PerDay","limit_value":2}}`,
			gateway.Caps{},
			0,
			[]gateway.Submission{{ID: "a", Text: long, Numbers: numbers("+49151", 2)}, {ID: "b"}, {ID: "c"}, {ID: "u", Priority: 100}, {ID: "v", Priority: 100}},
			"a/1 a/2 a/1 a/2 b/1 u/1",
		},
		"sms": {
			`{}`,
			gateway.Caps{PerDay: 5},
			0,
			[]gateway.Submission{{ID: "a", Text: long, Numbers: numbers("+49151", 2)}, {ID: "b"}, {ID: "c"}, {ID: "u", Priority: 100}},
			"a/1 a/2 a/1 a/2 b/1",
		},
		"head of the line": {
			`{}`,
			gateway.Caps{PerDay: 3},
			0,
			[]gateway.Submission{{ID: "a", Text: long}, {ID: "b", Text: long}, {ID: "c"}, {ID: "u", Priority: 1}},
			"a/1 a/2 u/1",
		},
		"reserve": {
			`{}`,
			gateway.Caps{PerDay: 4},
			50,
			[]gateway.Submission{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "u", Priority: 100}, {ID: "v", Priority: 100}, {ID: "w", Priority: 100}},
			"a/1 b/1 u/1 v/1",
		},
		"recipients": {
			`{}`,
			gateway.Caps{Recipients: 2},
			0,
			[]gateway.Submission{{ID: "a", Numbers: numbers("+49151", 3)}, {ID: "b", Numbers: numbers("+49152", 1)}, {ID: "c", Numbers: numbers("+49151", 1)}},
			"a/1 a/1 c/1",
		},
		"money": {
			`{}`,
			gateway.Caps{CostPerMonth: 300_000},
			0,
			[]gateway.Submission{{ID: "a", Text: long}, {ID: "b", Text: long}, {ID: "c"}, {ID: "d"}, {ID: "f", Numbers: []string{"+33612345678"}}, {ID: "e", Numbers: []string{"+4915510000001"}}},
			"a/1 a/2 c/1 e/1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.opts.Protection = gateway.Protection{
					Total: tt.caps, Reserve: tt.reserve, Currency: "EUR",
					Prices: []gateway.Price{{Prefix: "+49", PerPart: 90_000}, {Prefix: "+33", PerPart: 50_000}, {Prefix: "+49155", PerPart: 10_000}},
				}
				w.start()
				if err := w.change(tt.settings, false); err != nil {
					w.t.Fatal(err)
				}
				for _, s := range tt.send {
					m := w.submit(s)
					w.settle()
					m = w.message(m.ID)
					if why := w.gw.Waits().Message(&m); m.State() == gateway.Pending && why == "" {
						t.Errorf("it is not said what %s waits for", m.ID)
					}
				}
				w.pass(time.Hour)
				if got := w.ledger.parts(); got != tt.want {
					t.Errorf("sent %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// A one-time code that a limit keeps back expires rather than arrive late.
func TestExpiresAtLimit(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Total = gateway.Caps{PerHour: 1}
		w.start()
		w.subscribe()
		w.submit(gateway.Submission{ID: "first"})
		w.submit(gateway.Submission{ID: "code", TTL: 5 * time.Minute})
		w.submit(gateway.Submission{ID: "until", ValidUntil: time.Now().Add(10 * time.Minute)})
		w.submit(gateway.Submission{ID: "later", ScheduleAt: time.Now().Add(20 * time.Minute), ValidUntil: time.Now().Add(30 * time.Minute)})
		w.pass(6 * time.Minute)
		m := w.wantState("code", gateway.Failed)
		if got := m.Recipients[0].Error; got != "TTL expired" {
			t.Errorf("error %q", got)
		}
		w.wantState("until", gateway.Pending)
		w.pass(25 * time.Minute)
		w.wantState("until", gateway.Failed)
		w.wantState("later", gateway.Failed)
		if got := strings.Count(w.eventTypes(), "sms:failed"); got != 3 {
			t.Errorf("%d events of failures, want 3", got)
		}
		w.pass(2 * time.Hour)
		if got := w.ledger.parts(); got != "first/1" {
			t.Errorf("sent %q", got)
		}
	})
}

// A month ends with the calendar, not when a clock that nobody vouches for jumps.
func TestMonth(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection.Total, w.opts.Protection.Zone = gateway.Caps{PerMonth: 2}, time.UTC
		w.start()
		for i := range 5 {
			w.submit(gateway.Submission{ID: fmt.Sprint(i)})
		}
		w.pass(time.Hour)
		w.astray.Store(true)
		w.jump(40 * 24 * time.Hour)
		w.pass(time.Hour)
		if got := len(w.ledger.all()); got != 2 {
			t.Errorf("sent %d after the clock jumped, want 2", got)
		}
		w.astray.Store(false)
		w.pass(2 * time.Minute)
		if got := len(w.ledger.all()); got != 4 {
			t.Errorf("sent %d in the next month, want 4", got)
		}
	})
}

// When one modem has reached its limit, another takes over.
func TestLimitOfModem(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Routing.Selection = gateway.SelectInTurn
		w.opts.Protection.Modems = map[string]gateway.Caps{"modem1": {PerDay: 3}}
		w.start()
		w.submit(gateway.Submission{Numbers: numbers("+49151", 20)})
		w.pass(10 * time.Minute)
		if got, want := w.sentBy(), "3 17"; got != want {
			t.Errorf("the modems sent %q, want %q", got, want)
		}
	})
}

// Whichever commit fails, stored or not, and is followed by a restart: the limits hold,
// the pause after the latest message does, and nothing is left in the end.
func TestLimitsAtFailingCommits(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %v", after), func(t *testing.T) {
			for k := 0; ; k++ {
				hit := false
				bubble(t, 2, func(w *world) { hit = limitRun(w, k, after) })
				if t.Failed() {
					t.Fatalf("at commit %d", k)
				}
				if !hit {
					if k < 12 {
						t.Fatalf("the scenario has %d commits only", k)
					}
					return
				}
			}
		})
	}
}

func limitRun(w *world, k int, after bool) (hit bool) {
	w.opts.Protection.Total = gateway.Caps{PerMinute: 3}
	w.opts.Protection.Modems = map[string]gateway.Caps{"modem2": {PerHour: 4}}
	w.opts.UnknownGrace = 10 * time.Second
	s := gateway.DefaultSettings()
	s.Messages.SendIntervalMin, s.Messages.SendIntervalMax = 2*time.Second, 2*time.Second
	w.opts.Settings = &s
	w.start()
	w.stop()
	commits := 0
	var mu sync.Mutex
	w.wrap = func(s gateway.Store) gateway.Store { return &faultyStore{s, &mu, &commits, k, after} }
	for _, m := range w.modems {
		m.radio = 700 * time.Millisecond
		m.script = func(_ *gateway.Outgoing, _, nth int) answer {
			switch nth {
			case 1:
				return answer{fault: unknown(), lost: true}
			case 2:
				return answer{fault: notSent()}
			}
			return answer{}
		}
	}
	w.start()
	submit := func(id string) {
		if w.gw == nil {
			return
		}
		_, err := w.gw.Submit(w.t.Context(), gateway.Submission{ID: id, Text: strings.Repeat("long ", 40), Numbers: []string{"+4915110000001"}})
		if err != nil && w.wrap == nil && gateway.CodeOf(err) != gateway.Conflict {
			w.t.Errorf("submit %s: %v", id, err)
		}
	}
	for i := range 5 {
		submit(fmt.Sprint("m", i))
		w.pass(30 * time.Second)
	}
	hit = commits > k
	w.wrap = nil
	w.stopFailed()
	w.start()
	for i := range 5 {
		submit(fmt.Sprint("m", i))
	}
	w.pass(12 * time.Hour)
	if got := w.mostWithin(time.Minute); got > 3 {
		w.t.Errorf("%d SMS within a minute, the limit is 3", got)
	}
	for i := range 5 {
		// It may have failed for not being known to have left, but must not be left.
		if m := w.message(fmt.Sprint("m", i)); m.State() != gateway.Sent && m.State() != gateway.Failed {
			w.t.Errorf("message %s is %s in the end: %s", m.ID, m.State(), w.gw.Waits().Message(&m))
		}
	}
	return hit
}

// Of an attempt that a crash interrupted count the parts that were accepted, and the one
// that may have left; not those that certainly did not.
func TestCrashBetweenParts(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection = gateway.Protection{
			Total:  gateway.Caps{PerDay: 100, CostPerDay: 100e6},
			Prices: []gateway.Price{{Prefix: "+", PerPart: 90_000}},
		}
		w.opts.OnUnknown = gateway.FailUnknown
		w.modems[0].radio = 10 * time.Second
		w.start()
		w.submit(gateway.Submission{Text: strings.Repeat("longer ", 100)}) // five parts
		w.pass(15 * time.Second)                                           // the second is on its way
		w.crash()
		w.start()
		want := map[string]float64{"per_day": 2, "cost_per_day": 0.18}
		for _, l := range w.gw.Limits() {
			if l.Used != want[l.Limit] {
				t.Errorf("%s: %g is used, want %g", l.Limit, l.Used, want[l.Limit])
			}
		}
		w.stop()
		w.start()
		if got := w.gw.Limits()[0].Used; got != 2 {
			t.Errorf("%g is used after another restart, want 2", got)
		}
	})
}

// A dry run says what would keep a message waiting, such as its length, and what it
// costs by the longest prefix, in whatever order prices are given.
func TestPlanAsksLimits(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.Protection = gateway.Protection{
			Total:  gateway.Caps{PerMinute: 3},
			Prices: []gateway.Price{{Prefix: "+49", PerPart: 90_000}, {Prefix: "+49151", PerPart: 70_000}},
		}
		w.start()
		for text, want := range map[string]gateway.PlannedRecipient{
			"short": {Modem: "modem1", Cost: 70_000},
			strings.Repeat("long ", 100): {
				Modem: "modem1", Cost: 280_000,
				Waiting: "the gateway may send 3 SMS a minute and has sent 0 SMS; the message alone needs 4 SMS: raise the limit, or cancel it",
			},
		} {
			s := gateway.Submission{Text: text, Numbers: numbers("+49151", 1)}
			_, plans, err := w.gw.Plan(w.t.Context(), gateway.Batch{Items: []gateway.BatchItem{{Submission: s}}})
			if err != nil {
				w.t.Fatal(err)
			}
			if diff := cmp.Diff(want, plans[0].Recipients[0]); diff != "" {
				t.Errorf("%d characters: (-want +got)\n%s", len(text), diff)
			}
		}
		if used := w.gw.Limits()[0].Used; used != 0 {
			t.Errorf("%g SMS count though nothing was sent", used)
		}
	})
}

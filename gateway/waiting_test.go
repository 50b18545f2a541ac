package gateway_test

import (
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
)

// wantWaiting fails the test unless the message says that it waits for this.
func (w *world) wantWaiting(id, want string) {
	w.t.Helper()
	m := w.message(id)
	if got := w.gw.Waits().Message(&m); got != want {
		w.t.Errorf("message %s waits for\n%q, want\n%q", id, got, want)
	}
}

func (w *world) wantWaitingHealth(n int, status gateway.HealthStatus, description string) {
	w.t.Helper()
	c := w.gw.Health().Checks["messages:waiting"]
	if c.ObservedValue != n || c.Status != status || c.Description != description {
		w.t.Errorf("health: got %+v, want %d, %s, %q", c, n, status, description)
	}
}

// Whatever is missing, a message waits and says for what.
func TestWaitingReasons(t *testing.T) {
	tests := map[string]struct {
		rules  []gateway.Rule
		set    func(w *world)
		submit gateway.Submission
		want   string
	}{
		"no SIM": {
			set:  func(w *world) { w.modems[0].fault(gateway.ModemBlocked, "no SIM: put one in") },
			want: "modem modem1 is blocked: no SIM: put one in; modem modem2 is absent",
		},
		"no network": {
			set:    func(w *world) { w.modems[0].fault(gateway.ModemWaiting, "no network") },
			submit: gateway.Submission{SIM: 1},
			want:   "modem modem1 is waiting: no network",
		},
		"asked for the dead one": {submit: gateway.Submission{SIM: 2}, want: "modem modem2 is absent"},
		"strict rule": {
			rules: []gateway.Rule{{Prefix: "+4915", Modems: []string{"modem2"}, Strict: true}},
			want:  "modem modem2 is absent",
		},
		"rule without modems": {
			rules: []gateway.Rule{{Prefix: "+4915", Modems: []string{"gone"}, Strict: true}},
			want:  "none of the modems of the rule for +4915 is configured: mend it under routing.rules",
		},
		"scheduled": {
			submit: gateway.Submission{ScheduleAt: time.Date(2000, 1, 2, 3, 4, 5, 0, time.UTC)},
			want:   "it is scheduled for " + time.Date(2000, 1, 2, 3, 4, 5, 0, time.UTC).Local().Format("2006-01-02 15:04:05 -07:00"),
		},
		"next attempt": {
			set: func(w *world) {
				w.modems[0].script = func(*gateway.Outgoing, int, int) answer { return answer{fault: rejected(gateway.Retry)} }
			},
			want: "the latest attempt failed: network out of order; the next is in 25s",
		},
		"modem refuses": {
			set: func(w *world) {
				w.modems[0].script = func(*gateway.Outgoing, int, int) answer { return answer{fault: notSent()} }
			},
			want: "modem modem1 is ready but has not been able to send for 5s: the port is gone; modem modem2 is absent",
		},
		"unknown outcome": {
			set: func(w *world) {
				w.modems[0].script = func(*gateway.Outgoing, int, int) answer { return answer{fault: unknown()} }
			},
			want: "it is unknown whether the message left: evidence is awaited for 1m55s",
		},
		"on its way": {set: func(w *world) { w.modems[0].radio = time.Minute }, want: ""},
		"sent":       {want: ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				w.modems[1].set(gateway.ModemAbsent)
				w.opts.Routing.Rules = tt.rules
				w.start()
				w.settle()
				if tt.set != nil {
					tt.set(w)
				}
				m := w.submit(tt.submit)
				w.pass(5 * time.Second)
				w.wantWaiting(m.ID, tt.want)
				w.kill()
			})
		})
	}
}

// A message for a modem that was taken out of the configuration waits for it,
// as do the parts that only it can send.
func TestWaitingForRemovedModems(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.modems[0].set(gateway.ModemAbsent)
		w.modems[1].script = func(_ *gateway.Outgoing, _, nth int) answer {
			if nth == 1 {
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{}
		}
		w.start()
		w.submit(gateway.Submission{ID: "begun", Text: long})
		w.pass(time.Second)
		w.stop()
		w.modems = w.modems[:1]
		w.modems[0].set(gateway.ModemReady)
		w.start()
		w.submit(gateway.Submission{ID: "asked", SIM: 2})
		w.pass(30 * 24 * time.Hour)
		w.wantState("begun", gateway.Pending)
		w.wantState("asked", gateway.Pending)
		const (
			begun = "modem modem2 sent the first parts, and only it can send the others, but it is no longer configured: add it again, or cancel the message"
			asked = "SIM 2 was asked for, but its modem is no longer configured: add it again, or cancel the message"
		)
		w.wantWaiting("begun", begun)
		w.wantWaiting("asked", asked)
		w.wantWaitingHealth(2, gateway.Warn, "1: "+asked+". 1: "+begun)
	})
}

func TestWaitingWithoutModems(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.wantWaitingHealth(0, gateway.Pass, "No message waits for anything but its turn")
		w.submit(gateway.Submission{ID: "a", Numbers: numbers("+49151", 7)})
		w.pass(time.Hour)
		const want = "no modem is configured: name one under modems: in the configuration"
		w.wantWaiting("a", want)
		w.wantWaitingHealth(7, gateway.Warn, "7: "+want)
	})
}

// Without a plausible clock scheduled messages wait, and say so.
func TestWaitingForTheClock(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.floor = time.Now().Add(24 * time.Hour)
		w.start()
		w.submit(gateway.Submission{ID: "a", ScheduleAt: time.Now().Add(time.Hour)})
		w.pass(2 * time.Hour)
		const want = "the clock of this machine is not set, and scheduled messages wait until it is (is NTP reachable?)"
		w.wantWaiting("a", want)
		w.wantWaitingHealth(1, gateway.Warn, "1: "+want)
		w.pass(23 * time.Hour) // as good as setting it
		w.wantState("a", gateway.Sent)
		w.wantWaiting("a", "")
		w.wantWaitingHealth(0, gateway.Pass, "No message waits for anything but its turn")
	})
}

// What holds a modem back is asked each time, gives the reason, and is asked
// again when it says so.
func TestHold(t *testing.T) {
	bubble(t, 2, func(w *world) {
		var until atomic.Int64 // tick
		w.opts.Holds = []func(gateway.ModemStatus) gateway.Hold{
			func(gateway.ModemStatus) gateway.Hold { return gateway.Hold{} },
			func(st gateway.ModemStatus) gateway.Hold {
				if st.Slot == 1 && st.Modem == "modem1" && w.db.Timeline().Now() < gateway.Tick(until.Load()) {
					return gateway.Hold{Reason: "the limit of modem1 is reached", Until: gateway.Tick(until.Load())}
				}
				return gateway.Hold{}
			},
		}
		w.start()
		w.settle()
		until.Store(int64(w.db.Timeline().Now().Add(time.Hour)))
		m := w.submit(gateway.Submission{SIM: 1})
		other := w.submit(gateway.Submission{})
		w.pass(59 * time.Minute)
		w.wantState(other.ID, gateway.Sent)
		w.wantState(m.ID, gateway.Pending)
		w.wantWaiting(m.ID, "the limit of modem1 is reached")
		w.pass(time.Minute)
		w.wantState(m.ID, gateway.Sent)
	})
}

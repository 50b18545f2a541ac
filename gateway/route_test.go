package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// sentBy returns how many messages each modem was asked to send.
func (w *world) sentBy() string {
	var out []string
	for _, m := range w.modems {
		out = append(out, fmt.Sprint(len(m.outgoing())))
	}
	return strings.Join(out, " ")
}

func numbers(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%07d", prefix, i)
	}
	return out
}

func TestSelection(t *testing.T) {
	for name, tt := range map[string]struct {
		selection gateway.Selection
		radio     time.Duration // of the first of three modems
		check     func(n [3]int) bool
	}{
		"free":      {gateway.SelectFree, time.Hour, func(n [3]int) bool { return n[0] == 1 && n[1] > 1 && n[2] > 1 }},
		"in turn":   {gateway.SelectInTurn, 0, func(n [3]int) bool { return n == [3]int{20, 20, 20} }},
		"at random": {gateway.SelectAtRandom, 0, func(n [3]int) bool { return n[0] > 4 && n[1] > 4 && n[2] > 4 }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 3, func(w *world) {
				w.opts.Routing.Selection = tt.selection
				w.modems[0].radio = tt.radio
				w.modems[1].radio, w.modems[2].radio = time.Second, time.Second
				w.start()
				w.pass(time.Second)
				w.submit(gateway.Submission{Numbers: numbers("+49151", 60)})
				w.pass(59 * time.Second)
				var n [3]int
				for i, m := range w.modems {
					n[i] = len(m.outgoing())
				}
				if n[0]+n[1]+n[2] != 60 || !tt.check(n) {
					t.Errorf("the modems sent %v of 60", n)
				}
				if tt.radio > 0 {
					w.kill()
				}
			})
		})
	}
}

// A modem that dies hands over what was chosen for it, after the handover; what
// it alone may send waits for it.
func TestHandover(t *testing.T) {
	die := map[string]func(m *fakeModem){
		"gone": func(m *fakeModem) { m.set(gateway.ModemAbsent) },
		"hung": func(m *fakeModem) { m.radio = 1000 * time.Hour },
		"refuses": func(m *fakeModem) {
			m.script = func(*gateway.Outgoing, int, int) answer { return answer{fault: notSent()} }
		},
	}
	for name, kill := range die {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				w.opts.Routing.Selection = gateway.SelectInTurn
				w.opts.Routing.Handover = 90 * time.Second
				w.start()
				w.pass(time.Minute)
				kill(w.modems[0])
				w.submit(gateway.Submission{ID: "many", Numbers: numbers("+49151", 20)})
				asked := w.submit(gateway.Submission{ID: "asked", SIM: 1, Numbers: []string{"+49160"}})
				w.pass(89 * time.Second)
				if got := len(w.modems[1].outgoing()); got != 10 {
					t.Errorf("before the handover the living modem sent %d, want its own 10", got)
				}
				w.pass(2 * time.Second)
				// What the dead one has in hand stays with it.
				if got := len(w.modems[1].outgoing()); got < 19 {
					t.Errorf("after the handover the living modem sent %d of 20", got)
				}
				w.wantState(asked.ID, gateway.Pending)
				w.kill()
			})
		})
	}
}

// A modem that could not send for a while has its turn again once it can, even if
// nothing was left for it to prove that with.
func TestBackInTurn(t *testing.T) {
	for name, refuse := range map[string]func(m *fakeModem) (mend func()){
		"lost as it was handed a message": func(m *fakeModem) func() {
			m.script = func(*gateway.Outgoing, int, int) answer {
				go m.set(gateway.ModemAbsent)
				return answer{fault: notSent()}
			}
			return func() { m.script = nil; m.set(gateway.ModemReady) }
		},
		"refused to send": func(m *fakeModem) func() {
			m.script = func(*gateway.Outgoing, int, int) answer { return answer{fault: notSent()} }
			return func() { m.script = nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 2, func(w *world) {
				w.opts.Routing.Selection = gateway.SelectInTurn
				w.start()
				mend := refuse(w.modems[0])
				w.submit(gateway.Submission{Numbers: numbers("+49151", 2)})
				w.pass(10 * time.Minute)
				if got := len(w.modems[1].outgoing()); got != 2 {
					t.Errorf("the living modem sent %d of 2", got)
				}
				mend()
				w.pass(10 * time.Minute)
				before := len(w.modems[0].outgoing())
				w.submit(gateway.Submission{Numbers: numbers("+49160", 10)})
				w.pass(10 * time.Minute)
				if got := len(w.modems[0].outgoing()) - before; got != 5 {
					t.Errorf("the modem that is back was given %d of 10, want 5", got)
				}
			})
		})
	}
}

func TestRules(t *testing.T) {
	rules := []gateway.Rule{
		{Prefix: "+49", Modems: []string{"modem1", "modem2"}},
		{Prefix: "+4915", Modems: []string{"modem2"}, Strict: true},
		{Prefix: "+33", Modems: []string{"modem3"}},
	}
	tests := map[string]struct {
		to        string
		sim       int
		selection gateway.Selection
		absent    []int
		want      string // messages sent by each modem of 4
	}{
		"longest prefix":         {to: "+4915", want: "0 4 0"},
		"several modems":         {to: "+4930", selection: gateway.SelectInTurn, want: "2 2 0"},
		"another country":        {to: "+3361", want: "0 0 4"},
		"no rule":                {to: "+4415", selection: gateway.SelectInTurn, want: "2 1 1"},
		"slot wins":              {to: "+4915", sim: 3, want: "0 0 4"},
		"one of several is gone": {to: "+4930", selection: gateway.SelectInTurn, absent: []int{1}, want: "0 4 0"},
		"all of several gone":    {to: "+4930", absent: []int{1, 2}, want: "0 0 4"},
		"no fallback":            {to: "+4915", absent: []int{2}, want: "0 0 0"},
		"slot is gone":           {to: "+3361", sim: 3, absent: []int{3}, want: "0 0 0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 3, func(w *world) {
				w.opts.Routing = gateway.Routing{Selection: tt.selection, Rules: rules}
				for _, n := range tt.absent {
					w.modems[n-1].set(gateway.ModemAbsent)
				}
				w.start()
				for i := range 4 {
					w.submit(gateway.Submission{SIM: tt.sim, Numbers: []string{fmt.Sprintf("%s%07d", tt.to, i)}})
				}
				w.pass(2 * time.Minute)
				if got := w.sentBy(); got != tt.want {
					t.Errorf("the modems sent %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// A rule is applied as it is when a modem looks for work, not as it was.
func TestRulesChange(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Routing.Rules = []gateway.Rule{{Prefix: "+49", Modems: []string{"modem1"}, Strict: true}}
		w.modems[0].set(gateway.ModemBlocked)
		w.start()
		w.submit(gateway.Submission{ID: "a"})
		w.pass(time.Hour)
		w.wantState("a", gateway.Pending)
		w.stop()
		w.opts.Routing.Rules[0].Strict = false
		w.start()
		w.pass(2 * time.Minute) // until others take the work of the modem
		w.wantState("a", gateway.Sent)
		for _, bad := range []gateway.Routing{
			{Selection: "cheapest"},
			{Handover: -1},
			{Rules: []gateway.Rule{{Modems: []string{"modem1"}}}},
			{Rules: []gateway.Rule{{Prefix: "+49"}}},
			{Rules: []gateway.Rule{{Prefix: "+49", Modems: []string{"a"}}, {Prefix: "+49", Modems: []string{"b"}}}},
		} {
			if _, err := gateway.New(t.Context(), gateway.Options{Store: w.db, Routing: bad}); err == nil {
				t.Errorf("routing %+v was accepted", bad)
			}
		}
	})
}

// A conversation keeps its modem over a restart, until that modem is gone.
func TestStickyConversation(t *testing.T) {
	bubble(t, 3, func(w *world) {
		w.opts.Routing = gateway.Routing{Sticky: true, Selection: gateway.SelectInTurn}
		w.start()
		first := w.submit(gateway.Submission{Numbers: []string{"+4915110000001"}})
		w.submit(gateway.Submission{Numbers: []string{"+4915110000002"}})
		w.settle()
		by := w.message(first.ID).Recipients[0].SIM
		w.stop()
		w.start()
		for range 5 {
			w.submit(gateway.Submission{Numbers: []string{"015110000001"}})
		}
		w.settle()
		if got := len(w.modems[by-1].outgoing()); got != 6 {
			t.Errorf("the modem of the conversation sent %d of its 6 messages", got)
		}
		// An answer that comes in through another modem moves it there.
		in := fragments("hello", 70, 0, time.Now())
		other := by%3 + 1
		for i := range in {
			in[i].From, in[i].Modem, in[i].SIM = "+4915110000001", w.modems[other-1].ID(), other
		}
		w.receive(in...)
		before := len(w.modems[other-1].outgoing())
		w.submit(gateway.Submission{Numbers: []string{"+4915110000001"}})
		w.settle()
		if got := len(w.modems[other-1].outgoing()); got != before+1 {
			t.Errorf("the modem the answer came in through sent %d more, want 1", got-before)
		}
		w.modems[other-1].set(gateway.ModemAbsent)
		last := w.submit(gateway.Submission{Numbers: []string{"+4915110000001"}})
		w.pass(30 * time.Second)
		w.wantState(last.ID, gateway.Pending)
		w.pass(31 * time.Second)
		w.wantState(last.ID, gateway.Sent)
	})
}

// Scheduled messages choose their modem when they are due.
func TestScheduledMessageIsRouted(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		w.submit(gateway.Submission{ID: "a", ScheduleAt: time.Now().Add(time.Hour)})
		w.stop()
		w.opts.Routing.Rules = []gateway.Rule{{Prefix: "+49", Modems: []string{"modem2"}}}
		w.start()
		w.pass(time.Hour + time.Second)
		if got := w.sentBy(); got != "0 1" {
			t.Errorf("the modems sent %s, want 0 1", got)
		}
	})
}

// A slot that was there once is waited for; one that never was is not.
func TestSlotThatWasRemoved(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		w.settle()
		w.stop()
		both := w.modems
		w.modems = both[:1]
		w.start()
		gone := w.submit(gateway.Submission{SIM: 2})
		never := w.submit(gateway.Submission{SIM: 3})
		w.pass(24 * time.Hour)
		w.wantState(gone.ID, gateway.Pending)
		got := w.wantState(never.ID, gateway.Failed)
		if e := got.Recipients[0].Error; e != "Can't send message: SIM 3 not found" {
			t.Errorf("error: got %q", e)
		}
		w.stop()
		w.modems = both
		w.start()
		w.settle()
		w.wantState(gone.ID, gateway.Sent)
	})
}

// What was chosen for a modem that is no longer configured goes to others.
func TestChosenModemWasRemoved(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Routing.Selection = gateway.SelectInTurn
		for _, m := range w.modems {
			m.set(gateway.ModemBlocked)
		}
		w.start()
		m := w.submit(gateway.Submission{Numbers: numbers("+49151", 4)})
		w.settle()
		w.stop()
		w.modems = w.modems[:1]
		w.modems[0].set(gateway.ModemReady)
		w.start()
		w.settle()
		w.wantState(m.ID, gateway.Sent)
	})
}

// One number that is refused again and again delays no other message.
func TestRefusedNumberDelaysNobody(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].radio = 100 * time.Millisecond
		w.modems[0].script = func(o *gateway.Outgoing, _, _ int) answer {
			if o.To == to {
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{}
		}
		w.start()
		bad := w.submit(gateway.Submission{Numbers: []string{to}, Priority: 100})
		others := w.submit(gateway.Submission{Numbers: numbers("+49160", 100)})
		w.pass(11 * time.Second) // 101 PDUs and what a retry in between would take
		w.wantState(others.ID, gateway.Sent)
		w.wantState(bad.ID, gateway.Pending)
	})
}

// The log names the part that failed, not the first of the attempt.
func TestLogNamesThePartThatFailed(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var log bytes.Buffer
		w.log = &log
		w.modems[0].script = func(_ *gateway.Outgoing, seg, nth int) answer {
			if seg == 1 && nth == 1 || seg == 2 && nth == 3 {
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{}
		}
		w.start()
		w.submit(gateway.Submission{ID: "a", Text: long})
		w.pass(time.Hour)
		w.wantState("a", gateway.Sent)
		w.stop()
		var parts []int
		for line := range strings.Lines(log.String()) {
			var l struct {
				Message string
				Part    int
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			if l.Message == "sending failed" {
				parts = append(parts, l.Part)
			}
		}
		if !slices.Equal(parts, []int{2, 3}) {
			t.Errorf("the log names the parts %v, want 2 and 3", parts)
		}
	})
}

// A modem that never comes back, whatever it is told, keeps nobody from sending.
func TestModemThatNeverReturns(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Routing.Selection = gateway.SelectInTurn
		release := make(chan struct{})
		w.modems[0].script = func(*gateway.Outgoing, int, int) answer {
			w.modems[0].mu.Unlock() // its status is fine
			<-release
			w.modems[0].mu.Lock()
			return answer{}
		}
		w.start()
		w.submit(gateway.Submission{ID: "a", Numbers: numbers("+49151", 20), DeliveryReport: true})
		w.pass(2 * time.Minute)
		if got := len(w.modems[1].outgoing()); got != 19 {
			t.Errorf("the other modem sent %d of 20, want all but the one in hand", got)
		}
		if st := w.gw.Modems(); len(st) != 2 || st[0].State != gateway.ModemReady {
			t.Errorf("modems: %+v", st)
		}
		close(release)
		w.settle()
		w.wantState("a", gateway.Sent)
	})
}

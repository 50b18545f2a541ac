package gateway_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
)

// echo has what a modem sends come in on it, after a delay, unless lost is set.
type echo struct {
	w     *world
	delay time.Duration
	lost  atomic.Bool
	sent  atomic.Int64
}

func (e *echo) script(o *gateway.Outgoing, _, _ int) answer {
	e.sent.Add(1)
	if !e.lost.Load() {
		text := o.Segments[0].Text
		go func() {
			time.Sleep(e.delay)
			if e.w.gw != nil {
				e.w.incoming(o.To, text)
			}
		}()
	}
	return answer{}
}

func canaryOptions() *gateway.CanaryOptions {
	return &gateway.CanaryOptions{Every: 24 * time.Hour, Timeout: 10 * time.Minute, Misses: 2}
}

func (w *world) canary() gateway.CanaryStatus {
	w.t.Helper()
	o := w.gw.Canaries()
	if len(o.Modems) == 0 {
		w.t.Fatal("no modem sends canaries")
	}
	return o.Modems[0]
}

// outcome sums up the results: time of the round trip in seconds, or ! and the reason.
func outcomes(s gateway.CanaryStatus) string {
	var out []string
	for _, r := range s.Results {
		text := fmt.Sprintf("%.0f", r.RoundTrip.Seconds())
		if !r.OK() {
			text += "!" + r.Error
		}
		out = append(out, text)
	}
	return strings.Join(out, " | ")
}

func TestCanary(t *testing.T) {
	bubble(t, 1, func(w *world) {
		e := &echo{w: w, delay: 5 * time.Second}
		w.modems[0].script = e.script
		w.opts.Canary = canaryOptions()
		w.start()
		w.subscribe()
		w.pass(time.Minute)
		if e.sent.Load() != 0 {
			t.Error("a canary was sent right at the start")
		}
		w.pass(2 * time.Minute)
		s := w.canary()
		if got := outcomes(s); got != "5" || s.Misses != 0 || e.sent.Load() != 1 {
			t.Fatalf("got %q, %d misses, %d sent; want one that took 5 s", got, s.Misses, e.sent.Load())
		}
		o := w.modems[0].outgoing()[0]
		if o.To != "+4915199999001" || !strings.HasPrefix(o.Segments[0].Text, "SMS gateway self-test ") || o.DeliveryReport {
			t.Errorf("sent %+v, want a marked text to the own number", o)
		}
		// Nobody is told, and there is no conversation.
		if got := w.eventTypes(); got != "" {
			t.Errorf("events: %s, want none", got)
		}
		in, _, err := w.gw.InboundMessages(gateway.InboundQuery{Limit: 9})
		if err != nil || len(in) != 1 || in[0].Canary != "modem1" {
			t.Errorf("inbox: %+v, %v, want a marked message", in, err)
		}
		if c := w.gw.Health().Checks["canary:modem1"]; c.Status != gateway.Pass || c.ObservedValue != 5000 || c.ObservedUnit != "milliseconds" {
			t.Errorf("health: %+v", c)
		}

		e.lost.Store(true)
		w.pass(24*time.Hour + time.Minute) // sent, and a retry after 15 min
		s = w.canary()
		if got, want := outcomes(s), "5"; got != want {
			t.Fatalf("got %q, want %q, until the time-out", got, want)
		}
		w.pass(10 * time.Minute)
		s = w.canary()
		if got, want := outcomes(s), "5 | 0!it was sent, and did not come in within 10m0s"; got != want || s.Misses != 1 {
			t.Fatalf("got %q, %d misses; want %q", got, s.Misses, want)
		}
		if c := w.gw.Health().Checks["canary:modem1"]; c.Status != gateway.Warn || w.eventTypes() != "" {
			t.Errorf("after one miss: %+v, events %s", c, w.eventTypes())
		}
		w.pass(30 * time.Minute)
		if c := w.gw.Health().Checks["canary:modem1"]; c.Status != gateway.Down || w.eventTypes() != "canary:failed" {
			t.Errorf("after two misses: %+v, events %s", c, w.eventTypes())
		}
		e.lost.Store(false)
		w.pass(2 * time.Hour)
		if s = w.canary(); s.Misses != 0 || w.eventTypes() != "canary:failed canary:recovered" {
			t.Errorf("got %d misses, %s", s.Misses, w.eventTypes())
		}
		if p, ok := w.events()[0].Payload.(gateway.CanaryFailed); !ok || p.Modem != "modem1" || p.Misses != 2 || !strings.Contains(p.Reason, "did not come in") {
			t.Errorf("got %+v", w.events()[0].Payload)
		}
	})
}

// However often it fails, no more are sent than the budget allows, restarts included.
func TestCanaryBudget(t *testing.T) {
	bubble(t, 1, func(w *world) {
		e := &echo{w: w}
		e.lost.Store(true)
		w.modems[0].script = e.script
		w.opts.Canary = canaryOptions()
		w.opts.Canary.Every, w.opts.Canary.PerDay, w.opts.Canary.Timeout = time.Minute, 4, 30*time.Second
		w.start()
		for range 20 {
			w.pass(5 * time.Minute)
			w.stop()
			w.start()
		}
		if e.sent.Load() != 4 {
			t.Errorf("%d were sent within two hours, want 4", e.sent.Load())
		}
		err := w.gw.RunCanary(t.Context(), "modem1")
		if gateway.CodeOf(err) != gateway.TooSoon {
			t.Errorf("run: got %v, want that there were enough", err)
		}
		w.pass(24 * time.Hour)
		if e.sent.Load() < 5 || e.sent.Load() > 8 {
			t.Errorf("%d were sent after a day, want up to four more", e.sent.Load())
		}
	})
}

// A canary that is under way when the gateway ends is the one that comes in later.
func TestCanaryRestart(t *testing.T) {
	for name, end := range map[string]func(*world){"stop": (*world).stop, "crash": (*world).crash} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				e := &echo{w: w}
				e.lost.Store(true)
				w.modems[0].script = e.script
				w.opts.Canary = canaryOptions()
				w.start()
				w.subscribe()
				w.pass(3 * time.Minute)
				if w.canary().Flight == nil {
					t.Fatal("none is under way")
				}
				end(w)
				w.pass(20 * time.Minute) // more than the time-out
				w.start()
				w.pass(3 * time.Minute)
				w.incoming("+4915199999001", w.modems[0].outgoing()[0].Segments[0].Text)
				w.settle()
				if s := w.canary(); len(s.Results) != 1 || !s.Results[0].OK() || e.sent.Load() != 1 || w.eventTypes() != "" {
					t.Errorf("got %q, %d sent, events %q; want one that came in", outcomes(s), e.sent.Load(), w.eventTypes())
				}
			})
		})
	}
}

func TestCanaryLate(t *testing.T) {
	bubble(t, 1, func(w *world) {
		e := &echo{w: w, delay: 11 * time.Minute}
		w.modems[0].script = e.script
		w.opts.Canary = canaryOptions()
		w.start()
		w.subscribe()
		w.pass(14 * time.Minute)
		if got, want := outcomes(w.canary()), "660!it was sent, and did not come in within 10m0s"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		// Neither a copy of it is told of, nor does one that somebody made up count.
		w.incoming("+4915199999001", w.modems[0].outgoing()[0].Segments[0].Text)
		if got := w.eventTypes(); got != "" {
			t.Errorf("events %s, want none", got)
		}
		w.incoming("+4915199999001", "SMS gateway self-test AAAAAAAAAAAAAAAAAAAAAAAAAA, please ignore")
		if got := w.eventTypes(); got != "sms:received" {
			t.Errorf("events %s, want one", got)
		}
	})
}

// To a number that is not here the delivery report counts.
func TestCanaryAbroad(t *testing.T) {
	bubble(t, 2, func(w *world) {
		status := byte(0)
		script := func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{status}} }
		w.modems[0].script, w.modems[1].script = script, script
		w.opts.Canary = canaryOptions()
		w.opts.Canary.To, w.opts.Canary.Modems, w.opts.Canary.Tell = "+4915110000001", []string{"modem2"}, true
		w.start()
		w.subscribe()
		if err := w.gw.RunCanary(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if s := w.canary(); s.Modem != "modem2" || len(s.Results) != 1 || !s.Results[0].OK() || len(w.modems[1].outgoing()) != 1 {
			t.Fatalf("got %s of %s", outcomes(s), s.Modem)
		}
		if got := w.eventTypes(); got != "sms:sent sms:delivered" {
			t.Errorf("events %s, want those that were asked for", got)
		}
		if c := w.events()[0].Conversation; c != nil {
			t.Errorf("it is part of a conversation: %+v", c)
		}
		status = 0x46
		if err := w.gw.RunCanary(t.Context(), "modem2"); err != nil {
			t.Fatal(err)
		}
		w.settle()
		if s := w.canary(); s.Misses != 1 || !strings.Contains(s.Last().Error, "it could not be sent: Delivery result from SC") {
			t.Errorf("got %s, want a miss at once", outcomes(s))
		}
		for modem, want := range map[string]gateway.Code{"modem1": gateway.NotFound, "x": gateway.NotFound} {
			if err := w.gw.RunCanary(t.Context(), modem); gateway.CodeOf(err) != want {
				t.Errorf("%s: got %v, want %s", modem, err, want)
			}
		}
	})
}

func TestCanaryCannotBeSent(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		if err := w.gw.RunCanary(t.Context(), ""); gateway.CodeOf(err) != gateway.Conflict || w.gw.Canaries().Enabled {
			t.Errorf("not enabled: got %v", err)
		}
		w.stop()
		number := func(n string) {
			w.modems[0].mu.Lock()
			defer w.modems[0].mu.Unlock()
			w.modems[0].status.Number = n
		}
		number("")
		w.opts.Canary = canaryOptions()
		w.start()
		w.pass(3 * time.Minute)
		c := w.gw.Health().Checks["canary:modem1"]
		if c.Status != gateway.Warn || !strings.Contains(c.Description, "set modems[].number or canary.to") || len(w.modems[0].outgoing()) != 0 {
			t.Errorf("got %+v", c)
		}
		number("+4915199999001")
		w.pass(time.Hour)
		if n := len(w.modems[0].outgoing()); n != 1 {
			t.Errorf("%d were sent when the number was known, want 1", n)
		}
		err := w.gw.RunCanary(t.Context(), "modem1")
		if gateway.CodeOf(err) != gateway.Conflict || !strings.Contains(err.Error(), "under way") {
			t.Errorf("got %v, want that one is under way", err)
		}
	})
}

// Canaries are sent in the window only, by the wall clock.
func TestCanaryWindow(t *testing.T) {
	bubble(t, 1, func(w *world) { // it is midnight UTC
		e := &echo{w: w}
		w.modems[0].script = e.script
		w.opts.Canary = canaryOptions()
		local := time.Now().Local()
		start := (local.Hour()*60 + local.Minute() + 120) % 1440
		w.opts.Canary.Window = gateway.WorkHours{Enabled: true, Start: start, End: (start + 60) % 1440}
		w.start()
		w.pass(119 * time.Minute)
		if e.sent.Load() != 0 {
			t.Error("sent outside the window")
		}
		w.pass(3 * time.Minute)
		if e.sent.Load() != 1 {
			t.Errorf("%d were sent in the window, want 1", e.sent.Load())
		}
	})
}

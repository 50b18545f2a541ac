package webhook

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/gateway"
)

// byPath answers by the first label of the host.
func byHostName(answers map[string]func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		name, _, _ := strings.Cut(req.URL.Host, ".")
		if answer := answers[name]; answer != nil {
			return answer(req)
		}
		return status(200, ""), nil
	}
}

func TestFailingAndRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		ep := w.enroll("hook", func(e *gateway.Endpoint) {
			e.Name, e.URL = "my hook", "https://user:secret@hook.example.com/x?key=secret"
			e.Events = append(e.Events, gateway.EventHookFailing) // is not told of itself
		})
		w.rcv.set(always(503))
		for range 3 {
			w.emit("", ep)
		}
		pass(50 * time.Second) // many failures, but not for a minute
		if types, _ := o.take(); len(types) > 0 {
			t.Errorf("raised %v", types)
		}
		pass(20 * time.Second)
		o.mu.Lock()
		diff(t, "events", []gateway.Payload{gateway.HookFailing{HookNotice: gateway.HookNotice{
			Webhook: "hook", Name: "my hook", URL: "https://***@hook.example.com/x?key=***", Reason: "HTTP 503",
			Pending: 3, Code: 503, At: time.Now().Round(0), Failures: 10,
		}}}, o.raised)
		o.mu.Unlock()
		o.take()
		pass(10 * time.Hour)
		if types, _ := o.take(); len(types) > 0 {
			t.Errorf("raised %v while it goes on", types)
		}
		w.rcv.set(nil)
		pass(48 * time.Hour)
		types, _ := o.take()
		diff(t, "events", []gateway.EventType{gateway.EventHookRecovered}, types)
	})
}

// A few failures at once, and a local fault, are no news.
func TestShortTroubleIsNotTold(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(*http.Request) (*http.Response, error)
		length time.Duration
	}{
		{"restart", always(502), 30 * time.Second},
		{"no network", failWith(unreachable(101)), 40 * time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			o := owned(w)
			w.start()
			ep := w.enroll("hook", nil)
			w.rcv.set(c.answer)
			for range 20 {
				w.emit("", ep)
			}
			pass(c.length)
			w.rcv.set(nil)
			pass(time.Hour)
			if types, _ := o.take(); len(types) > 0 {
				t.Errorf("%s: raised %v", c.name, types)
			}
		})
	}
}

// One that comes and goes is told of once an hour, and so are deliveries that are
// given up.
func TestTroubleIsToldOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		flapping := w.enroll("flapping", func(e *gateway.Endpoint) { e.Retry.Schedule = seconds(30) })
		dead := w.enroll("dead", func(e *gateway.Endpoint) { e.Retry.Max = new(0) })
		start := time.Now()
		w.rcv.set(byHostName(map[string]func(*http.Request) (*http.Response, error){
			"flapping": func(*http.Request) (*http.Response, error) {
				if time.Since(start)%(10*time.Minute) < 5*time.Minute {
					return status(500, ""), nil
				}
				return status(200, ""), nil
			},
			"dead": always(500),
		}))
		const hours = 6
		for range hours * 30 {
			w.emit("", flapping, dead)
			pass(2 * time.Minute)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		last := map[string]time.Time{}
		count := map[string]int{}
		for i, p := range o.raised {
			var id string
			switch p := p.(type) {
			case gateway.HookFailing:
				id = p.Webhook
			case gateway.HookRecovered:
				id = p.Webhook
			case gateway.HookExhausted:
				id = p.Webhook
				if id == "dead" && p.Dead == 0 {
					t.Errorf("told of %d dead deliveries", p.Dead)
				}
			}
			key := id + " " + string(p.EventType())
			if was, ok := last[key]; ok && o.times[i].Sub(was) < tellEvery-time.Minute {
				t.Errorf("%s was told after %s", key, o.times[i].Sub(was))
			}
			last[key] = o.times[i]
			count[key]++
		}
		want := map[string]int{
			"flapping webhook:failing": hours, "flapping webhook:recovered": hours, "dead webhook:exhausted": hours, "dead webhook:failing": 1,
		}
		if d := cmp.Diff(want, count, cmpopts.EquateApprox(0, 1)); d != "" {
			t.Errorf("events (-want +got):\n%s", d)
		}
	})
}

// Two webhooks that are told of each other, and both fail, do not go in circles, nor
// does that pause them.
func TestAlertsCauseNoAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		about := func(e *gateway.Endpoint) {
			e.Events = []gateway.EventType{gateway.EventHookFailing, gateway.EventHookExhausted, gateway.EventHookDisabled, gateway.EventHookRecovered}
			e.Retry.Max, e.Retry.Schedule = new(40), []time.Duration{4 * time.Hour}
		}
		w.enroll("one", about)
		w.enroll("two", about)
		sick := w.enroll("sick", func(e *gateway.Endpoint) { e.Retry.Max = new(4) })
		w.rcv.set(always(500))
		w.emit("", sick)
		pass(20 * 24 * time.Hour)
		types, pauses := o.take()
		diff(t, "events", []gateway.EventType{gateway.EventHookFailing, gateway.EventHookExhausted}, types)
		if len(pauses) > 0 {
			t.Errorf("paused %v", pauses)
		}
	})
}

// What the store drops because too much waits is counted and told of.
func TestOverflowIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		o := owned(w)
		w.start()
		ep := w.enroll("hook", func(e *gateway.Endpoint) {
			e.MaxPending, e.Paused = 10, &gateway.Pause{Reason: gateway.PausedByOwner}
		})
		w.fill(25, ep)
		w.fill(5, ep)
		synctest.Wait()
		types, _ := o.take()
		diff(t, "events", []gateway.EventType{gateway.EventHookExhausted}, types)
		w.stop()
		states, err := w.db.EndpointStates()
		if err != nil || states[ep.Num].Dropped != 20 || w.pending(ep) != 10 {
			t.Errorf("%d dropped, %d wait, %v; want 20 and 10", states[ep.Num].Dropped, w.pending(ep), err)
		}
	})
}

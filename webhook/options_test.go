package webhook

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

// enroll stores a webhook for incoming messages as edit makes it.
func (w *world) enroll(id string, edit func(*gateway.Endpoint)) gateway.Endpoint {
	w.t.Helper()
	e := gateway.Endpoint{
		ID: id, URL: "https://" + id + ".example.com/x", Events: []gateway.EventType{gateway.EventReceived}, CreatedAt: time.Now(),
	}
	if edit != nil {
		edit(&e)
	}
	es := []gateway.Endpoint{e}
	w.commit(gateway.Change{Endpoints: es})
	return es[0]
}

// answering answers with a status and a header.
func answering(code int, name, value string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		r := status(code, "no")
		r.Header.Set(name, value)
		return r, nil
	}
}

// offsets returns when hits came, counted from start.
func offsets(start time.Time, hits []hit) []time.Duration {
	var out []time.Duration
	for _, h := range hits {
		out = append(out, h.at.Sub(start))
	}
	return out
}

func seconds(ns ...int) []time.Duration {
	var out []time.Duration
	for _, n := range ns {
		out = append(out, time.Duration(n)*time.Second)
	}
	return out
}

func TestRetryPolicyOfAWebhook(t *testing.T) {
	retries := func(n int) *int { return &n }
	doubling := func(base, n int) []time.Duration {
		out := []time.Duration{0}
		for k := range n {
			out = append(out, out[k]+min(time.Duration(base)*time.Second<<min(k, 20), 24*time.Hour))
		}
		return out
	}
	for _, c := range []struct {
		name string
		edit func(*gateway.Endpoint)
		want []time.Duration
	}{
		{"none", func(e *gateway.Endpoint) { e.Retry.Max = retries(0) }, seconds(0)},
		{"two", func(e *gateway.Endpoint) { e.Retry.Max = retries(2) }, seconds(0, 10, 30)},
		{"base", func(e *gateway.Endpoint) { e.Retry.Max, e.Retry.Base = retries(3), time.Second }, seconds(0, 1, 3, 7)},
		{"fifty", func(e *gateway.Endpoint) { e.Retry.Max = retries(50) }, doubling(10, 50)},
		{"schedule", func(e *gateway.Endpoint) {
			e.Retry = gateway.RetryPolicy{Max: retries(5), Base: time.Hour, Schedule: seconds(1, 5, 2)}
		}, seconds(0, 1, 6, 8, 10, 12)},
		{"too long a schedule", func(e *gateway.Endpoint) {
			e.Retry = gateway.RetryPolicy{Max: retries(1), Schedule: []time.Duration{48 * time.Hour}}
		}, []time.Duration{0, 24 * time.Hour}},
		{"of the format", func(e *gateway.Endpoint) { e.Format = gateway.FormatIntegify }, seconds(0, 10, 30, 70)},
		{"of the format, overridden", func(e *gateway.Endpoint) {
			e.Format, e.Retry.Max = gateway.FormatIntegify, retries(1)
		}, seconds(0, 10)},
		{"given up on", func(e *gateway.Endpoint) { e.Retry.GiveUpOn = []int{404, 422} }, seconds(0)},
		{"not given up on", func(e *gateway.Endpoint) { e.Retry = gateway.RetryPolicy{Max: retries(1), GiveUpOn: []int{422}} }, seconds(0, 10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{}).start()
				ep := w.enroll("hook", c.edit)
				w.rcv.set(always(404))
				start := time.Now()
				w.emit("a", ep)
				pass(100 * 24 * time.Hour)
				diff(t, "offsets", c.want, offsets(start, w.rcv.take()))
				if n := w.pending(ep); n != 0 {
					t.Errorf("%d deliveries still wait", n)
				}
			})
		})
	}
}

// Jitter makes a retry later, never earlier, and by no more than it says.
func TestJitter(t *testing.T) {
	p := gateway.RetryPolicy{Jitter: 10}
	seen := map[time.Duration]bool{}
	for range 200 {
		d := retryDelay(&p, 100*time.Second, 2)
		if d < 200*time.Second || d > 220*time.Second {
			t.Fatalf("delay %s is not within 200 to 220 s", d)
		}
		seen[d] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d different delays of 200", len(seen))
	}
	p.Jitter = 0
	if d := retryDelay(&p, 100*time.Second, 2); d != 200*time.Second {
		t.Errorf("delay %s without jitter", d)
	}
}

func TestTimeoutOfAWebhook(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*gateway.Endpoint)
		want time.Duration
	}{
		{"configured", nil, 20 * time.Second},
		{"own", func(e *gateway.Endpoint) { e.Timeout = 3 * time.Second }, 3 * time.Second},
		{"of the format", func(e *gateway.Endpoint) { e.Format = gateway.FormatInfiniReach }, 5 * time.Second},
		{"of a standard that has none", func(e *gateway.Endpoint) { e.Format = gateway.FormatStandard }, 20 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{Timeout: 20 * time.Second, Tuning: Tuning{Retries: 1}}).start()
				ep := w.enroll("hook", c.edit)
				w.rcv.set(hang)
				start := time.Now()
				w.emit("a", ep)
				pass(time.Hour)
				diff(t, "offsets", []time.Duration{0, c.want + 10*time.Second}, offsets(start, w.rcv.take()))
			})
		})
	}
}

func TestSlotsOfAWebhook(t *testing.T) {
	for _, c := range []struct{ slots, want int }{{0, 4}, {1, 1}, {32, 32}, {99, 32}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{}).start()
			ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Slots = c.slots })
			w.rcv.set(slowly(time.Second))
			for range 40 {
				w.emit("", ep)
			}
			synctest.Wait()
			if got := len(w.rcv.take()); got != c.want {
				t.Errorf("%d slots: %d attempts at once, want %d", c.slots, got, c.want)
			}
		})
	}
}

// What waited is sent as the webhook was when it happened, to where it is now.
func TestEditedRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Rev = 1 })
		w.rcv.set(always(500))
		w.emit("a", ep)
		synctest.Wait()
		ep.Former = []gateway.Rendering{ep.Rendering}
		ep.Rendering = gateway.Rendering{Rev: 2, Format: gateway.FormatStandard}
		ep.URL = "https://new.example.com/x"
		w.commit(saveEndpoint(ep))
		pass(10 * time.Second)
		hits := w.rcv.take()
		if len(hits) != 2 || hits[1].body != hits[0].body || hits[1].host != "new.example.com" {
			t.Errorf("got %+v, want the same body at the new address", hits)
		}
	})
}

// The timeline decides for how long a replaced secret signs.
func TestRotationEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		now := w.db.Timeline().Now()
		ep := w.enroll("hook", func(e *gateway.Endpoint) {
			e.Secrets = []gateway.Secret{{Key: "new", ListOnly: true}, {Key: "old", Until: now.Add(25 * time.Second)}}
		})
		w.rcv.set(always(401))
		w.emit("a", ep)
		pass(31 * time.Second)
		var keys []string
		for _, h := range w.rcv.take() {
			for _, key := range []string{"old", "new"} {
				if h.signature == signature(key, h.body, h.timestamp) {
					keys = append(keys, key)
				}
			}
		}
		diff(t, "keys", []string{"old", "old", "new"}, keys)
	})
}

// What the old address of a webhook answers says nothing of the new one.
func TestAnswerOfTheOldAddress(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"gone":        always(410),
		"retry after": answering(429, "Retry-After", "3600"),
		"unreachable": failWith(unreachable(101)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{})
				o := owned(w)
				w.start()
				pass(50 * time.Hour) // longer than local faults go uncounted
				ep := w.enroll("hook", nil)
				w.rcv.set(func(req *http.Request) (*http.Response, error) {
					if req.URL.Host == "new.example.com" {
						return status(200, ""), nil
					}
					time.Sleep(10 * time.Second)
					return answer(req)
				})
				w.emit("", ep)
				pass(time.Second)
				ep.URL = "https://new.example.com/x"
				w.commit(saveEndpoint(ep))
				pass(10 * time.Second) // the old one has answered
				w.emit("", ep)
				synctest.Wait()
				hits := w.rcv.take()
				if _, pauses := o.take(); len(pauses) > 0 || byHost(hits)["new.example.com"] == 0 {
					t.Errorf("the new address was sent nothing, paused: %v", pauses)
				}
				if n := byHost(hits)["new.example.com"]; name == "unreachable" && n != 2 {
					t.Errorf("%d attempts at the new address, want both events: a local fault is not counted", n)
				}
				if st := w.state(ep); st.Failures != 0 {
					t.Errorf("state %+v", st)
				}
			})
		})
	}
}

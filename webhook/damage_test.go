package webhook

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/store"
)

// blindQueue cannot read the events with the given numbers.
type blindQueue struct {
	Queue
	lost map[uint64]bool
}

func (q *blindQueue) DueDeliveries(ep uint32, now gateway.Tick, max int, held func(event uint64) bool, skip func(gateway.Delivery) bool) ([]gateway.Delivery, []gateway.Event, gateway.Tick, error) {
	ds, es, next, err := q.Queue.DueDeliveries(ep, now, max, held, skip)
	for i := range es {
		if q.lost[es[i].Seq] {
			es[i].Payload = nil
		}
	}
	return ds, es, next, err
}

func (q *blindQueue) FirstDelivery(ep uint32, from uint64) (gateway.Delivery, gateway.Event, error) {
	d, e, err := q.Queue.FirstDelivery(ep, from)
	if q.lost[e.Seq] {
		e.Payload = nil
	}
	return d, e, err
}

// A delivery whose event is damaged ends, and holds up no other.
func TestDamagedEvent(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Options{})
			w.queue = func(db *store.DB) Queue { return &blindQueue{db, map[uint64]bool{2: true}} }
			w.start()
			ep := w.enroll("hook", func(e *gateway.Endpoint) { e.Ordered = ordered })
			for range 3 {
				w.emit("a", ep)
			}
			pass(time.Second)
			diff(t, "attempts", []string{"1", "3"}, texts(w.rcv.take()))
			ds, _, err := w.db.Deliveries(gateway.DeliveryQuery{Endpoint: ep.Num, States: []gateway.DeliveryState{gateway.Exhausted}, Limit: 10})
			if err != nil || len(ds) != 1 || ds[0].Event != 2 || ds[0].LastErr != "internal error: the stored event is damaged" || ds[0].Ended == 0 {
				t.Errorf("given up: %+v, %v; want the second", ds, err)
			}
			if got := w.state(ep); got.Failures != 0 {
				t.Errorf("state: %+v", got)
			}
		})
	}
}

// An event that cannot be made a request of is tried three times, and is not held
// against the receiver.
func TestPoison(t *testing.T) {
	for name, spoil := range map[string]func(*world, *gateway.Endpoint){
		"template": func(_ *world, e *gateway.Endpoint) {
			e.Format, e.Template = gateway.FormatTemplate, `{{index .Nothing 7}}`
		},
		"panic": func(w *world, _ *gateway.Endpoint) {
			w.rcv.set(func(*http.Request) (*http.Response, error) { panic("poison") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{})
				o := owned(w)
				w.start()
				ep := w.enroll("hook", func(e *gateway.Endpoint) { spoil(w, e) })
				for range 30 {
					w.emit("", ep)
				}
				pass(100 * time.Hour)
				as, err := w.db.Attempts(gateway.AttemptQuery{Endpoint: ep.Num, Limit: 1000})
				if err != nil || len(as) != 30*maxInternal {
					t.Errorf("%d attempts, %v; want %d", len(as), err, 30*maxInternal)
				}
				if n := w.pending(ep); n != 0 {
					t.Errorf("%d deliveries still wait", n)
				}
				if got := w.state(ep); got.Failures != 0 {
					t.Errorf("state: %+v", got)
				}
				types, pauses := o.take()
				diff(t, "events", []gateway.EventType{gateway.EventHookExhausted}, types)
				if len(pauses) > 0 {
					t.Errorf("paused %v", pauses)
				}
			})
		})
	}
}

// A receiver that swallows everything and one that answers as slowly as it may do
// not take what eight others need: these get each event at the moment it happens.
func TestBlackHoleAndTarpit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{}).start()
		all := []gateway.Endpoint{w.enroll("hole", nil), w.enroll("tarpit", nil)}
		for n := range 8 {
			all = append(all, w.enroll(fmt.Sprint("well", n), nil))
		}
		w.rcv.set(byHostName(map[string]func(*http.Request) (*http.Response, error){"hole": hang, "tarpit": slowly(29 * time.Second)}))
		late, total := 0, 0
		for range 200 {
			now := time.Now()
			w.emit("", all...)
			pass(time.Second)
			for _, h := range w.rcv.take() {
				if h.host == "hole.example.com" || h.host == "tarpit.example.com" {
					continue
				}
				if total++; h.at != now {
					late++
				}
			}
		}
		if total != 8*200 || late != 0 {
			t.Errorf("%d deliveries to those that work, %d of them late; want %d and none", total, late, 8*200)
		}
	})
}

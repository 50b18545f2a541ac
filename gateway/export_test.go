package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/filter"
)

// arrived stores messages that came in one second after the other, in turn a text, a
// text from elsewhere that is silent, and data.
func (w *world) arrived(n int) (from, to time.Time) {
	w.t.Helper()
	start := time.Now().Add(time.Second)
	var c gateway.Change
	for i := range n {
		in := gateway.Inbound{
			Type: gateway.InboundSMS, From: fmt.Sprintf("+49151100000%02d", i%3), Modem: fmt.Sprint("modem", i%2+1), SIM: i%2 + 1,
			Text: fmt.Sprint("text ", i+1), ArrivedAt: start.Add(time.Duration(i) * time.Second), ReceivedAt: start,
		}
		switch i % 3 {
		case 1:
			in.Silent = true
		case 2:
			in.Type, in.Text, in.Data = gateway.InboundData, "", []byte{byte(i)}
		}
		c.Inbound = append(c.Inbound, in)
	}
	if err := w.db.Commit(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
	w.pass(time.Duration(n+1) * time.Second)
	return start, start.Add(time.Duration(n-1) * time.Second)
}

// hook registers a webhook.
func (w *world) hook(e gateway.Endpoint) {
	w.t.Helper()
	e.URL = "http://127.0.0.1/" + e.ID
	if _, err := w.gw.SaveEndpoint(w.t.Context(), e); err != nil {
		w.t.Fatal(err)
	}
}

// toldAgain returns what waits for a webhook: the identifiers of the messages, in brackets
// for each event.
func (w *world) toldAgain(id string) string {
	w.t.Helper()
	ep, ok := w.gw.Endpoint(id)
	if !ok {
		w.t.Fatalf("no webhook %s", id)
	}
	ds, es, _, err := w.db.DueDeliveries(ep.Num, 1<<62, 1<<20, nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	seen := make(map[string]bool)
	for i, e := range es {
		if seen[e.ID] || seen[ds[i].ID] {
			w.t.Errorf("an identifier of an event was used twice")
		}
		seen[e.ID], seen[ds[i].ID] = true, true
		ps := gateway.Singles(e.Payload)
		if ps == nil {
			ps = []gateway.Payload{e.Payload}
		}
		var ids []string
		for _, p := range ps {
			switch p := p.(type) {
			case gateway.MessageReceived:
				ids = append(ids, strings.TrimLeft(p.MessageID, "0")+" "+p.Text)
			case gateway.DataReceived:
				ids = append(ids, strings.TrimLeft(p.MessageID, "0")+fmt.Sprintf(" %x", p.Data))
			}
		}
		out = append(out, "["+strings.Join(ids, ", ")+"]")
	}
	return strings.Join(out, " ")
}

func (w *world) export(e gateway.Export) {
	w.t.Helper()
	if err := w.gw.Export(w.t.Context(), e); err != nil {
		w.t.Fatal(err)
	}
	w.settle()
}

var smsAndData = []gateway.InboundType{gateway.InboundSMS, gateway.InboundData}

func TestExportEach(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		from, to := w.arrived(12) // texts 1 4 7 10, data 3 6 9 12
		w.hook(gateway.Endpoint{ID: "texts", Events: []gateway.EventType{gateway.EventReceived}})
		w.hook(gateway.Endpoint{ID: "all", Events: []gateway.EventType{gateway.EventReceived, gateway.EventDataReceived}, Modems: []string{"modem1"}})
		w.hook(gateway.Endpoint{ID: "others", Events: []gateway.EventType{gateway.EventSent, gateway.EventBatchReceived}})

		w.export(gateway.Export{Since: from, Until: to, Types: smsAndData})
		if diff := cmp.Diff("[1 text 1] [4 text 4] [7 text 7] [a text 10]", w.toldAgain("texts")); diff != "" {
			t.Errorf("texts (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff("[1 text 1] [3 02] [7 text 7] [9 08]", w.toldAgain("all")); diff != "" {
			t.Errorf("all of one modem (-want +got)\n%s", diff)
		}
		if got := w.toldAgain("others"); got != "" {
			t.Errorf("told of what was not asked for: %s", got)
		}

		// Once more, with bounds that are included, of one modem, and up to what is to come.
		w.export(gateway.Export{Since: from.Add(3 * time.Second), Until: from.Add(6 * time.Second), Types: smsAndData[:1], Modem: "modem2"})
		w.export(gateway.Export{Since: to.Add(-2 * time.Second), Until: to.Add(time.Hour), Types: smsAndData[:1]})
		w.export(gateway.Export{Since: to.Add(time.Hour), Until: to.Add(2 * time.Hour), Types: smsAndData[:1]})
		if diff := cmp.Diff("[1 text 1] [4 text 4] [7 text 7] [a text 10] [4 text 4] [a text 10]", w.toldAgain("texts")); diff != "" {
			t.Errorf("texts again (-want +got)\n%s", diff)
		}
		for _, e := range w.events() {
			if e.Conversation != nil && e.Conversation.Messages != 0 {
				t.Errorf("a conversation grew: %+v", e.Conversation)
			}
		}
	})
}

func TestExportBatches(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.start()
		from, to := w.arrived(12)
		ends7, err := filter.Parse([]byte(`{"type":"keyword","condition":"contains","value":"7"}`))
		if err != nil {
			w.t.Fatal(err)
		}
		batches := []gateway.EventType{gateway.EventBatchReceived, gateway.EventBatchDataReceived}
		w.hook(gateway.Endpoint{ID: "one", Events: batches})
		w.hook(gateway.Endpoint{ID: "two", Events: batches})
		w.hook(gateway.Endpoint{ID: "modem2", Events: batches, Modems: []string{"modem2"}})
		w.hook(gateway.Endpoint{ID: "filtered", Events: batches, Filter: ends7})
		w.hook(gateway.Endpoint{ID: "single", Events: []gateway.EventType{gateway.EventReceived}})
		w.export(gateway.Export{Since: from, Until: to, Types: smsAndData, Batch: true})
		for id, want := range map[string]string{
			"one":      "[1 text 1, 4 text 4, 7 text 7, a text 10] [3 02, 6 05, 9 08, c 0b]",
			"two":      "[1 text 1, 4 text 4, 7 text 7, a text 10] [3 02, 6 05, 9 08, c 0b]",
			"modem2":   "[4 text 4, a text 10] [6 05, c 0b]",
			"filtered": "[7 text 7]",
			"single":   "",
		} {
			if diff := cmp.Diff(want, w.toldAgain(id)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", id, diff)
			}
		}
		if got := w.eventTypes(); strings.Count(got, "sms:") != 5 {
			t.Errorf("got events %s, want one for those who want the same", got)
		}
		// What others wanted of the messages is nobody's to be told of later.
		w.hook(gateway.Endpoint{ID: "late", Events: append(batches, gateway.EventReceived), Filter: ends7})
		w.job(w.gw.ReplayMissing("late", time.Time{}))
		if got := w.toldAgain("late"); got != "" {
			t.Errorf("told by a replay of %s", got)
		}
	})
}

// TestExportIsBounded has a long export make events of bounded size.
func TestExportIsBounded(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		from, to := w.arrived(750) // 250 texts
		w.hook(gateway.Endpoint{ID: "batches", Events: []gateway.EventType{gateway.EventBatchReceived}})
		w.export(gateway.Export{Since: from, Until: to, Types: smsAndData[:1], Batch: true})
		n := 0
		for _, e := range w.events() {
			k := len(gateway.Singles(e.Payload))
			if k > gateway.MaxBatch {
				t.Errorf("an event tells of %d messages, the most is %d", k, gateway.MaxBatch)
			}
			n += k
		}
		if n != 250 {
			t.Errorf("told of %d messages, want 250", n)
		}

		long := gateway.Inbound{Type: gateway.InboundSMS, From: "+49151", Modem: "modem1", Text: strings.Repeat("x", 100<<10)}
		var c gateway.Change
		for range 6 {
			long.ArrivedAt = time.Now()
			c.Inbound = append(c.Inbound, long)
		}
		if err := w.db.Commit(w.t.Context(), c); err != nil {
			w.t.Fatal(err)
		}
		w.export(gateway.Export{Since: time.Now(), Until: time.Now(), Types: smsAndData[:1], Batch: true})
		var got []int
		for _, e := range w.events() {
			if ps := gateway.Singles(e.Payload); len(ps[0].(gateway.MessageReceived).Text) > 1000 {
				got = append(got, len(ps))
			}
		}
		if diff := cmp.Diff([]int{2, 2, 2}, got); diff != "" {
			t.Errorf("long messages in an event (-want +got)\n%s", diff)
		}
	})
}

// TestExportRefused has requests that make no sense, and too many of them.
func TestExportRefused(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		now := time.Now()
		for _, e := range []gateway.Export{
			{Since: now.Add(-time.Hour), Until: now},
			{Since: now.Add(-time.Hour), Until: now, Types: smsAndData, Modem: "other"},
		} {
			if err := w.gw.Export(w.t.Context(), e); gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("%+v: got %v, want that it is invalid", e, err)
			}
		}
		w.soft() // nothing is done any more
		w.settle()
		for i := range 11 {
			err := w.gw.Export(w.t.Context(), gateway.Export{Since: now.Add(-time.Hour), Until: now, Types: smsAndData})
			if (i == 10) != (gateway.CodeOf(err) == gateway.TooSoon) {
				t.Errorf("export %d: got %v", i+1, err)
			}
		}
	})
}

// countdown is a store that fails at a commit, before or after it is stored.
type countdown struct {
	gateway.Store
	left  *atomic.Int64 // commits until the fault; negative: none
	after bool
}

func (s countdown) Commit(ctx context.Context, c gateway.Change) error {
	n := s.left.Add(-1)
	if n == 0 && s.after {
		if err := s.Store.Commit(ctx, c); err != nil {
			return err
		}
	}
	if n <= 0 && n > -1000 {
		return gateway.ErrStoreFailed
	}
	return s.Store.Commit(ctx, c)
}

// TestExportSurvivesCrashes interrupts an export at each of its commits, before and
// after it is stored: in the end each message is told of once.
func TestExportSurvivesCrashes(t *testing.T) {
	for _, after := range []bool{false, true} {
		for k := int64(1); k <= 5; k++ {
			t.Run(fmt.Sprintf("commit %d stored %t", k, after), func(t *testing.T) {
				bubble(t, 1, func(w *world) {
					left := new(atomic.Int64)
					left.Store(-1000)
					w.wrap = func(s gateway.Store) gateway.Store { return countdown{s, left, after} }
					w.start()
					from, to := w.arrived(400)
					w.hook(gateway.Endpoint{ID: "texts", Events: []gateway.EventType{gateway.EventReceived}})
					left.Store(k)
					err := w.gw.Export(w.t.Context(), gateway.Export{Since: from, Until: to, Types: smsAndData[:1]})
					w.settle()
					w.crash()
					left.Store(-1000)
					w.start()
					w.settle()
					if err != nil && !(k == 1 && after) { // it was not promised; the client asks again
						w.export(gateway.Export{Since: from, Until: to, Types: smsAndData[:1]})
					}
					var want []string
					for i := 1; i <= 400; i += 3 {
						want = append(want, fmt.Sprintf("[%x text %d]", i, i))
					}
					if diff := cmp.Diff(strings.Join(want, " "), w.toldAgain("texts")); diff != "" {
						t.Errorf("(-want +got)\n%s", diff)
					}
				})
			})
		}
	}
}

// TestExportLeavesRoom has an export wait while much waits for a webhook, a while.
func TestExportLeavesRoom(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		from, to := w.arrived(9000) // 3000 texts
		w.hook(gateway.Endpoint{ID: "texts", Events: []gateway.EventType{gateway.EventReceived}})
		pending := func() int {
			loads, err := w.db.EndpointLoads()
			if err != nil {
				w.t.Fatal(err)
			}
			ep, _ := w.gw.Endpoint("texts")
			return loads[ep.Num].Pending
		}
		w.export(gateway.Export{Since: from, Until: to, Types: smsAndData[:1]})
		if n := pending(); n < 2000 || n > 2100 {
			t.Errorf("%d deliveries wait at once, want about 2000", n)
		}
		before := pending()
		w.pass(11 * time.Second)
		if n := pending(); n == before || n > before+100 {
			t.Errorf("%d deliveries wait after 11 s in which none was taken, want a few more than %d", n, before)
		}
		w.pass(time.Hour)
		if n := pending(); n != 3000 {
			t.Errorf("%d deliveries wait in the end, want 3000", n)
		}
	})
}

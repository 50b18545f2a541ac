package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
)

const to = "+4915110000001"

// long needs three parts.
var long = strings.Repeat("a", 400)

func delivered(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0}} }

func TestSendAndDeliver(t *testing.T) {
	tests := map[string]struct {
		text   string
		script func(o *gateway.Outgoing, seg, nth int) answer
		want   gateway.State
		events string
	}{
		"single, report after":  {"hi", delivered, gateway.Delivered, "sms:sent sms:delivered"},
		"single, report before": {"hi", func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0}, early: true} }, gateway.Delivered, "sms:sent sms:delivered"},
		"single, no report":     {"hi", nil, gateway.Sent, "sms:sent"},
		"single, no mr":         {"hi", func(*gateway.Outgoing, int, int) answer { return answer{noMR: true} }, gateway.Sent, "sms:sent"},
		"still trying first":    {"hi", func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0x20, 0}} }, gateway.Delivered, "sms:sent sms:delivered"},
		"not delivered":         {"hi", func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0x46}} }, gateway.Failed, "sms:sent sms:failed"},
		"late success ignored":  {"hi", func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0x46, 0}} }, gateway.Failed, "sms:sent sms:failed"},
		"three parts":           {long, delivered, gateway.Delivered, "sms:sent sms:delivered"},
		"three parts, early":    {long, func(*gateway.Outgoing, int, int) answer { return answer{reports: []byte{0}, early: true} }, gateway.Delivered, "sms:sent sms:delivered"},
		"one part reported lost": {long, func(_ *gateway.Outgoing, seg, _ int) answer {
			return answer{reports: []byte{[]byte{0x46, 0, 0}[seg]}}
		}, gateway.Failed, "sms:sent sms:failed"},
		"two of three reported": {long, func(_ *gateway.Outgoing, seg, _ int) answer {
			return answer{reports: [][]byte{{0}, nil, {0}}[seg]}
		}, gateway.Sent, "sms:sent"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.modems[0].script = tt.script
				w.start()
				w.subscribe()
				m := w.submit(gateway.Submission{Text: tt.text, DeliveryReport: true})
				w.settle()
				got := w.wantState(m.ID, tt.want)
				if ev := w.eventTypes(); ev != tt.events {
					t.Errorf("events: got %q, want %q", ev, tt.events)
				}
				for _, s := range []gateway.State{gateway.Pending, gateway.Processed, gateway.Sent, tt.want} {
					if got.FirstReached[s].IsZero() {
						t.Errorf("first time of %s is not noted", s)
					}
				}
				if n := len(w.ledger.all()); n != len(got.Recipients[0].Parts) {
					t.Errorf("network has %d PDUs, want %d", n, len(got.Recipients[0].Parts))
				}
			})
		})
	}
}

func TestRetryTemporaryError(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(_ *gateway.Outgoing, _, nth int) answer {
			if nth < 2 {
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{}
		}
		w.start()
		m := w.submit(gateway.Submission{})
		other := w.submit(gateway.Submission{Numbers: []string{"+4915110000002"}})
		w.settle()
		w.wantState(m.ID, gateway.Pending)
		w.pass(29 * time.Second)
		w.wantState(m.ID, gateway.Pending)
		w.pass(2 * time.Second)
		w.wantState(other.ID, gateway.Sent)
		w.pass(time.Hour)
		w.wantState(m.ID, gateway.Sent)
	})
}

func TestAttemptBudget(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(*gateway.Outgoing, int, int) answer { return answer{fault: rejected(gateway.Retry)} }
		w.start()
		w.subscribe()
		m := w.submit(gateway.Submission{})
		start := time.Now()
		var at []time.Duration
		for {
			w.settle()
			if len(w.modems[0].outgoing()) > len(at) {
				at = append(at, time.Since(start))
			}
			if m = w.message(m.ID); m.State() != gateway.Pending {
				break
			}
			w.pass(time.Second)
		}
		want := "[0s 30s 1m30s 3m30s 7m30s]"
		if got := fmt.Sprint(at); got != want {
			t.Errorf("attempts at %s, want %s", got, want)
		}
		got := w.wantState(m.ID, gateway.Failed)
		if r := got.Recipients[0]; r.Error != "Send result: network out of order" || r.Code != "CMS 38" {
			t.Errorf("error: got %q %q", r.Error, r.Code)
		}
		if ev := w.eventTypes(); ev != "sms:failed" {
			t.Errorf("events: got %q, want one sms:failed", ev)
		}
	})
}

func TestPermanentErrorDelaysNobody(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(o *gateway.Outgoing, _, _ int) answer {
			if o.To == to {
				return answer{fault: rejected(gateway.Fail)}
			}
			return answer{}
		}
		w.start()
		m := w.submit(gateway.Submission{Numbers: []string{to, "+4915110000002", "+4915110000003"}})
		w.settle()
		got := w.wantState(m.ID, gateway.Sent)
		want := []gateway.State{gateway.Failed, gateway.Sent, gateway.Sent}
		for i, r := range got.Recipients {
			if r.State != want[i] {
				t.Errorf("recipient %d: got %s, want %s", i, r.State, want[i])
			}
		}
	})
}

func TestOutageFailsNothing(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(*gateway.Outgoing, int, int) answer { return answer{fault: notSent()} }
		w.start()
		m := w.submit(gateway.Submission{})
		short := w.submit(gateway.Submission{TTL: time.Hour})
		until := w.submit(gateway.Submission{ValidUntil: time.Now().Add(2 * time.Hour)})
		w.pass(30 * time.Minute)
		w.modems[0].set(gateway.ModemAbsent)
		w.pass(20 * time.Minute)
		for _, id := range []string{m.ID, short.ID, until.ID} {
			w.wantState(id, gateway.Pending)
		}
		w.pass(10*time.Minute + time.Second)
		got := w.wantState(short.ID, gateway.Failed)
		if r := got.Recipients[0]; r.Error != "TTL expired" {
			t.Errorf("error: got %q, want %q", r.Error, "TTL expired")
		}
		w.pass(time.Hour)
		w.wantState(until.ID, gateway.Failed)
		w.pass(30 * 24 * time.Hour)
		w.wantState(m.ID, gateway.Pending)
		w.modems[0].script = nil
		w.modems[0].set(gateway.ModemReady)
		w.settle()
		w.wantState(m.ID, gateway.Sent)
	})
}

func TestQueueOrder(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].set(gateway.ModemAbsent)
		w.start()
		for i, p := range []int8{0, -5, 0, 100, 5, 100} {
			w.submit(gateway.Submission{ID: fmt.Sprint(i), Priority: p})
		}
		w.submit(gateway.Submission{ID: "later", Priority: 127, ScheduleAt: time.Now().Add(time.Hour)})
		w.modems[0].set(gateway.ModemReady)
		w.settle()
		if got, want := w.ledger.parts(), "3/1 5/1 4/1 0/1 2/1 1/1"; got != want {
			t.Errorf("sent in order %q, want %q", got, want)
		}
		w.pass(time.Hour + time.Second)
		w.wantState("later", gateway.Sent)
	})
}

func TestOneCommitPerMessageUnderLoad(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var commits atomic.Int64
		w.wrap = func(s gateway.Store) gateway.Store { return &countingStore{s, &commits} }
		w.modems[0].set(gateway.ModemAbsent)
		w.start()
		const n = 50
		for range n {
			w.submit(gateway.Submission{})
		}
		w.settle()
		before := commits.Load()
		w.modems[0].set(gateway.ModemReady)
		w.settle()
		if got := commits.Load() - before; got != n+1 {
			t.Errorf("sending %d messages took %d commits, want %d", n, got, n+1)
		}
	})
}

type countingStore struct {
	gateway.Store
	n *atomic.Int64
}

func (s *countingStore) Commit(ctx context.Context, c gateway.Change) error {
	s.n.Add(1)
	return s.Store.Commit(ctx, c)
}

func TestPartsKeepReferenceAndModem(t *testing.T) {
	bubble(t, 2, func(w *world) {
		for _, m := range w.modems {
			m.script = func(_ *gateway.Outgoing, _, nth int) answer {
				if nth == 1 {
					return answer{fault: rejected(gateway.Retry)}
				}
				return answer{}
			}
		}
		w.start()
		w.submit(gateway.Submission{ID: "a", Text: long})
		w.settle()
		first, other := w.modems[0], w.modems[1]
		if len(other.outgoing()) > 0 {
			first, other = other, first
		}
		first.set(gateway.ModemAbsent)
		w.pass(time.Hour)
		w.wantState("a", gateway.Pending) // another SIM's parts would not join
		first.set(gateway.ModemReady)
		w.settle()
		w.wantState("a", gateway.Sent)
		w.submit(gateway.Submission{ID: "b", Text: long})
		w.pass(time.Minute)
		w.wantState("b", gateway.Sent)
		refs := make(map[string][]uint16)
		for _, o := range append(first.outgoing(), other.outgoing()...) {
			if r := refs[o.MessageID]; len(r) == 0 || r[len(r)-1] != o.Ref {
				refs[o.MessageID] = append(r, o.Ref)
			}
		}
		if len(refs["a"]) != 1 || len(refs["b"]) != 1 || refs["a"][0] == refs["b"][0] {
			t.Errorf("references: got %v, want one for each message, and not the same", refs)
		}
		if got, want := w.ledger.parts(), "a/1 a/2 a/3 b/1 b/2 b/3"; got != want {
			t.Errorf("network has %q, want %q", got, want)
		}
	})
}

func TestHungModemDelaysNoOther(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.modems[0].radio = 100 * time.Hour
		w.start()
		for range 10 {
			w.submit(gateway.Submission{})
		}
		w.settle()
		if got := len(w.modems[1].outgoing()); got < 9 {
			t.Errorf("the healthy modem sent %d of 10 messages, want at least 9", got)
		}
		w.kill()
	})
}

// Attempts that failed because of the modem do not count against the message.
func TestOutageUsesNoAttempts(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(_ *gateway.Outgoing, _, nth int) answer {
			switch {
			case nth < 20:
				return answer{fault: notSent()}
			case nth < 24:
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{}
		}
		w.start()
		m := w.submit(gateway.Submission{})
		w.pass(24 * time.Hour)
		w.wantState(m.ID, gateway.Sent)
	})
}

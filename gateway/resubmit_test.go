package gateway_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// refuses has a modem refuse what goes to the numbers that are in refused.
func refuses(refused map[string]bool) func(*gateway.Outgoing, int, int) answer {
	return func(o *gateway.Outgoing, _, _ int) answer {
		if refused[o.To] {
			return answer{fault: &gateway.SendError{Fate: gateway.Rejected, Action: gateway.Fail, Text: "no"}}
		}
		return answer{}
	}
}

func (w *world) resubmit(id string) gateway.Message {
	w.t.Helper()
	m, _, err := w.gw.Resubmit(w.t.Context(), "", id, nil)
	if err != nil {
		w.t.Fatalf("retry %s: %v", id, err)
	}
	return m
}

// wantNoRetry fails the test unless a message cannot be sent again for a reason.
func (w *world) wantNoRetry(id, reason string) {
	w.t.Helper()
	m, _, err := w.gw.Resubmit(w.t.Context(), "", id, nil)
	if gateway.CodeOf(err) != gateway.Conflict || !strings.Contains(err.Error(), reason) {
		w.t.Errorf("retry %s: got %s, %v, want a conflict: %s", id, m.ID, err, reason)
	}
}

func numbersOf(m gateway.Message) (out []string) {
	for _, r := range m.Recipients {
		out = append(out, r.Number)
	}
	return out
}

// A chain of retries sends once to each recipient for whom the one before failed.
func TestRetryOfRetry(t *testing.T) {
	bubble(t, 1, func(w *world) {
		const a, b, c = "+4915110000001", "+4915110000002", "+4915110000003"
		refused := map[string]bool{a: true, b: true}
		w.modems[0].script = refuses(refused)
		w.start()
		w.submit(gateway.Submission{ID: "first", Numbers: []string{a, b, c}})
		w.settle()
		delete(refused, a)
		second := w.resubmit("first")
		w.settle()
		if diff := cmp.Diff([]string{a, b}, numbersOf(second)); diff != "" || second.RetryOf != "first" {
			t.Errorf("retry of %q (-want +got)\n%s", second.RetryOf, diff)
		}
		w.wantNoRetry("first", "was sent again already, as "+second.ID+": retry that one")
		delete(refused, b)
		third := w.resubmit(second.ID)
		w.settle()
		if diff := cmp.Diff([]string{b}, numbersOf(third)); diff != "" || third.RetryOf != second.ID {
			t.Errorf("retry of %q (-want +got)\n%s", third.RetryOf, diff)
		}
		w.wantState(third.ID, gateway.Sent)
		w.wantNoRetry(third.ID, "is Sent: it has no recipient for whom it failed or was cancelled, so there is nothing to retry")
		w.stop()
		w.start() // the links stay
		if first, second := w.message("first"), w.message(second.ID); first.RetriedBy != second.ID || second.RetriedBy != third.ID {
			t.Errorf("linked %q and %q", first.RetriedBy, second.RetriedBy)
		}
		sent := make(map[string]int)
		for _, o := range w.modems[0].outgoing() {
			if !refused[o.To] {
				sent[o.To]++
			}
		}
		if sent[c] != 1 {
			t.Errorf("the one for whom it did not fail got it %d times", sent[c])
		}
	})
}

// What fails later can be sent again later, and only that.
func TestRetryOfWhatFailsLater(t *testing.T) {
	bubble(t, 1, func(w *world) {
		const a, b = "+4915110000001", "+4915110000002"
		refused := map[string]bool{a: true}
		w.modems[0].script = refuses(refused)
		w.start()
		w.submit(gateway.Submission{ID: "first", Numbers: []string{a, b}, DeliveryReport: true})
		w.settle()
		delete(refused, a)
		second := w.resubmit("first")
		w.wantNoRetry("first", "was sent again already")
		w.modems[0].report(w.message("first").Recipients[1].Parts[0].MR, b, 0x46)
		if m := w.message("first"); m.Recipients[1].State != gateway.Failed {
			t.Fatalf("got %+v, want that the second failed by its report", m.Recipients[1])
		}
		third := w.resubmit("first")
		w.settle()
		if diff := cmp.Diff([]string{b}, numbersOf(third)); diff != "" {
			t.Errorf("recipients (-want +got)\n%s", diff)
		}
		first := w.message("first")
		if first.RetriedBy != third.ID || first.Recipients[0].RetriedBy != second.ID || first.Recipients[1].RetriedBy != third.ID {
			t.Errorf("linked to %q, %q and %q", first.RetriedBy, first.Recipients[0].RetriedBy, first.Recipients[1].RetriedBy)
		}
		// It left once: the recipient may have it.
		if !third.Recipients[0].PossibleDuplicate || second.Recipients[0].PossibleDuplicate {
			t.Errorf("marked as possible duplicates: %t and %t", second.Recipients[0].PossibleDuplicate, third.Recipients[0].PossibleDuplicate)
		}
		w.wantNoRetry("first", "was sent again already")
	})
}

// Of whatever kind it was, the retry carries the same.
func TestRetryCarriesTheSame(t *testing.T) {
	bubble(t, 1, func(w *world) {
		refused := map[string]bool{to: true}
		w.modems[0].script = refuses(refused)
		w.start()
		w.setPassphrase("secret")
		number := seal(t, "secret", to)
		for _, s := range []gateway.Submission{
			{ID: "text", Text: strings.Repeat("x", 80) + "–", Encoding: "smart", Flash: true, SMSC: "+491710760000", Priority: 7},
			{ID: "data", Data: &gateway.Data{Content: []byte("hello"), Port: 53739}},
			{ID: "sealed", Text: seal(t, "secret", "secret text"), Numbers: []string{number}, Encrypted: true},
			{ID: "sealed-data", Data: &gateway.Data{Content: []byte(seal(t, "secret", "SGVsbG8=")), Port: 1}, Numbers: []string{number}, Encrypted: true},
		} {
			if s.Numbers == nil {
				s.Numbers = []string{to}
			}
			if _, err := w.gw.Submit(w.t.Context(), s); err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.wantState(s.ID, gateway.Failed)
		}
		failed := w.modems[0].outgoing()
		delete(refused, to)
		for i, id := range []string{"text", "data", "sealed", "sealed-data"} {
			m := w.resubmit(id)
			w.settle()
			w.wantState(m.ID, gateway.Sent)
			outs := w.modems[0].outgoing()
			got, want := outs[len(outs)-1], failed[i]
			want.MessageID, want.Ref = got.MessageID, got.Ref
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-failed +sent again)\n%s", id, diff)
			}
			if old := w.message(id); m.Sealed != old.Sealed || m.Recipients[0].Number != old.Recipients[0].Number {
				t.Errorf("%s: what was encrypted is shown: %+v", id, m)
			}
		}
	})
}

func TestRetryRefusesCanaries(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = refuses(map[string]bool{"+4915199999001": true})
		w.opts.Canary = canaryOptions()
		w.start()
		if err := w.gw.RunCanary(w.t.Context(), "modem1"); err != nil {
			t.Fatal(err)
		}
		w.settle()
		w.wantNoRetry(w.modems[0].outgoing()[0].MessageID, "is a canary, which is not sent again: POST /canary/run sends another")
	})
}

package gateway_test

import (
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

// A message left in a modem's storage is evidence for the one part it can be a copy
// of, and of use until that is settled.
func TestLeftover(t *testing.T) {
	copyOf := func(text string) gateway.Leftover {
		return gateway.Leftover{SIMID: "sim1", To: to, Body: sms.Body{Text: text}}
	}
	sent, unsent := copyOf("hello"), copyOf("hello")
	sent.Sent, unsent.Unsent = true, true
	other, elsewhere, part := sent, sent, sent
	older := unsent
	older.SIMID = "sim9"
	other.Body.Text = "hello!"
	elsewhere.To = "+4915119999999"
	part.Concat = &gateway.Concat{Ref: 1, Part: 1, Total: 2}
	tests := []struct {
		name      string
		left      gateway.Leftover
		twin      bool // a message like it was sent before
		claim     gateway.Claim
		wantState gateway.State // at once
		wantPDUs  int           // in the end, the lost one not counted
	}{
		{"sent", sent, false, gateway.Spent, gateway.Sent, 0},
		{"not sent", unsent, false, gateway.Spent, gateway.Sent, 1},
		{"not sent by another SIM", older, false, gateway.Undecided, gateway.Processed, 0},
		{"in doubt", copyOf("hello"), false, gateway.Undecided, gateway.Processed, 0},
		{"maybe the twin's", sent, true, gateway.Undecided, gateway.Processed, 1},
		{"another text", other, false, gateway.Foreign, gateway.Processed, 0},
		{"another recipient", elsewhere, false, gateway.Foreign, gateway.Processed, 0},
		{"of several parts", part, false, gateway.Foreign, gateway.Processed, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.opts.OnUnknown = gateway.FailUnknown
				first := 0
				if tt.twin {
					first = 1
				}
				w.modems[0].script = func(_ *gateway.Outgoing, _, nth int) answer {
					if nth == first {
						return answer{fault: unknown()}
					}
					return answer{}
				}
				w.start()
				if tt.twin {
					w.submit(gateway.Submission{ID: "twin"})
					w.settle()
				}
				m := w.submit(gateway.Submission{ID: "m"})
				w.pass(time.Second)
				w.wantState(m.ID, gateway.Processed)
				claim, err := w.gw.Leftover(w.t.Context(), tt.left)
				if err != nil || claim != tt.claim {
					t.Errorf("Leftover = %v, %v; want %v", claim, err, tt.claim)
				}
				w.settle()
				got := w.wantState(m.ID, tt.wantState)
				if got.Recipients[0].PossibleDuplicate {
					t.Error("marked as a possible duplicate")
				}
				if trace := got.Recipients[0].Trace; tt.left.Unsent && tt.claim == gateway.Spent && trace[2].Kind != gateway.HopNotSent {
					t.Errorf("trace %+v does not tell that it was not sent", trace)
				}
				w.pass(10 * time.Minute)
				if got := len(w.ledger.all()); got != tt.wantPDUs {
					t.Errorf("network has %d PDUs, want %d", got, tt.wantPDUs)
				}
				if tt.claim == gateway.Undecided { // it is settled now
					if claim, err := w.gw.Leftover(w.t.Context(), tt.left); err != nil || claim != gateway.Spent {
						t.Errorf("Leftover in the end = %v, %v; want %v", claim, err, gateway.Spent)
					}
				}
			})
		})
	}
}

package gateway_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
)

func earlyReport(*gateway.Outgoing, int, int) answer {
	return answer{reports: []byte{0}, early: true}
}

// A report that comes before the outcome is matched, too, when the next message
// follows at once.
func TestEarlyReportsUnderLoad(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = earlyReport
		w.modems[0].set(gateway.ModemAbsent)
		w.start()
		for i := range 5 {
			w.submit(gateway.Submission{ID: fmt.Sprint(i), DeliveryReport: true})
		}
		w.modems[0].radio = time.Second
		w.modems[0].set(gateway.ModemReady)
		w.pass(500 * time.Millisecond)
		for i := range 5 {
			w.pass(time.Second)
			w.wantState(fmt.Sprint(i), gateway.Delivered)
		}
	})
}

// A report is taken in once: read again after a crash it must not confirm an
// older message with the same TP-MR.
func TestReportIsTakenInOnce(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.submit(gateway.Submission{ID: "old", DeliveryReport: true})
		w.settle()
		w.pass(time.Hour)
		w.modems[0].mr = 0 // wrapped
		w.submit(gateway.Submission{ID: "new", DeliveryReport: true})
		w.settle()
		r := gateway.Report{
			SIMID: "sim1", MR: 0, Recipient: to, Outcome: gateway.WasDelivered,
			SCTS: time.Now(), At: time.Now(), TPDU: []byte("report"),
		}
		for range 2 {
			if err := w.gw.Report(w.t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		w.wantState("new", gateway.Delivered)
		w.wantState("old", gateway.Sent)
	})
}

func TestReportFindsItsMessage(t *testing.T) {
	tests := map[string]struct {
		alter func(r *gateway.Report)
		want  string // ID of the message delivered; "": none
	}{
		"by reference":            {func(r *gateway.Report) { r.MR = 1 }, "b"},
		"national form":           {func(r *gateway.Report) { r.Recipient = "015110000001" }, "a"},
		"international form":      {func(r *gateway.Report) { r.Recipient = "4915110000001" }, "a"},
		"other recipient":         {func(r *gateway.Report) { r.Recipient = "+4915110000002" }, ""},
		"other SIM":               {func(r *gateway.Report) { r.SIMID = "sim2" }, ""},
		"other reference":         {func(r *gateway.Report) { r.MR = 77 }, ""},
		"wrapped, by its stamp":   {func(r *gateway.Report) { r.SCTS = r.SCTS.Add(time.Hour) }, "wrapped"},
		"wrapped, without stamp":  {func(r *gateway.Report) { r.SCTS = time.Time{} }, "wrapped"},
		"wrapped, stamp is early": {func(r *gateway.Report) { r.SCTS = r.SCTS.Add(time.Minute) }, "a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.start()
				first := time.Now()
				w.submit(gateway.Submission{ID: "a", DeliveryReport: true})
				w.submit(gateway.Submission{ID: "b", DeliveryReport: true})
				w.pass(time.Hour)
				w.modems[0].mr = 0
				w.submit(gateway.Submission{ID: "wrapped", DeliveryReport: true})
				w.pass(time.Second)
				r := gateway.Report{
					SIMID: "sim1", MR: 0, Recipient: to, Outcome: gateway.WasDelivered,
					SCTS: first, At: time.Now(), TPDU: []byte("report"),
				}
				tt.alter(&r)
				if err := w.gw.Report(w.t.Context(), r); err != nil {
					t.Fatal(err)
				}
				for _, id := range []string{"a", "b", "wrapped"} {
					want := gateway.Sent
					if id == tt.want {
						want = gateway.Delivered
					}
					w.wantState(id, want)
				}
			})
		})
	}
}

// While the modem has a message in hand, a report with a reference that wrapped
// is kept for it and does not confirm an old one.
func TestReportWaitsForWhatIsInHand(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.submit(gateway.Submission{ID: "old", DeliveryReport: true})
		w.pass(24 * time.Hour)
		w.modems[0].mr, w.modems[0].script = 0, earlyReport
		w.modems[0].radio = time.Second
		w.submit(gateway.Submission{ID: "new", DeliveryReport: true})
		w.pass(time.Minute)
		w.wantState("new", gateway.Delivered)
		w.wantState("old", gateway.Sent)
	})
}

// A report is evidence that a part left only if nothing else can explain it.
func TestReportIsNoEvidenceForAnother(t *testing.T) {
	tests := map[string]struct {
		lose  []int // PDUs, counted from 0, that never leave and are not answered
		leave []int // PDUs that leave and are not answered
		wait  time.Duration
		mr    int // of the report, for the recipient
	}{
		"of the part before": {lose: []int{1}, wait: time.Second, mr: 0},
		"of a copy given up": {leave: []int{0}, lose: []int{2}, wait: 130 * time.Second, mr: 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.modems[0].script = func(_ *gateway.Outgoing, _, nth int) answer {
					switch {
					case slices.Contains(tt.lose, nth):
						return answer{fault: unknown()}
					case slices.Contains(tt.leave, nth):
						return answer{fault: unknown(), lost: true}
					}
					return answer{}
				}
				w.start()
				w.submit(gateway.Submission{ID: "m", Text: long, DeliveryReport: true})
				w.pass(tt.wait)
				owed := func() int {
					for i, p := range w.message("m").Recipients[0].Parts {
						if p.Fate == gateway.Unknown {
							return i
						}
					}
					return -1
				}
				before := owed()
				if before < 0 {
					t.Fatalf("no part is unknown: %+v", w.message("m").Recipients[0])
				}
				w.modems[0].report(tt.mr, to, 0)
				w.pass(time.Second)
				w.modems[0].report(tt.mr, to, 0) // the SMSC repeats itself
				w.pass(time.Second)
				if got := owed(); got != before {
					t.Errorf("the report was taken for part %d", before+1)
				}
			})
		})
	}
}

// Of two messages to one number whose outcome is unknown, a report proves
// neither.
func TestAmbiguousReportProvesNothing(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(_ *gateway.Outgoing, _, nth int) answer {
			return answer{fault: unknown(), lost: nth == 1}
		}
		w.start()
		w.submit(gateway.Submission{ID: "a", DeliveryReport: true})
		w.submit(gateway.Submission{ID: "b", DeliveryReport: true})
		w.pass(time.Second)
		w.modems[0].report(0, to, 0)
		w.pass(time.Second)
		w.wantState("a", gateway.Processed)
		w.wantState("b", gateway.Processed)
	})
}

// A message that ends while its outcome is unknown waits for the outcome, and
// idly.
func TestExpiryWaitsForTheOutcome(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var commits atomic.Int64
		w.wrap = func(s gateway.Store) gateway.Store { return &countingStore{s, &commits} }
		w.modems[0].script = lostOnce(false)
		w.start()
		m := w.submit(gateway.Submission{TTL: 30 * time.Second})
		w.pass(29 * time.Second)
		before := commits.Load()
		w.pass(80 * time.Second)
		w.wantState(m.ID, gateway.Processed)
		if n := commits.Load() - before; n > 0 {
			t.Errorf("%d commits while nothing happened", n)
		}
		w.pass(time.Minute)
		if r := w.wantState(m.ID, gateway.Failed).Recipients[0]; r.Error != "TTL expired" {
			t.Errorf("error: got %q", r.Error)
		}
	})
}

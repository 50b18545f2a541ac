package gateway_test

import (
	"fmt"
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

package gateway_test

import (
	"testing"
	"time"

	"tetherd/gateway"
)

// What a report says stands in the error of a recipient, by the number that programs look
// for, unless it says nothing but that the message was delivered.
func TestResultOfAReport(t *testing.T) {
	for name, tt := range map[string]struct {
		status  byte
		outcome gateway.Outcome
		state   gateway.State
		err     string
	}{
		"delivered": {0x00, gateway.WasDelivered, gateway.Delivered, ""},
		"replaced":  {0x02, gateway.WasDelivered, gateway.Delivered, "Delivery result from SC: 2. What it says."},
		"trying":    {0x30, gateway.StillTrying, gateway.Sent, ""},
		"failed":    {0x46, gateway.WasNot, gateway.Failed, "Delivery result from SC: 70. What it says."},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.start()
				w.modems[0].mr = 7
				w.submit(gateway.Submission{ID: "m", DeliveryReport: true})
				w.settle()
				err := w.gw.Report(w.t.Context(), gateway.Report{
					SIMID: "sim1", MR: 7, Recipient: to, Status: tt.status, Outcome: tt.outcome, Text: "What it says.",
					SCTS: time.Now(), At: time.Now(), TPDU: []byte("report"),
				})
				if err != nil {
					t.Fatal(err)
				}
				if got := w.wantState("m", tt.state).Recipients[0].Error; got != tt.err {
					t.Errorf("got error %q, want %q", got, tt.err)
				}
			})
		})
	}
}

package gateway_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func TestTellStarted(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.Version = "1.2.3"
		w.start()
		w.subscribe()
		if err := w.gw.TellStarted(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		es := w.events()
		if len(es) != 1 {
			w.t.Fatalf("events %q, want one", w.eventTypes())
		}
		want := gateway.Started{Version: "1.2.3", At: es[0].At, SIMs: []gateway.StartedSIM{
			{SIM: 1, Modem: "modem1", Number: w.modems[0].Status().Number}, {SIM: 2, Modem: "modem2", Number: w.modems[1].Status().Number},
		}}
		if diff := cmp.Diff(gateway.Payload(want), es[0].Payload); diff != "" {
			w.t.Errorf("(-want +got):\n%s", diff)
		}
		if want.SIMs[0].Number == "" {
			w.t.Error("the modems have no number: the test shows less than it should")
		}
	})
}

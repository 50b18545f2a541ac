package gateway_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func TestCall(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		t := w.t
		call := gateway.Call{ID: "c1", SIMID: "sim", Modem: "office", SIM: 1, Caller: "+4915110000001", HungUp: true, At: time.Now().Round(0)}
		if err := w.gw.Call(t.Context(), call); err != nil {
			t.Fatalf("without webhooks: %v", err)
		}
		w.subscribe()
		if err := w.gw.Call(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		es := w.events()
		want := gateway.CallReceived{Caller: "+4915110000001", SIM: 1, Modem: "office", HungUp: true, At: call.At}
		if len(es) != 1 || es[0].Subject != "c1" {
			t.Fatalf("events %+v", es)
		}
		if diff := cmp.Diff(gateway.Payload(want), es[0].Payload); diff != "" {
			t.Errorf("payload (-want +got):\n%s", diff)
		}
	})
}

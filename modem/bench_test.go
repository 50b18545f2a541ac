package modem

import (
	"testing"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// BenchmarkSend measures what sending one PDU costs beside the radio.
func BenchmarkSend(b *testing.B) {
	for _, w := range []world{{name: "pipe"}, {name: "pty", pty: true}} {
		b.Run(w.name, func(b *testing.B) {
			r := newRig(b, w, rigOptions{device: emulator.ModemOptions{}})
			r.awaitState(gateway.ModemReady)
			o := gateway.Outgoing{To: "+4915220000002", Segments: segments(b, "a message of an ordinary length, that is")}
			sent := func(gateway.SentPart) error { return nil }
			for b.Loop() {
				if err := r.modem.Send(b.Context(), o, sent); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "parts/s")
		})
	}
}

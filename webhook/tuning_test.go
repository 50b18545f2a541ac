package webhook

import (
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

// TestTune alters what is delivered and how while the worker runs.
func TestTune(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{Retries: 3}}).open()
		ping := w.registerFor(gateway.EventPing, "ping", "https://example.com/x")
		start := time.Now()
		w.start()
		pass(time.Minute)
		diff(t, "pings while there are none", 0, len(w.rcv.take()))

		w.worker.Tune(Tuning{SigningKey: "12345678", PingInterval: time.Minute})
		pass(90 * time.Second)
		hits := w.rcv.take()
		var at []time.Duration
		for _, h := range hits {
			at = append(at, h.at.Sub(start))
		}
		diff(t, "pings each minute", []time.Duration{time.Minute, 2 * time.Minute}, at)
		if len(hits) > 0 && hits[0].signature == "" {
			t.Error("a ping is not signed with the new key")
		}

		w.rcv.set(always(500))
		w.worker.Tune(Tuning{Retries: 1, PingInterval: time.Hour})
		pass(15 * time.Second)
		hits = w.rcv.take()
		diff(t, "attempts with one retry", 2, len(hits))
		if len(hits) > 0 && hits[0].signature != "" {
			t.Error("a ping is signed with a key that was taken away")
		}
		diff(t, "waiting after the last retry", 0, w.pending(ping))

		w.worker.Tune(Tuning{})
		pass(3 * time.Hour)
		diff(t, "pings that were switched off", 0, len(w.rcv.take()))
	})
}

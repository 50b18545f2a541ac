package webhook

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

func health() gateway.Health {
	return gateway.Health{
		Version: "1.2.3", ReleaseID: 7, Status: gateway.Warn,
		Checks: map[string]gateway.Check{
			"modem:1:state": {Status: gateway.Pass, ObservedValue: 1, ObservedUnit: "boolean", Description: "ready"},
			"10":            {Status: gateway.Pass, ObservedValue: 10},
			"2":             {Status: gateway.Warn, ObservedValue: 2},
		},
	}
}

func TestPingsAreSentFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Minute}, Health: health}).open()
		ping := w.registerFor(gateway.EventPing, "ping", "https://example.com/x")
		w.register("other", "https://other.example.com/x")
		commits := 0
		w.db.OnCommit(func(gateway.Change) { commits++ })
		start := time.Now()
		w.start()
		pass(150 * time.Second)
		hits := w.rcv.take()
		var got []time.Duration
		for _, h := range hits {
			got = append(got, h.at.Sub(start))
			want := fmt.Sprintf(`{"id":"%s","webhookId":"ping","event":"system:ping","deviceId":"device-0000000000000x","payload":{"health":{`+
				`"version":"1.2.3","releaseId":7,"status":"warn","checks":{`+
				`"2":{"status":"warn","observedValue":2,"observedUnit":"","description":""},`+
				`"10":{"status":"pass","observedValue":10,"observedUnit":"","description":""},`+
				`"modem:1:state":{"status":"pass","observedValue":1,"observedUnit":"boolean","description":"ready"}}}}}`, h.id)
			diff(t, "body", want, h.body)
		}
		diff(t, "pings", []time.Duration{0, time.Minute, 2 * time.Minute}, got)
		if hits[0].id == hits[1].id {
			t.Error("two pings have the same id")
		}
		if commits != 0 || w.pending(ping) != 0 {
			t.Errorf("%d commits, %d stored", commits, w.pending(ping))
		}
	})
}

func TestFailedPingIsStoredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Minute}, Health: health}).open()
		ping := w.registerFor(gateway.EventPing, "ping", "https://example.com/x")
		w.rcv.set(always(500))
		start := time.Now()
		w.start()
		pass(11 * time.Second)
		hits := w.rcv.take()
		if len(hits) != 2 || hits[1].at.Sub(start) != 10*time.Second {
			t.Fatalf("got %+v, want a retry after 10 s", hits)
		}
		if hits[0].id != hits[1].id || hits[0].body != hits[1].body || hits[1].attempt != "2" {
			t.Errorf("the retry differs: %+v", hits)
		}
		for range 100 {
			pass(time.Minute)
			if n := w.pending(ping); n != 1 {
				t.Fatalf("%d pings wait, want 1", n)
			}
		}
		w.rcv.set(nil)
		pass(24 * time.Hour)
		if n := w.pending(ping); n != 0 {
			t.Errorf("%d pings wait, want none", n)
		}
	})
}

func TestPingsToASilentReceiverDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Second}}).open()
		w.registerFor(gateway.EventPing, "ping", "https://example.com/x")
		w.rcv.set(hang)
		w.start()
		pass(29 * time.Second)
		hits := w.rcv.take()
		if len(hits) != 1 {
			t.Errorf("%d pings under way, want 1", len(hits))
		}
		if want := fmt.Sprintf(`{"id":"%s","webhookId":"ping","event":"system:ping","deviceId":"device-0000000000000x","payload":{}}`, hits[0].id); hits[0].body != want {
			t.Errorf("body %s, want %s", hits[0].body, want)
		}
	})
}

func TestPingOfALocalFaultIsKeptUncounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Hour}}).open()
		ping := w.registerFor(gateway.EventPing, "ping", "https://example.com/x")
		w.rcv.set(failWith(unreachable(101)))
		w.start()
		pass(time.Second)
		if n := w.pending(ping); n != 1 {
			t.Fatalf("%d pings wait, want 1", n)
		}
		w.rcv.take()
		w.rcv.set(nil)
		pass(10 * time.Second)
		if hits := w.rcv.take(); len(hits) != 1 || hits[0].attempt != "1" {
			t.Errorf("got %+v, want one first attempt", hits)
		}
	})
}

func TestPingEndpointTurnedIntoAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Tuning: Tuning{PingInterval: time.Second}, Slots: 1}).open()
		ep := w.registerFor(gateway.EventPing, "ping", "https://example.com/x")
		w.emit("", ep)
		w.rcv.set(hang)
		w.start()
		pass(2 * time.Second) // one slot: either the ping or the row waits
		w.rcv.take()
		ep.Events = []gateway.EventType{gateway.EventReceived}
		w.commit(saveEndpoint(ep))
		w.rcv.set(nil)
		pass(time.Hour)
		for _, h := range w.rcv.take() {
			if len(texts([]hit{h})[0]) == 0 && h.attempt == "1" {
				t.Errorf("a ping was begun: %s", h.body)
			}
		}
	})
}

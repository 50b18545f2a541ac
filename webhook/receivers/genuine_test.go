package receivers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/format"
	"tetherd/webhook/receivers"
)

// Every event of every format is taken by every receiver of the format, with the
// bytes that were rendered, at the first attempt.
func TestGenuine(t *testing.T) {
	onEachBench(t, func(b bench) {
		r := b.host.New(b.T, b.kind, b.secrets[0].theirs)
		to := b.register(b.T, b.endpoint(r.URL))
		sent := make(map[string]gateway.Event)
		for _, e := range b.events() {
			sent[b.emit(b.T, e, to)] = stored(b.T, e)
		}
		for id, e := range sent {
			if got := b.first(b.T, id); got.State != gateway.Succeeded || got.Attempts != 1 {
				b.Errorf("%s: %+v", e.Type(), got)
			}
		}
		requests := r.Requests()
		if len(requests) != len(sent) {
			b.Errorf("%d requests for %d events", len(requests), len(sent))
		}
		for _, request := range requests {
			id := strings.Join(request.Header("Webhook-Id"), "|")
			e, ok := sent[id]
			if !ok {
				b.Errorf("Webhook-Id %q", id)
				continue
			}
			checkRequest(b, &request, &format.Input{DeviceID: deviceID, Webhook: &to, Rendering: to.Rendering, Delivery: id, Event: &e})
		}
	})
}

// stored returns e as the store has it, which replaces what is no UTF-8.
func stored(t *testing.T, e gateway.Event) gateway.Event {
	t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// checkRequest holds what a receiver saw against what it was to be sent.
func checkRequest(b bench, r *receivers.Request, in *format.Input) {
	b.Helper()
	want, err := format.Render(in)
	if err != nil {
		b.Fatal(err)
	}
	sent := r.Body
	if r.Method == http.MethodGet {
		diff(b.T, "body of a GET", "", string(r.Body))
		sent = []byte(r.Query)
	}
	diff(b.T, "sent of "+string(in.Event.Type()), string(want.Bytes), string(sent))
	h := http.Header{}
	for i := 0; i+1 < len(r.Headers); i += 2 {
		h.Add(r.Headers[i], r.Headers[i+1])
	}
	if err := b.format.Verify(b.secrets[0].theirs, h, sent, time.Now()); err != nil {
		b.Errorf("a captured request is not said to be genuine: %v", err)
	}
	if b.rule != "reserialised" && b.kind != "go/query" && len(r.Understood) == 0 {
		b.Errorf("nothing was understood of %s", sent)
	}
	if m, ok := in.Event.Payload.(gateway.MessageReceived); ok && b.rule == "query" && b.kind != "go/query" {
		diff(b.T, "text", m.Text, r.Understood["text"])
	}
}

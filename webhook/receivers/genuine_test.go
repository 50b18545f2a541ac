package receivers_test

import (
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
		for _, e := range events(b.format) {
			sent[b.emit(b.T, e, to)] = e
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

// checkRequest holds what a receiver saw against what it was to be sent.
func checkRequest(b bench, r *receivers.Request, in *format.Input) {
	b.Helper()
	want, err := format.Render(in)
	if err != nil {
		b.Fatal(err)
	}
	diff(b.T, "body of "+string(in.Event.Type()), string(want.Bytes), string(r.Body))
	h := http.Header{}
	for i := 0; i+1 < len(r.Headers); i += 2 {
		h.Add(r.Headers[i], r.Headers[i+1])
	}
	if err := b.format.Verify(b.secrets[0].theirs, h, r.Body, time.Now()); err != nil {
		b.Errorf("a captured request is not said to be genuine: %v", err)
	}
	if b.rule != "reserialised" && len(r.Understood) == 0 {
		b.Errorf("nothing was understood of %s", r.Body)
	}
}

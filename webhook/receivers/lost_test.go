package receivers_test

import (
	"strconv"
	"testing"

	"tetherd/gateway"
)

// What a receiver took, and said so in vain, comes again as it was, with the id by
// which it can be told.
func TestAnswerLost(t *testing.T) {
	onEachBench(t, func(b bench) {
		if !b.verifies() {
			b.Skip("nothing is verified, or as elsewhere")
		}
		r := b.host.New(b.T, b.kind, b.secrets[0].theirs)
		to := b.register(b.T, b.endpoint(newRelay(b.T).deafTo(r.URL)))
		outcomes := b.await(b.T, b.emit(b.T, question(), to), ended)
		requests := r.Requests()
		if len(outcomes) != 2 || len(requests) != 2 {
			b.Fatalf("%d attempts were stored and %d came, want 2: %+v", len(outcomes), len(requests), outcomes)
		}
		if outcomes[0].LastCode != 0 || outcomes[1].State != gateway.Succeeded {
			b.Errorf("got %+v", outcomes)
		}
		for i, request := range requests {
			if !ok(request.Status) {
				b.Errorf("attempt %d was answered with %d", i+1, request.Status)
			}
			diff(b.T, "Webhook-Attempt", []string{strconv.Itoa(i + 1)}, request.Header("Webhook-Attempt"))
			diff(b.T, "Webhook-Id", requests[0].Header("Webhook-Id"), request.Header("Webhook-Id"))
			diff(b.T, "body", string(requests[0].Body), string(request.Body))
		}
	})
}

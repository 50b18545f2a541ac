package format

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// diff fails the test if got is not what is wanted.
func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// renderOwn renders an event in the gateway's own format.
func renderOwn(deviceID, webhook, delivery string, e *gateway.Event) ([]byte, error) {
	b, err := Render(&Input{DeviceID: deviceID, Webhook: &gateway.Endpoint{ID: webhook}, Delivery: delivery, Event: e})
	return b.Bytes, err
}

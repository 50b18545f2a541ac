package rest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

// TestLimits sets the limit of the settings, and looks at what is told of it.
func TestLimits(t *testing.T) {
	w := newWorld(t)
	if got, err := w.client.Limits(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v, want none", got, err)
	}
	if _, err := w.client.EditSettings(t.Context(), api.Settings{"messages": {"limit_period": "PerHour", "limit_value": 20}}); err != nil {
		t.Fatal(err)
	}
	got, err := w.client.Limits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []api.Limit{{
		Limit: "messages.PerHour", Most: 20, Unit: "messages",
		Text: "the gateway has sent 0 messages of the 20 messages an hour that it may send",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got)\n%s", diff)
	}
	if _, err := w.client.Release(t.Context(), "no such message"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("release of an unknown message: %v", err)
	}
}

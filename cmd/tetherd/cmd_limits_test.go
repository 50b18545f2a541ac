package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway/api"
)

func TestLimitsCommand(t *testing.T) {
	cfg := emulatedConfig(t)
	cfg.Limits.Total = config.Caps{PerHour: 50, CostPerDay: 2_500_000}
	cfg.Limits.Currency, cfg.Limits.Reserve = "EUR", 20
	r := start(t, cfg)
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	if _, err := r.Send(t.Context(), api.SendRequest{TextMessage: &api.TextMessage{Text: "Hi"}, PhoneNumbers: []string{"+4915110000002"}}); err != nil {
		t.Fatal(err)
	}
	const want = "all  per_hour      1 of 50 SMS, 10 of them for urgent messages\n" +
		"all  cost_per_day  0 of 2.5 EUR, 0.5 of them for urgent messages\n"
	until(t, "the message to count", func() bool { return strings.Contains(runCLI(t, env, "limits"), "1 of 50") })
	if diff := cmp.Diff(want, runCLI(t, env, "limits")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := runCLI(t, env, "limits", "--json"); !strings.Contains(got, `"limit": "per_hour"`) {
		t.Errorf("as JSON: %s", got)
	}
}

func TestNoLimits(t *testing.T) {
	r := start(t, emulatedConfig(t))
	out, note, err := command(t, map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}, "", "limits")
	if err != nil || out != "" || !strings.Contains(note, "nothing limits") {
		t.Errorf("got %q, %q, %v", out, note, err)
	}
}

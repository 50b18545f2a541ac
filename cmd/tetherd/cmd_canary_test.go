package main

import (
	"strings"
	"testing"
	"time"

	"tetherd/cmd/tetherd/config"
)

// Emulated modems send to themselves, through the network they share.
func TestCanaryCommands(t *testing.T) {
	cfg := emulatedConfig(t)
	env := map[string]string{"TETHERD_PASSWORD": "secret"}
	r := start(t, cfg)
	env["TETHERD_URL"] = r.url
	if out := runCLI(t, env, "canary"); !strings.HasPrefix(out, "no test messages are sent") {
		t.Errorf("not enabled: %q", out)
	}
	cfg = emulatedConfig(t)
	cfg.Canary = config.Canary{Enabled: true, Every: time.Hour, PerDay: 5, Timeout: time.Minute, Misses: 2}
	r = start(t, cfg)
	env["TETHERD_URL"] = r.url
	until(t, "the modems to know their numbers", func() bool {
		ms, err := r.Modems(t.Context())
		return err == nil && ms[0].State == "ready" && ms[1].State == "ready"
	})
	if out := runCLI(t, env, "canary", "run", "2"); !strings.Contains(out, "one is under way since") && !strings.Contains(out, "came through") {
		t.Errorf("run: %q", out)
	}
	until(t, "the canary to come through", func() bool { return strings.Contains(runCLI(t, env, "canary"), "came through in ") })
	out := runCLI(t, env, "canary")
	if !strings.Contains(out, "none was sent yet") || !strings.HasSuffix(out, "1 of 5 were sent in the last 24 hours\n") {
		t.Errorf("got %q", out)
	}
	if out := runCLI(t, env, "inbox"); strings.Count(out, "SMS gateway self-test") != 1 || !strings.Contains(out, "(canary of ") {
		t.Errorf("inbox: %q", out)
	}
	if out := runCLI(t, env, "events", "--type", "sms:sent,sms:received,sms:delivered"); out != "" {
		t.Errorf("events: %q", out)
	}
	if out := runCLI(t, env, "canary", "--json"); !strings.Contains(out, `"roundTripSeconds": `) {
		t.Errorf("as JSON: %q", out)
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSettingsCommands changes settings of a running gateway, and has the command that
// prints the signing key notice.
func TestSettingsCommands(t *testing.T) {
	cfg := emulatedConfig(t)
	r := start(t, cfg)
	s := r.console(t)
	squeezed := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	shown := func(after string, got string, want ...string) {
		t.Helper()
		for _, line := range want {
			if !strings.Contains(squeezed(got), line) {
				t.Errorf("%s: printed no %q:\n%s", after, line, got)
			}
		}
	}
	shown("at first", s.must("settings"), "messages.limit_value 0 configured", "webhooks.signing_key *** configured", "ping.interval_seconds - configured")
	shown("set", s.must("settings", "set", "messages.limit_value=5", "messages.limit_period=PerHour", "webhooks.signing_key=a=b", "receiver.content_provider_enabled=false"),
		"messages.limit_value 5 stored", "messages.limit_period PerHour stored", "webhooks.signing_key *** stored", "receiver.content_provider_enabled false stored")
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"settings", "set", "messages.limit_value"}, 1, "is not of the form"},
		{[]string{"settings", "set", "limit_value=5"}, 1, "is not of the form"},
		{[]string{"settings", "set", "messages.limit_value=-5"}, 2, "Limit value must be >= 0"},
		{[]string{"logs", "--level", "loud"}, 1, "--level is one of"},
	} {
		if got, status := s.run(tt.args...); status != tt.status || !strings.Contains(got, tt.want) {
			t.Errorf("%q: status %d, printed %q, want %d, %q", tt.args, status, got, tt.status, tt.want)
		}
	}
	if got := s.must("settings", "set", "messages.limit_value=null", "--json"); !strings.Contains(got, `"limit_value": 0`) && !strings.Contains(got, `"limit_value":0`) {
		t.Errorf("set --json printed %s", got)
	}

	file := filepath.Join(t.TempDir(), "tetherd.yaml")
	text := "listen: " + strings.TrimPrefix(r.url, "http://") + "\ndata_dir: " + cfg.DataDir + "\nauth: {password: secret}\nmodems: [{emulator: generic, number: \"+4915110000009\"}]\nwebhooks: {signing_key: configured-key}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(s.env, "TETHERD_URL")
	if got, status := s.run("webhook", "key", "--config", file); status != 2 || !strings.Contains(got, "another key than the configured one was stored") {
		t.Errorf("webhook key: status %d, printed %q", status, got)
	}
	s.must("settings", "set", "webhooks.signing_key=null", "--config", file)
	if got := s.must("webhook", "key", "--config", file); got != "configured-key\n" {
		t.Errorf("webhook key: printed %q", got)
	}
}

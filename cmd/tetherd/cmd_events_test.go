package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"tetherd/cmd/tetherd/config"
)

func TestEventsCommand(t *testing.T) {
	cfg := emulatedConfig(t)
	cfg.OptOut = config.OptOut{Enabled: true}
	r := start(t, cfg)
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	if _, err := r.AddOptOut(t.Context(), "+4917012345678"); err != nil {
		t.Fatal(err)
	}
	out := runCLI(t, env, "events", "--type", "sms:opted-out")
	if !strings.Contains(out, `  sms:opted-out  {"`) || strings.Contains(out, "app:started") {
		t.Errorf("got %q", out)
	}
	if out := runCLI(t, env, "events", "--json"); strings.Count(out, "\n") < 2 || !strings.HasPrefix(out, `{"cursor":"1",`) {
		t.Errorf("got %q", out)
	}

	ctx, cancel := context.WithCancel(t.Context())
	in, w := io.Pipe()
	c := withEnv(env)
	c.stdout, c.stderr = w, io.Discard
	done := make(chan error, 1)
	go func() {
		cmd := c.eventsCommand()
		cmd.SetArgs([]string{"--follow", "--after", "0", "--type=sms:opted-out,sms:opted-in"})
		done <- cmd.ExecuteContext(ctx)
	}()
	lines := bufio.NewScanner(in)
	for _, want := range []string{"sms:opted-out", "sms:opted-in"} {
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("got %q, %v, want %s", lines.Text(), lines.Err(), want)
		}
		if want == "sms:opted-out" {
			if err := r.DeleteOptOut(t.Context(), "+4917012345678"); err != nil {
				t.Fatal(err)
			}
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("follow: %v", err)
	}
}

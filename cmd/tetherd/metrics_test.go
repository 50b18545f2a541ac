package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tetherd/gateway/api"
)

// The daemon shows its modems and itself, and restarts a modem when asked to.
func TestModemsOfADaemon(t *testing.T) {
	cfg := emulatedConfig(t)
	cfg.Metrics.Public = true
	r := start(t, cfg)
	ready := func() bool {
		ms, err := r.Modems(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(ms) == 2 && ms[0].State == "ready" && ms[1].State == "ready"
	}
	until(t, "both modems", ready)
	m, err := r.Modem(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	if m.SIMNumber != 2 || m.Model == "" || m.SIM.ICCID == "" || !m.Network.Registered || m.Signal == nil || m.Counters.Sessions != 1 {
		t.Errorf("got %+v", m)
	}
	if got, err := r.RestartModem(t.Context(), "2", ""); err != nil || got != (api.Restart{Modem: "bob", Step: "reopen"}) {
		t.Errorf("restart: %+v, %v", got, err)
	}
	until(t, "the next session", func() bool {
		m, err = r.Modem(t.Context(), "bob")
		return err == nil && m.Counters.Sessions == 2 && m.Recovery.Step == "reopen"
	})

	resp, err := http.Get(r.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d %s, %v", resp.StatusCode, b, err)
	}
	for _, want := range []string{
		`tetherd_modem_state\{modem="alice",state="ready"\} 1`, `tetherd_modem_sessions_total\{modem="bob"\} 2`,
		`tetherd_store_bytes \d{4,}`, `tetherd_store_failed 0`, `go_goroutines \d+`, `process_resident_memory_bytes \d{6,}`,
		`process_start_time_seconds \d+`, `tetherd_build_info\{version="[^"]+",go="go[^"]+"\} 1`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `$|^` + want + `\.`).Match(b) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}
	if strings.Contains(string(b), "4915110000001") {
		t.Error("a number is among the metrics")
	}
}

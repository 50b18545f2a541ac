package main

import (
	"strings"
	"testing"
	"time"

	"tetherd/cmd/tetherd/config"
)

// TestBalance asks for the credit of an emulated SIM, and runs a service code,
// through the API and the command line.
func TestBalance(t *testing.T) {
	cfg := emulatedConfig(t)
	limit := 20.0
	more, err := config.Parse(config.Input{Env: []string{
		"TETHERD_AUTH_PASSWORD=secret", "TETHERD_MODEMS_0_EMULATOR=generic", "TETHERD_MODEMS_0_NUMBER=+4915110000001",
		"TETHERD_MODEMS_0_BALANCE_CODE=*100#", "TETHERD_MODEMS_0_BALANCE_MATCH=balance is ([0-9.,]+)",
	}})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Modems[0].Balance = more.Modems[0].Balance
	cfg.Modems[0].Balance.Below = &limit
	if cfg.Modems[0].Balance.Every != 24*time.Hour {
		t.Errorf("asked for every %v", cfg.Modems[0].Balance.Every)
	}
	r := start(t, cfg)
	until(t, "the modems", func() bool {
		ms, err := r.Modems(t.Context())
		return err == nil && ms[0].State == "ready" && ms[1].State == "ready"
	})
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_USERNAME": "sms", "TETHERD_PASSWORD": "secret"}
	if got := runCLI(t, env, "modem", "balance", "alice"); got != "12.34  (low: top it up)\nYour balance is 12.34 EUR.\n" {
		t.Errorf("balance prints %q", got)
	}
	if got := runCLI(t, env, "modem", "ussd", "2", "*100#"); got != "Your balance is 12.34 EUR.\n" {
		t.Errorf("ussd prints %q", got)
	}
	if got := runCLI(t, env, "modem", "purge", "bob"); got != "bob: 0 messages deleted.\n" {
		t.Errorf("purge prints %q", got)
	}
	m, err := r.Modem(t.Context(), "1")
	if err != nil || m.Balance == nil || m.Balance.Value != 12.34 || !m.Balance.Low {
		t.Errorf("modem shows balance %+v, %v", m.Balance, err)
	}
	if got := runCLI(t, env, "modem", "status", "alice"); !strings.Contains(got, "12.34") {
		t.Errorf("status does not show the balance:\n%s", got)
	}
}

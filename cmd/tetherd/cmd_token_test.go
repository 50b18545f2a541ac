package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tetherd/gateway/api"
)

// A token stands in for the password of the one who asked for it, as far as its
// rights go and until it is revoked.
func TestTokenCommands(t *testing.T) {
	r := start(t, emulatedConfig(t))
	owner := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	var tok api.Token
	if err := json.Unmarshal([]byte(runCLI(t, owner, "token", "issue", "inbox:list", "--ttl", "1h", "--json")), &tok); err != nil || tok.ID == "" {
		t.Fatalf("got %+v, %v", tok, err)
	}
	raw := strings.TrimSpace(runCLI(t, owner, "token", "issue", "inbox:list", "messages:read"))
	if strings.Count(raw, ".") != 2 {
		t.Errorf("got %q, want a token", raw)
	}
	use := func(token string, args ...string) error {
		c := withEnv(map[string]string{"TETHERD_URL": r.url, "TETHERD_TOKEN": token})
		c.stdout, c.stderr = new(bytes.Buffer), new(bytes.Buffer)
		root := c.rootCommand()
		root.SetArgs(args)
		return root.ExecuteContext(t.Context())
	}
	for _, token := range []string{raw, tok.AccessToken} {
		if err := use(token, "inbox"); err != nil {
			t.Error(err)
		}
	}
	if err := use(raw, "webhook", "list"); err == nil || !strings.Contains(err.Error(), "Insufficient permissions") {
		t.Errorf("got %v for what the token does not allow", err)
	}
	runCLI(t, owner, "token", "revoke", tok.ID)
	if err := use(tok.AccessToken, "inbox"); err == nil || !strings.Contains(err.Error(), "may have expired, or have been revoked") {
		t.Errorf("got %v with a revoked token", err)
	}
	if err := use(raw, "inbox"); err != nil {
		t.Error(err)
	}
	for want, args := range map[string][]string{
		"there is no such right":  {"token", "issue", "messages:burn"},
		"--ttl must be between":   {"token", "issue", "inbox:list", "--ttl", "10000h"},
		"this is a token":         {"token", "revoke", raw},
		"requires at least 1 arg": {"token", "issue"},
	} {
		if err := use(raw, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
	}
}

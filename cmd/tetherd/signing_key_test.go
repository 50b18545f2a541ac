package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"tetherd/cmd/tetherd/config"
)

func TestSigningKey(t *testing.T) {
	cfg := &config.Config{DataDir: t.TempDir()}
	if _, err := signingKey(cfg, false); !os.IsNotExist(err) {
		t.Errorf("without a file: %v, want that there is none", err)
	}
	first, err := signingKey(cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[a-z2-9]{32}$`).MatchString(first) {
		t.Errorf("generated key %q is not 32 letters and digits", first)
	}
	again, err := signingKey(cfg, true)
	if err != nil || again != first {
		t.Errorf("second call = %q, %v; want the key of the first, %q", again, err, first)
	}
	path := filepath.Join(cfg.DataDir, keyFile)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), fs.FileMode(0o600); got != want {
		t.Errorf("mode of the key file is %o, want %o", got, want)
	}
	entries, err := os.ReadDir(cfg.DataDir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, want the key alone: %v", len(entries), err)
	}
	if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := signingKey(cfg, true); err == nil {
		t.Errorf("an empty key file gave the key %q", key)
	}
	cfg.Webhooks.SigningKey = "configured"
	if got, err := signingKey(cfg, true); err != nil || got != "configured" {
		t.Errorf("signingKey = %q, %v; want the configured one", got, err)
	}
}

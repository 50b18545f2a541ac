package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/cmd/tetherd/certificate"
	"tetherd/cmd/tetherd/config"
)

// encrypted writes a configuration with TLS for a gateway at an address that is
// free, and returns its path and what it says.
func encrypted(t *testing.T, tls string) (file string, cfg *config.Config) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil { // the daemon takes it
		t.Fatal(err)
	}
	dir := t.TempDir()
	file = filepath.Join(dir, "tetherd.yaml")
	doc := fmt.Sprintf("listen: %s\ndata_dir: data\nauth: {password: secret}\ntls: {%s}\n"+
		"modems: [{name: a, emulator: generic, number: '+4915110000001'}]\n", l.Addr(), tls)
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err = config.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file, cfg
}

// The commands talk to a gateway with a certificate of its own making without being
// told to trust it, and to no other.
func TestEncryptedByItself(t *testing.T) {
	file, cfg := encrypted(t, "mode: auto")
	var stderr bytes.Buffer
	if got := run(t.Context(), []string{"tls", "fingerprint", "--config", file}, nil, &stderr, &stderr); got != exitFailure ||
		!strings.Contains(stderr.String(), "made when the gateway starts for the first time") {
		t.Errorf("before the first start: got status %d and %q", got, &stderr)
	}
	r := start(t, cfg)
	fingerprint := strings.TrimSpace(runCLI(t, nil, "tls", "fingerprint", "--config", file))
	if len(fingerprint) != 32*3-1 {
		t.Errorf("got fingerprint %q", fingerprint)
	}
	if got := runCLI(t, nil, "inbox", "--config", file, "--json"); !strings.Contains(got, "[") {
		t.Errorf("got %q", got)
	}
	crt := filepath.Join(cfg.DataDir, certificateFile)
	url := "https://" + strings.TrimPrefix(r.url, "http://")
	t.Setenv("TETHERD_PASSWORD", "secret")
	if got := runCLI(t, map[string]string{"TETHERD_PASSWORD": "secret", "TETHERD_URL": url, "TETHERD_CA_FILE": crt}, "inbox", "--json"); !strings.Contains(got, "[") {
		t.Errorf("got %q", got)
	}
	stderr.Reset()
	if got := run(t.Context(), []string{"inbox", "--url", url, "--ca-file", crt}, nil, new(bytes.Buffer), &stderr); got != exitOK {
		t.Errorf("with a certificate: got status %d and %q", got, &stderr)
	}
	stderr.Reset()
	if got := run(t.Context(), []string{"inbox", "--url", url}, nil, &stderr, &stderr); got != exitFailure || !strings.Contains(stderr.String(), "--ca-file") {
		t.Errorf("without a certificate: got status %d and %q", got, &stderr)
	}
	if resp, err := http.Get(r.url); err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("plain HTTP: got %d, want 400", resp.StatusCode)
		}
	}
	if info, err := os.Stat(filepath.Join(cfg.DataDir, certificateKeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v, want mode 0600", info, err)
	}

	// It is the same after a restart.
	r.signals <- syscall.SIGTERM
	if err := <-r.ended; err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
	if got := strings.TrimSpace(runCLI(t, nil, "tls", "fingerprint", "--config", file)); got != fingerprint {
		t.Errorf("got fingerprint %s after a restart, want %s", got, fingerprint)
	}
}

func TestEncryptedByFiles(t *testing.T) {
	file, cfg := encrypted(t, "mode: files, cert_file: c.pem, key_file: k.pem")
	if _, err := openDaemon(t.Context(), cfg, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "c.pem") {
		t.Errorf("got %v without the files, want them named", err)
	}
	cert, key, err := certificate.Generate(certificate.HostNames("", nil), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{cfg.TLS.CertFile: cert, cfg.TLS.KeyFile: key} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start(t, cfg)
	if got := runCLI(t, nil, "inbox", "--config", file, "--json"); !strings.Contains(got, "[") {
		t.Errorf("got %q", got)
	}
	if got := runCLI(t, nil, "tls", "fingerprint", "--config", file); len(got) != 32*3 {
		t.Errorf("got fingerprint %q", got)
	}
}

func TestNoFingerprint(t *testing.T) {
	file, _ := encrypted(t, "mode: off")
	var stderr bytes.Buffer
	if got := run(t.Context(), []string{"tls", "fingerprint", "--config", file}, nil, &stderr, &stderr); got != exitFailure || !strings.Contains(stderr.String(), "set tls.mode") {
		t.Errorf("got status %d and %q", got, &stderr)
	}
}

// A certificate of its own is made anew some time before it expires, or if its key is
// gone, and else stays: clients know it by its fingerprint.
func TestCertificateIsRenewed(t *testing.T) {
	dir := t.TempDir()
	crt, key := filepath.Join(dir, certificateFile), filepath.Join(dir, certificateKeyFile)
	now := time.Now()
	fingerprint := func(at time.Time) string {
		t.Helper()
		if err := makeCertificate(crt, key, at); err != nil {
			t.Fatal(err)
		}
		keeper, err := certificate.Open(crt, key, zerolog.Nop())
		if err != nil {
			t.Fatal(err) // a pair
		}
		for file, want := range map[string]os.FileMode{crt: 0o644, key: 0o600} {
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: got %v, %v, want mode %v", file, info.Mode(), err, want)
			}
		}
		return keeper.Fingerprint()
	}
	first := fingerprint(now)
	if got := fingerprint(now.AddDate(9, 10, 0)); got != first {
		t.Error("it was made anew although it has months left")
	}
	second := fingerprint(now.AddDate(9, 11, 10))
	if second == first {
		t.Error("it was not made anew although it expires soon")
	}
	// As after a crash between the two files.
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	third := fingerprint(now)
	if third == second {
		t.Error("it was not made anew although its key was gone")
	}
	if err := os.Remove(crt); err != nil {
		t.Fatal(err)
	}
	if fingerprint(now) == third {
		t.Error("it was not made anew although it was gone")
	}
}

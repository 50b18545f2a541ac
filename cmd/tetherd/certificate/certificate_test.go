package certificate_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tetherd/cmd/tetherd/certificate"
)

// write makes a certificate in a folder, in place of one that is there.
func write(t *testing.T, dir string, n certificate.Names) (certFile, keyFile string) {
	t.Helper()
	cert, key, err := certificate.Generate(n, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	for file, data := range map[string][]byte{certFile: cert, keyFile: key} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

var local = certificate.Names{Hosts: []string{"localhost"}, Addrs: []net.IP{net.IPv4(127, 0, 0, 1)}}

// serve runs a server with what k keeps.
func serve(t *testing.T, k *certificate.Keeper) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{TLSConfig: k.Config(), ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan error, 1)
	go func() { done <- s.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), <-done); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return "https://" + l.Addr().String()
}

func get(url string, c *tls.Config) error {
	tr := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr, Timeout: 10 * time.Second}).Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := write(t, dir, certificate.HostNames("box", []net.Addr{
		&net.IPNet{IP: net.IPv4(192, 168, 1, 5), Mask: net.CIDRMask(24, 32)},
		&net.IPNet{IP: net.IPv4(127, 0, 0, 1), Mask: net.CIDRMask(8, 32)},
		&net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)},
	}))
	certs, err := certificate.Read(certFile)
	if err != nil {
		t.Fatal(err)
	}
	c := certs[0]
	if diff := cmp.Diff([]string{"localhost", "box", "box.local"}, c.DNSNames); diff != "" {
		t.Errorf("names (-want +got)\n%s", diff)
	}
	for _, name := range []string{"localhost", "box.local", "127.0.0.1", "::1", "192.168.1.5"} {
		if err := c.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if len(c.IPAddresses) != 3 || c.IsCA || c.PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("got %v, CA %t, %v", c.IPAddresses, c.IsCA, c.PublicKeyAlgorithm)
	}
	now := time.Now()
	if c.NotBefore.After(now.Add(-23*time.Hour)) || c.NotAfter.Before(now.AddDate(9, 11, 0)) {
		t.Errorf("it is valid from %v to %v", c.NotBefore, c.NotAfter)
	}
	k, err := certificate.Open(certFile, keyFile, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	if f := k.Fingerprint(); len(f) != 32*3-1 || f != certificate.Fingerprint(c) || strings.ToUpper(f) != f {
		t.Errorf("got fingerprint %s", f)
	}
}

func TestTrust(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	certFile, keyFile := write(t, dir, certificate.Names{Hosts: []string{"elsewhere.example"}})
	k, err := certificate.Open(certFile, keyFile, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, k)
	own, err := certificate.Read(certFile)
	if err != nil {
		t.Fatal(err)
	}
	otherFile, _ := write(t, other, local)
	others, err := certificate.Read(otherFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := get(url, certificate.Pinned(own[0])); err != nil {
		t.Errorf("pinned: %v, want it trusted whatever its names", err)
	}
	if err := get(url, certificate.Pinned(others[0])); err == nil || !strings.Contains(err.Error(), certificate.Fingerprint(others[0])) {
		t.Errorf("another one pinned: %v, want it refused with the fingerprint", err)
	}
	if err := get(url, certificate.Trusting(own)); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("trusted, of another name: %v, want it refused", err)
	}
	if err := get(url, nil); err == nil {
		t.Error("a stranger was trusted")
	}
	if err := get(url, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	// Under its own name it is trusted.
	certFile, _ = write(t, dir, local)
	if changed, err := k.Reload(); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if own, err = certificate.Read(certFile); err != nil {
		t.Fatal(err)
	}
	if err := get(url, certificate.Trusting(own)); err != nil {
		t.Errorf("trusted: %v", err)
	}
}

func TestReload(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := write(t, dir, local)
	synctest.Test(t, func(t *testing.T) {
		lines := new(bytes.Buffer)
		k, err := certificate.Open(certFile, keyFile, zerolog.New(lines))
		if err != nil {
			t.Fatal(err)
		}
		reload := make(chan os.Signal, 1)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- k.Run(ctx, reload) }()
		now := func() {
			reload <- os.Interrupt
			synctest.Wait()
		}
		first := k.Fingerprint()
		now()
		if k.Fingerprint() != first || lines.Len() != 0 {
			t.Errorf("nothing is new, but: %s", lines)
		}
		write(t, dir, local)
		now()
		second := k.Fingerprint()
		if second == first || !strings.Contains(lines.String(), second) {
			t.Errorf("the new certificate was not taken: %s", lines)
		}
		// Half of a pair: the old one stays, and it is said once.
		data, err := os.ReadFile(certFile)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, local)
		fresh, err := os.ReadFile(certFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(certFile, data, 0o600); err != nil {
			t.Fatal(err)
		}
		now()
		now()
		if n := strings.Count(lines.String(), "cannot take the new certificate"); n != 1 || k.Fingerprint() != second {
			t.Errorf("got %d complaints, want 1, and the old certificate: %s", n, lines)
		}
		// It is found without a signal, too.
		if err := os.WriteFile(certFile, fresh, 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if k.Fingerprint() == second {
			t.Errorf("the new certificate was not taken after a minute: %s", lines)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := write(t, dir, local)
	for name, files := range map[string][2]string{
		"no certificate": {filepath.Join(dir, "none"), keyFile}, "no key": {certFile, filepath.Join(dir, "none")}, "the wrong way round": {keyFile, certFile},
	} {
		if _, err := certificate.Open(files[0], files[1], zerolog.Nop()); err == nil {
			t.Errorf("%s: it was opened", name)
		}
	}
	if _, err := certificate.Read(keyFile); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v for a file without a certificate", err)
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"tetherd/cmd/tetherd/certificate"
	"tetherd/cmd/tetherd/config"
)

// The generated certificate and its key, in the data folder.
const (
	certificateFile    = "tls.crt"
	certificateKeyFile = "tls.key"
)

// certificateFiles returns where the certificate of the API is and its key; empty
// if the API does without.
func certificateFiles(cfg *config.Config) (cert, key string) {
	switch cfg.TLS.Mode {
	case config.TLSFiles:
		return cfg.TLS.CertFile, cfg.TLS.KeyFile
	case config.TLSAuto:
		return filepath.Join(cfg.DataDir, certificateFile), filepath.Join(cfg.DataDir, certificateKeyFile)
	}
	return "", ""
}

// openTLS reads the certificate of the API, or makes one, if the configuration asks
// for it.
func (d *daemon) openTLS() error {
	cert, key := certificateFiles(d.cfg)
	if cert == "" {
		return nil
	}
	now, _ := d.store.Timeline().Wall()
	if d.cfg.TLS.Mode == config.TLSAuto {
		if err := makeCertificate(cert, key, now); err != nil {
			return err
		}
	}
	log := d.log.With().Str("part", "tls").Logger()
	keeper, err := certificate.Open(cert, key, log)
	if err != nil {
		return err
	}
	d.tls = keeper
	switch left := keeper.Expires().Sub(now); {
	case left > 0 && left < renewBefore:
		log.Warn().Time("expires", keeper.Expires()).Msg("the certificate expires soon: clients will refuse it")
	case left <= 0:
		log.Error().Time("expired", keeper.Expires()).Msg("the certificate has expired: clients will refuse it")
	}
	d.components = append(d.components, component{"certificate", func(ctx context.Context) error {
		reload := make(chan os.Signal, 1)
		signal.Notify(reload, syscall.SIGHUP)
		defer signal.Stop(reload)
		return keeper.Run(ctx, reload)
	}})
	return nil
}

// renewBefore is how long before it expires a certificate is made anew.
const renewBefore = 30 * 24 * time.Hour

// makeCertificate makes a certificate with its key unless there is one with some time
// left. A certificate without its key, as backups without secrets leave it, is of no use.
func makeCertificate(certFile, keyFile string, now time.Time) error {
	certs, err := certificate.Read(certFile)
	_, gone := os.Stat(keyFile)
	switch {
	case err == nil && now.Before(certs[0].NotAfter.Add(-renewBefore)) && !errors.Is(gone, fs.ErrNotExist):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: delete %s and %s, and new ones are made at the next start", err, certFile, keyFile)
	}
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		addrs = nil // it is good for the names, then
	}
	cert, key, err := certificate.Generate(certificate.HostNames(host, addrs), now)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	// The certificate last: without it, both are made anew.
	if err := errors.Join(os.Remove(certFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove old certificate: %w", err)
	}
	if err := writeDurably(keyFile, string(key)); err != nil {
		return fmt.Errorf("keep key of certificate: %w", err)
	}
	if err := writeDurably(certFile, string(cert)); err != nil {
		return fmt.Errorf("keep certificate: %w", err)
	}
	if err := os.Chmod(certFile, 0o644); err != nil { // it is shown to everybody
		return fmt.Errorf("let others read certificate: %w", err)
	}
	return nil
}

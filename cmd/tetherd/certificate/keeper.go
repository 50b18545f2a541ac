package certificate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// interval is how often it is looked whether there is a new certificate.
const interval = time.Minute

// Keeper holds the certificate that connections get. It is safe for concurrent use.
type Keeper struct {
	certFile, keyFile string
	log               zerolog.Logger
	current           atomic.Pointer[tls.Certificate]

	cert, key []byte // that were read last; of Reload
}

// Open reads a certificate with those that lead to its root, and its key, both in
// PEM. The key may be of any kind that crypto/tls knows.
func Open(certFile, keyFile string, log zerolog.Logger) (*Keeper, error) {
	k := &Keeper{certFile: certFile, keyFile: keyFile, log: log}
	if _, err := k.Reload(); err != nil {
		return nil, err
	}
	return k, nil
}

// Reload reads the files again. It reports whether there was something new in them.
// If that cannot be used the error says why, once, and the certificate from before
// remains. It is not safe for concurrent use.
func (k *Keeper) Reload() (changed bool, err error) {
	cert, err := os.ReadFile(k.certFile)
	if err != nil {
		return false, fmt.Errorf("read certificate: %w", err)
	}
	key, err := os.ReadFile(k.keyFile)
	if err != nil {
		return false, fmt.Errorf("read key of certificate: %w", err)
	}
	if bytes.Equal(cert, k.cert) && bytes.Equal(key, k.key) {
		return false, nil
	}
	k.cert, k.key = cert, key
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return false, fmt.Errorf("use certificate %s with key %s: %w", k.certFile, k.keyFile, err)
	}
	k.current.Store(&pair)
	return true, nil
}

// Run looks every minute whether there is a new certificate, and at once when
// something comes from reload. It returns when ctx ends.
func (k *Keeper) Run(ctx context.Context, reload <-chan os.Signal) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-reload:
		case <-tick.C:
		}
		changed, err := k.Reload()
		switch {
		case err != nil:
			k.log.Error().Err(err).Msg("cannot take the new certificate, keeping the one from before")
		case changed:
			k.log.Info().Str("sha256", k.Fingerprint()).Time("expires", k.current.Load().Leaf.NotAfter).Msg("took a new certificate")
		}
	}
}

// Config returns how connections are to be encrypted.
func (k *Keeper) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current.Load(), nil },
	}
}

// Fingerprint returns that of the certificate.
func (k *Keeper) Fingerprint() string { return Fingerprint(k.current.Load().Leaf) }

// Expires returns when the certificate does.
func (k *Keeper) Expires() time.Time { return k.current.Load().Leaf.NotAfter }

// Fingerprint returns the SHA-256 of a certificate, in the notation of browsers and of
// "openssl x509 -fingerprint -sha256".
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}

// Read returns the certificates of a file in PEM, in their order.
func Read(file string) (certs []*x509.Certificate, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read certificate %s: %w", file, err)
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("read certificate %s: %w", file, errors.New("there is none in PEM"))
	}
	return certs, nil
}

package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// Pinned returns how a client connects that trusts a server with the given
// certificate, whatever its names, and others as the system does. Which of the two
// it is is decided by the certificate alone.
func Pinned(cert *x509.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection does it
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return errors.New("the server has no certificate")
			}
			leaf := s.PeerCertificates[0]
			if leaf.Equal(cert) {
				return nil
			}
			o := x509.VerifyOptions{DNSName: s.ServerName, Intermediates: x509.NewCertPool()}
			for _, c := range s.PeerCertificates[1:] {
				o.Intermediates.AddCert(c)
			}
			if _, err := leaf.Verify(o); err != nil {
				return fmt.Errorf("it is not the certificate with SHA-256 %s, nor one that this machine trusts: %w", Fingerprint(cert), err)
			}
			return nil
		},
	}
}

// Trusting returns how a client connects that trusts, besides what the system does,
// those that the given certificates vouch for.
func Trusting(certs []*x509.Certificate) *tls.Config {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // the system has none
	}
	for _, c := range certs {
		pool.AddCert(c)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

package egress

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

const (
	maxPEM  = 64 << 10 // bytes
	maxPins = 16
)

// TLS is what differs from the usual for a receiver with TLS. The zero value and
// nil are no difference.
type TLS struct {
	// CA holds certificates that are trusted instead of the system's, PEM.
	CA string
	// Cert is this client's certificate, with those that lead to its CA, and Key its
	// private key, PEM. Both are empty or neither.
	Cert, Key string
	// ServerName is the name to ask for and to find in the receiver's certificate,
	// instead of the host of the URL.
	ServerName string
	// Pins are the SHA-256 of the receiver's public key (SubjectPublicKeyInfo), in
	// hex or base64: one of them must match, beside all else.
	Pins []string
	// Insecure accepts any certificate, but not one that matches no pin.
	Insecure bool
}

// Check returns an error for people, which names the field, if t cannot be used.
func (t *TLS) Check() error {
	_, err := t.config()
	return err
}

// config returns the settings of t.
func (t *TLS) config() (*tls.Config, error) {
	c := new(tls.Config)
	if t == nil {
		return c, nil
	}
	for _, f := range []struct{ name, text string }{{"ca", t.CA}, {"cert", t.Cert}, {"key", t.Key}} {
		if len(f.text) > maxPEM {
			return nil, fmt.Errorf("tls.%s must be at most %d KiB", f.name, maxPEM>>10)
		}
	}
	if t.CA != "" {
		if t.Insecure {
			return nil, errors.New("tls.insecure accepts any certificate, so that tls.ca is of no use: remove one of them")
		}
		pool, err := parseCA(t.CA)
		if err != nil {
			return nil, err
		}
		c.RootCAs = pool
	}
	if t.Cert != "" || t.Key != "" {
		pair, err := parsePair(t.Cert, t.Key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if err := checkServerName(t.ServerName); err != nil {
		return nil, err
	}
	c.ServerName, c.InsecureSkipVerify = t.ServerName, t.Insecure
	if len(t.Pins) > 0 {
		pins, err := parsePins(t.Pins)
		if err != nil {
			return nil, err
		}
		c.VerifyConnection = pins.verify
	}
	return c, nil
}

func parseCA(text string) (*x509.CertPool, error) {
	pool, n := x509.NewCertPool(), 0
	for rest := []byte(text); len(bytes.TrimSpace(rest)) > 0; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("tls.ca must be PEM: -----BEGIN CERTIFICATE----- and so on, with line breaks")
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("tls.ca must hold certificates only, not a %s", block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("tls.ca: certificate %d cannot be read: %w", n+1, err)
		}
		pool.AddCert(cert)
	}
	if n == 0 {
		return nil, errors.New("tls.ca must be PEM: -----BEGIN CERTIFICATE----- and so on, with line breaks")
	}
	return pool, nil
}

func parsePair(cert, key string) (tls.Certificate, error) {
	var none tls.Certificate
	switch {
	case key == "":
		return none, errors.New("tls.cert needs tls.key, the private key of that certificate")
	case cert == "":
		return none, errors.New("tls.key needs tls.cert, the certificate of that key")
	case strings.Contains(key, "ENCRYPTED"):
		return none, errors.New("tls.key is encrypted: give it without a passphrase")
	}
	if block, _ := pem.Decode([]byte(cert)); block == nil || block.Type != "CERTIFICATE" {
		return none, errors.New("tls.cert must be PEM: -----BEGIN CERTIFICATE----- and so on, with line breaks")
	}
	if block, _ := pem.Decode([]byte(key)); block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return none, errors.New("tls.key must be PEM: -----BEGIN PRIVATE KEY----- and so on, with line breaks")
	}
	// The errors of the standard library do not quote the key.
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		return none, fmt.Errorf("tls.cert and tls.key cannot be used together: %w", err)
	}
	return pair, nil
}

func checkServerName(name string) error {
	if name == "" {
		return nil
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return nil
	}
	if !isHostName(name) {
		return errors.New("tls.serverName must be the name of a host, such as nas.example.com, without scheme and port")
	}
	return nil
}

// pins are hashes of public keys.
type pins [][sha256.Size]byte

func parsePins(list []string) (pins, error) {
	if len(list) > maxPins {
		return nil, fmt.Errorf("tls.pins must be at most %d", maxPins)
	}
	out := make(pins, len(list))
	for i, text := range list {
		b := decodePin(text)
		if len(b) != sha256.Size {
			return nil, fmt.Errorf("tls.pins[%d] must be the SHA-256 of a public key, as 64 hex digits or 44 characters of base64", i)
		}
		copy(out[i][:], b)
	}
	return out, nil
}

// decodePin reads hex, with or without colons, and base64, with or without the
// prefix that other programs write.
func decodePin(text string) []byte {
	text = strings.TrimSpace(text)
	if b, err := hex.DecodeString(strings.ReplaceAll(text, ":", "")); err == nil {
		return b
	}
	text = strings.TrimPrefix(text, "sha256/")
	text = strings.TrimPrefix(text, "/") // of sha256//
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b, err = base64.URLEncoding.DecodeString(text)
	}
	if err != nil {
		return nil
	}
	return b
}

// pinError is why a receiver was not accepted although its certificate may be in
// order.
type pinError struct{ got [sha256.Size]byte }

func (e *pinError) Error() string {
	return fmt.Sprintf("the receiver's public key has the SHA-256 %x, which is none of tls.pins", e.got)
}

// verify is a [tls.Config.VerifyConnection].
func (p pins) verify(s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the receiver showed no certificate")
	}
	got := sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if !slices.Contains(p, got) {
		return &pinError{got}
	}
	return nil
}

// abroad returns what of t goes for another host than the one it was made for:
// what it demands of receivers, not what it reveals or lets pass.
func (t *TLS) abroad() *TLS {
	if t == nil {
		return nil
	}
	return &TLS{CA: t.CA, Pins: t.Pins}
}

// key returns what tells t from others; ok is false if t is no difference from
// the usual.
func (t *TLS) key() (k [sha256.Size]byte, ok bool) {
	if t == nil || t.CA == "" && t.Cert == "" && t.Key == "" && t.ServerName == "" && len(t.Pins) == 0 && !t.Insecure {
		return k, false
	}
	h := sha256.New()
	for _, s := range append([]string{t.CA, t.Cert, t.Key, t.ServerName, fmt.Sprint(t.Insecure)}, t.Pins...) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return [sha256.Size]byte(h.Sum(nil)), true
}

package format

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"tetherd/gateway"
)

const (
	// secretPrefix and signingPrefix begin the secrets of Standard Webhooks: of the
	// symmetric scheme, and of Ed25519.
	secretPrefix  = "whsec_"
	signingPrefix = "whsk_"
	publicPrefix  = "whpk_"

	// Standard Webhooks asks for 24 to 64 bytes.
	minSecret, maxSecret = 24, 64
	maxSecretText        = 256
)

// NewSigningKey returns a random key for Ed25519, and the public key for its
// receiver.
func NewSigningKey() (secret, public string) {
	pub, key, _ := ed25519.GenerateKey(nil) // never fails
	return signingPrefix + base64.StdEncoding.EncodeToString(key), publicPrefix + base64.StdEncoding.EncodeToString(pub)
}

// PublicKey returns the public key of a secret for Ed25519, in the form in which a
// receiver is given it, and false if secret is none.
func PublicKey(secret string) (string, bool) {
	key, err := signingKey(secret)
	if err != nil {
		return "", false
	}
	pub, _ := key.Public().(ed25519.PublicKey)
	return publicPrefix + base64.StdEncoding.EncodeToString(pub), true
}

// standardKey returns the key of Standard Webhooks that a secret stands for: the
// bytes of the base64 after whsec_, or of the text itself if it has another form.
func standardKey(secret string) []byte {
	if b, ok := strings.CutPrefix(secret, secretPrefix); ok {
		if key, err := decodeBase64(b); err == nil {
			return key
		}
	}
	return []byte(secret)
}

// signingKey returns the private key of a secret that begins with whsk_: 64 bytes,
// or the 32 of its seed.
func signingKey(secret string) (ed25519.PrivateKey, error) {
	b, ok := strings.CutPrefix(secret, signingPrefix)
	if !ok {
		return nil, errors.New("it does not begin with " + signingPrefix)
	}
	key, err := decodeBase64(b)
	if err != nil {
		return nil, err
	}
	switch len(key) {
	case ed25519.SeedSize:
		return ed25519.NewKeyFromSeed(key), nil
	case ed25519.PrivateKeySize:
		if made := ed25519.NewKeyFromSeed(key[:ed25519.SeedSize]); !made.Equal(ed25519.PrivateKey(key)) {
			return nil, errors.New("its public half does not belong to its private half")
		}
		return key, nil
	}
	return nil, fmt.Errorf("it has %d bytes, 32 or 64 are needed", len(key))
}

func decodeBase64(s string) ([]byte, error) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, errors.New("it is not valid base64")
	}
	return b, nil
}

// CheckSecret returns an error for people if secret cannot sign in the format.
func (f *Format) CheckSecret(secret string) error {
	switch {
	case secret == "":
		return errors.New("secret must not be empty: leave it out to have one made")
	case len(secret) > maxSecretText:
		return fmt.Errorf("secret must have at most %d bytes", maxSecretText)
	case strings.ContainsFunc(secret, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }):
		return errors.New("secret must be text without control characters")
	case strings.HasPrefix(secret, signingPrefix):
		if f.own != nil {
			return fmt.Errorf("secret must not be a key for Ed25519 (%s…) with format %s, whose header %s is an HMAC", signingPrefix, f.Name, f.own.header)
		}
		if _, err := signingKey(secret); err != nil {
			return fmt.Errorf("secret must be %s and the base64 of an Ed25519 key: %w", signingPrefix, err)
		}
	case f.Name == gateway.FormatStandard:
		b, ok := strings.CutPrefix(secret, secretPrefix)
		key, err := decodeBase64(b)
		if !ok || err != nil || len(key) < minSecret || len(key) > maxSecret {
			return fmt.Errorf("secret must be %s and the base64 of %d to %d bytes with format %s: leave it out to have one made",
				secretPrefix, minSecret, maxSecret, f.Name)
		}
	}
	return nil
}

package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tetherd/cmd/tetherd/config"
)

// keyFile is where a generated signing key is kept in the data folder.
const keyFile = "webhook.key"

// signingKey returns the key that signs deliveries: the configured one, or that
// of the data folder. create makes one there if there is none.
func signingKey(cfg *config.Config, create bool) (string, error) {
	if cfg.Webhooks.SigningKey != "" {
		return cfg.Webhooks.SigningKey, nil
	}
	return secretFile(filepath.Join(cfg.DataDir, keyFile), create)
}

// secretFile returns the secret kept in a file. If there is no such file and
// create is set, it makes a secret of 32 characters and keeps it.
func secretFile(path string, create bool) (string, error) {
	data, err := os.ReadFile(path)
	if err == nil {
		if s := strings.TrimSpace(string(data)); s != "" {
			return s, nil
		}
		return "", fmt.Errorf("%s is empty: delete it, and a new secret is made at the next start", path)
	}
	if !create || !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	secret := randomSecret()
	if err := writeDurably(path, secret+"\n"); err != nil {
		return "", fmt.Errorf("keep secret: %w", err)
	}
	return secret, nil
}

// randomSecret returns 32 lower-case letters and digits, 160 bits.
func randomSecret() string {
	const alphabet = "abcdefghijkmnpqrstuvwxyz23456789" // without l and o, 0 and 1
	var b [32]byte
	rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = alphabet[b[i]%byte(len(alphabet))]
	}
	return string(b[:])
}

// writeDurably writes a file that only its owner can read. After a crash there is
// either no such file or a whole one.
func writeDurably(path, text string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the rename; else of no use
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Package sealed opens the texts and phone numbers that clients encrypt before they
// hand them over, and makes such texts. The form is that of SMS Gateway for Android
// (https://docs.sms-gate.app/privacy/encryption/):
//
//	$aes-256-cbc/pbkdf2-sha1$i=75000$<salt>$<ciphertext>
//
// The key is PBKDF2 with HMAC-SHA1 of the passphrase, the salt and i rounds; the salt
// of 16 bytes is the initialisation vector, too; the padding is that of PKCS #7, and
// both values are in base64. Nothing tells a wrong passphrase from a right one but
// the padding and that the content is text: whoever can alter a sealed text can make
// it say something else.
package sealed

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is why a sealed text is not opened, for people. The first four are in the
// words that clients know.
type Error string

// The errors.
const (
	ErrFormat     Error = "Invalid encrypted data format"
	ErrAlgorithm  Error = "Unsupported algorithm"
	ErrRounds     Error = "Missing iteration count"
	ErrPassphrase Error = "Passphrase is not set"
	ErrWrong      Error = "the passphrase of the gateway does not open it"
	ErrTooFew     Error = "its iteration count is below 1"
	ErrTooMany    Error = "its iteration count is above 1000000, which this gateway does not take"
)

func (e Error) Error() string { return string(e) }

const (
	algorithm = "aes-256-cbc/pbkdf2-sha1"
	// MaxRounds is the greatest iteration count that is taken: a small computer needs
	// about a second for it.
	MaxRounds = 1_000_000
	// DefaultRounds is the iteration count that clients use.
	DefaultRounds = 75_000

	saltSize = aes.BlockSize
	keySize  = 32
	keptKeys = 256 // by an [Opener]
)

// Text is a sealed text taken apart.
type Text struct {
	Rounds int
	salt   []byte
	body   []byte
}

// Parse takes a sealed text apart. The error is one of those of this package.
func Parse(s string) (Text, error) {
	chunks := strings.Split(s, "$")
	if len(chunks) != 5 || chunks[0] != "" {
		return Text{}, ErrFormat
	}
	if chunks[1] != algorithm {
		return Text{}, ErrAlgorithm
	}
	t := Text{}
	for param := range strings.SplitSeq(chunks[2], ",") {
		name, v, _ := strings.Cut(param, "=")
		if name != "i" {
			continue
		}
		n, err := strconv.Atoi(v)
		switch {
		case err != nil:
			return Text{}, ErrRounds
		case n < 1:
			return Text{}, ErrTooFew
		case n > MaxRounds:
			return Text{}, ErrTooMany
		}
		t.Rounds = n
	}
	if t.Rounds == 0 {
		return Text{}, ErrRounds
	}
	var err error
	if t.salt, err = base64.StdEncoding.DecodeString(chunks[3]); err != nil || len(t.salt) != saltSize {
		return Text{}, ErrFormat
	}
	if t.body, err = base64.StdEncoding.DecodeString(chunks[4]); err != nil || len(t.body) == 0 || len(t.body)%aes.BlockSize != 0 {
		return Text{}, ErrFormat
	}
	return t, nil
}

// Seal returns text in sealed form, with a salt of its own.
func Seal(passphrase, text string, rounds int) (string, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	return seal(passphrase, text, rounds, salt)
}

func seal(passphrase, text string, rounds int, salt []byte) (string, error) {
	if passphrase == "" {
		return "", ErrPassphrase
	}
	block, err := newCipher(passphrase, salt, rounds)
	if err != nil {
		return "", err
	}
	pad := aes.BlockSize - len(text)%aes.BlockSize
	b := append([]byte(text), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, salt).CryptBlocks(b, b)
	enc := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("$%s$i=%d$%s$%s", algorithm, rounds, enc(salt), enc(b)), nil
}

func newCipher(passphrase string, salt []byte, rounds int) (cipher.Block, error) {
	key, err := pbkdf2.Key(sha1.New, passphrase, salt, rounds, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return aes.NewCipher(key)
}

// Opener opens sealed texts. It derives one key at a time, so that whoever hands
// over many cannot take up the machine, and keeps the latest. It is safe for
// concurrent use.
type Opener struct {
	turn chan struct{} // capacity 1: held while keys are looked up and derived; guards the rest

	secret [sha256.Size]byte // keys the names of the kept keys
	kept   map[[sha256.Size]byte]cipher.Block
	order  [][sha256.Size]byte // of kept, oldest first
}

// NewOpener returns an Opener that keeps no key yet.
func NewOpener() *Opener {
	o := &Opener{turn: make(chan struct{}, 1), kept: make(map[[sha256.Size]byte]cipher.Block)}
	rand.Read(o.secret[:]) // never fails
	return o
}

// Open returns what is in t. The error is ErrPassphrase if there is no passphrase,
// ErrWrong if it is not the right one or t was altered, or that of ctx.
func (o *Opener) Open(ctx context.Context, passphrase string, t Text) (string, error) {
	if passphrase == "" {
		return "", ErrPassphrase
	}
	block, err := o.block(ctx, passphrase, t)
	if err != nil {
		return "", err
	}
	b := bytes.Clone(t.body)
	cipher.NewCBCDecrypter(block, t.salt).CryptBlocks(b, b)
	pad := int(b[len(b)-1])
	if pad < 1 || pad > aes.BlockSize || !bytes.HasSuffix(b, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return "", ErrWrong
	}
	if b = b[:len(b)-pad]; !utf8.Valid(b) {
		return "", ErrWrong
	}
	return string(b), nil
}

// block returns the cipher for t, a kept one if there is any.
func (o *Opener) block(ctx context.Context, passphrase string, t Text) (cipher.Block, error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("open sealed text: %w", ctx.Err())
	}
	h := hmac.New(sha256.New, o.secret[:])
	fmt.Fprintf(h, "%d %x ", t.Rounds, t.salt)
	h.Write([]byte(passphrase))
	name := [sha256.Size]byte(h.Sum(nil))
	if b, ok := o.kept[name]; ok {
		return b, nil
	}
	b, err := newCipher(passphrase, t.salt, t.Rounds)
	if err != nil {
		return nil, err
	}
	if len(o.order) == keptKeys {
		delete(o.kept, o.order[0])
		o.order = o.order[1:]
	}
	o.kept[name], o.order = b, append(o.order, name)
	return b, nil
}

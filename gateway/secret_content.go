package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"tetherd/gateway/sealed"
	"tetherd/gateway/sms"
)

// maxOpenRounds bounds the rounds of key derivation that one submission may ask
// for: a small computer needs some ten seconds for them.
const maxOpenRounds = 10_000_000

// maxSealedNumber is how long an encrypted phone number may be, in bytes.
const maxSealedNumber = 512

// open replaces what is encrypted in s by what it says, and returns the texts as they
// were given. All errors but that of ctx are of code Invalid.
func (g *Gateway) open(ctx context.Context, s *Submission) (content string, numbers []string, err error) {
	if len(s.Numbers) > maxRecipients {
		return "", nil, tooManyNumbers(len(s.Numbers))
	}
	content, numbers = s.Text, s.Numbers
	if s.Data != nil {
		content = string(s.Data.Content)
	}
	if content == "" {
		return "", nil, s.checkContent() // says that it is empty
	}
	rounds := 0
	read := func(name, text string) (t sealed.Text, err error) {
		if t, err = sealed.Parse(text); err != nil {
			return t, Invalidf("%s: %v", name, err)
		}
		if rounds += t.Rounds; rounds > maxOpenRounds {
			return t, Invalidf("phoneNumbers: to decrypt so many takes more than %d iterations; send the message to fewer at a time", maxOpenRounds)
		}
		return t, nil
	}
	name := "textMessage.text"
	if s.Data != nil {
		name = "dataMessage.data"
	}
	body, err := read(name, content)
	if err != nil {
		return "", nil, err
	}
	sealedNumbers := make([]sealed.Text, len(numbers))
	for i, n := range numbers {
		name := fmt.Sprintf("phoneNumbers[%d]", i)
		if len(n) > maxSealedNumber {
			return "", nil, Invalidf("%s has %d characters, the most is %d", name, len(n), maxSealedNumber)
		}
		if sealedNumbers[i], err = read(name, n); err != nil {
			return "", nil, err
		}
	}
	pass := g.Settings().Encryption.Passphrase
	plain, err := g.sealed.Open(ctx, pass, body)
	if err != nil {
		return "", nil, notOpened(name, err)
	}
	if s.Data == nil {
		s.Text = plain
	} else if s.Data, err = openData(s.Data.Port, plain); err != nil {
		return "", nil, err
	}
	s.Numbers = make([]string, len(numbers))
	for i := range numbers {
		if s.Numbers[i], err = g.sealed.Open(ctx, pass, sealedNumbers[i]); err != nil {
			return "", nil, notOpened(fmt.Sprintf("phoneNumbers[%d]", i), err)
		}
	}
	return content, numbers, nil
}

// notOpened says why a field could not be decrypted, unless the client has gone.
func notOpened(name string, err error) error {
	switch err {
	case sealed.ErrPassphrase:
		return Invalidf("%s is encrypted: %v; set encryption.passphrase to that of the client", name, err)
	case sealed.ErrWrong:
		return Invalidf("%s: %v; is encryption.passphrase that of the client?", name, err)
	}
	return err
}

// openData returns the content of a data message, which is base64 inside of the
// encryption.
func openData(port int, plain string) (*Data, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(plain))
	if err != nil {
		return nil, Invalidf("dataMessage.data must be base64 inside of the encryption")
	}
	return &Data{Content: b, Port: port}, nil
}

// contentOf returns the text or the data of m, decrypted if it has to be.
func (g *Gateway) contentOf(m *Message) (text string, data []byte, err error) {
	if m.Sealed == "" {
		return m.Text, m.Data, nil
	}
	t, err := sealed.Parse(m.Sealed)
	if err != nil {
		return "", nil, err
	}
	plain, err := g.sealed.Open(context.Background(), g.Settings().Encryption.Passphrase, t)
	switch {
	case err != nil:
		return "", nil, err
	case m.Ports == nil:
		return plain, nil, nil
	}
	d, err := openData(int(m.Ports.Dst), plain)
	if err != nil {
		return "", nil, err
	}
	return "", bytes.Clone(d.Content), nil
}

// segments cuts the content of m into the parts that are sent: always the same ones
// for the same message.
func (g *Gateway) segments(m *Message) (segments []sms.Segment, data []byte, err error) {
	text, data, err := g.contentOf(m)
	if err != nil {
		return nil, nil, err
	}
	if data != nil {
		return []sms.Segment{{Alphabet: sms.Data8, Part: 1, Total: 1}}, data, nil
	}
	segments, err = sms.SplitAs(text, m.Encoding, sms.MaxParts)
	return segments, nil, err
}

package format

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far the time of a request may be from now, for receivers that
// follow Standard Webhooks.
const tolerance = 5 * time.Minute

// Verify checks the signatures of a request as its receiver would: that of the
// format and, if it is there, Webhook-Signature. body is the body as it came, or the
// query of a GET; secret may also be the public key of an Ed25519 secret. The time of
// the request is compared with now, unless that is zero. The error is for people: it
// says what is wrong, as far as that can be told from the outside, and never quotes
// the secret.
func (f *Format) Verify(secret string, h http.Header, body []byte, now time.Time) error {
	if secret == "" {
		return errors.New("the secret is empty")
	}
	if f.own == nil || h.Get(f.own.header) == "" && strings.HasPrefix(secret, publicPrefix) {
		return verifyStandard(secret, h, body, now)
	}
	if err := f.verifyOwn(secret, h, body, now); err != nil {
		return err
	}
	if h.Get(headerSignature) == "" {
		return nil
	}
	return verifyStandard(secret, h, body, now)
}

func (f *Format) verifyOwn(secret string, h http.Header, body []byte, now time.Time) error {
	s := f.own
	got, err := oneValue(h, s.header)
	if err != nil {
		if other := otherFormat(f, h); other != nil {
			return fmt.Errorf("%w, but there is %s: the request is in format %s, not %s", err, other.own.header, other.Name, f.Name)
		}
		return err
	}
	timestamp := ""
	if s.stamp != "" {
		if timestamp, err = oneValue(h, s.stamp); err != nil {
			return err
		}
	}
	if hmac.Equal([]byte(got), []byte(s.value(secret, body, timestamp))) {
		if s.stamp == "" {
			return nil
		}
		return checkTime(s.stamp, timestamp, now)
	}
	return fmt.Errorf("%s does not verify: %s", s.header, s.explain(got, secret, body, timestamp))
}

// oneValue returns the value of a header that must be there once.
func oneValue(h http.Header, name string) (string, error) {
	values := h.Values(name)
	switch {
	case len(values) == 0 || values[0] == "":
		return "", fmt.Errorf("there is no header %s", name)
	case len(values) > 1:
		return "", fmt.Errorf("there are %d headers %s: frameworks join them, and no verifier takes the result", len(values), name)
	}
	return values[0], nil
}

// otherFormat returns another format than f whose header is there.
func otherFormat(f *Format, h http.Header) *Format {
	for _, o := range formats {
		if o != f && o.own != nil && h.Get(o.own.header) != "" {
			return o
		}
	}
	return nil
}

func checkTime(name, timestamp string, now time.Time) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not a Unix time in seconds", name)
	}
	age := now.Sub(time.Unix(seconds, 0)).Round(time.Second)
	switch {
	case now.IsZero() || age.Abs() <= tolerance:
		return nil
	case age > 0:
		return fmt.Errorf("the signature is right, but %s says that the request was sent %v ago: receivers refuse more than %v. It is an old request, sent again, or one of the clocks is wrong", name, age, tolerance)
	}
	return fmt.Errorf("the signature is right, but %s lies %v in the future: one of the clocks is wrong", name, -age)
}

func verifyStandard(secret string, h http.Header, body []byte, now time.Time) error {
	list, err := oneValue(h, headerSignature)
	if err != nil {
		return err
	}
	id, err := oneValue(h, headerID)
	if err != nil {
		return err
	}
	timestamp, err := oneValue(h, headerTimestamp)
	if err != nil {
		return err
	}
	prefix := []byte(id + "." + timestamp + ".")
	if matches(list, secret, prefix, body) {
		return checkTime(headerTimestamp, timestamp, now)
	}
	return fmt.Errorf("%s does not verify: %s", headerSignature, explainStandard(list, secret, prefix, body))
}

// matches reports whether one of the signatures of list fits.
func matches(list, secret string, prefix, body []byte) bool {
	public, _ := verifyingKey(secret)
	want := hmacItem(standardKey(secret), prefix, body)
	for item := range strings.FieldsSeq(list) {
		if public != nil {
			sig, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(item, "v1a,"))
			if err == nil && ed25519.Verify(public, append(prefix[:len(prefix):len(prefix)], body...), sig) {
				return true
			}
		} else if hmac.Equal([]byte(item), []byte(want)) {
			return true
		}
	}
	return false
}

func hmacItem(key, prefix, body []byte) string {
	return "v1," + base64.StdEncoding.EncodeToString(mac(sha256.New, key, prefix, body))
}

// verifyingKey returns the public key that secret is, or belongs to.
func verifyingKey(secret string) (ed25519.PublicKey, error) {
	if key, err := signingKey(secret); err == nil {
		return ed25519.PublicKey(key[ed25519.SeedSize:]), nil
	}
	b, ok := strings.CutPrefix(secret, publicPrefix)
	if !ok {
		return nil, errors.New("it is no key for Ed25519")
	}
	key, err := decodeBase64(b)
	if err == nil && len(key) != ed25519.PublicKeySize {
		err = fmt.Errorf("it has %d bytes, %d are needed", len(key), ed25519.PublicKeySize)
	}
	if err != nil {
		return nil, err
	}
	return key, nil
}

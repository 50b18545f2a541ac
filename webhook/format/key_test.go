package format

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"tetherd/gateway"
)

func TestStandardKey(t *testing.T) {
	for _, c := range []struct{ name, secret, want string }{ // want in hex
		{"standard", goldenSecret, "31f290f6bf0629" + "8aab4f08d43c3f082cf648a362da2da4b0"},
		{"without padding", "whsec_AAE", "0001"},
		{"with padding", "whsec_AAE=", "0001"},
		{"no base64", "whsec_your_secret_here", hex.EncodeToString([]byte("whsec_your_secret_here"))},
		{"other text", "AAECAw==", hex.EncodeToString([]byte("AAECAw=="))},
	} {
		diff(t, c.name, c.want, hex.EncodeToString(standardKey(c.secret)))
	}
}

func TestNewSecretSuitsAll(t *testing.T) {
	secret := gateway.NewSecret()
	if n := len(standardKey(secret)); n != 32 {
		t.Errorf("%s stands for %d bytes", secret, n)
	}
	for _, f := range Formats() {
		if err := f.CheckSecret(secret); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestCheckSecret(t *testing.T) {
	short := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))
	long := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65))
	seed := "whsk_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	wrong := "whsk_" + base64.StdEncoding.EncodeToString(make([]byte, 64))
	for _, c := range []struct {
		format gateway.Format
		secret string
		err    string // part of it; empty: none
	}{
		{"smsgate", "12345678", ""},
		{"integify", "whsec_your_secret_here", ""},
		{"smsgate", "", "must not be empty"},
		{"smsgate", "a\nb", "control characters"},
		{"smsgate", "a\xff", "control characters"},
		{"smsgate", strings.Repeat("a", 257), "at most 256 bytes"},
		{"standard", goldenSecret, ""},
		{"standard", "12345678", "24 to 64 bytes"},
		{"standard", short, "24 to 64 bytes"},
		{"standard", long, "24 to 64 bytes"},
		{"standard", "whsec_!", "24 to 64 bytes"},
		{"standard", seed, ""},
		{"standard", seed[:20], "Ed25519"},
		{"standard", wrong, "public half"},
		{"standard", "whsk_!", "base64"},
		{"infinireach", seed, "X-Infini-Reach-Signature is an HMAC"},
	} {
		f, _ := Lookup(c.format)
		err := f.CheckSecret(c.secret)
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s, %q: %v", c.format, c.secret, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s, %q: error %v, want one with %q", c.format, c.secret, err, c.err)
		}
		if err != nil && len(c.secret) > 2 && strings.Contains(err.Error(), c.secret) {
			t.Errorf("%s: the error tells the secret: %v", c.format, err)
		}
	}
}

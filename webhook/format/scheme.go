package format

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
)

// scheme is how a product signs in a header of its own: an HMAC in lower-case hex,
// whose key is the text of the secret. Receivers compare the whole value, so there
// is room for one signature.
type scheme struct {
	header string
	hash   string // sha256 or sha512, as openssl calls them
	prefix string // of the value
	stamp  string // header with the Unix time, which is signed after the body; empty: only the body is
	// listed is set if the value is that of Stripe: the time and the signatures of
	// "time.body".
	listed bool
}

// extras are schemes that a webhook can ask for beside that of its format, for
// receivers that know them.
var extras = map[string]*scheme{
	"github": {header: "X-Hub-Signature-256", hash: "sha256", prefix: "sha256="},
	"stripe": {header: "Stripe-Signature", hash: "sha256", listed: true},
}

// value returns the value of the header for one key and a time in seconds.
func (s *scheme) value(key string, body []byte, timestamp string) string {
	switch {
	case s.listed:
		return "t=" + timestamp + "," + s.listedItem(key, body, timestamp)
	case s.stamp != "":
		return s.prefix + s.sum([]byte(key), body, []byte(timestamp))
	}
	return s.prefix + s.sum([]byte(key), body)
}

func (s *scheme) listedItem(key string, body []byte, timestamp string) string {
	return "v1=" + s.sum([]byte(key), []byte(timestamp+"."), body)
}

// sum returns the HMAC of the message in lower-case hex.
func (s *scheme) sum(key []byte, message ...[]byte) string {
	return hex.EncodeToString(mac(s.new(), key, message...))
}

func (s *scheme) new() func() hash.Hash {
	if s.hash == "sha512" {
		return sha512.New
	}
	return sha256.New
}

func mac(h func() hash.Hash, key []byte, message ...[]byte) []byte {
	m := hmac.New(h, key)
	for _, b := range message {
		m.Write(b)
	}
	return m.Sum(nil)
}

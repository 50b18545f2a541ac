package receivers

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far a timestamp may be from the receiver's clock.
const tolerance = 5 * time.Minute

// rule reports whether a request was signed with the secret.
type rule func(secret string, h http.Header, body []byte, now time.Time) bool

// rules are the ways to verify a request, by the last part of the kind.
var rules = map[string]rule{
	"infinireach": func(secret string, h http.Header, body []byte, _ time.Time) bool {
		again, err := Reserialise(body)
		return err == nil && only(h, "X-Infini-Reach-Signature") == hexMAC(sha256.New, secret, again)
	},
	"oneroute": func(secret string, h http.Header, body []byte, _ time.Time) bool {
		again, err := Reserialise(body)
		return err == nil && only(h, "X-Oneroute-Signature") == hexMAC(sha512.New, secret, again)
	},
	"integify": func(secret string, h http.Header, body []byte, _ time.Time) bool {
		return only(h, "X-Integify-Signature") == "sha256="+hexMAC(sha256.New, secret, string(body))
	},
	"smsgate": func(secret string, h http.Header, body []byte, now time.Time) bool {
		timestamp := only(h, "X-Timestamp")
		return recent(timestamp, now) && only(h, "X-Signature") == hexMAC(sha256.New, secret, string(body)+timestamp)
	},
	"standard":     standard,
	"cloudevents":  reserialised,
	"smobi":        func(string, http.Header, []byte, time.Time) bool { return true },
	"reserialised": reserialised,
	"query":        standard, // of what is between ? and the end of the URL
	"ed25519":      ed25519Rule,
	"github": func(secret string, h http.Header, body []byte, _ time.Time) bool {
		return only(h, "X-Hub-Signature-256") == "sha256="+hexMAC(sha256.New, secret, string(body))
	},
	"stripe": func(secret string, h http.Header, body []byte, now time.Time) bool {
		var timestamp string
		var sent []string
		for item := range strings.SplitSeq(only(h, "Stripe-Signature"), ",") {
			switch name, value, _ := strings.Cut(item, "="); name {
			case "t":
				timestamp = value
			case "v1":
				sent = append(sent, value)
			}
		}
		return recent(timestamp, now) && slices.Contains(sent, hexMAC(sha256.New, secret, timestamp+"."+string(body)))
	},
}

// reserialised is the rule of Standard Webhooks at a receiver that has nothing but
// the parsed body.
func reserialised(secret string, h http.Header, body []byte, now time.Time) bool {
	again, err := Reserialise(body)
	return err == nil && standard(secret, h, []byte(again), now)
}

// standard is the rule of Standard Webhooks 1.0.0 for keys that both sides share.
func standard(secret string, h http.Header, body []byte, now time.Time) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	return err == nil && listed("v1", h, body, now, func(signed, signature []byte) bool {
		mac := hmac.New(sha256.New, key)
		mac.Write(signed)
		return hmac.Equal(signature, mac.Sum(nil))
	})
}

// ed25519Rule is the rule of Standard Webhooks 1.0.0 for pairs of keys; the secret is
// the public one.
func ed25519Rule(secret string, h http.Header, body []byte, now time.Time) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whpk_"))
	return err == nil && len(key) == ed25519.PublicKeySize && listed("v1a", h, body, now, func(signed, signature []byte) bool {
		return ed25519.Verify(key, signed, signature)
	})
}

// listed reports whether one of the signatures of a version in Webhook-Signature is
// genuine.
func listed(version string, h http.Header, body []byte, now time.Time, genuine func(signed, signature []byte) bool) bool {
	timestamp := only(h, "Webhook-Timestamp")
	if !recent(timestamp, now) {
		return false
	}
	signed := append([]byte(only(h, "Webhook-Id")+"."+timestamp+"."), body...)
	for item := range strings.SplitSeq(only(h, "Webhook-Signature"), " ") {
		if v, b64, _ := strings.Cut(item, ","); v == version {
			signature, err := base64.StdEncoding.DecodeString(b64)
			if err == nil && genuine(signed, signature) {
				return true
			}
		}
	}
	return false
}

// only returns the value of a header that must be there once; "-" if it is not,
// which is no value of any.
func only(h http.Header, name string) string {
	if v := h.Values(name); len(v) == 1 {
		return v[0]
	}
	return "-"
}

func recent(timestamp string, now time.Time) bool {
	n, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && now.Sub(time.Unix(n, 0)).Abs() <= tolerance
}

func hexMAC(h func() hash.Hash, key, data string) string {
	mac := hmac.New(h, []byte(key))
	mac.Write([]byte(data))
	return hex.EncodeToString(mac.Sum(nil))
}

package format

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tetherd/gateway"
)

// The headers of Standard Webhooks 1.0.0. http.Header has them in this spelling;
// their case does not matter.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

// Signing is what the signatures of one attempt are made of.
type Signing struct {
	Delivery string
	Body     []byte           // Body.Bytes
	At       time.Time        // of the attempt
	Secrets  []gateway.Secret // those that are valid, newest first
	Extra    string           // Rendering.Signature
}

// Sign adds to h the headers that prove the origin of an attempt: that of the
// format, which is made with the newest secret that its receiver is said to know,
// and those of Standard Webhooks, with a signature by each secret. Without a secret
// there is no signature.
func (f *Format) Sign(h http.Header, s *Signing) {
	timestamp := strconv.FormatInt(s.At.Unix(), 10)
	h.Set(headerID, s.Delivery)
	h.Set(headerTimestamp, timestamp)
	if f.own != nil && f.own.stamp != "" {
		h.Set(f.own.stamp, timestamp)
	}
	if len(s.Secrets) == 0 {
		return
	}
	list := make([]string, 0, len(s.Secrets))
	for _, secret := range s.Secrets {
		list = append(list, standardSignature(secret.Key, s.Delivery, timestamp, s.Body))
	}
	h.Set(headerSignature, strings.Join(list, " "))

	single := current(s.Secrets)
	if f.own != nil {
		h.Set(f.own.header, f.own.value(single, s.Body, timestamp))
	}
	extra := extras[s.Extra]
	if extra == nil || f.own != nil && f.own.header == extra.header {
		return
	}
	v := extra.value(single, s.Body, timestamp)
	if extra.listed {
		v = "t=" + timestamp
		for _, secret := range s.Secrets {
			v += "," + extra.listedItem(secret.Key, s.Body, timestamp)
		}
	}
	h.Set(extra.header, v)
}

// current returns the key for headers with room for one signature.
func current(secrets []gateway.Secret) string {
	for _, s := range secrets {
		if !s.ListOnly {
			return s.Key
		}
	}
	return secrets[0].Key
}

// standardSignature returns one item of the list in Webhook-Signature: that of
// Ed25519 if secret is a key for it, else an HMAC.
func standardSignature(secret, id, timestamp string, body []byte) string {
	prefix := id + "." + timestamp + "."
	if key, err := signingKey(secret); err == nil {
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(key, append([]byte(prefix), body...)))
	}
	return "v1," + base64.StdEncoding.EncodeToString(mac(sha256.New, standardKey(secret), []byte(prefix), body))
}

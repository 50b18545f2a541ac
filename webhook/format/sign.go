package format

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// Sign adds to h the headers that prove the origin of body, for an attempt at
// the given time: X-Timestamp and, unless key is empty, X-Signature.
func Sign(h http.Header, key string, body []byte, at time.Time) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("X-Timestamp", timestamp)
	if key != "" {
		h.Set("X-Signature", signature(key, body, timestamp))
	}
}

// signature returns the lower-case hex HMAC-SHA256 of body ‖ timestamp.
func signature(key string, body []byte, timestamp string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write(body)
	h.Write([]byte(timestamp))
	return hex.EncodeToString(h.Sum(nil))
}

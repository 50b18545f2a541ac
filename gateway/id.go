package gateway

import (
	"crypto/rand"
	"crypto/sha1"
	"fmt"
	"strings"
)

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-"

// NewID returns a random identifier of 21 characters from A–Z a–z 0–9 _ -, which is
// almost 126 bits. It does not begin with -, so that commands do not take it for a
// flag.
func NewID() string {
	var b [21]byte
	for {
		rand.Read(b[:]) // never fails
		for i := range b {
			b[i] = idAlphabet[b[i]&63]
		}
		if b[0] != '-' {
			return string(b[:])
		}
	}
}

// space is the namespace of the identifiers that UUID returns.
const space = "\xd7\x4b\x3e\x8a\x15\x6c\x5f\x02\x9c\x41\x7a\xe0\x2d\x96\xb3\x58"

// UUID returns the identifier that follows from a name in parts: the same for the
// same parts, and another for any others (RFC 9562, version 5).
func UUID(name ...string) string {
	h := sha1.New()
	h.Write([]byte(space + strings.Join(name, "\x00")))
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

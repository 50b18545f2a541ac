package gateway

import (
	"crypto/rand"
	"crypto/sha1"
	"fmt"
	"strings"
	"time"
)

// idAlphabet is in the order of its bytes, so that identifiers sort by what they stand for.
const idAlphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

const (
	idLength = 21
	idTime   = 7 // characters that tell the time
)

// NewID returns an identifier of 21 characters from A–Z a–z 0–9 _ -. The first 7 are
// the time in milliseconds, the others are random: 84 bits. Identifiers that are made
// one after another therefore stand beside each other in an index, and writing many at
// once alters few pages of it. Until the year 2107 none begins with -, so that commands do
// not take it for a flag.
func NewID() string {
	var b [idLength]byte
	rand.Read(b[idTime:]) // never fails
	for i := idTime; i < idLength; i++ {
		b[i] = idAlphabet[b[i]&63]
	}
	// The two years added keep clocks that start in 1970 away from the -.
	for i, t := idTime-1, uint64(time.Now().UnixMilli())+1<<36; i >= 0; i, t = i-1, t>>6 {
		b[i] = idAlphabet[t&63]
	}
	return string(b[:])
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

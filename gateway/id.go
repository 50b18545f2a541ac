package gateway

import "crypto/rand"

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-"

// NewID returns a random identifier of 21 characters from A–Z a–z 0–9 _ -,
// which is 126 bits.
func NewID() string {
	var b [21]byte
	rand.Read(b[:]) // never fails
	for i := range b {
		b[i] = idAlphabet[b[i]&63]
	}
	return string(b[:])
}

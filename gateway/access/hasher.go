package access

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/crypto/bcrypt"
)

// hasher checks passwords against hashes of bcrypt, in the time that the slowest of
// them takes: how long it took must not tell whether there is such a user. It is safe
// for concurrent use once all are added.
type hasher struct {
	slowest []byte // nil while there is none
	cost    int    // of slowest; each step doubles the time
}

// add makes it take the time that hash takes at least.
func (h *hasher) add(hash []byte) {
	if c := costOf(hash); c > h.cost {
		h.slowest, h.cost = hash, c
	}
}

// needed reports whether anybody has a hash.
func (h *hasher) needed() bool { return h.slowest != nil }

// check reports whether a password has the hash, which is nil for those who have none.
func (h *hasher) check(hash, password []byte) bool {
	if hash == nil {
		_ = bcrypt.CompareHashAndPassword(h.slowest, password)
		return false
	}
	ok := bcrypt.CompareHashAndPassword(hash, password) == nil
	if !ok {
		for cost := costOf(hash); cost < h.cost; cost++ {
			_ = bcrypt.CompareHashAndPassword(h.of(cost), password) // in vain
		}
	}
	return ok
}

// of returns a hash of a cost, of no password.
func (h *hasher) of(cost int) []byte {
	hash := slices.Clone(h.slowest)
	copy(hash[bytes.LastIndexByte(hash, '$')-2:], fmt.Sprintf("%02d", cost))
	return hash
}

// costOf returns the cost of a hash, which was checked.
func costOf(hash []byte) int {
	c, err := bcrypt.Cost(hash)
	if err != nil {
		return 0
	}
	return c
}

package gateway

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
)

// RequestKey names a request of one user for good: it is made by [NewRequestKey].
type RequestKey [sha256.Size]byte

// Request is one that took effect, remembered so that it does not once more when its
// client, which may not have seen the answer, repeats it.
type Request struct {
	Key    RequestKey
	Digest [sha256.Size]byte // of what was asked for
	Until  Tick              // it is forgotten then
	Answer []byte            // in the words of the adapter that gave it
}

// Once makes a submission take effect once, however often it is repeated within
// Options.RememberFor: the others are answered as the first was.
type Once struct {
	Key    string            // the caller's choice, 1 to 128 printable characters of ASCII; keys of users do not meet
	Digest [sha256.Size]byte // of all that is asked for
	// Answer makes what is remembered of what is about to be stored. Seq and Rev of its
	// messages are not known yet.
	Answer func(*BatchResult) ([]byte, error)
}

// maxOnceKey is how long the key of a request may be, in bytes.
const maxOnceKey = 128

// NewRequestKey returns the key under which a request of a user is remembered.
func NewRequestKey(user, key string) RequestKey {
	return sha256.Sum256([]byte(strconv.Itoa(len(user)) + ":" + user + key))
}

func (o *Once) check() error {
	bad := strings.ContainsFunc(o.Key, func(r rune) bool { return r < ' ' || r > '~' })
	if o.Key == "" || len(o.Key) > maxOnceKey || bad {
		return BadField("Idempotency-Key", "Idempotency-Key must have 1 to %d printable characters of ASCII, such as those of a UUID", maxOnceKey)
	}
	return nil
}

// keyOf returns the key of a request, and what is to be called when it is over: one that
// comes while the first is under way waits for its answer. once may be nil.
func (g *Gateway) keyOf(user string, once *Once) (key RequestKey, unlock func(), err error) {
	if once == nil {
		return key, func() {}, nil
	}
	if err := once.check(); err != nil {
		return key, nil, err
	}
	key = NewRequestKey(user, once.Key)
	// Few mutexes are enough: they keep nobody for longer than a commit.
	return key, g.once.lock(string(key[:1])), nil
}

// ErrReused refuses a key that was given to another request.
var ErrReused = &Error{
	Code: Mismatch, Field: "Idempotency-Key",
	Message: "this Idempotency-Key was used for a request that asked for something else: repeat that one unchanged, or choose a new key",
}

// remembered returns what the request was answered before; nil if it is new, or o is
// nil.
func (g *Gateway) remembered(key RequestKey, o *Once) ([]byte, error) {
	if o == nil {
		return nil, nil
	}
	r, err := g.store.Request(key)
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && r.Until <= g.clock.Now():
		return nil, nil
	case err != nil:
		return nil, err
	case !bytes.Equal(r.Digest[:], o.Digest[:]):
		return nil, ErrReused
	}
	return r.Answer, nil
}

// request returns what is to be remembered of one that leads to r.
func (g *Gateway) request(key RequestKey, o *Once, r *BatchResult) (Request, error) {
	answer, err := o.Answer(r)
	if err != nil {
		return Request{}, err
	}
	return Request{Key: key, Digest: o.Digest, Until: g.clock.Now().Add(g.RememberFor), Answer: answer}, nil
}

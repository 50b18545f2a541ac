package rest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"
)

// challenge is sent with every 401.
const challenge = `Basic realm="Access to SMS Gateway", charset="UTF-8"`

// mac stands for a user name with a password. It is keyed with a secret of the
// process, so that two of them can be compared, kept and looked up without giving
// away anything by time or by memory.
type mac [sha256.Size]byte

// door decides who may come in. It is safe for concurrent use.
//
// A password known in the clear is compared by its mac. A hash is slow to check
// on purpose, so what passed the check once is known by its mac from then on, and
// only one check runs at a time.
type door struct {
	key   [32]byte
	user  mac    // of the user name with an empty password
	hash  []byte // of bcrypt; nil if the password is known
	log   zerolog.Logger
	check chan struct{} // capacity 1: held while a hash is checked

	mu       sync.Mutex // guards the two below
	verified *mac       // of the credentials known to be right; nil while there are none
	throttle throttle
}

// newDoor returns a door that opens for user with the password, or with that of
// the bcrypt hash.
func newDoor(user, password, hash string, log zerolog.Logger) (*door, error) {
	d := &door{log: log, check: make(chan struct{}, 1), throttle: newThrottle()}
	rand.Read(d.key[:]) // never fails
	switch {
	case user == "":
		return nil, errors.New("the user name is empty")
	case strings.Contains(user, ":"):
		return nil, errors.New("the user name contains a colon, which basic authentication cannot transmit")
	case password == "" && hash == "":
		return nil, errors.New("neither a password nor a password hash is given")
	case password != "" && hash != "":
		return nil, errors.New("both a password and a password hash are given")
	case hash != "":
		if _, err := bcrypt.Cost([]byte(hash)); err != nil {
			return nil, fmt.Errorf("read password hash: %w", err)
		}
		d.hash = []byte(hash)
	default:
		d.verified = new(d.mac(user, password))
	}
	d.user = d.mac(user, "")
	return d, nil
}

func (d *door) mac(user, password string) mac {
	h := hmac.New(sha256.New, d.key[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(user))) // keeps "a"+"bc" and "ab"+"c" apart
	h.Write(n[:])
	h.Write([]byte(user))
	h.Write([]byte(password))
	return mac(h.Sum(nil))
}

// verdict is what became of a login.
type verdict struct {
	ok   bool
	wait time.Duration // until the client may try again; 0 if it may at once
}

// admit judges the credentials that a client presents. It returns an error only
// if ctx ends.
func (d *door) admit(ctx context.Context, c client, user, password string) (verdict, error) {
	m := d.mac(user, password)
	if v, known := d.known(c, m); known {
		return v, nil
	}
	select {
	case d.check <- struct{}{}:
		defer func() { <-d.check }()
	case <-ctx.Done():
		return verdict{}, fmt.Errorf("check password: %w", ctx.Err())
	}
	// It may have become known, or the client may have failed too often, meanwhile.
	if v, known := d.known(c, m); known {
		return v, nil
	}
	// The hash is checked for unknown users as well: it takes the same time.
	ok := bcrypt.CompareHashAndPassword(d.hash, []byte(password)) == nil
	name := d.mac(user, "")
	ok = hmac.Equal(name[:], d.user[:]) && ok
	d.mu.Lock()
	defer d.mu.Unlock()
	if !ok {
		d.refused(c, m)
		return verdict{}, nil
	}
	d.verified = &m
	return verdict{ok: true}, nil
}

// known judges credentials for which no hash needs to be checked.
func (d *door) known(c client, m mac) (v verdict, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if wait := d.throttle.wait(c); wait > 0 {
		return verdict{wait: wait}, true
	}
	switch {
	case d.verified != nil && hmac.Equal(d.verified[:], m[:]):
		return verdict{ok: true}, true
	case d.throttle.triedBefore(c, m):
		return verdict{}, true
	case d.hash == nil:
		d.refused(c, m)
		return verdict{}, true
	}
	return verdict{}, false
}

// refused counts a failure. d.mu is held.
func (d *door) refused(c client, m mac) {
	if d.throttle.failed(c, m) {
		d.log.Warn().Stringer("client", c).Msg("too many failed logins, client has to wait")
	}
}

// protect lets a request through to h only with the right credentials.
func (s *server) protect(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, password, ok := r.BasicAuth()
		if !ok {
			return unauthorized(w)
		}
		v, err := s.door.admit(r.Context(), clientOf(r), user, password)
		switch {
		case err != nil:
			return err
		case v.ok:
			return h(w, r)
		case v.wait > 0:
			seconds := strconv.Itoa(int(math.Ceil(v.wait.Seconds())))
			w.Header().Set("Retry-After", seconds)
			return refuse(w, http.StatusTooManyRequests, "too many failed logins from this address; try again in "+seconds+" s")
		}
		return unauthorized(w)
	}
}

func unauthorized(w http.ResponseWriter) error {
	w.Header().Set("WWW-Authenticate", challenge)
	w.WriteHeader(http.StatusUnauthorized)
	return nil
}

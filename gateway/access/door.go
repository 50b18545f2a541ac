package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"
)

const (
	clientFailures = 10 // that a client has at once, and back in clientPeriod
	clientPeriod   = time.Minute
	// A name may be tried from many addresses. Its owner must not be kept out by
	// that: addresses from which the name logged in before need not wait.
	nameFailures = 50
	namePeriod   = 10 * time.Minute
	// The log warns of as many clients and names at once, and of one more each time.
	warnBurst = 20
	warnEvery = 10 * time.Second
	// And addresses of the house are judged apart from those of the Internet.
	sides       = 2
	maxFamiliar = 64 // such addresses that are remembered of each account
)

// mac stands for a user name with a password. It is keyed with a secret of the
// process, so that two of them can be compared, kept and looked up without giving
// away anything by time or by memory.
type mac [sha256.Size]byte

// Door decides who may come in with a password. It is safe for concurrent use.
//
// A password known in the clear is compared by its mac. A hash is slow to check
// on purpose, so what passed the check once is known by its mac from then on, and
// only one check of each side runs at a time.
type Door struct {
	key      [32]byte
	accounts map[mac]*resident // by the mac of the name with an empty password
	hasher   hasher
	log      zerolog.Logger
	warnings *rate.Limiter // of log: somebody with many addresses must not fill the disk
	queues   [sides]queue

	mu      sync.Mutex // guards the three below, and what residents and queues say they guard by it
	clients throttle[Client]
	// By the name alone. Residents are never forgotten for the many names that
	// somebody made up.
	residents, strangers throttle[sided]
}

// sided is a user name as it is tried from one side.
type sided struct {
	name mac
	side int
}

// resident is an account as the door knows it.
type resident struct {
	name   string
	rights Scope
	hash   []byte // of bcrypt; nil if the password is known

	verified *mac     // of the credentials known to be right; nil while there are none; guarded by Door.mu
	familiar []Client // that came in, the latest last; guarded by Door.mu
}

// NewDoor returns a door that opens for the accounts, whose names must differ.
func NewDoor(accounts []Account, log zerolog.Logger) (*Door, error) {
	d := &Door{
		accounts: make(map[mac]*resident, len(accounts)), log: log, warnings: rate.NewLimiter(rate.Every(warnEvery), warnBurst),
		clients:   newThrottle[Client](clientFailures, clientPeriod),
		residents: newThrottle[sided](nameFailures, namePeriod), strangers: newThrottle[sided](nameFailures, namePeriod),
	}
	rand.Read(d.key[:]) // never fails
	for i := range d.queues {
		d.queues[i] = newQueue()
	}
	for i := range accounts {
		a := &accounts[i]
		if err := a.check(); err != nil {
			return nil, err
		}
		name := d.mac(a.Name, "")
		if d.accounts[name] != nil {
			return nil, fmt.Errorf("two accounts have the name %q", a.Name)
		}
		r := &resident{name: a.Name, rights: a.Role.Scope()}
		if a.PasswordHash == "" {
			r.verified = new(d.mac(a.Name, a.Password))
		} else {
			r.hash = []byte(a.PasswordHash)
			d.hasher.add(r.hash)
		}
		d.accounts[name] = r
	}
	if len(accounts) == 0 {
		return nil, errors.New("there is no account")
	}
	return d, nil
}

func (d *Door) mac(user, password string) mac {
	h := hmac.New(sha256.New, d.key[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(user))) // keeps "a"+"bc" and "ab"+"c" apart
	h.Write(n[:])
	h.Write([]byte(user))
	h.Write([]byte(password))
	return mac(h.Sum(nil))
}

// Rights returns what a user may do; ok is false if there is no such user.
func (d *Door) Rights(user string) (s Scope, ok bool) {
	r := d.accounts[d.mac(user, "")]
	if r == nil {
		return 0, false
	}
	return r.rights, true
}

// Verdict is what became of a login.
type Verdict struct {
	OK   bool
	Who  Principal     // if OK
	Wait time.Duration // until the client may try again; 0 if it may at once
	Name bool          // it has to wait for what others did with the name
	Busy bool          // it has to wait since others are being judged
}

// login is one presentation of credentials.
type login struct {
	client   Client
	name     sided
	whole    mac
	password string
	who      *resident // nil if there is no such user
}

// Admit judges the credentials that a client presents. It returns an error only
// if ctx ends.
func (d *Door) Admit(ctx context.Context, c Client, user, password string) (Verdict, error) {
	l := login{client: c, name: sided{d.mac(user, ""), c.side()}, whole: d.mac(user, password), password: password}
	l.who = d.accounts[l.name.name]
	q := &d.queues[l.name.side]
	v, known := d.known(&l, q)
	if known {
		return v, nil
	}
	defer d.leave(&l, q)
	select {
	case q.check <- struct{}{}:
		defer func() { <-q.check }()
	case <-ctx.Done():
		return Verdict{}, fmt.Errorf("check password: %w", ctx.Err())
	}
	// It may have become known, or the client may have failed too often, meanwhile.
	if v, known := d.known(&l, nil); known {
		return v, nil
	}
	var hash []byte
	if l.who != nil {
		hash = l.who.hash
	}
	ok := d.hasher.check(hash, []byte(l.password))
	d.mu.Lock()
	defer d.mu.Unlock()
	if !ok || l.who == nil || l.who.hash == nil {
		d.refused(&l)
		return Verdict{}, nil
	}
	l.who.verified = &l.whole
	return l.admitted(), nil
}

// known judges credentials for which no hash needs to be checked. Others enter q,
// unless that is nil, if there is room, and have to leave it.
func (d *Door) known(l *login, q *queue) (v Verdict, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if wait := d.clients.wait(l.client); wait > 0 {
		return Verdict{Wait: wait}, true
	}
	if wait := d.names(l).wait(l.name); wait > 0 && (l.who == nil || !slices.Contains(l.who.familiar, l.client)) {
		return Verdict{Wait: wait, Name: true}, true
	}
	switch {
	case l.who != nil && l.who.verified != nil && hmac.Equal(l.who.verified[:], l.whole[:]):
		return l.admitted(), true
	case d.clients.triedBefore(l.client, l.whole):
		return Verdict{}, true
	case !d.hasher.needed():
		d.refused(l)
		return Verdict{}, true
	case q != nil && !q.enter(l):
		return Verdict{Wait: busyWait, Busy: true}, true
	}
	return Verdict{}, false
}

// leave ends what known began.
func (d *Door) leave(l *login, q *queue) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q.leave(l)
}

// names returns the throttle of the name of a login. Door.mu is held.
func (d *Door) names(l *login) *throttle[sided] {
	if l.who == nil {
		return &d.strangers
	}
	return &d.residents
}

// admitted notes that a login was right. Door.mu is held.
func (l *login) admitted() Verdict {
	r := l.who
	if n := len(r.familiar); n == 0 || r.familiar[n-1] != l.client {
		if i := slices.Index(r.familiar, l.client); i >= 0 {
			r.familiar = slices.Delete(r.familiar, i, i+1)
		} else if n == maxFamiliar {
			r.familiar = slices.Delete(r.familiar, 0, 1)
		}
		r.familiar = append(r.familiar, l.client)
	}
	return Verdict{OK: true, Who: Principal{User: r.name, Rights: r.rights, Scope: r.rights}}
}

// refused counts a failure. Door.mu is held.
func (d *Door) refused(l *login) {
	if d.clients.failed(l.client, l.whole) && d.warnings.Allow() {
		d.log.Warn().Stringer("client", l.client).Msg("too many failed logins, client has to wait")
	}
	if d.names(l).failed(l.name, l.whole) && d.warnings.Allow() {
		// Who does not exist is not named: it may be a password in the wrong place.
		e := d.log.Warn()
		if l.who != nil {
			e = e.Str("user", l.who.name)
		}
		e.Msg("too many failed logins with one name, clients that are not known have to wait")
	}
}

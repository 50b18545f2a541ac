package access_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/store"
)

// ledger is a real one that counts what it is asked.
type ledger struct {
	*gateway.Gateway
	reads int
	now   time.Time // of the wall clock; zero is that of the gateway
}

func (l *ledger) Token(id string) (gateway.Token, error) {
	l.reads++
	return l.Gateway.Token(id)
}

func (l *ledger) Now() time.Time {
	if !l.now.IsZero() {
		return l.now
	}
	return l.Gateway.Now()
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	started := time.Now()
	db, err := store.Open(filepath.Join(t.TempDir(), "tetherd.db"), store.Options{
		Clock:           gateway.ClockSource{Boot: func() (time.Duration, string) { return time.Since(started), "boot" }},
		InitialMmapSize: 1 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Check(context.Background()); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	g, err := gateway.New(t.Context(), gateway.Options{Store: db})
	if err != nil {
		t.Fatal(err)
	}
	return &ledger{Gateway: g}
}

func newTokens(t testing.TB, l *ledger, secret string) *access.Tokens {
	t.Helper()
	tokens, err := access.NewTokens(access.TokenOptions{
		Ledger: l, Owner: "sms", Secret: secret,
		Rights: func(user string) (access.Scope, bool) { return access.All, user == "sms" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

var owner = access.Principal{User: "sms", Rights: access.All, Scope: access.All}

func TestVerifiedOnce(t *testing.T) {
	l := newLedger(t)
	tokens := newTokens(t, l, "")
	pair, err := tokens.Issue(t.Context(), &owner, []string{"messages:send"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(reads int, want error) {
		t.Helper()
		l.reads = 0
		who, err := tokens.Verify(pair.Access)
		if err != want || l.reads != reads {
			t.Errorf("got %v after %d reads, want %v after %d", err, l.reads, want, reads)
		}
		if err == nil && (who.User != "sms" || who.Scope != access.MessagesSend || who.Token != pair.ID) {
			t.Errorf("got %+v", who)
		}
	}
	verify(1, nil)
	verify(0, nil)
	verify(0, nil)
	if err := tokens.Revoke(t.Context(), &owner, "other"); err != nil {
		t.Fatal(err)
	}
	verify(1, nil) // any revocation may have been that of this token
	verify(0, nil)
	l.now = pair.ExpiresAt.Add(-time.Second)
	verify(0, nil)
	l.now = pair.ExpiresAt
	verify(0, access.ErrBadToken)
	l.now = time.Time{}
	verify(0, nil)
	if err := tokens.Revoke(t.Context(), &owner, pair.ID); err != nil {
		t.Fatal(err)
	}
	verify(1, access.ErrBadToken)
}

// Tokens outlive the process with their secret, and end with it without one.
func TestSecret(t *testing.T) {
	l := newLedger(t)
	secret := strings.Repeat("s", 32)
	for _, secret := range []string{"", secret} {
		pair, err := newTokens(t, l, secret).Issue(t.Context(), &owner, []string{"all:any"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = newTokens(t, l, secret).Verify(pair.Access)
		if good := err == nil; good != (secret != "") {
			t.Errorf("secret %q: got %v in another process", secret, err)
		}
	}
	if _, err := access.NewTokens(access.TokenOptions{Ledger: l, Secret: secret[1:]}); err == nil {
		t.Error("a short secret was accepted")
	}
}

func TestLives(t *testing.T) {
	l := newLedger(t)
	tokens := newTokens(t, l, "")
	const day = 24 * time.Hour
	for _, tt := range []struct{ ttl, access, refresh time.Duration }{
		{0, day, 7 * day},
		{time.Second, time.Second, 7 * time.Second},
		{100 * day, 100 * day, 365 * day},
		{365 * day, 365 * day, 365*day + time.Second},
	} {
		var ttl *int64
		if tt.ttl > 0 {
			ttl = new(int64(tt.ttl / time.Second))
		}
		pair, err := tokens.Issue(t.Context(), &owner, []string{"all:any"}, ttl)
		if err != nil {
			t.Fatal(err)
		}
		a, err := l.Token(pair.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.Token(a.Child)
		if err != nil {
			t.Fatal(err)
		}
		if got, got2 := a.ExpiresAt.Sub(a.IssuedAt), r.ExpiresAt.Sub(r.IssuedAt); got != tt.access || got2 != tt.refresh {
			t.Errorf("%v: got %v and %v, want %v and %v", tt.ttl, got, got2, tt.access, tt.refresh)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	l, secret := newLedger(b), strings.Repeat("s", 32)
	tokens := newTokens(b, l, secret)
	pair, err := tokens.Issue(b.Context(), &owner, []string{"messages:send"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			if _, err := tokens.Verify(pair.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if _, err := newTokens(b, l, secret).Verify(pair.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAdmit(b *testing.B) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.DefaultCost)
	if err != nil {
		b.Fatal(err)
	}
	for name, account := range map[string]access.Account{
		"password": {Name: "sms", Password: "secret", Role: access.Admin},
		"hash":     {Name: "sms", PasswordHash: string(hash), Role: access.Admin},
	} {
		b.Run(name, func(b *testing.B) {
			d, err := access.NewDoor([]access.Account{account}, zerolog.Nop())
			if err != nil {
				b.Fatal(err)
			}
			admit := func() {
				if v, err := d.Admit(b.Context(), access.Client{}, "sms", "secret"); err != nil || !v.OK {
					b.Fatal(v, err)
				}
			}
			admit() // the first checks the hash
			for b.Loop() {
				admit()
			}
		})
	}
}

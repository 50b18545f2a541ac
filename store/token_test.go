package store

import (
	"errors"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestTokens(t *testing.T) {
	path := tempFile(t)
	db := openAt(t, path, newClock())
	access := gateway.Token{ID: "a", Kind: gateway.AccessToken, User: "sms", Child: "r", IssuedAt: date, ExpiresAt: date.Add(time.Hour)}
	refresh := gateway.Token{ID: "r", Kind: gateway.RefreshToken, User: "sms", Parent: "a", IssuedAt: date, ExpiresAt: date.Add(7 * time.Hour)}
	commit(t, db, gateway.Change{Tokens: []gateway.Token{access, refresh}})
	is := func(want gateway.Token) {
		t.Helper()
		got, err := db.Token(want.ID)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, want.ID, want, got)
	}
	conflict := func(what string, c gateway.Change) {
		t.Helper()
		if err := db.Commit(t.Context(), c); !errors.Is(err, gateway.ErrConflict) {
			t.Errorf("%s: got %v, want ErrConflict", what, err)
		}
	}
	is(access)
	conflict("an ID twice", gateway.Change{Tokens: []gateway.Token{{ID: "a"}}})
	next := gateway.Token{ID: "a2", ExpiresAt: date}
	spend := []gateway.Revocation{{ID: "r", At: date, Once: true}}
	commit(t, db, gateway.Change{Tokens: []gateway.Token{next}, Revocations: spend})
	refresh.RevokedAt = date
	is(refresh)
	is(next)
	conflict("spent twice", gateway.Change{Tokens: []gateway.Token{{ID: "a3"}}, Revocations: spend})
	conflict("spent without being there", gateway.Change{Revocations: []gateway.Revocation{{ID: "x", At: date, Once: true}}})
	if _, err := db.Token("a3"); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v: a refused change left a token", err)
	}

	commit(t, db, gateway.Change{Revocations: []gateway.Revocation{
		{ID: "a", At: date.Add(time.Minute)},
		{ID: "r", At: date.Add(time.Minute)},
		{ID: "none", At: date},
		{ID: "lost", At: date, Until: date.Add(9 * time.Hour)},
	}})
	access.RevokedAt = date.Add(time.Minute)
	is(access)
	is(refresh) // when it was revoked first
	is(gateway.Token{ID: "lost", RevokedAt: date, ExpiresAt: date.Add(9 * time.Hour)})
	if n, err := db.CountTokens(""); err != nil || n != 4 {
		t.Errorf("got %d tokens, %v, want 4: none must not be remembered", n, err)
	}
	for _, id := range []string{"", string(make([]byte, maxKey+1))} {
		if db.Commit(t.Context(), gateway.Change{Tokens: []gateway.Token{{ID: id}}}) == nil ||
			db.Commit(t.Context(), gateway.Change{Revocations: []gateway.Revocation{{ID: id}}}) == nil {
			t.Errorf("an ID of %d bytes was accepted", len(id))
		}
	}
	for user, want := range map[string]int{"sms": 2, "other": 0} {
		if n, err := db.CountTokens(user); err != nil || n != want {
			t.Errorf("got %d tokens of %s, %v, want %d", n, user, err, want)
		}
	}
	closeChecked(t, db)
	db = openAt(t, path, newClock())
	is(access)
	closeChecked(t, db)
}

func TestPruneTokens(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	now, _ := db.Timeline().Wall()
	var tokens []gateway.Token
	for id, expires := range map[string]time.Duration{"old": -2 * time.Hour, "just": -30 * time.Minute, "good": time.Hour} {
		tokens = append(tokens, gateway.Token{ID: id, User: "sms", ExpiresAt: now.Add(expires)})
	}
	commit(t, db, gateway.Change{Tokens: tokens})
	if n, more, err := db.Prune(t.Context(), PruneLimits{Tokens: time.Hour}); n != 1 || more || err != nil {
		t.Errorf("got %d pruned, %t, %v, want 1", n, more, err)
	}
	for id, want := range map[string]error{"old": gateway.ErrNotFound, "just": nil, "good": nil} {
		if _, err := db.Token(id); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
	}
	if n, err := db.CountTokens("sms"); n != 2 || err != nil {
		t.Errorf("got %d tokens of the user, %v, want 2", n, err)
	}
	if n, err := db.CountTokens(""); n != 2 || err != nil {
		t.Errorf("got %d tokens, %v, want 2", n, err)
	}
	closeChecked(t, db)
}

package gateway_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tetherd/gateway"
)

// pair returns tokens of a user as they are issued together.
func pair(user, id string, expires time.Time) []gateway.Token {
	return []gateway.Token{
		{ID: id, Kind: gateway.AccessToken, User: user, Child: id + "r", ExpiresAt: expires},
		{ID: id + "r", Kind: gateway.RefreshToken, User: user, Parent: id, ExpiresAt: expires},
	}
}

func TestIssueAndRevokeTokens(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		ctx := w.t.Context()
		until := w.gw.Now().Add(time.Hour)
		revoked := func(id string) bool {
			t.Helper()
			tok, err := w.gw.Token(id)
			if err != nil {
				t.Fatal(err)
			}
			return !tok.RevokedAt.IsZero()
		}
		if err := w.gw.IssueTokens(ctx, pair("sms", "a", until), ""); err != nil {
			t.Fatal(err)
		}
		if err := w.gw.IssueTokens(ctx, pair("sms", "b", until), "ar"); err != nil {
			t.Fatal(err)
		}
		if !revoked("ar") || revoked("a") || revoked("br") {
			t.Error("not just the refresh token that was exchanged is worthless")
		}
		for _, spent := range []string{"ar", "never there"} {
			if err := w.gw.IssueTokens(ctx, pair("sms", "c", until), spent); !errors.Is(err, gateway.ErrConflict) {
				t.Errorf("exchange %s: got %v, want ErrConflict", spent, err)
			}
		}
		if err := w.gw.RevokeToken(ctx, "b", time.Hour); err != nil || !revoked("b") || !revoked("br") || revoked("a") {
			t.Errorf("got %v, want b revoked with its refresh token, and nothing else", err)
		}
		w.crash()
		w.start()
		if !revoked("b") || !revoked("ar") || revoked("a") {
			t.Error("what was revoked is not known after a crash")
		}
	})
}

// One user cannot use up the room for the tokens of others, whether by asking or by
// exchanging.
func TestTokenRoom(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		until := w.gw.Now().Add(time.Hour)
		var many []gateway.Token
		for i := range 12_499 {
			many = append(many, pair("greedy", fmt.Sprint(i), until)...)
		}
		if err := w.db.Commit(w.t.Context(), gateway.Change{Tokens: many}); err != nil {
			t.Fatal(err)
		}
		issue := func(user, id, spent string) gateway.Code {
			return gateway.CodeOf(w.gw.IssueTokens(w.t.Context(), pair(user, id, until), spent))
		}
		if got := issue("greedy", "last", ""); got != "" {
			t.Errorf("the last that fit: got %q", got)
		}
		if got := issue("greedy", "more", ""); got != gateway.Unavailable {
			t.Errorf("one more: got %q, want %q", got, gateway.Unavailable)
		}
		if got := issue("greedy", "more", "lastr"); got != gateway.Unavailable {
			t.Errorf("one more by exchange: got %q, want %q", got, gateway.Unavailable)
		}
		if got := issue("modest", "x", ""); got != "" {
			t.Errorf("another user: got %q", got)
		}
	})
}

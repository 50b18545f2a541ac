package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Bounds of how many tokens are remembered. One user cannot use up the room of all.
const (
	maxTokens       = 100_000
	maxTokensOfUser = 25_000
)

// TokenKind is what a token is good for.
type TokenKind string

// The kinds.
const (
	AccessToken  TokenKind = "access"  // for requests
	RefreshToken TokenKind = "refresh" // for being exchanged, once, for others
)

// Token is what is remembered of a bearer token; not the token itself.
type Token struct {
	ID   string    `json:"id"`
	Kind TokenKind `json:"kind,omitempty"` // empty if it was revoked without being known
	User string    `json:"user,omitempty"` // whose it is
	// Parent is the ID of the access token that a refresh token was issued with, Child
	// that of the refresh token that an access token was issued with.
	Parent string `json:"parent,omitempty"`
	Child  string `json:"child,omitempty"`

	IssuedAt  time.Time `json:"issued,omitzero"`
	ExpiresAt time.Time `json:"expires"`          // it is forgotten some time after
	RevokedAt time.Time `json:"revoked,omitzero"` // or exchanged, if it is a refresh token; zero if neither
}

// Revocation says that a token is no longer good.
type Revocation struct {
	ID string
	At time.Time
	// Once asks for ErrConflict unless the token is stored and not revoked yet.
	Once bool
	// Until is when a token that is not stored expires at the latest. Zero: one that is
	// not stored is not remembered.
	Until time.Time
}

// Token returns what is remembered of a token, or [ErrNotFound].
func (g *Gateway) Token(id string) (Token, error) { return g.store.Token(id) }

// IssueTokens remembers new tokens of one user, in exchange for the refresh token spent unless
// that is empty. Errors of code [Unavailable] are for the caller; ErrConflict is in
// the chain if spent is not stored, or was spent before.
func (g *Gateway) IssueTokens(ctx context.Context, tokens []Token, spent string) error {
	if err := g.tokenRoom(tokens); err != nil {
		return err
	}
	c := Change{Tokens: tokens}
	if spent != "" {
		c.Revocations = []Revocation{{ID: spent, At: g.now(), Once: true}}
	}
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("store tokens: %w", err)
	}
	return nil
}

// tokenRoom refuses tokens for which there is no room.
func (g *Gateway) tokenRoom(tokens []Token) error {
	for user, most := range map[string]int{"": maxTokens, tokens[0].User: maxTokensOfUser} {
		n, err := g.store.CountTokens(user)
		if err != nil {
			return fmt.Errorf("count tokens: %w", err)
		}
		if n+len(tokens) > most {
			return &Error{
				Code: Unavailable, Message: fmt.Sprintf("there are %d tokens already, expired ones not yet forgotten among them, and no room for more: "+
					"use each until it expires instead of asking for a new one", n),
			}
		}
	}
	return nil
}

// RevokeToken makes an access or a refresh token worthless, and the refresh token
// that an access token was issued with. One that is not known is remembered as
// revoked for a while if remember is set, so that it does not get in if it exists
// all the same, such as after an older state was restored.
func (g *Gateway) RevokeToken(ctx context.Context, id string, remember time.Duration) error {
	now := g.now()
	r := Revocation{ID: id, At: now}
	if remember > 0 {
		n, err := g.store.CountTokens("")
		if err != nil {
			return fmt.Errorf("count tokens: %w", err)
		}
		if n < maxTokens {
			r.Until = now.Add(remember)
		}
	}
	revocations := []Revocation{r}
	t, err := g.store.Token(id)
	switch {
	case err == nil && t.Child != "":
		revocations = append(revocations, Revocation{ID: t.Child, At: now})
	case err != nil && !errors.Is(err, ErrNotFound):
		return fmt.Errorf("read token: %w", err)
	}
	if err := g.commit(ctx, Change{Revocations: revocations}); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

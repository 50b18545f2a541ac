package rest

import (
	"math"
	"net/http"

	"tetherd/gateway/access"
	"tetherd/gateway/api"
)

// issueToken is POST /auth/token.
func (s *server) issueToken(w http.ResponseWriter, r *http.Request) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	ttl, scopes := o.integer("ttl", math.MinInt64, math.MaxInt64), o.texts("scopes")
	if err := o.problem(); err != nil {
		return err
	}
	pair, err := s.tokens.Issue(r.Context(), principalOf(r), scopes, ttl)
	if err != nil {
		return err
	}
	return reply(w, http.StatusCreated, tokenAnswer(pair))
}

// refreshToken is POST /auth/token/refresh.
func (s *server) refreshToken(w http.ResponseWriter, r *http.Request) error {
	token, _ := bearer(r)
	pair, err := s.tokens.Refresh(r.Context(), token)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, tokenAnswer(pair))
}

// revokeToken is DELETE /auth/token/{jti}.
func (s *server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	if err := s.tokens.Revoke(r.Context(), principalOf(r), r.PathValue("jti")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func tokenAnswer(p access.Pair) api.Token {
	const kind = "Bearer"
	return api.Token{
		ID: p.ID, TokenType: kind, AccessToken: p.Access, RefreshToken: p.Refresh, ExpiresAt: wire(p.ExpiresAt),
		TokenTypeCamel: kind, AccessTokenCamel: p.Access, RefreshTokenCamel: p.Refresh, ExpiresAtCamel: wire(p.ExpiresAt),
	}
}

package api

import (
	"context"
	"net/http"
	"net/url"
)

// TokenRequest asks for tokens.
type TokenRequest struct {
	TTL    int64    `json:"ttl,omitempty"` // seconds that the access token is good for; 0 leaves it to the gateway
	Scopes []string `json:"scopes"`        // rights, such as messages:send; at least one
}

// Token is an access token with the refresh token that it can be replaced by.
type Token struct {
	ID           string `json:"id"`         // of the access token, for revoking it
	TokenType    string `json:"token_type"` // always "Bearer"
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"` // good for one exchange
	ExpiresAt    Time   `json:"expires_at"`    // when the access token does

	// The same once more, under the names by which some clients look for it.
	TokenTypeCamel    string `json:"tokenType"`
	AccessTokenCamel  string `json:"accessToken"`
	RefreshTokenCamel string `json:"refreshToken"`
	ExpiresAtCamel    Time   `json:"expiresAt"`
}

// IssueToken asks for tokens for whoever is logged in.
func (c *Client) IssueToken(ctx context.Context, r TokenRequest) (Token, error) {
	var t Token
	_, err := c.do(ctx, http.MethodPost, "/auth/token", nil, r, &t)
	return t, err
}

// RevokeToken makes an access token, and its refresh token, worthless. An unknown ID
// is no error.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	_, err := c.do(ctx, http.MethodDelete, "/auth/token/"+url.PathEscape(id), nil, nil, nil)
	return err
}

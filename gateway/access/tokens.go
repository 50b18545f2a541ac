package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"tetherd/gateway"
)

const (
	// issuer is the claim iss of SMS Gateway for Android, which its clients may look at.
	issuer = "me.capcom.smsgateway"
	// leastSecret is how many bytes a secret must have (RFC 7518 §3.2).
	leastSecret = 32
	// DefaultTTL is how long an access token is good unless something else is asked for.
	DefaultTTL = 24 * time.Hour
	// MaxTTL is the longest that can be asked for.
	MaxTTL = 365 * 24 * time.Hour
	// maxTokenID is how long the ID of a token may be.
	maxTokenID = 128
	// maxVerified bounds how many verified tokens are kept in memory.
	maxVerified = 4096
)

// Ledger remembers what became of tokens. It is safe for concurrent use; a
// [gateway.Gateway] is one.
type Ledger interface {
	Token(id string) (gateway.Token, error)
	IssueTokens(ctx context.Context, tokens []gateway.Token, spent string) error
	RevokeToken(ctx context.Context, id string, remember time.Duration) error
	Now() time.Time
}

// TokenOptions configure [Tokens]. The zero value of a field means its default.
type TokenOptions struct {
	Ledger Ledger // required
	// Rights returns what a user may do; ok is false if there is no such user. Required.
	Rights func(user string) (s Scope, ok bool)
	// Owner is the user whose tokens are that name none. Required.
	Owner string
	// Secret signs tokens; at least 32 bytes. Empty: one that ends with the process.
	Secret string
	// TTL is how long access tokens are good unless something else is asked for.
	// Default DefaultTTL.
	TTL time.Duration
}

// Tokens issues bearer tokens and lets in those who bring them: JSON Web Tokens
// (RFC 7519) signed with HS256. It is safe for concurrent use.
//
// A token that is signed correctly, and of which the ledger knows nothing, is
// good: the ledger may have been restored to an older state.
type Tokens struct {
	TokenOptions
	secret []byte
	parser *jwt.Parser
	key    [32]byte // of the process, for the keys of verified

	mu       sync.Mutex // guards the others
	verified map[mac]verified
	era      int           // counts revocations: what was read before one is not kept
	revoked  chan struct{} // closed by the next revocation; nil if nobody waits
}

// verified is a token that was found good.
type verified struct {
	who     Principal
	expires time.Time
}

// claims are what a token says.
type claims struct {
	jwt.RegisteredClaims
	Scopes   []string          `json:"scopes"`
	Original []string          `json:"original_scopes,omitempty"` // of a refresh token: those of the tokens it is exchanged for
	Use      gateway.TokenKind `json:"token_use,omitempty"`
}

// Pair is what is issued together.
type Pair struct {
	ID              string // of the access token
	Access, Refresh string
	ExpiresAt       time.Time // of the access token
}

// ErrBadToken is returned for a token that is no good: not ours, expired or
// revoked. Which of these is not told.
var ErrBadToken = &gateway.Error{Code: gateway.Nobody, Message: ""}

// NewTokens returns what issues tokens and verifies them.
func NewTokens(o TokenOptions) (*Tokens, error) {
	if o.TTL == 0 {
		o.TTL = DefaultTTL
	}
	t := &Tokens{TokenOptions: o, secret: []byte(o.Secret), verified: make(map[mac]verified)}
	rand.Read(t.key[:]) // never fails
	if o.Secret == "" {
		t.secret = slices.Clone(t.key[:])
		rand.Read(t.key[:])
	}
	if len(t.secret) < leastSecret {
		return nil, fmt.Errorf("the secret of tokens has %d bytes, it must have at least %d", len(t.secret), leastSecret)
	}
	if o.TTL < time.Second || o.TTL > MaxTTL {
		return nil, fmt.Errorf("tokens cannot be good for %s", o.TTL)
	}
	t.parser = jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(o.Ledger.Now))
	return t, nil
}

// Issue makes tokens of the named rights for whoever is behind p, good for ttl; 0
// is the default. Errors for the caller have a code of package gateway.
func (t *Tokens) Issue(ctx context.Context, p *Principal, scopes []string, ttl *int64) (Pair, error) {
	life := t.TTL
	switch {
	case ttl == nil:
	case *ttl <= 0:
		return Pair{}, gateway.BadField("ttl", "ttl must be > 0")
	case *ttl > int64(MaxTTL/time.Second):
		return Pair{}, gateway.BadField("ttl", "ttl exceeds maximum allowed value")
	default:
		life = time.Duration(*ttl) * time.Second
	}
	if len(scopes) == 0 {
		return Pair{}, gateway.BadField("scopes", "scopes must not be empty")
	}
	s, ok := Parse(scopes)
	switch {
	case !ok:
		return Pair{}, gateway.BadField("scopes", "unsupported scope provided")
	case !p.Rights.Holds(s):
		return Pair{}, ErrForbidden
	}
	slices.Sort(scopes)
	return t.issue(ctx, p.User, slices.Compact(scopes), life, "")
}

// ErrForbidden is returned for what somebody may not do.
var ErrForbidden = &gateway.Error{Code: gateway.Forbidden, Message: "Insufficient permissions"}

// issue makes a pair in exchange for the refresh token spent, unless that is empty.
func (t *Tokens) issue(ctx context.Context, user string, scopes []string, life time.Duration, spent string) (Pair, error) {
	now := t.Ledger.Now().Truncate(time.Second)
	access := gateway.Token{
		ID: gateway.NewID(), Kind: gateway.AccessToken, User: user, Child: gateway.NewID(),
		IssuedAt: now, ExpiresAt: now.Add(life),
	}
	refresh := gateway.Token{
		ID: access.Child, Kind: gateway.RefreshToken, User: user, Parent: access.ID,
		IssuedAt: now, ExpiresAt: now.Add(max(life+time.Second, min(MaxTTL, 7*life))),
	}
	var pair Pair
	var err error
	if pair.Access, err = t.sign(&access, scopes, nil); err != nil {
		return Pair{}, err
	}
	if pair.Refresh, err = t.sign(&refresh, []string{refreshName}, scopes); err != nil {
		return Pair{}, err
	}
	if err := t.Ledger.IssueTokens(ctx, []gateway.Token{access, refresh}, spent); err != nil {
		return Pair{}, err
	}
	pair.ID, pair.ExpiresAt = access.ID, access.ExpiresAt
	return pair, nil
}

func (t *Tokens) sign(tok *gateway.Token, scopes, original []string) (string, error) {
	s, err := jwt.NewWithClaims(jwt.SigningMethodHS256, &claims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID: tok.ID, Issuer: issuer, Subject: tok.User,
			IssuedAt: jwt.NewNumericDate(tok.IssuedAt), ExpiresAt: jwt.NewNumericDate(tok.ExpiresAt),
		},
		Scopes: scopes, Original: original, Use: tok.Kind,
	}).SignedString(t.secret)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return s, nil
}

// Verify returns who brings a token, or [ErrBadToken]. Other errors are internal.
func (t *Tokens) Verify(raw string) (Principal, error) {
	key := t.mac(raw)
	t.mu.Lock()
	v, ok := t.verified[key]
	era := t.era
	t.mu.Unlock()
	if ok && t.Ledger.Now().Before(v.expires) {
		return v.who, nil
	}
	c, err := t.parse(raw)
	if err != nil {
		return Principal{}, err
	}
	v = verified{t.principal(c), c.ExpiresAt.Time}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.era == era {
		if len(t.verified) >= maxVerified {
			clear(t.verified)
		}
		t.verified[key] = v
	}
	return v.who, nil
}

func (t *Tokens) mac(raw string) mac {
	h := hmac.New(sha256.New, t.key[:])
	h.Write([]byte(raw))
	return mac(h.Sum(nil))
}

// parse returns the claims of a token that is good.
func (t *Tokens) parse(raw string) (*claims, error) {
	c := new(claims)
	_, err := t.parser.ParseWithClaims(raw, c, func(*jwt.Token) (any, error) { return t.secret, nil })
	if err != nil || c.ID == "" || len(c.ID) > maxTokenID {
		return nil, ErrBadToken
	}
	if c.Subject == "" {
		c.Subject = t.Owner
	}
	if _, ok := t.Rights(c.Subject); !ok {
		return nil, ErrBadToken
	}
	known, err := t.Ledger.Token(c.ID)
	switch {
	case errors.Is(err, gateway.ErrNotFound):
	case err != nil:
		return nil, fmt.Errorf("verify token: %w", err)
	case !known.RevokedAt.IsZero():
		return nil, ErrBadToken
	}
	return c, nil
}

// principal returns who a token of these claims stands for. Rights it names that do
// not exist are none.
func (t *Tokens) principal(c *claims) Principal {
	rights, _ := t.Rights(c.Subject)
	p := Principal{User: c.Subject, Rights: rights, Token: c.ID}
	if c.Use == gateway.RefreshToken || slices.Contains(c.Scopes, refreshName) {
		p.Scope = TokensRefresh
		return p
	}
	for _, name := range c.Scopes {
		s, _ := Parse([]string{name})
		p.Scope |= s
	}
	p.Scope &= rights
	return p
}

// Refresh exchanges a refresh token, once, for new tokens of the same rights, good
// for the default time.
func (t *Tokens) Refresh(ctx context.Context, raw string) (Pair, error) {
	c, err := t.parse(raw)
	if err != nil {
		return Pair{}, err
	}
	if c.Use != gateway.RefreshToken {
		return Pair{}, nobody("invalid refresh token use")
	}
	if s, ok := Parse(c.Original); !ok || s == 0 {
		return Pair{}, nobody("invalid original scopes")
	}
	if _, err := t.Ledger.Token(c.ID); errors.Is(err, gateway.ErrNotFound) {
		return Pair{}, nobody("refresh token not found")
	}
	pair, err := t.issue(ctx, c.Subject, c.Original, t.TTL, c.ID)
	if errors.Is(err, gateway.ErrConflict) {
		return Pair{}, nobody("refresh token replay detected")
	}
	t.forget()
	return pair, err
}

func nobody(message string) error { return &gateway.Error{Code: gateway.Nobody, Message: message} }

// Revoke makes a token worthless, with the refresh token that it was issued with.
// Only administrators may do so with tokens that are not their own.
func (t *Tokens) Revoke(ctx context.Context, p *Principal, id string) error {
	switch {
	case strings.TrimSpace(id) == "":
		return gateway.BadField("jti", "jti is required")
	case len(id) > maxTokenID:
		return gateway.BadField("jti", "jti has more than %d characters", maxTokenID)
	}
	remember := MaxTTL // an unknown token may be as good
	if !p.Admin() {
		remember = 0
		known, err := t.Ledger.Token(id)
		switch {
		case errors.Is(err, gateway.ErrNotFound):
			return nil
		case err != nil:
			return fmt.Errorf("revoke token: %w", err)
		case known.User != p.User:
			return ErrForbidden
		}
	}
	err := t.Ledger.RevokeToken(ctx, id, remember)
	t.forget()
	return err
}

// forget drops what was verified: one of them may not be good any more.
func (t *Tokens) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.verified)
	t.era++
	if t.revoked != nil {
		close(t.revoked)
		t.revoked = nil
	}
}

// Revoked returns a channel that is closed when tokens are revoked the next time: who was
// let in for long should be looked at again by [Tokens.Verify].
func (t *Tokens) Revoked() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.revoked == nil {
		t.revoked = make(chan struct{})
	}
	return t.revoked
}

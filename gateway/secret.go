package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"
)

// DefaultGrace is for how long the older secrets of a webhook stay valid when it
// gets a new one, unless something else is asked for; MaxGrace is the longest.
const (
	DefaultGrace = 24 * time.Hour
	MaxGrace     = 7 * 24 * time.Hour
)

// maxSecrets is how many secrets of a webhook can be valid at a time.
const maxSecrets = 5

// NewSecret returns a random secret in the form of Standard Webhooks: "whsec_" and
// 32 bytes in base64.
func NewSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// RotateSecret gives a webhook a new secret. The older ones, or the key of the
// gateway if it has none of its own, stay valid for grace. Where there is room for
// one signature alone the older one goes on signing until then, or until
// [Gateway.ActivateSecret]. Without a grace the new one signs at once. It returns an
// [Invalid] error if grace is out of range, Conflict if too many secrets are valid,
// and ErrNotFound.
func (g *Gateway) RotateSecret(ctx context.Context, id string, grace time.Duration) (Endpoint, error) {
	if grace < 0 || grace > MaxGrace {
		return Endpoint{}, Invalidf("grace must be a duration from 0s to 168h, such as 24h")
	}
	return g.editEndpoint(ctx, id, func(e *Endpoint) error {
		now := g.clock.Now()
		older := e.ValidSecrets(now)
		if key := g.Settings().Webhooks.SigningKey; len(older) == 0 && key != "" {
			older = []Secret{{Key: key, Since: e.CreatedAt}}
		}
		if grace == 0 {
			older = nil
		}
		if len(older) >= maxSecrets {
			return &Error{Code: Conflict, Message: "as many secrets of this webhook are valid as there can be: wait until the oldest is not, or rotate with grace 0s, which ends them all"}
		}
		until := now.Add(grace)
		for i := range older {
			if s := &older[i]; s.Until == 0 || s.Until > until {
				s.Until = until
			}
		}
		e.Secrets = append([]Secret{{Key: NewSecret(), Since: g.now(), ListOnly: len(older) > 0}}, older...)
		return nil
	})
}

// ActivateSecret has the newest secret of a webhook sign everywhere from now on,
// before the grace of the older ones ends. It returns a Conflict error if the webhook
// has no secret of its own, and ErrNotFound.
func (g *Gateway) ActivateSecret(ctx context.Context, id string) (Endpoint, error) {
	return g.editEndpoint(ctx, id, func(e *Endpoint) error {
		e.Secrets = e.ValidSecrets(g.clock.Now())
		if len(e.Secrets) == 0 {
			return &Error{Code: Conflict, Message: "this webhook has no secret of its own, the key of the gateway signs: rotate gives it one"}
		}
		e.Secrets[0].ListOnly = false
		return nil
	})
}
